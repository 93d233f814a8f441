/* SPDX-License-Identifier: Apache-2.0 */
/* Where names stand in objects of Kubernetes, and what in them is its own or a tool's. */
#include "irsa/base.h"
#include "world/redact.h"

#include <string.h>

static bool is_one_of(const char *word, const char *const *set)
{
    for (; *set; set++) {
        if (strcmp(*set, word) == 0)
            return true;
    }
    return false;
}

bool irsa_redaction_kube_common(const char *word)
{
    static const char *const common[] = {"HTTPS_PROXY",
                                         "NO_PROXY",
                                         "https_proxy",
                                         "no_proxy",
                                         "regional",
                                         "legacy",
                                         "linux",
                                         "windows",
                                         "amd64",
                                         "arm64",
                                         "kube-system",
                                         "kube-public",
                                         "kube-node-lease",
                                         "pod-identity-webhook",
                                         "public.ecr.aws",
                                         "amazon",
                                         "aws-cli",
                                         "var",
                                         "run",
                                         "secrets",
                                         "kubernetes.io",
                                         "root",
                                         "home",
                                         ".aws",
                                         "credentials",
                                         "token",
                                         NULL};
    return is_one_of(word, common) || irsa_has_prefix(word, "AWS_");
}

bool irsa_redaction_is_labels(const char *key)
{
    static const char *const labels[] = {"labels", "matchLabels", "nodeSelector", NULL};
    return is_one_of(key, labels);
}

bool irsa_redaction_keeps_key(const char *key)
{
    static const char *const domains[] = {"kubernetes.io/", "toolkit.fluxcd.io/", "argoproj.io/",
                                          "amazonaws.com/", "meta.helm.sh/"};
    for (size_t i = 0; i < IRSA_COUNT(domains); i++) {
        if (strstr(key, domains[i]))
            return true;
    }
    return false;
}

bool irsa_redaction_keeps_label(const char *key)
{
    static const char *const keys[] = {"app.kubernetes.io/managed-by", "kubernetes.io/os",
                                       "beta.kubernetes.io/os",        "kubernetes.io/arch",
                                       "beta.kubernetes.io/arch",      NULL};
    return is_one_of(key, keys);
}

/* "HOST/PATH/NAME:TAG"; of AWS' own tools name and tag tell what they can do. */
static char *names_of_image(const char *image)
{
    const char *slash = strchr(image, '/');
    bool host = slash && memchr(image, '.', (size_t)(slash - image));
    if (!strstr(image, "aws-cli"))
        return irsa_strdup(image);
    return host ? irsa_strndup(image, (size_t)(slash - image)) : NULL;
}

static char *names_of_annotation(const char *value)
{
    const char *role = strstr(value, ":role/");
    if (irsa_has_prefix(value, "arn:"))
        return NULL;
    return irsa_strdup(role ? role : value);
}

char *irsa_redaction_kube_names(const char *key, const char *value)
{
    static const char *const whole[] = {"generateName", "value", "mountPath", "url", NULL};
    if (is_one_of(key, whole))
        return irsa_has_prefix(value, "arn:") ? NULL : irsa_strdup(value);
    if (strcmp(key, "image") == 0)
        return names_of_image(value);
    if (strcmp(key, "key") == 0)
        return irsa_redaction_keeps_key(value) ? NULL : irsa_strdup(value);
    if (strchr(key, '/') && irsa_redaction_keeps_key(key) && !irsa_redaction_keeps_label(key))
        return names_of_annotation(value);
    return NULL;
}

bool irsa_redaction_foreign_annotation(const char *key, const char *value)
{
    return !irsa_redaction_keeps_key(key) && !strcasestr(key, "amazon") && !strcasestr(key, "role")
           && !strcasestr(key, "irsa") && !(value && strstr(value, ":iam:"));
}
