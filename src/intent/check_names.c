/* SPDX-License-Identifier: Apache-2.0 */
#include "intent/check.h"

#include <strings.h>

/* Takes `problem`; 0 when there is none. */
static int report(char *problem, const char *what, const char *value, struct irsa_error **reterr)
{
    irsa_autofree char *owned = problem;
    if (!owned)
        return 0;
    return irsa_fail(reterr, IRSA_E_USAGE, "%s \"%s\" %s", what, value, owned);
}

/* Kubernetes' names are lower case: the commonest slip has an obvious right form. */
static int hint_lower(const char *name, char *(*problem)(const char *), struct irsa_error **reterr)
{
    irsa_autofree char *lower = irsa_trim(name);
    for (char *p = lower; *p; p++) {
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
        else if (*p == '_' || *p == ' ')
            *p = '-';
    }
    irsa_autofree char *still = problem(lower);
    return still ? -1 : irsa_hint(reterr, "did you mean \"%s\"?", lower);
}

int irsa_check_namespace(const char *name, struct irsa_error **reterr)
{
    if (report(irsa_namespace_problem(name), "namespace", name, reterr) == 0)
        return 0;
    return hint_lower(name, irsa_namespace_problem, reterr);
}

int irsa_check_service_account(const char *name, struct irsa_error **reterr)
{
    if (report(irsa_service_account_problem(name), "service account", name, reterr) == 0)
        return 0;
    return hint_lower(name, irsa_service_account_problem, reterr);
}

int irsa_check_role(const char *role, struct irsa_error **reterr)
{
    if (!strchr(role, ':') && !strchr(role, '/'))
        return report(irsa_role_name_problem(role), "role name", role, reterr);
    irsa_auto_role_arn arn = {0};
    if (irsa_role_arn_parse(role, &arn, reterr) == 0)
        return 0;
    irsa_autofree char *message = irsa_strdup(irsa_error_message(*reterr));
    irsa_autofree char *hint =
        irsa_error_hint(*reterr) ? irsa_strdup(irsa_error_hint(*reterr)) : NULL;
    irsa_fail(reterr, IRSA_E_USAGE, "role \"%s\": %s", role, message);
    return hint ? irsa_hint(reterr, "%s", hint) : -1;
}

int irsa_check_policy_arn(const char *text, struct irsa_error **reterr)
{
    irsa_auto_arn arn = {0};
    irsa_auto_error parse_error = NULL;
    if (irsa_arn_parse(text, &arn, &parse_error) != 0) {
        irsa_fail(reterr, IRSA_E_USAGE, "policy ARN \"%s\": %s", text,
                  irsa_error_message(parse_error));
        if (!strchr(text, ':') && *text)
            return irsa_hint(reterr, "AWS's own policies are arn:aws:iam::aws:policy/NAME");
        return -1;
    }
    bool policy = irsa_has_prefix(arn.resource, "policy/") && arn.resource[7]
                  && strcmp(arn.service, "iam") == 0;
    if (!policy)
        return irsa_fail(reterr, IRSA_E_USAGE, "\"%s\" is no managed policy's ARN (%s)", text,
                         irsa_has_prefix(arn.resource, "role/")
                             ? "it is a role's"
                             : "arn:aws:iam::ACCOUNT:policy/NAME");
    if (strcmp(arn.account, "aws") != 0 && !irsa_account_id_valid(arn.account))
        return irsa_fail(reterr, IRSA_E_USAGE,
                         "policy ARN \"%s\": account is neither 12 digits nor "
                         "\"aws\"",
                         text);
    return 0;
}

int irsa_check_path(const char *path, struct irsa_error **reterr)
{
    if (report(irsa_role_path_problem(path), "role path", path, reterr) == 0)
        return 0;
    irsa_autofree char *wrapped =
        irsa_format("%s%s%s", *path == '/' ? "" : "/", path, irsa_has_suffix(path, "/") ? "" : "/");
    irsa_autofree char *still = irsa_role_path_problem(wrapped);
    return still ? -1 : irsa_hint(reterr, "did you mean \"%s\"?", wrapped);
}

int irsa_check_description(const char *text, struct irsa_error **reterr)
{
    /* https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html: at most 1,000
     * characters; tab, line ends, and U+0020..U+007E, U+00A1..U+00FF. */
    size_t bad = 0;
    if (!irsa_utf8_valid(text, strlen(text), &bad))
        return irsa_fail(reterr, IRSA_E_USAGE, "description is not valid UTF-8 at byte %zu", bad);
    size_t characters = 0;
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        bool latin = *p == 0xc2 ? p[1] >= 0xa1 : *p == 0xc3;
        bool plain = (*p >= 0x20 && *p <= 0x7e) || *p == '\t' || *p == '\n' || *p == '\r';
        if (!plain && !latin)
            return irsa_fail(reterr, IRSA_E_USAGE,
                             "description holds a character that IAM does not take, at byte %zu",
                             (size_t)(p - (const unsigned char *)text));
        p += latin ? 1 : 0;
        characters++;
    }
    if (characters > 1000)
        return irsa_fail(reterr, IRSA_E_USAGE, "description has %zu characters, 1000 are allowed",
                         characters);
    return 0;
}

int irsa_check_account_id(const char *id, struct irsa_error **reterr)
{
    if (irsa_account_id_valid(id))
        return 0;
    size_t digits = strspn(id, "0123456789");
    if (id[digits] == '\0')
        return irsa_fail(reterr, IRSA_E_USAGE, "account id \"%s\" has %zu digits, 12 are needed",
                         id, digits);
    return irsa_fail(reterr, IRSA_E_USAGE, "account id \"%s\" is not 12 digits", id);
}

int irsa_check_region(const char *region, struct irsa_error **reterr)
{
    if (irsa_partition_of_region(region))
        return 0;
    irsa_fail(reterr, IRSA_E_USAGE, "\"%s\" is no AWS region", region);
    size_t len = strlen(region);
    if (len > 1 && region[len - 1] >= 'a' && region[len - 1] <= 'z') {
        irsa_autofree char *shorter = irsa_strndup(region, len - 1);
        if (irsa_partition_of_region(shorter))
            return irsa_hint(reterr, "\"%s\" is an availability zone of region %s", region,
                             shorter);
    }
    return irsa_hint(reterr, "regions are written like eu-west-1");
}

int irsa_check_issuer(const char *issuer, struct irsa_error **reterr)
{
    irsa_auto_issuer parsed = {0};
    irsa_auto_error parse_error = NULL;
    if (irsa_issuer_parse(issuer, &parsed, &parse_error) == 0)
        return 0;
    irsa_fail(reterr, IRSA_E_USAGE, "issuer \"%s\": %s", issuer, irsa_error_message(parse_error));
    return irsa_hint(reterr, "it is what `aws eks describe-cluster` shows as identity.oidc.issuer");
}

int irsa_check_audience(const char *audience, struct irsa_error **reterr)
{
    /* A client id has 1 to 255 characters
     * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html).
     */
    size_t len = strlen(audience);
    if (len == 0)
        return irsa_fail(reterr, IRSA_E_USAGE, "audience is empty");
    if (len > 255)
        return irsa_fail(reterr, IRSA_E_USAGE, "audience has %zu characters, 255 are allowed", len);
    if (strpbrk(audience, " \t\r\n"))
        return irsa_fail(reterr, IRSA_E_USAGE, "audience \"%s\" holds white space", audience);
    return 0;
}

int irsa_check_cluster_name(const char *name, struct irsa_error **reterr)
{
    /* https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html: name is
     * ^[0-9A-Za-z][A-Za-z0-9-_]*, at most 100 characters. */
    size_t len = strlen(name);
    if (len == 0 || len > 100)
        return irsa_fail(reterr, IRSA_E_USAGE,
                         "cluster name has %zu characters, 1 to 100 are allowed", len);
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        bool alnum = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (alnum || (i > 0 && (c == '-' || c == '_')))
            continue;
        irsa_fail(reterr, IRSA_E_USAGE,
                  "cluster name \"%s\" holds a character that EKS does not take", name);
        if (irsa_has_prefix(name, "arn:") && strrchr(name, '/'))
            return irsa_hint(reterr, "give its name: %s", strrchr(name, '/') + 1);
        return irsa_hint(reterr, "letters, digits, - and _ are allowed");
    }
    return 0;
}
