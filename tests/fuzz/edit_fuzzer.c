/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edits of any text. Input: a letter (`y` or `j`), the change as one line of JSON
 * ({"document", "path", "after"}), then the text. An edit that succeeds has proven itself; that
 * proof is repeated here, and an edit to what is there already must leave the text alone.
 */
#include "irsa/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(enum irsa_syntax syntax, const char *text, size_t len,
                  const struct irsa_text_change *change)
{
    irsa_auto_error error = NULL;
    irsa_auto_buf result = {0};
    irsa_auto_documents read = {0};
    if (irsa_text_edit(syntax, "in", text, len, change, 1, &result, &error) != 0)
        return;
    if (irsa_document_read(syntax, "out", irsa_buf_str(&result), result.len, &read, &error) != 0)
        abort();
    if (!change->after)
        return;
    if (!json_equal(irsa_json_at(read.roots[change->document], change->path), change->after))
        abort();
    irsa_auto_buf again = {0};
    if (irsa_text_edit(syntax, "in", result.data, result.len, change, 1, &again, &error) != 0
        || strcmp(again.data, result.data) != 0)
        abort();
}

static bool is_path(const json_t *path)
{
    for (size_t i = 0; i < json_array_size(path); i++) {
        const json_t *step = json_array_get(path, i);
        if (!json_is_string(step) && !json_is_integer(step))
            return false;
    }
    return json_is_array(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line_end = size > 1 ? memchr(data, '\n', size) : NULL;
    if (!line_end)
        return 0;
    size_t head = (size_t)(line_end - data);
    json_auto_t *edit = json_loadb((const char *)data + 1, head - (head > 0 ? 1 : 0), 0, NULL);
    const struct irsa_text_change change = {
        .document = (size_t)json_integer_value(json_object_get(edit, "document")),
        .path = json_object_get(edit, "path"),
        .after = json_object_get(edit, "after"),
    };
    if (!is_path(change.path))
        return 0;
    irsa_autofree char *text = irsa_strndup((const char *)line_end + 1, size - head - 1);
    size_t len = strlen(text);
    check(data[0] == 'j' ? IRSA_SYNTAX_JSON : IRSA_SYNTAX_YAML, text, len, &change);
    return 0;
}
