/* SPDX-License-Identifier: Apache-2.0 */
/* Every parser and guesser of the identity room on the same text. What must hold for any input: a
 * value that was parsed reads back from its own text as the same value, and a guess parses. */
#include "irsa/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void roles(const char *text)
{
    irsa_auto_error error = NULL;
    irsa_auto_error guess_error = NULL;
    irsa_auto_role_arn role = {0};
    if (irsa_role_arn_parse(text, &role, &error) == 0) {
        irsa_autofree char *again =
            irsa_role_arn_text(role.partition, role.account, role.path, role.name);
        check(strcmp(again, text) == 0);
    }
    irsa_auto_role_arn guessed = {0};
    irsa_autofree char *guess = irsa_role_arn_guess(text, "aws", "123456789012");
    check(!guess || irsa_role_arn_parse(guess, &guessed, &guess_error) == 0);
    free(irsa_role_arn_guess(text, NULL, NULL));
    free(irsa_role_name_problem(text));
    free(irsa_role_path_problem(text));
}

static void arns(const char *text)
{
    irsa_auto_error arn_error = NULL;
    irsa_auto_error cluster_error = NULL;
    irsa_auto_error provider_error = NULL;
    irsa_auto_arn arn = {0};
    irsa_auto_cluster_arn cluster = {0};
    irsa_auto_provider_arn provider = {0};
    bool is_arn = irsa_arn_parse(text, &arn, &arn_error) == 0;
    bool is_cluster = irsa_cluster_arn_parse(text, &cluster, &cluster_error) == 0;
    check(is_arn || !is_cluster);
    if (irsa_provider_arn_parse(text, &provider, &provider_error) == 0) {
        irsa_autofree char *again =
            irsa_provider_arn_text(provider.partition, provider.account, provider.host_path);
        check(strcmp(again, text) == 0);
    }
    (void)irsa_partition_of_region(text);
    (void)irsa_account_id_valid(text);
}

static void issuers(const char *text)
{
    static const char wanted[] =
        "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
    irsa_auto_error error = NULL;
    irsa_auto_issuer issuer = {0};
    if (irsa_issuer_parse(text, &issuer, &error) == 0)
        check(irsa_has_suffix(issuer.url, issuer.host_path)
              && irsa_has_prefix(issuer.host_path, issuer.host));
    check(irsa_issuer_relation_text(irsa_issuer_relation(wanted, text)) != NULL);
    check(irsa_issuer_relation(text, text) == IRSA_ISSUER_EQUAL);
}

static void subjects(const char *text)
{
    irsa_autofree char *namespace_ = NULL;
    irsa_autofree char *name = NULL;
    if (irsa_subject_parse(text, &namespace_, &name)) {
        irsa_autofree char *again = irsa_subject_text(namespace_, name);
        check(strcmp(again, text) == 0);
    }
    irsa_autofree char *guess = irsa_subject_guess(text);
    irsa_autofree char *guess_namespace = NULL;
    irsa_autofree char *guess_name = NULL;
    check(!guess || irsa_subject_parse(guess, &guess_namespace, &guess_name));
    free(irsa_namespace_problem(text));
    free(irsa_service_account_problem(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    irsa_autofree char *text = irsa_strndup((const char *)data, size);
    roles(text);
    arns(text);
    issuers(text);
    subjects(text);
    return 0;
}
