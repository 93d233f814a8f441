/* SPDX-License-Identifier: Apache-2.0 */
#include "symptom/values.h"

#include "irsa/identity.h"
#include "symptom/sanitize.h"

#include <ctype.h>

void irsa_symptom_values_done(struct irsa_symptom_values *values)
{
    char *const all[] = {values->account,  values->role,       values->provider,
                         values->issuer,   values->region,     values->cluster,
                         values->session,  values->namespace_, values->service_account,
                         values->action,   values->resource,   values->request_id,
                         values->principal};
    for (size_t i = 0; i < IRSA_COUNT(all); i++)
        free(all[i]);
    *values = (struct irsa_symptom_values){0};
}

void symptom_found_done(struct symptom_found *found)
{
    irsa_symptom_values_done(&found->values);
    free(found->resource_role);
    *found = (struct symptom_found){0};
}

void symptom_value_set(char **slot, const char *text, size_t len)
{
    if (!*slot && len > 0)
        *slot = symptom_sanitize(text, len);
}

/* --- words of a message ----------------------------------------------------------------------- */

static bool ends_word(char c)
{
    return c == '\0' || strchr(" \n\"'`()[]{}<>;|\\", c) != NULL;
}

/* "<ACCOUNT_ID>", as people write in place of what they do not show; its length, or 0. */
static size_t placeholder_len(const char *text, size_t at, size_t to)
{
    size_t end = at + 1;
    while (end < to && (isalnum((unsigned char)text[end]) || text[end] == '_' || text[end] == '-'))
        end++;
    return text[at] == '<' && end < to && text[end] == '>' && end > at + 1 ? end + 1 - at : 0;
}

/* The word at `at`, without what a sentence puts behind one. */
static size_t word_len(const char *text, size_t at, size_t to)
{
    size_t end = at;
    while (end < to) {
        const size_t placeholder = placeholder_len(text, end, to);
        if (placeholder > 0)
            end += placeholder;
        else if (ends_word(text[end]) || (text[end] == ',' && ends_word(text[end + 1])))
            break;
        else
            end++;
    }
    while (end > at && strchr(".,:", text[end - 1]))
        end--;
    return end - at;
}

static const char *find(const char *fold, size_t from, size_t to, const char *what)
{
    return from < to ? memmem(fold + from, to - from, what, strlen(what)) : NULL;
}

/* --- sessions --------------------------------------------------------------------------------- */

/* An instance's role has the instance's id as session name
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html, table of
 * principal key values); people mask the
 * digits, or write others. */
static bool is_instance_id(const char *session)
{
    if (strncmp(session, "i-", 2) != 0 || strlen(session) < 10
        || !strchr("0123456789xX*", session[2]))
        return false;
    const char *end = session + 2;
    while (isalnum((unsigned char)*end) || *end == '*' || *end == '.')
        end++;
    return *end == '\0';
}

/* "eks-CLUSTER-POD-UUID"
 * (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html) */
static bool is_pod_identity(const char *session)
{
    const char *uuid = strlen(session) > 41 ? session + strlen(session) - 36 : NULL;
    return strncmp(session, "eks-", 4) == 0 && uuid && uuid[-1] == '-' && uuid[8] == '-'
           && uuid[13] == '-' && uuid[18] == '-' && uuid[23] == '-';
}

/* The names that SDKs make up where AWS_ROLE_SESSION_NAME is not set: botocore
 * (botocore/credentials.py), Go v1 and v2 (the time in nanoseconds), JavaScript v3
 * (credential-provider-web-identity) and v2 (token-file-web-identity), Java v1 and v2
 * (aws-sdk-java-TIME), .NET (aws-sdk-net-?), Rust (web-identity-token-TIME), Ruby (a UUID: too
 * common to tell). */
static bool is_web_identity(const char *session)
{
    static const char *const prefixes[] = {"botocore-session-",   "aws-sdk-java-",
                                           "aws-sdk-js-session-", "aws-go-sdk-",
                                           "web-identity-token-", "token-file-web-identity"};
    for (size_t i = 0; i < IRSA_COUNT(prefixes); i++) {
        if (irsa_has_prefix(session, prefixes[i]))
            return true;
    }
    return strlen(session) == 19 && strspn(session, "0123456789") == 19;
}

/* Names that eksctl's, Terraform's and AWS' own templates give the role of nodes. */
static bool is_node_role(const char *role)
{
    static const char *const parts[] = {"NodeInstanceRole", "node-instance-role",
                                        "eks-node-group",   "NodeGroupRole",
                                        "worker-node-role", "KarpenterNodeRole"};
    for (size_t i = 0; i < IRSA_COUNT(parts); i++) {
        if (strcasestr(role, parts[i]))
            return true;
    }
    return false;
}

static enum symptom_principal principal_of(const char *role, const char *session)
{
    if (session && is_instance_id(session))
        return PRINCIPAL_NODE;
    if (session && is_pod_identity(session))
        return PRINCIPAL_POD_IDENTITY;
    if (session && is_web_identity(session))
        return PRINCIPAL_WEB_IDENTITY;
    return role && is_node_role(role) ? PRINCIPAL_NODE : PRINCIPAL_ROLE;
}

/* --- ARNs ------------------------------------------------------------------------------------- */

static void take_account(struct symptom_found *found, const char *word)
{
    for (const char *at = word; (at = strchr(at, ':')) != NULL; at++) {
        if (strspn(at + 1, "0123456789") == 12) {
            symptom_value_set(&found->values.account, at + 1, 12);
            return;
        }
    }
}

static bool is_role_name(const char *name)
{
    irsa_autofree char *problem = irsa_role_name_problem(name);
    return problem == NULL && name[strspn(name, "xX*")] != '\0'; /* not masked as a whole */
}

/* arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION */
static void take_assumed(struct symptom_found *found, const char *word)
{
    const char *role = strstr(word, "assumed-role/") + strlen("assumed-role/");
    const size_t role_len = strcspn(role, "/");
    irsa_autofree char *name = irsa_strndup(role, role_len);
    const char *session = role[role_len] == '/' ? role + role_len + 1 : NULL;
    if (found->principal == PRINCIPAL_UNKNOWN)
        found->principal = principal_of(name, session);
    take_account(found, word);
    /* A node's role is not the pod's. */
    if (is_role_name(name) && principal_of(name, session) != PRINCIPAL_NODE)
        symptom_value_set(&found->values.role, name, role_len);
    if (session)
        symptom_value_set(&found->values.session, session, strlen(session));
}

static void take_role(struct symptom_found *found, const char *word)
{
    irsa_auto_error error = NULL;
    irsa_auto_role_arn arn = {0};
    if (irsa_role_arn_parse(word, &arn, &error) == 0) {
        symptom_value_set(&found->values.role, word, strlen(word));
        symptom_value_set(&found->values.account, arn.account, strlen(arn.account));
        return;
    }
    const char *name = strrchr(word, '/') ? strrchr(word, '/') + 1 : strrchr(word, ':') + 1;
    if (is_role_name(name))
        symptom_value_set(&found->values.role, name, strlen(name));
    take_account(found, word);
}

static void take_provider(struct symptom_found *found, const char *word)
{
    irsa_auto_error error = NULL;
    irsa_auto_provider_arn arn = {0};
    if (irsa_provider_arn_parse(word, &arn, &error) != 0)
        return;
    symptom_value_set(&found->values.provider, word, strlen(word));
    symptom_value_set(&found->values.account, arn.account, strlen(arn.account));
    symptom_issuer_set(&found->values, arn.host_path);
}

static void take_cluster(struct symptom_found *found, const char *word)
{
    irsa_auto_error error = NULL;
    irsa_auto_cluster_arn arn = {0};
    if (irsa_cluster_arn_parse(word, &arn, &error) != 0)
        return;
    symptom_value_set(&found->values.cluster, arn.name, strlen(arn.name));
    symptom_value_set(&found->values.region, arn.region, strlen(arn.region));
    symptom_value_set(&found->values.account, arn.account, strlen(arn.account));
}

static void take_arn(struct symptom_found *found, const char *word)
{
    if (strstr(word, "assumed-role/"))
        take_assumed(found, word);
    else if (strstr(word, ":oidc-provider/"))
        take_provider(found, word);
    else if (strstr(word, ":iam:") && (strstr(word, ":role/") || strstr(word, ":role:")))
        take_role(found, word);
    else if (strstr(word, ":eks:") && strstr(word, ":cluster/"))
        take_cluster(found, word);
}

/* --- refusals --------------------------------------------------------------------------------- */

/* "User: ARN is not authorized to perform: ACTION on resource: ARN because ..." */
static void read_refusal(const char *text, const char *fold, size_t from, size_t to,
                         struct symptom_found *found)
{
    static const char words[] = "not authorized to perform: ";
    const char *at = find(fold, from, to, words);
    if (!at)
        return;
    const size_t action = (size_t)(at - fold) + strlen(words);
    const size_t action_len = word_len(text, action, to);
    if (memchr(text + action, ':', action_len))
        symptom_value_set(&found->values.action, text + action, action_len);
    static const char on[] = "on resource: ";
    const char *on_at = find(fold, action, to, on);
    if (!on_at)
        return;
    size_t resource = (size_t)(on_at - fold) + strlen(on);
    if (resource < to && text[resource] == '"')
        resource++;
    const size_t resource_len = word_len(text, resource, to);
    symptom_value_set(&found->values.resource, text + resource, resource_len);
    irsa_autofree char *word = irsa_strndup(text + resource, resource_len);
    const char *role = strstr(word, ":role/") || strstr(word, ":role:") ? word : NULL;
    if (role && !found->resource_role) {
        const char *slash = strrchr(role, '/');
        found->resource_role = irsa_strdup(slash ? slash + 1 : strrchr(role, ':') + 1);
    }
}

/* "User: arn:aws:iam::ACCOUNT:user/NAME is not authorized ...", "User [name=arn:...role/..." */
static void read_principal(const char *text, const char *fold, size_t from, size_t to,
                           struct symptom_found *found)
{
    static const char *const before[] = {"user: arn:", "user [name=arn:"};
    for (size_t i = 0; i < IRSA_COUNT(before); i++) {
        const char *at = find(fold, from, to, before[i]);
        if (!at)
            continue;
        const size_t start = (size_t)(at - fold) + strlen(before[i]) - strlen("arn:");
        const size_t len = word_len(text, start, to);
        irsa_autofree char *word = irsa_strndup(text + start, len);
        symptom_value_set(&found->values.principal, word, len);
        take_account(found, word);
        if (strstr(word, ":user/") && found->principal == PRINCIPAL_UNKNOWN)
            found->principal = PRINCIPAL_USER;
        if (strstr(word, ":role/") && found->principal == PRINCIPAL_UNKNOWN)
            found->principal = principal_of(strrchr(word, '/') + 1, NULL);
        if (found->principal != PRINCIPAL_NODE || strstr(word, "assumed-role/"))
            take_arn(found, word);
    }
}

void symptom_found_read(const struct symptom_plain *plain, size_t from, size_t to,
                        struct symptom_found *found)
{
    const char *text = irsa_buf_str(&plain->text);
    const char *fold = irsa_buf_str(&plain->fold);
    const size_t begin = from;
    read_principal(text, fold, from, to, found);
    read_refusal(text, fold, from, to, found);
    for (const char *at = NULL; (at = find(fold, from, to, "arn:")) != NULL;) {
        const size_t start = (size_t)(at - fold);
        irsa_autofree char *word = irsa_strndup(text + start, word_len(text, start, to));
        if (!found->values.principal || strcmp(word, found->values.principal) != 0)
            take_arn(found, word);
        from = start + strlen("arn:");
    }
    symptom_names_read(plain, begin, to, &found->values);
}
