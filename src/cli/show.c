/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/saved.h"

int irsa_run_show(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    if (arguments->positional.len == 0) {
        irsa_fail(reterr, IRSA_E_USAGE, "show needs a saved plan");
        return irsa_hint(reterr, "usage: irsa-fix show PLANFILE");
    }
    const char *path = arguments->positional.items[0];
    json_auto_t *saved = irsa_saved_read(path, reterr);
    if (!saved)
        return -1;
    const json_t *plan = json_object_get(saved, "plan");
    irsa_auto_buf next = {0};
    irsa_buf_adds(&next, "irsa-fix apply ");
    irsa_shell_quote(path, &next);
    if (irsa_write_report(arguments, IRSA_REPORT_PLAN, plan, irsa_buf_str(&next), reterr) != 0)
        return -1;
    return (int)json_integer_value(json_object_get(plan, "outcome"));
}
