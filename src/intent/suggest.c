/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/intent.h"

char *irsa_suggest(const struct irsa_intent *intent, enum irsa_tool tool, const char *command, ...)
{
    irsa_auto_buf buf = {0};
    const char *options = intent->tool_options[tool];
    va_list words;
    irsa_buf_adds(&buf, command);
    irsa_buf_adds(&buf, options ? options : "");
    va_start(words, command);
    for (const char *word = va_arg(words, const char *); word; word = va_arg(words, const char *)) {
        irsa_buf_addc(&buf, ' ');
        /* Names come from files that anybody may have written. */
        irsa_shell_quote(word, &buf);
    }
    va_end(words);
    return irsa_buf_steal(&buf);
}
