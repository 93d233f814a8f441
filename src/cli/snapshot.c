/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

int irsa_run_snapshot(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    irsa_auto_session session = {0};
    if (arguments->positional.len == 0) {
        (void)irsa_fail(reterr, IRSA_E_USAGE, "snapshot needs a directory to write to");
        return irsa_hint(reterr, "usage: irsa-fix snapshot DIR");
    }
    const char *directory = arguments->positional.items[0];
    if (irsa_session_open(&session, arguments, reterr) != 0
        || session.world->ops->gather(session.world, &session.facts, reterr) != 0
        || irsa_live_snapshot(session.world, directory, irsa_is_set(arguments, IRSA_OPTION_REDACT),
                              reterr)
               != 0)
        return -1;
    irsa_auto_buf text = {0};
    irsa_buf_addf(&text, "Written to %s. To plan over it: irsa-fix plan --from ", directory);
    irsa_shell_quote(directory, &text);
    irsa_buf_addc(&text, '\n');
    return irsa_write_result(arguments, &text, reterr);
}
