/* SPDX-License-Identifier: Apache-2.0 */
/* What a plugin prints: {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
 * "status": {"expirationTimestamp": "2018-03-05T17:30:20-08:00", "token": "...",
 * "clientCertificateData": "PEM", "clientKeyData": "PEM"}}. Nothing of it is in any message. */
#include "kube/kube.h"
#include "kube/pem.h"

#include <ctype.h>
#include <time.h>

/* "+01:00" or "Z"; false where it is neither. */
static bool read_zone(const char *text, long *ret_seconds)
{
    int hours = 0;
    int minutes = 0;
    int used = 0;
    *ret_seconds = 0;
    if ((*text == 'Z' || *text == 'z') && text[1] == '\0')
        return true;
    if ((*text != '+' && *text != '-')
        || sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 || text[1 + used] != '\0')
        return false;
    *ret_seconds = (hours * 3600L + minutes * 60L) * (*text == '-' ? -1 : 1);
    return true;
}

int64_t irsa_kube_time(const char *text)
{
    struct tm when = {0};
    int used = 0;
    long zone = 0;
    if (!isdigit((unsigned char)text[0])
        || sscanf(text, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &when.tm_year, &when.tm_mon,
                  &when.tm_mday, &when.tm_hour, &when.tm_min, &when.tm_sec, &used)
               != 6)
        return -1;
    const char *rest = text + used;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    if (used == 0 || !read_zone(rest, &zone) || when.tm_year < 1970)
        return -1;
    when.tm_year -= 1900;
    when.tm_mon -= 1;
    return (int64_t)timegm(&when) - zone;
}

static int check_head(const struct irsa_kube *kube, const json_t *answer,
                      struct irsa_error **reterr)
{
    const char *configured = irsa_json_string(kube->exec, "apiVersion", NULL);
    const char *version = irsa_json_string(answer, "apiVersion", NULL);
    const char *kind = irsa_json_string(answer, "kind", NULL);
    const char *command = kube->exec_command;
    if (!json_is_object(answer))
        return irsa_fail(reterr, IRSA_E_AUTH,
                         "exec plugin %s: decoding stdout: it is no JSON object", command);
    if (!kind || strcmp(kind, "ExecCredential") != 0)
        return irsa_fail(reterr, IRSA_E_AUTH,
                         "exec plugin %s: decoding stdout: it is no ExecCredential", command);
    if (!version || strcmp(version, configured) != 0) {
        (void)irsa_fail(reterr, IRSA_E_AUTH,
                        "exec plugin %s is configured to use API version %s, plugin returned "
                        "version %.80s",
                        command, configured, version ? version : "(none)");
        return irsa_hint(reterr, "an old plugin or an old entry: upgrade the one, or write the "
                                 "other anew (`aws eks update-kubeconfig`)");
    }
    if (!json_is_object(json_object_get(answer, "status")))
        return irsa_fail(reterr, IRSA_E_AUTH, "exec plugin %s didn't return a status field",
                         command);
    return 0;
}

/* Null where it is missing or empty; an error where it is no string. */
static int get_text(const struct irsa_kube *kube, const json_t *status, const char *key,
                    const char **ret, struct irsa_error **reterr)
{
    const json_t *value = json_object_get(status, key);
    if (value && !json_is_null(value) && !json_is_string(value))
        return irsa_fail(reterr, IRSA_E_AUTH,
                         "exec plugin %s: decoding stdout: status.%s is no string",
                         kube->exec_command, key);
    const char *text = json_string_value(value);
    *ret = text && *text ? text : NULL;
    return 0;
}

static int take_certificate(struct irsa_kube *kube, const char *certificate, const char *key,
                            struct irsa_error **reterr)
{
    irsa_auto_secret secret = {0};
    irsa_secret_set(&secret, key, strlen(key));
    if (irsa_pem_pair(certificate, &secret, &kube->certificate_expires, reterr) != 0) {
        (void)irsa_wrap(reterr, "exec plugin %s: failed parsing client key/certificate",
                        kube->exec_command);
        return -1;
    }
    irsa_kube_set(&kube->certificate, certificate);
    irsa_secret_done(&kube->key);
    kube->key = secret;
    secret = (struct irsa_secret){0};
    return 0;
}

static int take_expiry(struct irsa_kube *kube, const char *text, struct irsa_error **reterr)
{
    int64_t when = text ? irsa_kube_time(text) : 0;
    if (when < 0)
        return irsa_fail(reterr, IRSA_E_AUTH,
                         "exec plugin %s: decoding stdout: status.expirationTimestamp is no RFC "
                         "3339 time",
                         kube->exec_command);
    if (text && when <= (int64_t)time(NULL))
        return irsa_fail(reterr, IRSA_E_AUTH,
                         "exec plugin %s returned credentials that have expired (%.40s)",
                         kube->exec_command, text);
    kube->expires = when;
    return 0;
}

static int take_status(struct irsa_kube *kube, const json_t *status, struct irsa_error **reterr)
{
    const char *token = NULL;
    const char *certificate = NULL;
    const char *key = NULL;
    const char *expiry = NULL;
    if (get_text(kube, status, "token", &token, reterr) != 0
        || get_text(kube, status, "clientCertificateData", &certificate, reterr) != 0
        || get_text(kube, status, "clientKeyData", &key, reterr) != 0
        || get_text(kube, status, "expirationTimestamp", &expiry, reterr) != 0)
        return -1;
    if (!token && !certificate && !key)
        return irsa_fail(reterr, IRSA_E_AUTH,
                         "exec plugin %s didn't return a token or cert/key pair",
                         kube->exec_command);
    if (!certificate != !key)
        return irsa_fail(reterr, IRSA_E_AUTH,
                         "exec plugin %s returned only certificate or key, not both",
                         kube->exec_command);
    if (token && strpbrk(token, "\r\n"))
        return irsa_fail(reterr, IRSA_E_AUTH, "exec plugin %s: the token holds a line break",
                         kube->exec_command);
    if (take_expiry(kube, expiry, reterr) != 0)
        return -1;
    if (certificate && take_certificate(kube, certificate, key, reterr) != 0)
        return -1;
    if (token)
        irsa_kube_set_token(kube, token);
    return 0;
}

int irsa_kube_exec_take(struct irsa_kube *kube, const char *text, size_t len,
                        struct irsa_error **reterr)
{
    json_auto_t *answer = json_loadb(text, len, JSON_DECODE_ANY, NULL);
    if (check_head(kube, answer, reterr) != 0)
        return -1;
    return take_status(kube, json_object_get(answer, "status"), reterr);
}
