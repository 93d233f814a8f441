/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/token.h"

#include <openssl/evp.h>
#include <time.h>

/* --- base64url (RFC 4648, section 5), without padding as RFC 7515 has it ---------------------- */

bool irsa_base64url_decode(const char *text, size_t len, struct irsa_buf *ret)
{
    irsa_auto_buf plain = {0};
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
                    || c == '-' || c == '_';
        if (!good)
            return false;
        irsa_buf_addc(&plain, (char)(c == '-' ? '+' : c == '_' ? '/' : c));
    }
    size_t padding = (4 - len % 4) % 4;
    if (len == 0 || padding == 3)
        return false;
    for (size_t i = 0; i < padding; i++)
        irsa_buf_addc(&plain, '=');
    unsigned char *out = irsa_calloc(plain.len, 1);
    int written = EVP_DecodeBlock(out, (const unsigned char *)plain.data, (int)plain.len);
    bool good = written >= (int)padding;
    if (good)
        irsa_buf_add(ret, out, (size_t)written - padding);
    explicit_bzero(out, plain.len);
    explicit_bzero(plain.data, plain.len);
    free(out);
    return good;
}

bool irsa_token_split(const char *text, size_t len, struct irsa_token_parts *ret)
{
    const char *first = memchr(text, '.', len);
    const char *second = first ? memchr(first + 1, '.', len - (size_t)(first + 1 - text)) : NULL;
    if (!second || memchr(second + 1, '.', len - (size_t)(second + 1 - text)))
        return false;
    *ret = (struct irsa_token_parts){
        .header = text,
        .header_len = (size_t)(first - text),
        .payload = first + 1,
        .payload_len = (size_t)(second - first) - 1,
        .signature = second + 1,
        .signature_len = len - (size_t)(second + 1 - text),
    };
    return true;
}

json_t *irsa_token_part(const char *text, size_t len)
{
    irsa_auto_buf decoded = {0};
    if (!irsa_base64url_decode(text, len, &decoded))
        return NULL;
    json_t *json = json_loadb(irsa_buf_str(&decoded), decoded.len, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(json))
        return json;
    json_decref(json);
    return NULL;
}

/* --- claims ----------------------------------------------------------------------------------- */

static char *copy_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? irsa_strdup(text) : NULL;
}

/* NumericDate: seconds, perhaps with a fraction (RFC 7519, section 2). */
static int64_t time_at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_integer(value))
        return (int64_t)json_integer_value(value);
    double real = json_is_real(value) ? json_real_value(value) : 0;
    return real > 0 && real < 1e15 ? (int64_t)real : 0;
}

int irsa_token_read(const char *text, size_t len, struct irsa_token *ret,
                    struct irsa_error **reterr)
{
    struct irsa_token_parts parts = {0};
    if (!irsa_token_split(text, len, &parts))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "the token is no JSON Web Token: it has not three "
                         "parts");
    json_auto_t *header = irsa_token_part(parts.header, parts.header_len);
    json_auto_t *payload = irsa_token_part(parts.payload, parts.payload_len);
    if (!header || !payload)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "the token is no JSON Web Token: its %s can't be "
                         "read",
                         header ? "claims" : "header");
    *ret = (struct irsa_token){
        .algorithm = copy_text(header, "alg"),
        .key_id = copy_text(header, "kid"),
        .issuer = copy_text(payload, "iss"),
        .subject = copy_text(payload, "sub"),
        .expires = time_at(payload, "exp"),
        .issued = time_at(payload, "iat"),
        .not_before = time_at(payload, "nbf"),
    };
    const json_t *audience = json_object_get(payload, "aud");
    size_t i = 0;
    json_t *one = NULL;
    if (json_is_string(audience))
        irsa_strings_add(&ret->audiences, json_string_value(audience));
    json_array_foreach(audience, i, one)
    {
        if (json_is_string(one))
            irsa_strings_add(&ret->audiences, json_string_value(one));
    }
    return 0;
}

void irsa_token_done(struct irsa_token *token)
{
    free(token->algorithm);
    free(token->key_id);
    free(token->issuer);
    free(token->subject);
    irsa_strings_done(&token->audiences);
    *token = (struct irsa_token){0};
}

/* --- checks ----------------------------------------------------------------------------------- */

static void add(struct irsa_token_problems *problems, const char *claim, char *observed,
                char *expected)
{
    problems->items[problems->len++] =
        (struct irsa_token_problem){.claim = claim, .observed = observed, .expected = expected};
}

static char *text_or_none(const char *text)
{
    return irsa_strdup(text ? text : "(not in the token)");
}

/* "2026-11-24T03:05:00Z"; the caller's. */
static char *time_text(int64_t seconds)
{
    char text[32] = "?";
    time_t when = (time_t)seconds;
    struct tm utc = {0};
    if (seconds == 0 || !gmtime_r(&when, &utc)
        || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        return irsa_strdup(seconds == 0 ? "(not in the token)" : "?");
    return irsa_strdup(text);
}

static void check_times(const struct irsa_token *token, const struct irsa_token_wish *wish,
                        struct irsa_token_problems *ret)
{
    irsa_autofree char *now = time_text(wish->now);
    if (token->expires == 0 || token->expires <= wish->now - wish->skew)
        add(ret, "exp", time_text(token->expires), irsa_format("later than now, %s", now));
    if (token->issued > wish->now + wish->skew)
        add(ret, "iat", time_text(token->issued), irsa_format("not later than now, %s", now));
    if (token->not_before > wish->now + wish->skew)
        add(ret, "nbf", time_text(token->not_before), irsa_format("not later than now, %s", now));
}

void irsa_token_check(const struct irsa_token *token, const struct irsa_token_wish *wish,
                      struct irsa_token_problems *ret)
{
    *ret = (struct irsa_token_problems){0};
    if (wish->issuer && (!token->issuer || strcmp(token->issuer, wish->issuer) != 0))
        add(ret, "iss", text_or_none(token->issuer), irsa_strdup(wish->issuer));
    if (!irsa_strings_has(&token->audiences, wish->audience)) {
        irsa_autofree char *all = irsa_strings_join(&token->audiences, ", ", " and ");
        add(ret, "aud", text_or_none(*all ? all : NULL), irsa_strdup(wish->audience));
    }
    if (!token->subject || strcmp(token->subject, wish->subject) != 0)
        add(ret, "sub", text_or_none(token->subject), irsa_strdup(wish->subject));
    check_times(token, wish, ret);
}

void irsa_token_problems_done(struct irsa_token_problems *problems)
{
    for (size_t i = 0; i < problems->len; i++) {
        free(problems->items[i].observed);
        free(problems->items[i].expected);
    }
    *problems = (struct irsa_token_problems){0};
}
