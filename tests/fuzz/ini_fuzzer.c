/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of irsa-fix.ini. What must hold: whatever was read can be written (each value quoted)
 * and reads back the same, key by key. */
#include "intent/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_back(const struct irsa_ini *ini, struct irsa_buf *text)
{
    size_t at = 0;
    for (size_t s = 0; s <= ini->section_count; s++) {
        if (s > 0)
            irsa_buf_addf(text, "[%s]\n", ini->sections[s - 1].name);
        size_t line = s > 0 ? ini->sections[s - 1].line : 0;
        for (; at < ini->len && ini->entries[at].section_line == line; at++) {
            irsa_autofree char *value = irsa_ini_quote(ini->entries[at].value);
            irsa_buf_addf(text, "%s = %s\n", ini->entries[at].key, value);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    irsa_auto_error error = NULL;
    irsa_auto_ini ini = {0};
    irsa_autofree char *text = irsa_calloc(size + 1, 1);
    if (size > 0)
        memcpy(text, data, size);
    if (irsa_ini_parse("irsa-fix.ini", text, size, &ini, &error) != 0)
        return 0;
    irsa_auto_buf again_text = {0};
    write_back(&ini, &again_text);
    irsa_auto_ini again = {0};
    if (irsa_ini_parse("again.ini", irsa_buf_str(&again_text), again_text.len, &again, &error) != 0
        || again.len != ini.len || again.section_count != ini.section_count)
        abort();
    for (size_t i = 0; i < ini.len; i++) {
        if (strcmp(ini.entries[i].section, again.entries[i].section) != 0
            || strcmp(ini.entries[i].key, again.entries[i].key) != 0
            || strcmp(ini.entries[i].value, again.entries[i].value) != 0)
            abort();
    }
    return 0;
}
