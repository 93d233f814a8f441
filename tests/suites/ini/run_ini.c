/* SPDX-License-Identifier: Apache-2.0 */
/* A case is a folder with `input.ini` and either `expected.json` (what the reader makes of it) or
 * `error` (the message, and after a line break the hint where there is one). */
#include "intent/ini.h"

#include <jansson.h>

static json_t *to_json(const struct irsa_ini *ini)
{
    json_t *sections = json_array();
    for (size_t i = 0; i < ini->section_count; i++)
        (void)json_array_append_new(sections, json_pack("{s:s, s:I}", "name", ini->sections[i].name,
                                                        "line", (json_int_t)ini->sections[i].line));
    json_t *entries = json_array();
    for (size_t i = 0; i < ini->len; i++) {
        const struct irsa_ini_entry *entry = &ini->entries[i];
        (void)json_array_append_new(
            entries, json_pack("{s:s, s:s, s:s, s:I}", "section", entry->section, "key", entry->key,
                               "value", entry->value, "line", (json_int_t)entry->line));
    }
    return json_pack("{s:o, s:o}", "sections", sections, "entries", entries);
}

static int check_error(const char *folder, const struct irsa_error *error)
{
    irsa_auto_error file_error = NULL;
    irsa_auto_buf expected = {0};
    irsa_autofree char *path = irsa_format("%s/error", folder);
    const char *hint = irsa_error_hint(error);
    irsa_autofree char *found =
        irsa_format("%s\n%s%s", irsa_error_message(error), hint ? hint : "", hint ? "\n" : "");
    if (irsa_file_read(path, 65536, &expected, &file_error) != 0) {
        (void)fprintf(stderr, "refused, and there is no file `error`: %s", found);
        return 1;
    }
    if (strcmp(irsa_buf_str(&expected), found) == 0)
        return 0;
    (void)fprintf(stderr, "found: %sexpected: %s", found, irsa_buf_str(&expected));
    return 1;
}

static int check_value(const char *folder, const struct irsa_ini *ini)
{
    json_error_t json_error;
    irsa_autofree char *path = irsa_format("%s/expected.json", folder);
    json_auto_t *expected = json_load_file(path, JSON_REJECT_DUPLICATES, &json_error);
    json_auto_t *found = to_json(ini);
    if (expected && json_equal(expected, found))
        return 0;
    irsa_autofree char *text = json_dumps(found, JSON_INDENT(2));
    (void)fprintf(stderr, "%s: %s\nfound: %s\n", path, expected ? "differs" : json_error.text,
                  text ? text : "what is no UTF-8");
    return 1;
}

int main(int argc, char **argv)
{
    irsa_auto_error error = NULL;
    irsa_auto_error file_error = NULL;
    irsa_auto_buf input = {0};
    irsa_auto_ini ini = {0};
    if (argc != 2)
        return 64;
    irsa_autofree char *path = irsa_format("%s/input.ini", argv[1]);
    if (irsa_file_read(path, (size_t)1 << 20, &input, &file_error) != 0) {
        (void)fprintf(stderr, "%s\n", irsa_error_message(file_error));
        return 1;
    }
    if (irsa_ini_parse("input.ini", irsa_buf_str(&input), input.len, &ini, &error) != 0)
        return check_error(argv[1], error);
    return check_value(argv[1], &ini);
}
