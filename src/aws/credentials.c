/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/credentials.h"

#include "aws/credentials_source.h"

#include <ctype.h>
#include <time.h>

void irsa_aws_credentials_done(struct irsa_aws_credentials *credentials)
{
    irsa_secret_done(&credentials->access_key_id);
    irsa_secret_done(&credentials->secret_access_key);
    irsa_secret_done(&credentials->session_token);
    free(credentials->source);
    *credentials = (struct irsa_aws_credentials){0};
}

void irsa_aws_note(struct irsa_aws_chain *chain, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *note = irsa_vformat(fmt, args);
    va_end(args);
    irsa_strings_take(&chain->notes, note);
}

int64_t irsa_aws_now(const struct irsa_aws_chain *chain)
{
    return chain->options->now ? chain->options->now() : (int64_t)time(NULL);
}

const char *irsa_aws_chain_variable(const struct irsa_aws_chain *chain, const char *name)
{
    return irsa_aws_variable(&chain->config->environment, name);
}

void irsa_aws_wipe_string(char **text)
{
    if (*text)
        explicit_bzero(*text, strlen(*text));
    free(*text);
}

void irsa_aws_wipe_buf(struct irsa_buf *buf)
{
    if (buf->data)
        explicit_bzero(buf->data, buf->len);
    irsa_buf_done(buf);
}

void irsa_aws_wipe_strings(struct irsa_strings *strings)
{
    for (size_t i = 0; i < strings->len; i++)
        explicit_bzero(strings->items[i], strlen(strings->items[i]));
    irsa_strings_done(strings);
}

static bool take_number(const char **p, size_t digits, int *ret)
{
    *ret = 0;
    for (size_t i = 0; i < digits; i++, (*p)++) {
        if (!isdigit((unsigned char)**p))
            return false;
        *ret = *ret * 10 + (**p - '0');
    }
    return true;
}

static bool take_char(const char **p, const char *any_of)
{
    bool found = **p && strchr(any_of, **p);
    *p += found;
    return found;
}

/* "Z", "UTC" or "+01:00" in seconds. */
static bool take_offset(const char **p, int64_t *ret)
{
    *ret = 0;
    if (irsa_has_prefix(*p, "UTC")) {
        *p += strlen("UTC");
        return true;
    }
    if (take_char(p, "Zz"))
        return true;
    int sign = **p == '-' ? -1 : 1;
    int hours = 0;
    int minutes = 0;
    if (!take_char(p, "+-") || !take_number(p, 2, &hours))
        return false;
    (void)take_char(p, ":");
    if (!take_number(p, 2, &minutes))
        return false;
    *ret = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool irsa_aws_time_parse(const char *text, int64_t *ret)
{
    struct tm tm = {0};
    const char *p = text;
    int64_t offset = 0;
    if (!take_number(&p, 4, &tm.tm_year) || !take_char(&p, "-") || !take_number(&p, 2, &tm.tm_mon)
        || !take_char(&p, "-") || !take_number(&p, 2, &tm.tm_mday) || !take_char(&p, "Tt ")
        || !take_number(&p, 2, &tm.tm_hour) || !take_char(&p, ":")
        || !take_number(&p, 2, &tm.tm_min) || !take_char(&p, ":")
        || !take_number(&p, 2, &tm.tm_sec))
        return false;
    if (take_char(&p, "."))
        p += strspn(p, "0123456789");
    if (!take_offset(&p, &offset) || *p || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1
        || tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *ret = (int64_t)timegm(&tm) - offset;
    return true;
}

char *irsa_aws_time_text(int64_t time)
{
    time_t seconds = (time_t)time;
    struct tm tm;
    char text[64] = "";
    if (gmtime_r(&seconds, &tm))
        (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return irsa_strdup(text);
}

int irsa_aws_check_expiry(const struct irsa_aws_chain *chain,
                          const struct irsa_aws_credentials *credentials,
                          struct irsa_error **reterr)
{
    if (credentials->expires_at == 0 || credentials->expires_at > irsa_aws_now(chain))
        return 0;
    irsa_autofree char *when = irsa_aws_time_text(credentials->expires_at);
    return irsa_fail(reterr, IRSA_E_AUTH, "the credentials of the %s expired at %s",
                     credentials->source, when);
}

static bool take_secret(const json_t *json, const char *key, struct irsa_secret *ret)
{
    const char *text = json_string_value(json_object_get(json, key));
    if (!text || !*text)
        return false;
    irsa_secret_set(ret, text, strlen(text));
    return true;
}

bool irsa_aws_credentials_of_json(const json_t *json, const char *token_key, bool is_temporary,
                                  struct irsa_aws_credentials *ret, const char **ret_missing)
{
    *ret_missing = NULL;
    if (!take_secret(json, "AccessKeyId", &ret->access_key_id))
        *ret_missing = "AccessKeyId";
    else if (!take_secret(json, "SecretAccessKey", &ret->secret_access_key))
        *ret_missing = "SecretAccessKey";
    else if (!take_secret(json, token_key, &ret->session_token) && is_temporary)
        *ret_missing = token_key;
    const char *expiry = json_string_value(json_object_get(json, "Expiration"));
    if (!*ret_missing && (expiry || is_temporary)
        && (!expiry || !irsa_aws_time_parse(expiry, &ret->expires_at)))
        *ret_missing = "Expiration";
    return !*ret_missing;
}

void irsa_aws_run(const struct irsa_aws_chain *chain, struct irsa_exchange *exchange,
                  unsigned attempts)
{
    struct irsa_retry_policy policy = {0};
    if (chain->options->retry)
        policy = *chain->options->retry;
    policy.state = NULL; /* quota and clock of the AWS services are not those of these servers */
    policy.prepare = NULL;
    policy.judge = NULL;
    policy.max_attempts = attempts;
    struct irsa_exchange *const all[] = {exchange};
    irsa_http_run(chain->options->transport, &policy, all, 1);
}

json_t *irsa_aws_response_json(const struct irsa_http_response *response)
{
    return json_loadb(irsa_buf_str(&response->body), response->body.len, 0, NULL);
}
