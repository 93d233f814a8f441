/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/net.h"
#include "kube/kubeconfig.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const char *irsa_kubeconfig_string(const struct irsa_kubeconfig_entry *entry, const char *key)
{
    const char *text = json_string_value(json_object_get(entry->value, key));
    return text && *text ? text : NULL;
}

char *irsa_kubeconfig_path(const char *file, const char *path)
{
    const char *slash = strrchr(file, '/');
    if (*path == '/' || !slash)
        return irsa_strdup(path);
    return irsa_format("%.*s/%s", (int)(slash - file), file, path);
}

static int digit_of(char c)
{
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* One group of four; false where it is none. */
static bool decode_group(const char group[4], bool last, struct irsa_buf *ret)
{
    int a = digit_of(group[0]);
    int b = digit_of(group[1]);
    int c = group[2] == '=' ? 0 : digit_of(group[2]);
    int d = group[3] == '=' ? 0 : digit_of(group[3]);
    if (a < 0 || b < 0 || c < 0 || d < 0 || (group[2] == '=' && group[3] != '='))
        return false;
    if (group[3] == '=' && !last)
        return false;
    unsigned bits = (unsigned)a << 18 | (unsigned)b << 12 | (unsigned)c << 6 | (unsigned)d;
    const char bytes[] = {(char)(bits >> 16), (char)(bits >> 8 & 0xff), (char)(bits & 0xff)};
    irsa_buf_add(ret, bytes, group[2] == '=' ? 1 : group[3] == '=' ? 2 : 3);
    return true;
}

bool irsa_base64_decode(const char *text, struct irsa_buf *ret, size_t *ret_at)
{
    char group[4];
    size_t len = 0;
    size_t begin = 0;
    for (size_t i = 0; text[i]; i++) {
        if (text[i] == '\n' || text[i] == '\r')
            continue;
        if (len == 0)
            begin = i;
        group[len++] = text[i];
        if (len < 4)
            continue;
        size_t rest = strspn(text + i + 1, "\r\n");
        if (!decode_group(group, text[i + 1 + rest] == '\0', ret)) {
            *ret_at = begin;
            return false;
        }
        len = 0;
    }
    *ret_at = begin;
    return len == 0;
}

void irsa_base64_encode(const void *data, size_t len, struct irsa_buf *ret)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < len; i += 3) {
        unsigned bits = (unsigned)bytes[i] << 16;
        bits |= i + 1 < len ? (unsigned)bytes[i + 1] << 8 : 0;
        bits |= i + 2 < len ? bytes[i + 2] : 0;
        irsa_buf_addc(ret, digits[bits >> 18]);
        irsa_buf_addc(ret, digits[bits >> 12 & 63]);
        irsa_buf_addc(ret, i + 1 < len ? digits[bits >> 6 & 63] : '=');
        irsa_buf_addc(ret, i + 2 < len ? digits[bits & 63] : '=');
    }
}

static int decode_data(const struct irsa_kubeconfig_entry *entry, const char *key, const char *data,
                       struct irsa_secret *ret, struct irsa_error **reterr)
{
    irsa_auto_buf bytes = {0};
    size_t at = 0;
    if (!irsa_base64_decode(data, &bytes, &at))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "%s: %s-data of \"%s\": illegal base64 data at byte %zu", entry->file, key,
                         entry->name, at);
    irsa_secret_set(ret, irsa_buf_str(&bytes), bytes.len);
    if (bytes.data)
        explicit_bzero(bytes.data, bytes.len);
    return 0;
}

static int read_file(const struct irsa_kubeconfig_entry *entry, const char *key, const char *file,
                     struct irsa_secret *ret, struct irsa_error **reterr)
{
    irsa_autofree char *path = irsa_kubeconfig_path(entry->file, file);
    irsa_auto_buf bytes = {0};
    if (irsa_file_read(path, IRSA_KUBECONFIG_MAX, &bytes, reterr) != 0)
        return irsa_wrap(reterr, "%s: invalid configuration: unable to read %s for %s", entry->file,
                         key, entry->name);
    irsa_secret_set(ret, irsa_buf_str(&bytes), bytes.len);
    if (bytes.data)
        explicit_bzero(bytes.data, bytes.len);
    if (ret->len == 0)
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: %s of \"%s\" is empty", path, key, entry->name);
    return 0;
}

int irsa_kubeconfig_blob(const struct irsa_kubeconfig_entry *entry, const char *key,
                         struct irsa_secret *ret, struct irsa_error **reterr)
{
    irsa_autofree char *data_key = irsa_format("%s-data", key);
    const char *data = irsa_kubeconfig_string(entry, data_key);
    const char *file = irsa_kubeconfig_string(entry, key);
    if (data)
        return decode_data(entry, key, data, ret, reterr);
    return file ? read_file(entry, key, file, ret, reterr) : 0;
}
