/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

static int fail_unknown(const char *topic, struct irsa_error **reterr)
{
    const char *words[IRSA_COMMAND_MAX_ + 8];
    size_t count = 0;
    for (size_t i = 0; i < IRSA_COMMAND_MAX_; i++)
        words[count++] = irsa_commands[i].name;
    for (size_t i = 0; irsa_help_topics[i]; i++)
        words[count++] = irsa_help_topics[i];
    irsa_fail(reterr, IRSA_E_USAGE, "there is no help on \"%s\"", topic);
    const char *nearest = irsa_nearest(topic, words, count);
    if (nearest)
        return irsa_hint(reterr, "did you mean %s?", nearest);
    return irsa_hint(reterr, "irsa-fix --help lists commands and topics");
}

static bool help_on_command(const char *name, struct irsa_buf *ret)
{
    for (size_t i = 0; i < IRSA_COMMAND_MAX_; i++) {
        if (strcmp(irsa_commands[i].name, name) == 0) {
            irsa_help_command((enum irsa_command)i, ret);
            return true;
        }
    }
    return false;
}

int irsa_run_help(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    irsa_auto_buf text = {0};
    const char *topic = arguments->positional.len ? arguments->positional.items[0] : NULL;
    if (!topic)
        irsa_help_program(&text);
    else if (!help_on_command(topic, &text) && !irsa_help_topic(topic, &text))
        return fail_unknown(topic, reterr);
    return irsa_write_result(arguments, &text, reterr);
}

int irsa_run_version(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    irsa_auto_buf text = {0};
    irsa_buf_adds(&text, "irsa-fix " IRSA_FIX_VERSION "\n");
    return irsa_write_result(arguments, &text, reterr);
}
