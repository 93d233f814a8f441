/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

static int fail_unknown(const char *name, struct irsa_error **reterr)
{
    const char *const *names = irsa_template_names();
    size_t count = 0;
    while (names[count])
        count++;
    irsa_fail(reterr, IRSA_E_USAGE, "there is no template \"%s\"", name);
    const char *nearest = irsa_nearest(name, names, count);
    for (size_t i = 0; i < count && !nearest; i++) {
        size_t len = strlen(name);
        if (len > 0 && strncmp(names[i], name, len) == 0)
            nearest = names[i];
    }
    if (nearest)
        return irsa_hint(reterr, "did you mean %s?", nearest);
    return irsa_hint(reterr, "irsa-fix templates lists all");
}

int irsa_run_templates(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    struct irsa_templates *templates = NULL;
    const char *directory = irsa_option_value(arguments, IRSA_OPTION_TEMPLATE_DIR);
    if (irsa_templates_load(directory, &templates, reterr) != 0)
        return -1;
    irsa_auto_buf text = {0};
    const char *name = arguments->positional.len ? arguments->positional.items[0] : NULL;
    const char *body = name ? irsa_template_text(templates, name) : NULL;
    int result = 0;
    if (body)
        irsa_buf_adds(&text, body);
    else if (name)
        result = fail_unknown(name, reterr);
    for (const char *const *p = irsa_template_names(); !name && *p; p++)
        irsa_buf_addf(&text, "%s\n", *p);
    irsa_templates_free(templates);
    return result == 0 ? irsa_write_result(arguments, &text, reterr) : -1;
}
