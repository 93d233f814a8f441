/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Managed policies: {"Policy": {...}} of GetPolicy, {"PolicyVersion": {...}} of GetPolicyVersion,
 * and the elements of `Policies` in GetAccountAuthorizationDetails
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html,
 * API_ManagedPolicyDetail.html). Only the default version takes effect.
 */
#include "facts/internal.h"

#include "irsa/document.h"

static struct irsa_managed_policy *find_or_add(struct irsa_facts *facts, const char *arn)
{
    size_t found = irsa_map_get(&facts->index->managed_policies, arn);
    if (found == IRSA_MAP_NONE) {
        facts->managed_policies = irsa_grow(facts->managed_policies, facts->managed_policy_count,
                                            sizeof(*facts->managed_policies));
        found = facts->managed_policy_count++;
        facts->managed_policies[found] = (struct irsa_managed_policy){.arn = irsa_strdup(arn)};
        irsa_map_put_borrowed(&facts->index->managed_policies, facts->managed_policies[found].arn,
                              found);
    }
    return &facts->managed_policies[found];
}

static int check_arn(const struct irsa_take *take, const char *field, const char *arn)
{
    irsa_auto_arn parsed = {0};
    irsa_auto_error why = NULL;
    if (irsa_arn_parse(arn, &parsed, &why) != 0)
        return irsa_take_fail(take, field, "\"%s\" is no policy's ARN: %s", arn,
                              irsa_error_message(why));
    if (strcmp(parsed.service, "iam") != 0 || !irsa_has_prefix(parsed.resource, "policy/"))
        return irsa_take_fail(take, field, "\"%s\" is no policy's ARN", arn);
    return 0;
}

static int merge_document(const struct irsa_take *take, struct irsa_managed_policy *policy,
                          const json_t *version, const char *field)
{
    struct irsa_policy *document = NULL;
    if (irsa_take_policy(take, version, field, IRSA_POLICY_IDENTITY, &document, NULL) != 0)
        return -1;
    irsa_autofree char *what = irsa_format("policy %s", policy->arn);
    return irsa_merge_policy(take, &policy->origins, what, "Document", &policy->policy, document);
}

int irsa_take_managed_policy(const struct irsa_take *take, const json_t *object)
{
    const char *arn = NULL;
    const char *version = NULL;
    json_t *versions = NULL;
    if (!json_is_object(object))
        return irsa_take_fail(take, "", "a policy is an object");
    if (irsa_take_required(take, object, "Arn", &arn) != 0 || check_arn(take, "Arn", arn) != 0
        || irsa_take_string(take, object, "DefaultVersionId", &version) != 0
        || irsa_take_array(take, object, "PolicyVersionList", &versions) != 0)
        return -1;
    struct irsa_managed_policy *policy = find_or_add(take->facts, arn);
    irsa_autofree char *what = irsa_format("policy %s", arn);
    if (irsa_merge_string(take, &policy->origins, what, "DefaultVersionId",
                          &policy->default_version, version)
        != 0)
        return -1;
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(versions, i, item)
    {
        irsa_autofree char *field = irsa_format("PolicyVersionList[%zu]", i);
        if (!json_is_object(item))
            return irsa_take_fail(take, field, "a version is an object");
        if (json_is_true(json_object_get(item, "IsDefaultVersion"))
            && merge_document(take, policy, item, "Document") != 0)
            return -1;
    }
    irsa_origins_add(&policy->origins, &take->origin);
    return 0;
}

static int take_version_of(const struct irsa_take *take, const char *arn, const json_t *version)
{
    struct irsa_managed_policy *policy = find_or_add(take->facts, arn);
    const char *id = irsa_json_string(version, "VersionId", NULL);
    const json_t *is_default = json_object_get(version, "IsDefaultVersion");
    if (json_is_false(is_default)
        || (!json_is_true(is_default) && policy->default_version && id
            && strcmp(id, policy->default_version) != 0))
        return 0;
    irsa_autofree char *what = irsa_format("policy %s", arn);
    if (json_is_true(is_default)
        && irsa_merge_string(take, &policy->origins, what, "DefaultVersionId",
                             &policy->default_version, id)
               != 0)
        return -1;
    if (merge_document(take, policy, version, "Document") != 0)
        return -1;
    irsa_origins_add(&policy->origins, &take->origin);
    return 0;
}

/* An ARN beside the version: the key PolicyArn, or the Policy itself. Else it waits for the end. */
static int take_version(struct irsa_take *take, const json_t *document, const json_t *version)
{
    struct irsa_facts_index *index = take->facts->index;
    const char *arn = NULL;
    if (irsa_take_string(take, document, "PolicyArn", &arn) != 0
        || (arn && check_arn(take, "PolicyArn", arn) != 0))
        return -1;
    if (!arn)
        arn = irsa_json_string(document, "Policy", "Arn", NULL);
    take->origin.list = "PolicyVersion";
    int r = 0;
    if (arn) {
        r = take_version_of(take, arn, version);
    } else {
        index->version_pieces = irsa_grow(index->version_pieces, index->version_piece_count,
                                          sizeof(*index->version_pieces));
        index->version_pieces[index->version_piece_count++] = (struct irsa_version_piece){
            .origin = take->origin, .content = json_incref((json_t *)version)};
    }
    take->origin.list = NULL;
    return r;
}

int irsa_take_policies(struct irsa_take *take, const json_t *document, bool *ret_known)
{
    const json_t *policy = json_object_get(document, "Policy");
    if (json_is_object(policy) && json_object_get(policy, "Arn")) {
        *ret_known = true;
        take->origin.list = "Policy";
        if (irsa_take_managed_policy(take, policy) != 0)
            return -1;
        take->origin.list = NULL;
    }
    const json_t *version = json_object_get(document, "PolicyVersion");
    if (!json_is_object(version) || !json_object_get(version, "Document"))
        return 0;
    *ret_known = true;
    return take_version(take, document, version);
}

/* The directory part of a file name, as its length. */
static size_t directory_len(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash ? (size_t)(slash - file) : 0;
}

static bool same_directory(const struct irsa_facts *facts, uint32_t a, uint32_t b)
{
    const char *left = facts->files.items[a];
    const char *right = facts->files.items[b];
    size_t len = directory_len(left);
    return len == directory_len(right) && strncmp(left, right, len) == 0;
}

/* The one policy whose GetPolicy answer lies in the same directory, or NULL. */
static struct irsa_managed_policy *neighbour(struct irsa_facts *facts, uint32_t file)
{
    struct irsa_managed_policy *found = NULL;
    for (size_t i = 0; i < facts->managed_policy_count; i++) {
        const struct irsa_origins *origins = &facts->managed_policies[i].origins;
        for (size_t k = 0; k < origins->len; k++) {
            const struct irsa_origin *origin = &origins->items[k];
            if (!origin->list || strcmp(origin->list, "Policy") != 0
                || !same_directory(facts, origin->file, file))
                continue;
            if (found && found != &facts->managed_policies[i])
                return NULL;
            found = &facts->managed_policies[i];
        }
    }
    return found;
}

int irsa_join_versions(struct irsa_take *take)
{
    const struct irsa_facts_index *index = take->facts->index;
    for (size_t i = 0; i < index->version_piece_count; i++) {
        const struct irsa_version_piece *piece = &index->version_pieces[i];
        size_t rivals = 0;
        for (size_t k = 0; k < index->version_piece_count; k++)
            rivals += same_directory(take->facts, piece->origin.file,
                                     index->version_pieces[k].origin.file);
        const struct irsa_managed_policy *policy = neighbour(take->facts, piece->origin.file);
        const char *id = irsa_json_string(piece->content, "VersionId", NULL);
        /* Any doubt leaves the policy unseen, which is the truth. */
        if (rivals != 1 || !policy || !id || !policy->default_version
            || strcmp(id, policy->default_version) != 0)
            continue;
        take->origin = piece->origin;
        if (take_version_of(take, policy->arn, piece->content) != 0)
            return -1;
    }
    return 0;
}
