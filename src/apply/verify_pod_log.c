/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What templates/test-pod.yaml prints: variables, then the answer of `aws sts get-caller-identity`,
 * {"UserId": ..., "Account": ..., "Arn": ...}, or the AWS CLI's error. A template of somebody's own
 * may print more, secrets too: only what is looked for is taken out.
 */
#include "irsa/verify.h"

#include <ctype.h>

void irsa_pod_log_done(struct irsa_pod_log *log)
{
    free(log->role_arn);
    free(log->token_file);
    free(log->region);
    free(log->endpoints);
    irsa_strings_done(&log->names);
    free(log->caller_arn);
    free(log->code);
    free(log->message);
    free(log->last_line);
    *log = (struct irsa_pod_log){0};
}

static void put(char **place, const char *value)
{
    free(*place);
    *place = irsa_strdup(value);
}

static bool take_variable(const char *line, struct irsa_pod_log *ret)
{
    static const char set[] = " is set";
    size_t len = strcspn(line, "=");
    irsa_autofree char *name = irsa_strndup(line, len);
    const char *value = line[len] ? line + len + 1 : NULL;
    if (!irsa_has_prefix(line, "AWS_"))
        return false;
    if (!value && irsa_has_suffix(line, set)) {
        irsa_strings_take(&ret->names, irsa_strndup(line, strlen(line) - strlen(set)));
        return true;
    }
    if (!value)
        return false;
    if (strcmp(name, "AWS_ROLE_ARN") == 0)
        put(&ret->role_arn, value);
    else if (strcmp(name, "AWS_WEB_IDENTITY_TOKEN_FILE") == 0)
        put(&ret->token_file, value);
    else if (strcmp(name, "AWS_REGION") == 0
             || (strcmp(name, "AWS_DEFAULT_REGION") == 0 && !ret->region))
        put(&ret->region, value);
    else if (strcmp(name, "AWS_STS_REGIONAL_ENDPOINTS") == 0)
        put(&ret->endpoints, value);
    else
        irsa_strings_add(&ret->names, name);
    return true;
}

/* `"Arn": "arn:aws:sts::..."` */
static bool take_caller(const char *line, struct irsa_pod_log *ret)
{
    static const char key[] = "\"Arn\"";
    const char *at = strstr(line, key);
    const char *quote = at ? strchr(at + strlen(key), '"') : NULL;
    const char *end = quote ? strchr(quote + 1, '"') : NULL;
    if (!end || !irsa_has_prefix(quote + 1, "arn:"))
        return false;
    free(ret->caller_arn);
    ret->caller_arn = irsa_strndup(quote + 1, (size_t)(end - quote) - 1);
    return true;
}

/* "An error occurred (CODE) when calling the X operation: MESSAGE", of botocore. */
static bool take_error(const char *line, struct irsa_pod_log *ret)
{
    static const char begin[] = "An error occurred (";
    static const char middle[] = " operation: ";
    const char *at = strstr(line, begin);
    const char *end = at ? strchr(at + strlen(begin), ')') : NULL;
    if (!end)
        return false;
    const char *message = strstr(end, middle);
    free(ret->code);
    ret->code = irsa_strndup(at + strlen(begin), (size_t)(end - at) - strlen(begin));
    put(&ret->message, message ? message + strlen(middle) : end + 1);
    return true;
}

/* Keys and tokens are long words of letters and digits mixed. */
static bool may_be_secret(const char *line)
{
    size_t run = 0;
    bool digit = false;
    if (strchr(line, '='))
        return true;
    for (const char *p = line; *p; p++) {
        bool in_word = isalnum((unsigned char)*p) || strchr("+/_-", *p);
        digit = in_word && (digit || isdigit((unsigned char)*p));
        run = in_word ? run + 1 : 0;
        if (run >= 16 && digit)
            return true;
    }
    return false;
}

void irsa_pod_log_read(const char *text, struct irsa_pod_log *ret)
{
    *ret = (struct irsa_pod_log){0};
    while (*text) {
        size_t len = strcspn(text, "\n");
        irsa_autofree char *raw = irsa_strndup(text, len);
        irsa_autofree char *line = irsa_trim(raw);
        text += len;
        text += *text == '\n';
        if (take_variable(line, ret) || take_caller(line, ret) || take_error(line, ret))
            continue;
        if (strcmp(line, "token file is not readable") == 0)
            ret->token_unreadable = true;
        else if (*line && line[1] && !strchr("{}\"", *line) && !may_be_secret(line))
            put(&ret->last_line, line);
    }
}
