/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roles: {"Role": {...}} of GetRole, {"Roles": [...]} of ListRoles, {"RoleDetailList": [...]} of
 * GetAccountAuthorizationDetails
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html, API_ListRoles.html,
 * API_GetAccountAuthorizationDetails.html).
 */
#include "facts/internal.h"

#include "irsa/document.h"

#include <inttypes.h>

/* What the source shows of a role beyond its own fields. */
enum shape { SHAPE_ROLE, SHAPE_LIST, SHAPE_DETAIL };

/* The record of that ARN, a new one where there is none yet. */
static int find_or_add_role(const struct irsa_take *take, const json_t *object, size_t *ret)
{
    struct irsa_facts *facts = take->facts;
    const char *arn = NULL;
    const char *name = NULL;
    if (irsa_take_required(take, object, "Arn", &arn) != 0
        || irsa_take_string(take, object, "RoleName", &name) != 0)
        return -1;
    size_t found = irsa_map_get(&facts->index->roles, arn);
    if (found == IRSA_MAP_NONE) {
        irsa_auto_role_arn parsed = {0};
        irsa_auto_error why = NULL;
        if (irsa_role_arn_parse(arn, &parsed, &why) != 0)
            return irsa_take_fail(take, "Arn", "\"%s\" is no role's ARN: %s", arn,
                                  irsa_error_message(why));
        facts->roles = irsa_grow(facts->roles, facts->role_count, sizeof(*facts->roles));
        found = facts->role_count++;
        facts->roles[found] = (struct irsa_role){
            .arn = irsa_strdup(arn),
            .partition = irsa_steal(&parsed.partition),
            .account = irsa_steal(&parsed.account),
            .path = irsa_steal(&parsed.path),
            .name = irsa_steal(&parsed.name),
        };
        irsa_map_put_borrowed(&facts->index->roles, facts->roles[found].arn, found);
    }
    if (name && strcmp(name, facts->roles[found].name) != 0)
        return irsa_take_fail(take, "RoleName", "\"%s\" is not the name in Arn (%s)", name, arn);
    *ret = found;
    return 0;
}

static int merge_session(const struct irsa_take *take, struct irsa_role *role, const char *what,
                         const json_t *object)
{
    const json_t *value = json_object_get(object, "MaxSessionDuration");
    if (!value || json_is_null(value))
        return 0;
    if (!json_is_integer(value) || json_integer_value(value) <= 0)
        return irsa_take_fail(take, "MaxSessionDuration", "a number of seconds is needed");
    int64_t seconds = json_integer_value(value);
    if (role->max_session != 0 && role->max_session != seconds)
        return irsa_copies_differ(take, &role->origins, what, "MaxSessionDuration", NULL, NULL);
    role->max_session = seconds;
    return 0;
}

/* ListRoles does not return PermissionsBoundary and Tags
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html); where a source that
 * does return them shows none, there is none. */
static int merge_boundary(const struct irsa_take *take, struct irsa_role *role, const char *what,
                          const json_t *object, enum shape shape)
{
    json_t *boundary = NULL;
    const char *arn = NULL;
    if (irsa_take_object(take, object, "PermissionsBoundary", &boundary) != 0)
        return -1;
    const json_t *value = json_object_get(boundary, "PermissionsBoundaryArn");
    if (boundary && !json_is_string(value))
        return irsa_take_fail(take, "PermissionsBoundary.PermissionsBoundaryArn", "is missing");
    arn = json_string_value(value);
    if (!arn && shape == SHAPE_LIST)
        return 0;
    if (role->boundary_seen
        && (!role->boundary != !arn || (arn && strcmp(role->boundary, arn) != 0)))
        return irsa_copies_differ(take, &role->origins, what, "PermissionsBoundary", role->boundary,
                                  arn);
    if (!role->boundary && arn)
        role->boundary = irsa_strdup(arn);
    role->boundary_seen = true;
    return 0;
}

static int merge_tags(const struct irsa_take *take, struct irsa_role *role, const char *what,
                      const json_t *object, enum shape shape)
{
    json_t *tags = NULL;
    if (irsa_take_array(take, object, "Tags", &tags) != 0)
        return -1;
    if (!tags && shape == SHAPE_LIST)
        return 0;
    json_auto_t *now = tags ? json_incref(tags) : json_array();
    return irsa_merge_json(take, &role->origins, what, "Tags", &role->tags, now);
}

static int merge_details(const struct irsa_take *take, struct irsa_role *role, const json_t *object)
{
    json_t *attached = NULL;
    json_t *inlines = NULL;
    if (irsa_take_array(take, object, "AttachedManagedPolicies", &attached) != 0
        || irsa_take_array(take, object, "RolePolicyList", &inlines) != 0)
        return -1;
    if (attached && irsa_role_add_attached(take, role, attached, true) != 0)
        return -1;
    if (!inlines)
        return 0;
    if (irsa_role_add_inline_names(take, role, inlines, true) != 0)
        return -1;
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(inlines, i, item)
    {
        struct irsa_policy *document = NULL;
        if (irsa_take_policy(take, item, "PolicyDocument", IRSA_POLICY_IDENTITY, &document, NULL)
                != 0
            || irsa_role_add_inline(take, role, irsa_json_string(item, "PolicyName", NULL),
                                    document,
                                    /* own_answer= */ false)
                   != 0)
            return -1;
    }
    return 0;
}

/* Most roles of an account are those of services, hundreds with one and the same trust policy. One
 * that came as text may have lost something (a key that was there twice) that its document does not
 * show. */
static struct irsa_policy *share_trust(struct irsa_facts *facts, size_t place,
                                       struct irsa_policy *trust, int form)
{
    if (form != IRSA_TRUST_AS_OBJECT)
        return trust;
    irsa_autofree char *key = irsa_format("%016" PRIx64, irsa_policy_hash(trust));
    size_t other = irsa_map_get(&facts->index->trusts, key);
    if (other == IRSA_MAP_NONE) {
        irsa_map_put(&facts->index->trusts, key, place);
        return trust;
    }
    const struct irsa_role *there = &facts->roles[other];
    if (!there->trust || !irsa_policy_identical(there->trust, trust))
        return trust;
    irsa_policy_free(trust);
    return irsa_policy_share(there->trust);
}

static int take_role(const struct irsa_take *take, const json_t *object, enum shape shape)
{
    size_t place = 0;
    const char *id = NULL;
    const char *description = NULL;
    const char *path = NULL;
    if (!json_is_object(object))
        return irsa_take_fail(take, "", "a role is an object");
    if (find_or_add_role(take, object, &place) != 0
        || irsa_take_string(take, object, "RoleId", &id) != 0
        || irsa_take_string(take, object, "Path", &path) != 0
        || irsa_take_string(take, object, "Description", &description) != 0)
        return -1;
    struct irsa_role *role = &take->facts->roles[place];
    if (path && strcmp(path, role->path) != 0)
        return irsa_take_fail(take, "Path", "\"%s\" is not the path in Arn (%s)", path, role->arn);
    irsa_autofree char *what = irsa_format("role %s", role->arn);
    struct irsa_policy *trust = NULL;
    int form = 0;
    if (irsa_take_policy(take, object, "AssumeRolePolicyDocument", IRSA_POLICY_TRUST, &trust, &form)
        != 0)
        return -1;
    if (trust && !role->trust) {
        role->trust_form = (__typeof__(role->trust_form))form;
        trust = share_trust(take->facts, place, trust, form);
    }
    if (irsa_merge_policy(take, &role->origins, what, "AssumeRolePolicyDocument", &role->trust,
                          trust)
            != 0
        || irsa_merge_string(take, &role->origins, what, "RoleId", &role->id, id) != 0
        || irsa_merge_string(take, &role->origins, what, "Description", &role->description,
                             description)
               != 0
        || merge_session(take, role, what, object) != 0
        || merge_boundary(take, role, what, object, shape) != 0
        || merge_tags(take, role, what, object, shape) != 0
        || (shape == SHAPE_DETAIL && merge_details(take, role, object) != 0))
        return -1;
    irsa_origins_add(&role->origins, &take->origin);
    return 0;
}

static void note_listed(struct irsa_facts *facts, const json_t *roles, bool complete)
{
    if (!complete)
        return;
    if (json_array_size(roles) == 0)
        facts->index->empty_listing[IRSA_LISTING_ROLES] = true;
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(roles, i, item)
    {
        size_t place = irsa_map_get(&facts->index->roles, irsa_json_string(item, "Arn", NULL));
        irsa_map_put(&facts->index->listed[IRSA_LISTING_ROLES], facts->roles[place].account, 1);
    }
}

static int take_list(struct irsa_take *take, const json_t *document, const char *key,
                     enum shape shape, bool complete)
{
    json_t *roles = json_object_get(document, key);
    size_t i = 0;
    json_t *item = NULL;
    take->origin.list = key;
    json_array_foreach(roles, i, item)
    {
        take->origin.item = (uint32_t)i;
        if (take_role(take, item, shape) != 0)
            return -1;
    }
    take->origin.list = NULL;
    take->origin.item = UINT32_MAX;
    note_listed(take->facts, roles, complete);
    return 0;
}

static bool looks_like_role(const json_t *value)
{
    return json_object_get(value, "RoleName") || json_object_get(value, "Arn")
           || json_object_get(value, "AssumeRolePolicyDocument");
}

/* A word or a number under these keys is another file's ("Role: admin" in some settings). */
static bool has_parts(const json_t *value)
{
    return json_is_object(value) || json_is_array(value);
}

int irsa_take_roles(struct irsa_take *take, const json_t *document, bool *ret_known)
{
    const json_t *role = json_object_get(document, "Role");
    if (has_parts(role) && !looks_like_role(role))
        return irsa_take_fail(take, "Role", "an object with RoleName is needed");
    if (has_parts(role)) {
        *ret_known = true;
        take->origin.list = "Role";
        if (take_role(take, role, SHAPE_ROLE) != 0)
            return -1;
        take->origin.list = NULL;
    }
    const json_t *roles = json_object_get(document, "Roles");
    if (json_is_object(roles))
        return irsa_take_fail(take, "Roles", "an array is needed, not an object");
    if (!json_is_array(roles)
        || (json_array_size(roles) > 0 && !looks_like_role(json_array_get(roles, 0))))
        return 0;
    *ret_known = true;
    return take_list(take, document, "Roles", SHAPE_LIST, !irsa_answer_cut(document));
}

int irsa_take_role_details(struct irsa_take *take, const json_t *document, bool *ret_known)
{
    json_t *roles = NULL;
    json_t *policies = NULL;
    if (irsa_take_array(take, document, "RoleDetailList", &roles) != 0)
        return -1;
    if (!roles)
        return 0;
    *ret_known = true;
    if (irsa_take_array(take, document, "Policies", &policies) != 0)
        return -1;
    /* With --filter the other lists come back empty: an empty one beside a full one tells nothing.
     */
    bool filtered = json_array_size(roles) == 0
                    && (json_array_size(policies) > 0
                        || json_array_size(json_object_get(document, "UserDetailList")) > 0
                        || json_array_size(json_object_get(document, "GroupDetailList")) > 0);
    if (take_list(take, document, "RoleDetailList", SHAPE_DETAIL,
                  !filtered && !irsa_answer_cut(document))
        != 0)
        return -1;
    size_t i = 0;
    json_t *item = NULL;
    take->origin.list = "Policies";
    json_array_foreach(policies, i, item)
    {
        take->origin.item = (uint32_t)i;
        if (irsa_take_managed_policy(take, item) != 0)
            return -1;
    }
    take->origin.list = NULL;
    take->origin.item = UINT32_MAX;
    return 0;
}
