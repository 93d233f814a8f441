/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/saved.h"

#include <sys/stat.h>

#define PLAN_MAX_BYTES ((size_t)256 << 20)

json_t *irsa_saved_read(const char *path, struct irsa_error **reterr)
{
    irsa_auto_buf text = {0};
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        (void)irsa_fail(reterr, IRSA_E_IO, "%s: a directory, where a saved plan is needed", path);
        irsa_hint_from(path, reterr);
        return NULL;
    }
    if (irsa_file_read(path, PLAN_MAX_BYTES, &text, reterr) != 0) {
        irsa_hint(reterr, "a saved plan is what `irsa-fix plan --save FILE` writes");
        return NULL;
    }
    json_auto_t *saved = irsa_json_read(path, irsa_buf_str(&text), text.len, reterr);
    if (!saved) {
        irsa_hint(reterr, "a saved plan is what `irsa-fix plan --save FILE` writes");
        return NULL;
    }
    if (irsa_saved_plan_check(path, saved, reterr) != 0)
        return NULL;
    return irsa_steal(&saved);
}

int irsa_saved_arguments(const char *path, const json_t *saved, struct irsa_arguments *ret,
                         struct irsa_error **reterr)
{
    const json_t *source = json_object_get(saved, "source");
    const char *kind = irsa_json_string(source, "kind", NULL);
    const char *directory = irsa_json_string(source, "directory", NULL);
    bool live = kind && strcmp(kind, "live") == 0;
    if (!live && (!kind || strcmp(kind, "captured") != 0 || !directory))
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: source: no captured directory", path);
    if (irsa_carried_read(path, json_object_get(saved, "arguments"), ret, reterr) != 0)
        return -1;
    if (!live)
        irsa_strings_add(&ret->options[IRSA_OPTION_FROM], directory);
    size_t index;
    json_t *glob;
    json_array_foreach(json_object_get(source, "ignore"), index, glob)
    {
        if (!json_is_string(glob))
            return irsa_fail(reterr, IRSA_E_PARSE, "%s: source.ignore: a string expected", path);
        irsa_strings_add(&ret->options[IRSA_OPTION_IGNORE], json_string_value(glob));
    }
    return 0;
}
