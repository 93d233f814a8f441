/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pod, or the template of a workload, says that matters to IRSA. What the webhook does to a
 * pod is in https://github.com/aws/amazon-eks-pod-identity-webhook (pkg/handler/handler.go): to
 * each container but the skipped ones it adds AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE unless
 * one of them is set, and a projected token in the volume aws-iam-token.
 */
#include "facts/internal.h"

#include "irsa/document.h"

#define TOKEN_VOLUME "aws-iam-token"
#define TOKEN_DIRECTORY "/var/run/secrets/eks.amazonaws.com/serviceaccount"

void irsa_pod_spec_done(struct irsa_pod_spec *spec)
{
    struct irsa_strings *lists[] = {
        &spec->containers,    &spec->images,   &spec->role_arn_by_hand,  &spec->token_file_by_hand,
        &spec->static_keys,   &spec->profile,  &spec->credentials_files, &spec->proxy,
        &spec->imds_disabled, &spec->injected, &spec->not_injected,      &spec->env_from,
        &spec->endpoint,
    };
    for (size_t i = 0; i < IRSA_COUNT(lists); i++)
        irsa_strings_done(lists[i]);
    free(spec->service_account);
    free(spec->injected_role_arn);
    free(spec->injected_token_file);
    free(spec->token_audience);
    json_decref(spec->annotations);
}

/* What the environment of one container says. */
struct env {
    bool role_arn;
    bool token_file;
    bool static_key;
    bool profile;
    bool credentials_file;
    bool proxy;
    bool no_proxy;
    bool imds_disabled;
    bool regional_sts;
    bool endpoint;
    bool endpoints_ignored;
    const char *role_arn_value;
    const char *token_file_value;
};

/* https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
static void read_endpoint_variable(struct env *env, const char *name, const char *value)
{
    if (strcmp(name, "AWS_ENDPOINT_URL") == 0 || strcmp(name, "AWS_ENDPOINT_URL_STS") == 0)
        env->endpoint = env->endpoint || !value || *value;
    else if (strcmp(name, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == 0)
        env->endpoints_ignored = value && strcasecmp(value, "true") == 0;
}

static void read_aws_variable(struct env *env, const char *name, const char *value)
{
    if (strcmp(name, "AWS_ROLE_ARN") == 0) {
        env->role_arn = true;
        env->role_arn_value = value;
    } else if (strcmp(name, "AWS_WEB_IDENTITY_TOKEN_FILE") == 0) {
        env->token_file = true;
        env->token_file_value = value;
    } else if (strcmp(name, "AWS_ACCESS_KEY_ID") == 0) {
        env->static_key = !value || *value;
    } else if (strcmp(name, "AWS_PROFILE") == 0 || strcmp(name, "AWS_DEFAULT_PROFILE") == 0) {
        env->profile = env->profile || !value || *value;
    } else if (strcmp(name, "AWS_SHARED_CREDENTIALS_FILE") == 0
               || strcmp(name, "AWS_CONFIG_FILE") == 0) {
        env->credentials_file = true;
    } else if (strcmp(name, "AWS_EC2_METADATA_DISABLED") == 0) {
        env->imds_disabled = value && strcasecmp(value, "true") == 0;
    } else if (strcmp(name, "AWS_STS_REGIONAL_ENDPOINTS") == 0) {
        env->regional_sts = value && strcmp(value, "regional") == 0;
    }
    read_endpoint_variable(env, name, value);
}

static struct env read_env(const json_t *container)
{
    struct env env = {0};
    size_t i = 0;
    json_t *entry = NULL;
    json_array_foreach(json_object_get(container, "env"), i, entry)
    {
        const char *name = json_string_value(json_object_get(entry, "name"));
        if (!name)
            continue;
        if (strncmp(name, "AWS_", 4) == 0) {
            const json_t *value = json_object_get(entry, "value");
            /* A variable without value and valueFrom is an empty string. */
            bool from = json_object_get(entry, "valueFrom") != NULL;
            const char *text = json_string_value(value);
            read_aws_variable(&env, name, text || from ? text : "");
        } else if (strcasecmp(name, "HTTPS_PROXY") == 0) {
            env.proxy = true;
        } else if (strcasecmp(name, "NO_PROXY") == 0) {
            env.no_proxy = true;
        }
    }
    return env;
}

/* Where the SDKs look for files of keys
 * (https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html). */
static bool mounts_credentials(const json_t *container)
{
    size_t i = 0;
    json_t *mount = NULL;
    json_array_foreach(json_object_get(container, "volumeMounts"), i, mount)
    {
        const char *path = json_string_value(json_object_get(mount, "mountPath"));
        if (path
            && (irsa_has_suffix(path, "/.aws") || irsa_has_suffix(path, "/.aws/")
                || irsa_has_suffix(path, "/.aws/credentials")
                || irsa_has_suffix(path, "/.aws/config")))
            return true;
    }
    return false;
}

static void add_env_from(const json_t *container, struct irsa_pod_spec *ret)
{
    static const char *const sources[][2] = {{"secretRef", "secret"},
                                             {"configMapRef", "configmap"}};
    size_t i = 0;
    json_t *entry = NULL;
    json_array_foreach(json_object_get(container, "envFrom"), i, entry)
    {
        for (size_t k = 0; k < IRSA_COUNT(sources); k++) {
            const json_t *ref = json_object_get(entry, sources[k][0]);
            const char *name = json_string_value(json_object_get(ref, "name"));
            if (!name)
                continue;
            irsa_autofree char *text = irsa_format("%s %s", sources[k][1], name);
            if (!irsa_strings_has(&ret->env_from, text))
                irsa_strings_take(&ret->env_from, irsa_steal(&text));
        }
    }
}

/* runAsNonRoot, or a user other than 0
 * (https://kubernetes.io/docs/tasks/configure-pod-container/security-context/). */
static bool runs_as_non_root(const json_t *holder)
{
    const json_t *context = json_object_get(holder, "securityContext");
    const json_t *user = json_object_get(context, "runAsUser");
    return json_is_true(json_object_get(context, "runAsNonRoot"))
           || (json_is_integer(user) && json_integer_value(user) != 0);
}

static void note_env(const struct env *env, const char *name, bool template,
                     struct irsa_pod_spec *ret)
{
    if (template && env->role_arn)
        irsa_strings_add(&ret->role_arn_by_hand, name);
    if (template && env->token_file)
        irsa_strings_add(&ret->token_file_by_hand, name);
    if (env->static_key)
        irsa_strings_add(&ret->static_keys, name);
    if (env->profile)
        irsa_strings_add(&ret->profile, name);
    if (env->proxy && !env->no_proxy)
        irsa_strings_add(&ret->proxy, name);
    if (env->endpoint && !env->endpoints_ignored)
        irsa_strings_add(&ret->endpoint, name);
    if (env->imds_disabled)
        irsa_strings_add(&ret->imds_disabled, name);
    if (env->role_arn && env->token_file)
        irsa_strings_add(&ret->injected, name);
    else if (!env->role_arn && !env->token_file)
        irsa_strings_add(&ret->not_injected, name);
    ret->regional_sts = ret->regional_sts || env->regional_sts;
    if (!ret->injected_role_arn && env->role_arn_value)
        ret->injected_role_arn = irsa_strdup(env->role_arn_value);
    if (!ret->injected_token_file && env->token_file_value)
        ret->injected_token_file = irsa_strdup(env->token_file_value);
}

static int take_containers(const struct irsa_take *take, const json_t *spec, const char *field,
                           const char *key, bool template, struct irsa_pod_spec *ret)
{
    const json_t *containers = json_object_get(spec, key);
    if (containers && !json_is_array(containers) && !json_is_null(containers)) {
        irsa_autofree char *path = irsa_format("%s.%s", field, key);
        return irsa_take_fail(take, path, "an array is needed");
    }
    size_t i = 0;
    json_t *container = NULL;
    json_array_foreach(containers, i, container)
    {
        const char *name = json_string_value(json_object_get(container, "name"));
        const char *image = json_string_value(json_object_get(container, "image"));
        if (!name) {
            irsa_autofree char *path = irsa_format("%s.%s[%zu].name", field, key, i);
            return irsa_take_fail(take, path, "is missing");
        }
        irsa_strings_add(&ret->containers, name);
        irsa_strings_add(&ret->images, image ? image : "");
        struct env env = read_env(container);
        note_env(&env, name, template, ret);
        if (env.credentials_file || mounts_credentials(container))
            irsa_strings_add(&ret->credentials_files, name);
        add_env_from(container, ret);
        ret->run_as_non_root = ret->run_as_non_root || runs_as_non_root(container);
    }
    return 0;
}

/* The names of volumes that some container mounts at the webhook's path. */
static bool mounted_at_token_directory(const json_t *spec, const char *volume)
{
    size_t i = 0;
    size_t k = 0;
    json_t *container = NULL;
    json_t *mount = NULL;
    json_array_foreach(json_object_get(spec, "containers"), i, container)
    {
        json_array_foreach(json_object_get(container, "volumeMounts"), k, mount)
        {
            const char *name = json_string_value(json_object_get(mount, "name"));
            const char *path = json_string_value(json_object_get(mount, "mountPath"));
            if (name && path && strcmp(name, volume) == 0 && irsa_has_prefix(path, TOKEN_DIRECTORY))
                return true;
        }
    }
    return false;
}

/* https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-token-volume
 */
static bool is_api_token(const char *volume, const json_t *token)
{
    return token && irsa_has_prefix(volume, "kube-api-access-");
}

static bool has_api_token(const json_t *spec)
{
    size_t i = 0;
    size_t k = 0;
    json_t *volume = NULL;
    json_t *source = NULL;
    json_array_foreach(json_object_get(spec, "volumes"), i, volume)
    {
        const char *name = json_string_value(json_object_get(volume, "name"));
        json_array_foreach(irsa_json_get(volume, "projected", "sources", NULL), k, source)
        {
            if (name && is_api_token(name, json_object_get(source, "serviceAccountToken")))
                return true;
        }
    }
    return false;
}

static void take_token_volume(const json_t *spec, struct irsa_pod_spec *ret)
{
    size_t i = 0;
    size_t k = 0;
    json_t *volume = NULL;
    json_t *source = NULL;
    json_array_foreach(json_object_get(spec, "volumes"), i, volume)
    {
        const char *name = json_string_value(json_object_get(volume, "name"));
        const json_t *sources = json_object_get(json_object_get(volume, "projected"), "sources");
        if (!name || !sources
            || (strcmp(name, TOKEN_VOLUME) != 0 && !mounted_at_token_directory(spec, name)))
            continue;
        json_array_foreach(sources, k, source)
        {
            const json_t *token = json_object_get(source, "serviceAccountToken");
            const char *audience = json_string_value(json_object_get(token, "audience"));
            ret->token_volume = ret->token_volume || token;
            if (!ret->token_audience && audience)
                ret->token_audience = irsa_strdup(audience);
        }
    }
}

static bool is_windows(const json_t *spec)
{
    const json_t *selector = json_object_get(spec, "nodeSelector");
    const char *names[] = {
        json_string_value(json_object_get(json_object_get(spec, "os"), "name")),
        json_string_value(json_object_get(selector, "kubernetes.io/os")),
        json_string_value(json_object_get(selector, "beta.kubernetes.io/os")),
    };
    for (size_t i = 0; i < IRSA_COUNT(names); i++) {
        if (names[i] && strcmp(names[i], "windows") == 0)
            return true;
    }
    return false;
}

int irsa_take_pod_spec(const struct irsa_take *take, const json_t *metadata, const json_t *spec,
                       const char *field, bool template, struct irsa_pod_spec *ret)
{
    if (!json_is_object(spec))
        return irsa_take_fail(take, field, spec ? "an object is needed" : "is missing");
    const json_t *account = json_object_get(spec, "serviceAccountName");
    /* `serviceAccount` is the old name of the field, still filled by the API server. */
    if (!account)
        account = json_object_get(spec, "serviceAccount");
    if (account && !json_is_string(account) && !json_is_null(account)) {
        irsa_autofree char *path = irsa_format("%s.serviceAccountName", field);
        return irsa_take_fail(take, path, "a string is needed");
    }
    ret->service_account = irsa_strdup(json_is_string(account) ? json_string_value(account) : "");
    ret->host_network = json_is_true(json_object_get(spec, "hostNetwork"));
    ret->windows = is_windows(spec);
    ret->run_as_non_root = runs_as_non_root(spec);
    ret->fs_group =
        json_is_integer(json_object_get(json_object_get(spec, "securityContext"), "fsGroup"));
    const json_t *automount = json_object_get(spec, "automountServiceAccountToken");
    ret->automount_false = json_is_false(automount);
    ret->automount_said = json_is_boolean(automount);
    ret->api_token = has_api_token(spec);
    ret->annotations = irsa_annotations_of_irsa(json_object_get(metadata, "annotations"));
    ret->skips_webhook = json_object_get(json_object_get(metadata, "labels"),
                                         "eks.amazonaws.com/skip-pod-identity-webhook")
                         != NULL;
    if (take_containers(take, spec, field, "containers", template, ret) != 0
        || take_containers(take, spec, field, "initContainers", template, ret) != 0)
        return -1;
    take_token_volume(spec, ret);
    return 0;
}
