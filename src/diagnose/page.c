/* SPDX-License-Identifier: Apache-2.0 */
#include "diagnose/codes.h"

/* docs/checks/IRSAnnn.md, by src/diagnose/CMakeLists.txt */
extern const struct irsa_embedded irsa_check_pages[];

const char *irsa_check_page(const char *code)
{
    const struct irsa_check *check = irsa_check_find(code);
    if (!check)
        return NULL;
    irsa_autofree char *name = irsa_format("%s.md", check->code);
    for (const struct irsa_embedded *page = irsa_check_pages; page->name; page++)
        if (strcmp(page->name, name) == 0)
            return page->text;
    return NULL;
}
