/* SPDX-License-Identifier: Apache-2.0 */
/* What brings a file's former bytes back, with nothing of the file in it but what changed. */
#include "irsa/document.h"
#include "irsa/world.h"

/* --- making ----------------------------------------------------------------------------------- */

static json_t *digest_json(const struct irsa_buf *text)
{
    char hex[65];
    if (!text)
        return json_null();
    irsa_sha256_hex(irsa_buf_str(text), text->len, hex);
    return json_string(hex);
}

/* As text where JSON can hold it. */
static void set_insert(json_t *hunk, const char *bytes, size_t len)
{
    if (irsa_utf8_valid(bytes, len, &(size_t){0}) && !memchr(bytes, '\0', len)) {
        irsa_json_set(hunk, "insert", json_stringn(bytes, len));
        return;
    }
    irsa_auto_buf hex = {0};
    for (size_t i = 0; i < len; i++)
        irsa_buf_addf(&hex, "%02x", (unsigned char)bytes[i]);
    irsa_json_set(hunk, "insert_hex", json_stringn(irsa_buf_str(&hex), hex.len));
}

static json_t *hunks_json(const struct irsa_buf *before, const struct irsa_buf *after)
{
    json_t *array = json_array();
    struct irsa_hunk *hunks = NULL;
    const char *text = irsa_buf_str(before);
    size_t after_len = after ? after->len : 0;
    const char *after_text = after ? irsa_buf_str(after) : "";
    size_t count = irsa_diff_hunks(after_text, after_len, text, before->len, &hunks);
    for (size_t i = 0; i < count; i++) {
        json_t *hunk = json_object();
        irsa_json_set(hunk, "offset", json_integer((json_int_t)hunks[i].a));
        irsa_json_set(hunk, "length", json_integer((json_int_t)hunks[i].a_len));
        set_insert(hunk, text + hunks[i].b, hunks[i].b_len);
        (void)json_array_append_new(array, hunk);
    }
    free(hunks);
    return array;
}

json_t *irsa_file_delta(const char *name, const struct irsa_buf *before,
                        const struct irsa_buf *after, mode_t mode)
{
    irsa_autofree char *octal = irsa_format("%04o", (unsigned)(mode & 07777));
    json_t *delta = json_object();
    irsa_json_set(delta, "name", json_string(name));
    irsa_json_set(delta, "existed", json_boolean(before != NULL));
    irsa_json_set(delta, "removed", json_boolean(after == NULL));
    irsa_json_set(delta, "mode", before ? json_string(octal) : json_null());
    irsa_json_set(delta, "before_sha256", digest_json(before));
    irsa_json_set(delta, "after_sha256", digest_json(after));
    irsa_json_set(delta, "hunks", before ? hunks_json(before, after) : json_array());
    return delta;
}

/* --- applying --------------------------------------------------------------------------------- */

static int hex_value(char c)
{
    const char *digits = "0123456789abcdef";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

static bool read_hex(const char *text, struct irsa_buf *ret)
{
    for (; *text; text += 2) {
        int high = hex_value(text[0]);
        int low = high < 0 ? -1 : hex_value(text[1]);
        if (low < 0)
            return false;
        irsa_buf_addc(ret, (char)(high * 16 + low));
    }
    return true;
}

/* A place in bytes; SIZE_MAX where it is none. */
static size_t size_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    json_int_t number = json_integer_value(value);
    return json_is_integer(value) && number >= 0 ? (size_t)number : SIZE_MAX;
}

/* Copies what lies before the hunk from `*at` on, and what the hunk brings back. */
static bool add_hunk(const json_t *hunk, const char *after, size_t len, size_t *at,
                     struct irsa_buf *ret)
{
    size_t offset = size_of(hunk, "offset");
    size_t length = size_of(hunk, "length");
    const json_t *insert = json_object_get(hunk, "insert");
    const char *hex = irsa_json_string(hunk, "insert_hex", NULL);
    if (offset < *at || offset > len || length > len - offset)
        return false;
    irsa_buf_add(ret, after + *at, offset - *at);
    *at = offset + length;
    if (hex)
        return read_hex(hex, ret);
    if (!json_is_string(insert))
        return false;
    irsa_buf_add(ret, json_string_value(insert), json_string_length(insert));
    return true;
}

static bool has_digest(const json_t *delta, const char *key, const char *text, size_t len)
{
    const char *wanted = irsa_json_string(delta, key, NULL);
    char hex[65];
    irsa_sha256_hex(text, len, hex);
    return wanted && strcmp(wanted, hex) == 0;
}

int irsa_file_delta_apply(const json_t *delta, const char *after, size_t len, struct irsa_buf *ret,
                          struct irsa_error **reterr)
{
    const char *name = irsa_json_string(delta, "name", NULL);
    const json_t *hunks = json_object_get(delta, "hunks");
    bool removed = json_is_true(json_object_get(delta, "removed"));
    irsa_auto_buf text = {0};
    size_t at = 0;
    size_t i = 0;
    json_t *hunk = NULL;
    if (!name || !json_is_array(hunks) || !json_is_true(json_object_get(delta, "existed")))
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: nothing that brings a file back",
                         name ? name : "files");
    if (removed ? len > 0 : !has_digest(delta, "after_sha256", after, len))
        return irsa_fail(reterr, IRSA_E_CONFLICT, "%s: the file was changed since", name);
    json_array_foreach(hunks, i, hunk)
    {
        if (!add_hunk(hunk, after, len, &at, &text))
            return irsa_fail(reterr, IRSA_E_PARSE, "%s: hunk %zu does not fit", name, i + 1);
    }
    irsa_buf_add(&text, after + at, len - at);
    if (!has_digest(delta, "before_sha256", irsa_buf_str(&text), text.len))
        return irsa_fail(reterr, IRSA_E_CONFLICT, "%s: what comes out is not what it was", name);
    *ret = text;
    text = (struct irsa_buf){0};
    return 0;
}
