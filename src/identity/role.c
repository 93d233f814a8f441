/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/text.h"
#include "irsa/identity.h"

/* https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html: RoleName [\w+=,.@-]+ of
 * 1 to 64 characters, Path (/)|(/[!-DEL]+/) of 1 to 512. */
#define ROLE_NAME_MAX 64
#define ROLE_PATH_MAX 512

void irsa_role_arn_done(struct irsa_role_arn *arn)
{
    free(arn->partition);
    free(arn->account);
    free(arn->path);
    free(arn->name);
    *arn = (struct irsa_role_arn){0};
}

char *irsa_role_name_problem(const char *name)
{
    size_t len = strlen(name);
    if (len == 0)
        return irsa_strdup("is empty");
    for (const char *p = name; *p; p++) {
        if (irsa_is_alnum(*p) || strchr("_+=,.@-", *p))
            continue;
        irsa_autofree char *what = irsa_char_text(*p);
        return irsa_format("has %s, allowed are letters, digits and _+=,.@-", what);
    }
    if (len > ROLE_NAME_MAX)
        return irsa_format("has %zu characters, %d are allowed", len, ROLE_NAME_MAX);
    return NULL;
}

char *irsa_role_path_problem(const char *path)
{
    size_t len = strlen(path);
    if (len == 0)
        return irsa_strdup("is empty");
    if (strcmp(path, "/") == 0)
        return NULL;
    if (path[0] != '/' || path[len - 1] != '/')
        return irsa_strdup("must begin and end with \"/\"");
    if (len == 2)
        return irsa_strdup("has nothing between its slashes");
    for (const char *p = path; *p; p++) {
        if ((unsigned char)*p > 0x20 && (unsigned char)*p <= 0x7f)
            continue;
        irsa_autofree char *what = irsa_char_text(*p);
        return irsa_format("has %s, allowed is printable ASCII", what);
    }
    if (len > ROLE_PATH_MAX)
        return irsa_format("has %zu characters, %d are allowed", len, ROLE_PATH_MAX);
    return NULL;
}

char *irsa_role_arn_text(const char *partition, const char *account, const char *path,
                         const char *name)
{
    return irsa_format("arn:%s:iam::%s:role%s%s", partition, account, path, name);
}

/* Characters that no role ARN has, said by where they stand: in front and at the end they come
 * from YAML blocks and quoting. */
static int check_edges(const char *text, struct irsa_error **reterr)
{
    size_t len = strlen(text);
    if (len == 0)
        return irsa_fail(reterr, IRSA_E_PARSE, "is empty, a role ARN is needed");
    const char edges[] = {text[0], text[len - 1]};
    for (size_t i = 0; i < IRSA_COUNT(edges); i++) {
        if (!irsa_is_space(edges[i]) && !strchr("\"'\\", edges[i]))
            continue;
        irsa_autofree char *what = irsa_char_text(edges[i]);
        return irsa_fail(reterr, IRSA_E_PARSE, "has %s %s", what,
                         i == 0 ? "in front" : "at the end");
    }
    irsa_autofree char *name_problem = irsa_role_name_problem(text);
    if (!name_problem)
        return irsa_fail(reterr, IRSA_E_PARSE, "is a bare role name, the role's ARN is needed");
    return 0;
}

/* What else lives in IAM
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html) and gets pasted in
 * place of a role. */
static const struct other_kind {
    const char *beginning;
    const char *what;
} other_kinds[] = {
    {"instance-profile/", "an instance profile's ARN"},
    {"assumed-role/", "an assumed role session's ARN"},
    {"policy/", "a policy's ARN"},
    {"user/", "a user's ARN"},
    {"group/", "a group's ARN"},
    {"oidc-provider/", "an OIDC provider's ARN"},
    {"saml-provider/", "a SAML provider's ARN"},
    {"federated-user/", "a federated user session's ARN"},
    {"cluster/", "a cluster's ARN"},
    {"root", "the account's ARN"},
};

static int check_kind(const struct irsa_arn *arn, struct irsa_error **reterr)
{
    for (size_t i = 0; i < IRSA_COUNT(other_kinds); i++) {
        if (irsa_has_prefix(arn->resource, other_kinds[i].beginning))
            return irsa_fail(reterr, IRSA_E_PARSE, "is %s, not a role's", other_kinds[i].what);
    }
    if (strcmp(arn->service, "iam") != 0)
        return irsa_fail(reterr, IRSA_E_PARSE, "service is \"%.40s\", a role's is \"iam\"",
                         arn->service);
    if (*arn->region)
        return irsa_fail(reterr, IRSA_E_PARSE, "has a region (\"%.40s\"), a role's ARN has none",
                         arn->region);
    if (irsa_account_id_check(arn->account, reterr) != 0)
        return -1;
    if (!irsa_has_prefix(arn->resource, "role/"))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "resource is \"%.80s\", a role's begins with \"role/\"", arn->resource);
    return 0;
}

static int split_resource(const char *resource, struct irsa_role_arn *role,
                          struct irsa_error **reterr)
{
    const char *path = resource + strlen("role");
    const char *name = strrchr(path, '/') + 1;
    role->path = irsa_strndup(path, (size_t)(name - path));
    role->name = irsa_strdup(name);
    irsa_autofree char *name_problem = irsa_role_name_problem(role->name);
    if (name_problem)
        return irsa_fail(reterr, IRSA_E_PARSE, "role name %s", name_problem);
    irsa_autofree char *path_problem = irsa_role_path_problem(role->path);
    if (path_problem)
        return irsa_fail(reterr, IRSA_E_PARSE, "role path %s", path_problem);
    return 0;
}

static int parse(const char *text, struct irsa_role_arn *ret, struct irsa_error **reterr)
{
    irsa_auto_arn arn = {0};
    irsa_auto_role_arn role = {0};
    if (check_edges(text, reterr) != 0 || irsa_arn_parse(text, &arn, reterr) != 0
        || check_kind(&arn, reterr) != 0 || split_resource(arn.resource, &role, reterr) != 0)
        return -1;
    role.partition = irsa_steal(&arn.partition);
    role.account = irsa_steal(&arn.account);
    *ret = role;
    role = (struct irsa_role_arn){0};
    return 0;
}

int irsa_role_arn_parse(const char *text, struct irsa_role_arn *ret, struct irsa_error **reterr)
{
    if (parse(text, ret, reterr) == 0)
        return 0;
    irsa_autofree char *guess = irsa_role_arn_guess(text, NULL, NULL);
    return guess ? irsa_hint(reterr, "did you mean \"%s\"?", guess) : -1;
}
