/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/text.h"
#include "irsa/identity.h"

void irsa_provider_arn_done(struct irsa_provider_arn *arn)
{
    free(arn->partition);
    free(arn->account);
    free(arn->host_path);
    *arn = (struct irsa_provider_arn){0};
}

char *irsa_provider_arn_text(const char *partition, const char *account, const char *host_path)
{
    return irsa_format("arn:%s:iam::%s:oidc-provider/%s", partition, account, host_path);
}

/* https://docs.aws.amazon.com/IAM/latest/APIReference/API_OpenIDConnectProviderListEntry.html and
 * the resource types of
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
static int check_kind(const struct irsa_arn *arn, struct irsa_error **reterr)
{
    if (strcmp(arn->service, "iam") != 0)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "service is \"%.40s\", an OIDC provider's is \"iam\"", arn->service);
    if (*arn->region)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "has a region (\"%.40s\"), an OIDC provider's ARN has none", arn->region);
    if (irsa_account_id_check(arn->account, reterr) != 0)
        return -1;
    if (!irsa_has_prefix(arn->resource, "oidc-provider/"))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "resource is \"%.80s\", an OIDC provider's begins with "
                         "\"oidc-provider/\"",
                         arn->resource);
    return 0;
}

int irsa_provider_arn_parse(const char *text, struct irsa_provider_arn *ret,
                            struct irsa_error **reterr)
{
    irsa_auto_arn arn = {0};
    if (irsa_arn_parse(text, &arn, reterr) != 0 || check_kind(&arn, reterr) != 0)
        return -1;
    const char *host_path = arn.resource + strlen("oidc-provider/");
    if (irsa_has_prefix(host_path, "https://"))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "has \"https://\" inside, a provider's ARN carries the URL without it");
    irsa_auto_issuer issuer = {0};
    if (irsa_issuer_parse(host_path, &issuer, reterr) != 0)
        return -1;
    ret->partition = irsa_steal(&arn.partition);
    ret->account = irsa_steal(&arn.account);
    ret->host_path = irsa_steal(&issuer.host_path);
    return 0;
}
