/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case of text editing: input.yaml or input.json; edit.json, {"document", "path", "after"} (or an
 * array of them; document 0 where it is left out, no "after" removes); and either the file as it
 * must come out, expected.yaml or expected.json, to the byte, or `error`: a part of the message.
 */
#include "irsa/document.h"

#define CHANGES_MAX 16

static int fail(const char *reason)
{
    (void)fprintf(stderr, "%s\n", reason);
    return 1;
}

static bool load(const char *folder, const char *file, struct irsa_buf *ret)
{
    irsa_auto_error error = NULL;
    irsa_autofree char *path = irsa_format("%s/%s", folder, file);
    return irsa_file_read(path, IRSA_DOCUMENT_MAX_BYTES, ret, &error) == 0;
}

static size_t read_changes(const json_t *edit, struct irsa_text_change *changes)
{
    size_t count = json_is_array(edit) ? json_array_size(edit) : 1;
    for (size_t i = 0; i < count && i < CHANGES_MAX; i++) {
        const json_t *one = json_is_array(edit) ? json_array_get(edit, i) : edit;
        changes[i] = (struct irsa_text_change){
            .document = (size_t)json_integer_value(json_object_get(one, "document")),
            .path = json_object_get(one, "path"),
            .after = json_object_get(one, "after"),
        };
    }
    return count;
}

static int compare(const struct irsa_buf *expected, const struct irsa_buf *result)
{
    if (expected->len == result->len
        && memcmp(irsa_buf_str(expected), irsa_buf_str(result), result->len) == 0)
        return 0;
    irsa_auto_buf diff = {0};
    irsa_diff_unified(irsa_buf_str(expected), irsa_buf_str(result), "expected", "result", &diff);
    return fail(irsa_buf_str(&diff));
}

int main(int argc, char **argv)
{
    irsa_auto_buf input = {0};
    irsa_auto_buf edit_text = {0};
    irsa_auto_buf expected = {0};
    irsa_auto_buf result = {0};
    irsa_auto_buf message = {0};
    irsa_auto_error error = NULL;
    if (argc != 2)
        return fail("one folder is needed");
    bool yaml = load(argv[1], "input.yaml", &input);
    if (!yaml && !load(argv[1], "input.json", &input))
        return fail("input.yaml or input.json is missing");
    if (!load(argv[1], "edit.json", &edit_text))
        return fail("edit.json is missing");
    json_auto_t *edit = irsa_json_read("edit.json", edit_text.data, edit_text.len, &error);
    if (!edit)
        return fail(irsa_error_message(error));
    struct irsa_text_change changes[CHANGES_MAX] = {0};
    size_t count = read_changes(edit, changes);
    int outcome = irsa_text_edit(yaml ? IRSA_SYNTAX_YAML : IRSA_SYNTAX_JSON,
                                 yaml ? "input.yaml" : "input.json", irsa_buf_str(&input),
                                 input.len, changes, count, &result, &error);
    if (load(argv[1], "error", &message)) {
        irsa_autofree char *part = irsa_trim(message.data);
        if (outcome == 0)
            return fail("an error was expected");
        return strstr(irsa_error_message(error), part) ? 0 : fail(irsa_error_message(error));
    }
    if (outcome != 0)
        return fail(irsa_error_message(error));
    if (!load(argv[1], yaml ? "expected.yaml" : "expected.json", &expected))
        return fail(irsa_buf_str(&result));
    return compare(&expected, &result);
}
