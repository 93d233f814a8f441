/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case of template expansion: `name` says which template; dir/, where there is one, holds
 * overriding files; variables.json; and either expected.json, the value that comes out, or `error`:
 * a part of the message, and on its second line a part of the hint.
 */
#include "irsa/document.h"

#include <sys/stat.h>

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

static json_t *expand(const char *folder, const char *name, const json_t *variables,
                      struct irsa_error **reterr)
{
    struct stat st;
    struct irsa_templates *templates = NULL;
    irsa_autofree char *dir = irsa_format("%s/dir", folder);
    if (irsa_templates_load(stat(dir, &st) == 0 ? dir : NULL, &templates, reterr) != 0)
        return NULL;
    json_t *value = irsa_template_expand(templates, name, variables, reterr);
    irsa_templates_free(templates);
    return value;
}

static int check_error(const struct irsa_error *error, char *expected)
{
    char *hint = strchr(expected, '\n');
    if (hint)
        *hint++ = '\0';
    if (!error)
        return fail("an error was expected");
    if (!strstr(irsa_error_message(error), expected))
        return fail(irsa_error_message(error));
    irsa_autofree char *hint_part = irsa_trim(hint ? hint : "");
    const char *given = irsa_error_hint(error) ? irsa_error_hint(error) : "";
    return strstr(given, hint_part) ? 0 : fail(given);
}

int main(int argc, char **argv)
{
    irsa_auto_error error = NULL;
    irsa_auto_buf name_text = {0};
    irsa_auto_buf variables_text = {0};
    irsa_auto_buf expected_text = {0};
    irsa_auto_buf error_text = {0};
    if (argc != 2 || !load(argv[1], "name", &name_text)
        || !load(argv[1], "variables.json", &variables_text))
        return fail("name and variables.json are needed");
    irsa_autofree char *name = irsa_trim(name_text.data);
    json_auto_t *variables =
        irsa_json_read("variables.json", variables_text.data, variables_text.len, &error);
    if (!variables)
        return fail(irsa_error_message(error));
    json_auto_t *value = expand(argv[1], name, variables, &error);
    if (load(argv[1], "error", &error_text))
        return check_error(error, error_text.data);
    if (!value)
        return fail(irsa_error_message(error));
    if (!load(argv[1], "expected.json", &expected_text))
        return fail("expected.json is missing");
    json_auto_t *expected =
        irsa_json_read("expected.json", expected_text.data, expected_text.len, &error);
    if (!expected)
        return fail(irsa_error_message(error));
    irsa_auto_buf written = {0};
    irsa_json_write(value, &written);
    return json_equal(value, expected) ? 0 : fail(written.data);
}
