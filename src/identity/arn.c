/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/text.h"
#include "irsa/identity.h"

void irsa_arn_done(struct irsa_arn *arn)
{
    free(arn->partition);
    free(arn->service);
    free(arn->region);
    free(arn->account);
    free(arn->resource);
    *arn = (struct irsa_arn){0};
}

/* arn:partition:service:region:account:resource, where the resource may hold further colons. */
#define ARN_COLONS 5

/* What is in front of the next colon; *rest goes behind it. */
static char *take(const char **rest)
{
    size_t len = strcspn(*rest, ":");
    char *part = irsa_strndup(*rest, len);
    *rest += len + 1;
    return part;
}

static int split(const char *text, struct irsa_arn *arn, struct irsa_error **reterr)
{
    size_t colons = 0;
    for (const char *p = text; *p; p++)
        colons += *p == ':';
    if (colons < ARN_COLONS)
        return irsa_fail(reterr, IRSA_E_PARSE, "has %zu colons, an ARN has at least %d", colons,
                         ARN_COLONS);
    const char *rest = text + strlen("arn:");
    arn->partition = take(&rest);
    arn->service = take(&rest);
    arn->region = take(&rest);
    arn->account = take(&rest);
    arn->resource = irsa_strdup(rest);
    return 0;
}

/* DEL passes: the paths of IAM's names may hold it. */
static int check_characters(const char *text, struct irsa_error **reterr)
{
    for (const char *p = text; *p; p++) {
        if ((unsigned char)*p >= 0x20)
            continue;
        irsa_autofree char *what = irsa_char_text(*p);
        return irsa_fail(reterr, IRSA_E_PARSE, "has %s at position %zu", what,
                         (size_t)(p - text) + 1);
    }
    return 0;
}

static int check_begin(const char *text, struct irsa_error **reterr)
{
    if (*text == '\0')
        return irsa_fail(reterr, IRSA_E_PARSE, "is empty, an ARN is needed");
    if (irsa_has_prefix(text, "arn:"))
        return 0;
    int shown = (int)strcspn(text, ":");
    if (text[shown] != ':')
        return irsa_fail(reterr, IRSA_E_PARSE, "is no ARN: does not begin with \"arn:\"");
    return irsa_fail(reterr, IRSA_E_PARSE, "begins with \"%.*s:\", an ARN begins with \"arn:\"",
                     shown < 40 ? shown : 40, text);
}

static int check_partition(const char *partition, struct irsa_error **reterr)
{
    if (irsa_partition_known(partition))
        return 0;
    if (*partition == '\0')
        return irsa_fail(reterr, IRSA_E_PARSE, "partition is missing (\"aws\", for example)");
    (void)irsa_fail(reterr, IRSA_E_PARSE, "partition \"%.40s\" is unknown", partition);
    const char *nearest = irsa_partition_nearest(partition);
    return nearest ? irsa_hint(reterr, "did you mean \"%s\"?", nearest) : -1;
}

/* Letters, digits and hyphens: services and regions have no others. */
static bool is_plain(const char *s)
{
    for (; *s; s++) {
        if (!irsa_is_alnum(*s) && *s != '-')
            return false;
    }
    return true;
}

/* Services name no account where the resource's name is unique without one (S3), and "aws" in
 * policies that AWS manages. */
static int check_parts(const struct irsa_arn *arn, struct irsa_error **reterr)
{
    if (check_partition(arn->partition, reterr) != 0)
        return -1;
    if (*arn->service == '\0')
        return irsa_fail(reterr, IRSA_E_PARSE, "service is missing");
    if (!is_plain(arn->service))
        return irsa_fail(reterr, IRSA_E_PARSE, "service \"%.40s\" is none", arn->service);
    if (!is_plain(arn->region))
        return irsa_fail(reterr, IRSA_E_PARSE, "region \"%.40s\" is none", arn->region);
    if (*arn->account && strcmp(arn->account, "aws") != 0
        && irsa_account_id_check(arn->account, reterr) != 0)
        return -1;
    if (*arn->resource == '\0')
        return irsa_fail(reterr, IRSA_E_PARSE, "resource is missing after the fifth colon");
    return 0;
}

int irsa_arn_parse(const char *text, struct irsa_arn *ret, struct irsa_error **reterr)
{
    irsa_auto_arn arn = {0};
    if (check_begin(text, reterr) != 0 || check_characters(text, reterr) != 0
        || split(text, &arn, reterr) != 0 || check_parts(&arn, reterr) != 0)
        return -1;
    *ret = arn;
    arn = (struct irsa_arn){0};
    return 0;
}
