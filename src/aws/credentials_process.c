/* SPDX-License-Identifier: Apache-2.0 */
/* credential_process: a program that prints credentials
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html). No shell runs
 * it, as none does in the CLI: the setting is split into words and executed. What it prints on
 * stdout is never shown; its stderr may be, as that page says ("do not write secrets to stderr").
 */
#include "aws/credentials_source.h"

#include "aws/shell_words.h"

static int fail_status(const char *program, const struct irsa_process *run,
                       struct irsa_error **reterr)
{
    irsa_autofree char *said = irsa_trim(irsa_buf_str(&run->err));
    said[strcspn(said, "\r\n")] = '\0';
    for (char *p = said; *p; p++)
        *p = (unsigned char)*p < 0x20 ? ' ' : *p;
    return irsa_fail(reterr, IRSA_E_AUTH, "%s %s %d%s%.300s", program,
                     run->signal ? "was ended by signal" : "ended with status",
                     run->signal ? run->signal : run->status, *said ? ": " : "", said);
}

static int read_answer(const struct irsa_aws_chain *chain, const char *program,
                       const struct irsa_buf *out, struct irsa_aws_credentials *ret,
                       struct irsa_error **reterr)
{
    json_auto_t *json = json_loadb(irsa_buf_str(out), out->len, 0, NULL);
    if (!json_is_object(json)) {
        (void)irsa_fail(reterr, IRSA_E_AUTH, "%s did not print a JSON object", program);
        return irsa_hint(reterr, "it has to print {\"Version\": 1, \"AccessKeyId\": ..., "
                                 "\"SecretAccessKey\": ...} and nothing else on stdout");
    }
    const json_t *version = json_object_get(json, "Version");
    if (!json_is_integer(version) || json_integer_value(version) != 1)
        return irsa_fail(reterr, IRSA_E_AUTH, "%s printed a JSON object without \"Version\": 1",
                         program);
    const char *missing = NULL;
    if (!irsa_aws_credentials_of_json(json, "SessionToken", /* is_temporary= */ false, ret,
                                      &missing))
        return irsa_fail(reterr, IRSA_E_AUTH, "%s printed %s \"%s\"", program,
                         json_object_get(json, missing) ? "an unusable" : "no", missing);
    return irsa_aws_check_expiry(chain, ret, reterr);
}

int irsa_aws_from_process(struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                          struct irsa_aws_credentials *ret, bool *ret_found,
                          struct irsa_error **reterr)
{
    const char *command = NULL;
    irsa_auto_strings words = {0};
    if (irsa_aws_profile_get(profile, "credential_process", &command, reterr) != 0)
        return -1;
    if (!command) {
        irsa_aws_note(chain, "profile %s, process: the profile has no credential_process",
                      profile->name);
        return 0;
    }
    if (!irsa_shell_words(command, &words) || words.len == 0)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "profile %s: credential_process has a quote that is not closed",
                         profile->name);
    const char *program = words.items[0];
    const struct irsa_aws_chain_options *options = chain->options;
    IRSA_CLEANUP(irsa_process_done)
    struct irsa_process run = {
        .deadline_ms = options->process_ms > 0 ? options->process_ms : IRSA_AWS_PROCESS_MS,
        .interrupted = options->retry ? options->retry->interrupted : NULL,
    };
    if (irsa_process_run(&words, &run, reterr) != 0)
        return irsa_wrap(reterr, "credential_process of profile %s", profile->name);
    ret->source = irsa_format("credential_process of profile %s", profile->name);
    int result = run.status != 0 || run.signal != 0
                     ? fail_status(program, &run, reterr)
                     : read_answer(chain, program, &run.out, ret, reterr);
    if (result != 0)
        return irsa_wrap(reterr, "credential_process of profile %s", profile->name);
    *ret_found = true;
    return 0;
}
