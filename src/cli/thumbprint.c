/* SPDX-License-Identifier: Apache-2.0 */
/* --thumbprint: which certificate an OIDC provider is to trust. */
#include "cli/session.h"

#include "irsa/aws.h"

#include <ctype.h>

#define HEX_LEN 40

static bool is_auto(const char *text)
{
    return strcmp(text, "auto") == 0;
}

int irsa_thumbprint_from_arguments(const struct irsa_arguments *arguments,
                                   struct irsa_intent *intent, struct irsa_error **reterr)
{
    const char *text = irsa_option_value(arguments, IRSA_OPTION_THUMBPRINT);
    if (!text || is_auto(text))
        return 0;
    if (strlen(text) != HEX_LEN || strspn(text, "0123456789abcdefABCDEF") != HEX_LEN) {
        (void)irsa_fail(reterr, IRSA_E_USAGE, "--thumbprint: \"%s\" is not 40 hex digits", text);
        return irsa_hint(reterr, "it is the SHA-1 of the issuer's top certificate, without colons; "
                                 "or auto");
    }
    intent->thumbprint = irsa_strdup(text);
    for (char *c = intent->thumbprint; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return 0;
}

int irsa_thumbprint_from_issuer(const struct irsa_arguments *arguments, long timeout_ms,
                                struct irsa_intent *intent, struct irsa_error **reterr)
{
    const char *text = irsa_option_value(arguments, IRSA_OPTION_THUMBPRINT);
    irsa_auto_issuer issuer = {0};
    if (!text || !is_auto(text))
        return 0;
    if (!intent->issuer) {
        irsa_log(IRSA_LOG_WARNING,
                 "--thumbprint auto: irsa-fix.ini names no issuer to ask; that of "
                 "an EKS cluster needs no thumbprint");
        return 0;
    }
    if (irsa_issuer_parse(intent->issuer, &issuer, reterr) != 0)
        return -1;
    if (issuer.region)
        return 0;
    if (irsa_aws_thumbprint(issuer.url, timeout_ms, &intent->thumbprint, reterr) != 0)
        return irsa_hint(reterr, "where this network can't reach the issuer, give the thumbprint "
                                 "with --thumbprint HEX");
    return 0;
}
