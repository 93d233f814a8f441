/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of what is wanted takes what jansson takes, and reads the same; with fields it takes
 * all that it takes without, and keeps nothing else. */
#include "irsa/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static json_t *read_fields(const char *text, size_t size, const struct irsa_json_fields *fields)
{
    irsa_auto_error error = NULL;
    json_t *value = irsa_json_read_fields("in", text, size, fields, &error);
    if (!value && !irsa_has_prefix(irsa_error_message(error), "in:"))
        abort();
    return value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct irsa_json_fields below[] = {{"a", NULL}, {NULL, NULL}};
    static const struct irsa_json_fields fields[] = {{"items", below}, {NULL, NULL}};
    irsa_autofree char *text = irsa_calloc(size + 1, 1);
    if (size > 0)
        memcpy(text, data, size);
    json_auto_t *theirs = json_loadb(text, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    json_auto_t *ours = read_fields(text, size, NULL);
    json_auto_t *some = read_fields(text, size, fields);
    if (ours && !some)
        abort();
    if (json_is_object(some) && json_object_size(some) > 1)
        abort();
    /* jansson alone bounds depth elsewhere and refuses NUL in keys. */
    if (ours && theirs && !json_equal(ours, theirs))
        abort();
    return 0;
}
