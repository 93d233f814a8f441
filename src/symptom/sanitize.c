/* SPDX-License-Identifier: Apache-2.0 */
#include "symptom/sanitize.h"

#include <ctype.h>
#include <strings.h>

static const char redacted[] = "[redacted]";

/* --- secrets by their form -------------------------------------------------------------------- */

static bool is_token_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.' || c == '=';
}

/* A JWT: base64url of "{\"" is "eyJ" (RFC 7519, section 3). Its length, or 0. */
static size_t jwt_len(const char *text, size_t len)
{
    if (len < 16 || strncmp(text, "eyJ", 3) != 0)
        return 0;
    size_t end = 3;
    while (end < len && is_token_char(text[end]))
        end++;
    return end >= 16 ? end : 0;
}

/* Access key ids: AKIA of users, ASIA of sessions, ABIA and ACCA of services
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids).
 */
static size_t key_id_len(const char *text, size_t len)
{
    static const char *const prefixes[] = {"AKIA", "ASIA", "ABIA", "ACCA"};
    for (size_t i = 0; i < IRSA_COUNT(prefixes); i++) {
        if (len < 16 || strncmp(text, prefixes[i], 4) != 0)
            continue;
        size_t end = 4;
        while (end < len
               && (isupper((unsigned char)text[end]) || isdigit((unsigned char)text[end])))
            end++;
        if (end >= 16)
            return end;
    }
    return 0;
}

/* A run of base64 of 40 characters and more in which upper and lower case and digits are mixed: a
 * secret access key has 40, session tokens and encoded messages hundreds. Names with dashes are
 * none before they are very long. */
static size_t base64_len(const char *text, size_t len)
{
    size_t end = 0;
    bool upper = false, lower = false, digit = false, dash = false;
    for (; end < len; end++) {
        const char c = text[end];
        if (!isalnum((unsigned char)c) && !strchr("+/=_-%", c))
            break;
        if (c == '\0')
            break;
        upper |= isupper((unsigned char)c) != 0;
        lower |= islower((unsigned char)c) != 0;
        digit |= isdigit((unsigned char)c) != 0;
        dash |= c == '-' || c == '_' || c == '%';
    }
    return upper && lower && digit && end >= (dash ? 128u : 40u) ? end : 0;
}

/* --- secrets by their name -------------------------------------------------------------------- */

static size_t line_len(const char *text, size_t len)
{
    size_t end = 0;
    while (end < len && text[end] != '\n' && text[end] != '"' && text[end] != '\'')
        end++;
    return end;
}

static size_t value_len(const char *text, size_t len)
{
    size_t end = 0;
    while (end < len && !strchr(" \n\"'&,;)}]<", text[end]))
        end++;
    return end;
}

/* The name of something secret with what stands before its value; *ret_value is the value's length.
 * Returns the name's, or 0. */
static size_t secret_name(const char *text, size_t len, size_t *ret_value)
{
    static const struct {
        const char *name;
        bool whole_line; /* "Authorization: AWS4-HMAC-SHA256 Credential=..., Signature=..." */
    } names[] = {
        {"authorization", true},     {"aws4-hmac-sha256", true},
        {"bearer", false},           {"x-amz-security-token", false},
        {"x-amz-signature", false},  {"x-amz-credential", false},
        {"signature", false},        {"securitytoken", false},
        {"secretaccesskey", false},  {"secret_access_key", false},
        {"secret_key", false},       {"secretkey", false},
        {"sessiontoken", false},     {"session_token", false},
        {"accesskeyid", false},      {"access_key_id", false},
        {"password", false},         {"passwd", false},
        {"webidentitytoken", false}, {"web_identity_token", false},
        {"access_token", false},     {"id_token", false},
        {"client_secret", false},    {"api_key", false},
    };
    for (size_t i = 0; i < IRSA_COUNT(names); i++) {
        const size_t name_len = strlen(names[i].name);
        if (len <= name_len || strncasecmp(text, names[i].name, name_len) != 0)
            continue;
        size_t at = name_len;
        while (at < len && strchr(" \"':=>", text[at]))
            at++;
        const size_t value =
            names[i].whole_line ? line_len(text + at, len - at) : value_len(text + at, len - at);
        /* "signature does not match" and the like are sentences, no values. */
        const bool assigned = memchr(text + name_len, '=', at - name_len)
                              || memchr(text + name_len, ':', at - name_len)
                              || memchr(text + name_len, '>', at - name_len);
        if (value == 0 || (!assigned && !names[i].whole_line && value < 20))
            continue;
        *ret_value = value;
        return at;
    }
    return 0;
}

/* --- characters ------------------------------------------------------------------------------- */

/* Marks that turn the direction of writing, and line separators: what is shown must be what is
 * there (CVE-2021-42574). */
static bool is_deceiving(const char *text, size_t width)
{
    if (width == 2) /* U+0080 to U+009F */
        return text[0] == '\xc2' && (unsigned char)text[1] < 0xa0;
    if (width != 3 || text[0] != '\xe2')
        return width == 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
    const unsigned char second = (unsigned char)text[1], third = (unsigned char)text[2];
    return (second == 0x80
            && ((third >= 0x8b && third <= 0x8f) || (third >= 0xa8 && third <= 0xae)))
           || (second == 0x81 && third >= 0xa6 && third <= 0xa9);
}

static size_t char_width(const char *text, size_t len)
{
    const unsigned char c = (unsigned char)*text;
    const size_t width = c < 0x80 ? 1u : c >= 0xf0 ? 4u : c >= 0xe0 ? 3u : c >= 0xc2 ? 2u : 0u;
    size_t offset = 0;
    return width > 0 && width <= len && irsa_utf8_valid(text, width, &offset) ? width : 0;
}

static size_t put_char(struct irsa_buf *out, const char *text, size_t len)
{
    const size_t width = char_width(text, len);
    if (*text == '\n') {
        irsa_buf_addc(out, ' ');
        return 1;
    }
    if (width == 0 || (width == 1 && ((unsigned char)*text < 0x20 || *text == 0x7f))) {
        irsa_buf_addf(out, "\\x%02x", (unsigned)(unsigned char)*text);
        return 1;
    }
    if (is_deceiving(text, width)) {
        for (size_t i = 0; i < width; i++)
            irsa_buf_addf(out, "\\x%02x", (unsigned)(unsigned char)text[i]);
        return width;
    }
    irsa_buf_add(out, text, width);
    return width;
}

static bool begins_secret(const char *text, size_t len)
{
    size_t value = 0;
    return key_id_len(text, len) > 0 || jwt_len(text, len) > 0
           || secret_name(text, len, &value) > 0;
}

/* What is as long and as mixed as a key, behind a slash in a name; not a page's name. */
static bool looks_secret(const char *text, size_t len)
{
    const size_t run = base64_len(text, len);
    return run > 0 && (run == len || text[run] != '.');
}

/* An ARN or an address: names, in which secrets are looked for behind slashes alone; not in a
 * role's path and name, which may be as long. Ends where a query begins. */
static size_t name_len(const char *text, size_t len)
{
    const bool arn = len > 4 && strncasecmp(text, "arn:", 4) == 0;
    if (!arn && (len <= 8 || strncmp(text, "https://", 8) != 0))
        return 0;
    const bool assumed = arn && memmem(text, len < 60 ? len : 60, ":assumed-role/", 14);
    const bool role = arn && memmem(text, len < 60 ? len : 60, ":role/", 6);
    size_t end = 0, slashes = 0;
    while (end < len && !strchr(" \n\"'?&,;)}]<>", text[end])
           && !begins_secret(text + end, len - end)) {
        const bool behind = end > 0 && text[end - 1] == '/';
        slashes += behind;
        if (behind && !role && (!assumed || slashes > 1) && looks_secret(text + end, len - end))
            break;
        end++;
    }
    return end;
}

char *symptom_sanitize(const char *text, size_t len)
{
    irsa_auto_buf out = {0};
    for (size_t at = 0; at < len;) {
        const bool word_begins = at == 0 || !isalnum((unsigned char)text[at - 1]);
        size_t value = 0;
        const size_t name = word_begins ? secret_name(text + at, len - at, &value) : 0;
        size_t secret = jwt_len(text + at, len - at);
        if (secret == 0 && word_begins)
            secret = key_id_len(text + at, len - at);
        if (secret == 0 && word_begins)
            secret = base64_len(text + at, len - at);
        const size_t plain = word_begins ? name_len(text + at, len - at) : 0;
        if (name > 0) {
            for (size_t i = 0; i < name;)
                i += put_char(&out, text + at + i, name - i);
            irsa_buf_adds(&out, redacted);
            at += name + value;
        } else if (plain > 0) {
            for (const size_t end = at + plain; at < end;)
                at += put_char(&out, text + at, end - at);
        } else if (secret > 0) {
            irsa_buf_adds(&out, redacted);
            at += secret;
        } else {
            at += put_char(&out, text + at, len - at);
        }
    }
    return irsa_buf_steal(&out);
}
