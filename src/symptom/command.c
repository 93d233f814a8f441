/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/symptom.h"

static void add_option(struct irsa_buf *command, const char *option, const char *value)
{
    /* Values are names, ARNs and regions; whatever else was in the log is no word of a shell. */
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "+=,.@_-:/";
    if (value && value[strspn(value, safe)] == '\0')
        irsa_buf_addf(command, " %s %s", option, value);
}

/* False where the service account is not known: it is then not narrowed to it. */
static bool add_selection(struct irsa_buf *command, const struct irsa_symptom_values *values)
{
    add_option(command, "--cluster", values->cluster);
    add_option(command, "--region", values->region);
    if (!values->namespace_ || !values->service_account)
        return false;
    add_option(command, "-n", values->namespace_);
    add_option(command, "-s", values->service_account);
    return true;
}

char *irsa_symptom_command(const struct irsa_symptom_match *match)
{
    irsa_auto_buf command = {0};
    irsa_buf_adds(&command, "irsa-fix plan");
    /* The node's role is not the one that is wanted. */
    if (add_selection(&command, &match->values) && match->family != IRSA_SYMPTOM_NODE_ROLE)
        add_option(&command, "--role", match->values.role);
    return irsa_buf_steal(&command);
}

char *irsa_symptom_verify_command(const struct irsa_symptom_match *match)
{
    irsa_auto_buf command = {0};
    irsa_buf_adds(&command, "irsa-fix verify");
    if (!add_selection(&command, &match->values))
        return NULL;
    /* STS and IAM can be asked from anywhere; what a pod is given, only from within one. */
    if (match->family != IRSA_SYMPTOM_STS && match->family != IRSA_SYMPTOM_IAM)
        irsa_buf_adds(&command, " --pod");
    return irsa_buf_steal(&command);
}
