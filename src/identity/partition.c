/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/text.h"
#include "irsa/identity.h"

/* The partitions, the beginnings of their regions' names and their DNS suffixes, as in the file
 * partitions.json that the AWS SDKs share
 * (https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json, of
 * botocore 1.44.5). There a partition's regionRegex is ^(us|eu|...)\-\w+\-\d+$; here each
 * alternative is a beginning, and name_is_region() does the rest. */
static const struct partition {
    const char *name;
    const char *dns_suffix;
    const char *dual_stack_suffix;
    const char *beginnings[12];
} partitions[] = {
    {"aws",
     "amazonaws.com",
     "api.aws",
     {"us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"}},
    {"aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", {"cn-"}},
    {"aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", {"eusc-de-"}},
    {"aws-iso", "c2s.ic.gov", "api.aws.ic.gov", {"us-iso-"}},
    {"aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", {"us-isob-"}},
    {"aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", {"eu-isoe-"}},
    {"aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov", {"us-isof-"}},
    {"aws-us-gov", "amazonaws.com", "api.aws", {"us-gov-"}},
};

static const struct partition *partition_by_name(const char *name)
{
    for (size_t i = 0; i < IRSA_COUNT(partitions); i++) {
        if (strcmp(partitions[i].name, name) == 0)
            return &partitions[i];
    }
    return NULL;
}

bool irsa_partition_known(const char *partition)
{
    return partition_by_name(partition) != NULL;
}

const char *irsa_partition_dns_suffix(const char *partition)
{
    const struct partition *found = partition_by_name(partition);
    return found ? found->dns_suffix : NULL;
}

const char *irsa_partition_dual_stack_suffix(const char *partition)
{
    const struct partition *found = partition_by_name(partition);
    return found ? found->dual_stack_suffix : NULL;
}

const char *irsa_partition_nearest(const char *text)
{
    const char *names[IRSA_COUNT(partitions)];
    for (size_t i = 0; i < IRSA_COUNT(partitions); i++)
        names[i] = partitions[i].name;
    return irsa_nearest(text, names, IRSA_COUNT(names));
}

/* The rest of a region's name: \w+-\d+ to the end. */
static bool name_is_region(const char *rest)
{
    size_t word = 0;
    while (irsa_is_alnum(rest[word]) || rest[word] == '_')
        word++;
    if (word == 0 || rest[word] != '-')
        return false;
    const char *number = rest + word + 1;
    size_t digits = strspn(number, "0123456789");
    return digits > 0 && number[digits] == '\0';
}

const char *irsa_partition_of_region(const char *region)
{
    for (size_t i = 0; i < IRSA_COUNT(partitions); i++) {
        for (const char *const *beginning = partitions[i].beginnings; *beginning; beginning++) {
            if (irsa_has_prefix(region, *beginning) && name_is_region(region + strlen(*beginning)))
                return partitions[i].name;
        }
    }
    return NULL;
}

const char *irsa_partition_of_arn(const char *arn)
{
    if (!irsa_has_prefix(arn, "arn:"))
        return NULL;
    irsa_autofree char *name = irsa_strndup(arn + 4, strcspn(arn + 4, ":"));
    const struct partition *found = partition_by_name(name);
    return found ? found->name : NULL;
}

bool irsa_account_id_valid(const char *account_id)
{
    return strspn(account_id, "0123456789") == 12 && account_id[12] == '\0';
}

int irsa_account_id_check(const char *account_id, struct irsa_error **reterr)
{
    if (irsa_account_id_valid(account_id))
        return 0;
    size_t len = strlen(account_id);
    if (len == 0)
        return irsa_fail(reterr, IRSA_E_PARSE, "account id is missing");
    if (strspn(account_id, "0123456789") == len)
        return irsa_fail(reterr, IRSA_E_PARSE, "account id has %zu digits, 12 are needed", len);
    return irsa_fail(reterr, IRSA_E_PARSE, "account id is \"%.64s\", 12 digits are needed",
                     account_id);
}
