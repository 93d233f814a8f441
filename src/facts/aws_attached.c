/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a role may do: {"AttachedPolicies": [...]} of ListAttachedRolePolicies, {"PolicyNames":
 * [...]} of ListRolePolicies, both with the RoleName that irsa-fix adds, and {"RoleName",
 * "PolicyName", "PolicyDocument"} of GetRolePolicy
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html,
 * API_ListRolePolicies.html, API_GetRolePolicy.html). They name the role and not its account, and
 * may come before the role itself: they are joined once all files were seen.
 */
#include "facts/internal.h"

#include "irsa/document.h"

static bool has_attached(const struct irsa_role *role, const char *arn)
{
    for (size_t i = 0; i < role->attached_count; i++) {
        if (strcmp(role->attached[i].arn, arn) == 0)
            return true;
    }
    return false;
}

/* Two complete lists must be equal as sets, and a partial one must lie within a complete one. */
static int lists_differ(const struct irsa_take *take, const struct irsa_role *role,
                        const struct irsa_origins *list, const char *kind, const char *policy)
{
    irsa_autofree char *what = irsa_format("role %s", role->arn);
    irsa_autofree char *field = irsa_format("%s policies (%s)", kind, policy);
    return irsa_copies_differ(take, list->len > 0 ? list : &role->origins, what, field, NULL, NULL);
}

static int attached_differ(const struct irsa_take *take, const struct irsa_role *role,
                           const char *arn)
{
    return lists_differ(take, role, &role->attached_origins, "attached", arn);
}

static int inline_differ(const struct irsa_take *take, const struct irsa_role *role,
                         const char *name)
{
    return lists_differ(take, role, &role->inline_names_origins, "inline", name);
}

int irsa_role_add_attached(const struct irsa_take *take, struct irsa_role *role,
                           const json_t *array, bool complete)
{
    size_t before = role->attached_count;
    size_t matched = 0;
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(array, i, item)
    {
        const char *arn = NULL;
        const char *name = NULL;
        if (irsa_take_required(take, item, "PolicyArn", &arn) != 0
            || irsa_take_string(take, item, "PolicyName", &name) != 0)
            return -1;
        if (has_attached(role, arn)) {
            matched++;
            continue;
        }
        if (role->attached_seen)
            return attached_differ(take, role, arn);
        const char *slash = strrchr(arn, '/');
        role->attached = irsa_grow(role->attached, role->attached_count, sizeof(*role->attached));
        role->attached[role->attached_count++] =
            (struct irsa_attached_policy){.arn = irsa_strdup(arn),
                                          .name = irsa_strdup(name    ? name
                                                              : slash ? slash + 1
                                                                      : arn)};
    }
    if (complete && before > matched)
        return attached_differ(take, role, role->attached[0].arn);
    role->attached_seen = role->attached_seen || complete;
    return 0;
}

static struct irsa_inline_policy *find_inline(struct irsa_role *role, const char *name)
{
    for (size_t i = 0; i < role->inline_count; i++) {
        if (strcmp(role->inlines[i].name, name) == 0)
            return &role->inlines[i];
    }
    return NULL;
}

static struct irsa_inline_policy *add_inline(struct irsa_role *role, const char *name)
{
    role->inlines = irsa_grow(role->inlines, role->inline_count, sizeof(*role->inlines));
    role->inlines[role->inline_count] = (struct irsa_inline_policy){.name = irsa_strdup(name)};
    return &role->inlines[role->inline_count++];
}

int irsa_role_add_inline_names(const struct irsa_take *take, struct irsa_role *role,
                               const json_t *array, bool complete)
{
    size_t before = role->inline_count;
    size_t matched = 0;
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(array, i, item)
    {
        const char *name = json_is_string(item) ? json_string_value(item)
                                                : irsa_json_string(item, "PolicyName", NULL);
        if (!name || !*name) {
            irsa_autofree char *field =
                irsa_format("%s[%zu]", take->origin.list ? "RolePolicyList" : "PolicyNames", i);
            return irsa_take_fail(take, field, "a policy's name is missing");
        }
        if (find_inline(role, name)) {
            matched++;
            continue;
        }
        if (role->inline_seen)
            return inline_differ(take, role, name);
        add_inline(role, name);
    }
    if (complete && before > matched)
        return inline_differ(take, role, role->inlines[0].name);
    role->inline_seen = role->inline_seen || complete;
    return 0;
}

int irsa_role_add_inline(const struct irsa_take *take, struct irsa_role *role, const char *name,
                         struct irsa_policy *document, bool own_answer)
{
    irsa_auto_policy now = document;
    struct irsa_inline_policy *policy = find_inline(role, name);
    if (!policy && role->inline_seen)
        return inline_differ(take, role, name);
    if (!policy)
        policy = add_inline(role, name);
    const struct irsa_origins *seen = policy->origins.len > 0 ? &policy->origins : &role->origins;
    irsa_autofree char *what = irsa_format("inline policy %s of role %s", name, role->arn);
    if (irsa_merge_policy(take, seen, what, "PolicyDocument", &policy->policy, irsa_steal(&now))
        != 0)
        return -1;
    if (own_answer)
        irsa_origins_add(&policy->origins, &take->origin);
    return 0;
}

/* --- pieces ----------------------------------------------------------------------------------- */

static int keep(struct irsa_take *take, const json_t *document, enum irsa_piece_kind kind,
                json_t *content)
{
    struct irsa_facts_index *index = take->facts->index;
    const char *name = NULL;
    const char *arn = NULL;
    if (irsa_take_required(take, document, "RoleName", &name) != 0
        || irsa_take_string(take, document, "RoleArn", &arn) != 0)
        return -1;
    index->pieces = irsa_grow(index->pieces, index->piece_count, sizeof(*index->pieces));
    index->pieces[index->piece_count++] = (struct irsa_piece){
        .kind = kind,
        .origin = take->origin,
        .role_arn = arn ? irsa_strdup(arn) : NULL,
        .role_name = irsa_strdup(name),
        .content = json_incref(content),
        .complete = !irsa_answer_cut(document),
    };
    return 0;
}

int irsa_take_role_pieces(struct irsa_take *take, const json_t *document, bool *ret_known)
{
    json_t *attached = NULL;
    json_t *names = NULL;
    const char *policy = NULL;
    if (!json_object_get(document, "RoleName"))
        return 0;
    if (json_object_get(document, "AttachedPolicies")) {
        *ret_known = true;
        if (irsa_take_array(take, document, "AttachedPolicies", &attached) != 0
            || keep(take, document, IRSA_PIECE_ATTACHED, attached) != 0)
            return -1;
    }
    if (json_object_get(document, "PolicyNames")) {
        *ret_known = true;
        if (irsa_take_array(take, document, "PolicyNames", &names) != 0
            || keep(take, document, IRSA_PIECE_INLINE_NAMES, names) != 0)
            return -1;
    }
    if (!json_object_get(document, "PolicyName") || !json_object_get(document, "PolicyDocument"))
        return 0;
    *ret_known = true;
    if (irsa_take_required(take, document, "PolicyName", &policy) != 0)
        return -1;
    return keep(take, document, IRSA_PIECE_INLINE, (json_t *)document);
}

/* The role that a piece belongs to; *ret is NULL where it was not seen. */
static int role_of_piece(struct irsa_take *take, const struct irsa_piece *piece,
                         struct irsa_role **ret)
{
    struct irsa_facts *facts = take->facts;
    const struct irsa_facts_index *index = facts->index;
    if (!piece->role_arn && irsa_map_get(&index->names_twice, piece->role_name) != IRSA_MAP_NONE) {
        (void)irsa_take_fail(take, "RoleName", "several accounts have a role named \"%s\"",
                             piece->role_name);
        return irsa_hint(take->reterr, "add the key \"RoleArn\" beside RoleName");
    }
    size_t place = piece->role_arn ? irsa_map_get(&index->roles, piece->role_arn)
                                   : irsa_map_get(&index->names_anywhere, piece->role_name);
    *ret = place == IRSA_MAP_NONE ? NULL : &facts->roles[place];
    return 0;
}

static int join_piece(struct irsa_take *take, const struct irsa_piece *piece)
{
    struct irsa_role *role = NULL;
    struct irsa_policy *document = NULL;
    take->origin = piece->origin;
    if (role_of_piece(take, piece, &role) != 0)
        return -1;
    if (!role)
        return 0;
    switch (piece->kind) {
    case IRSA_PIECE_ATTACHED:
        if (irsa_role_add_attached(take, role, piece->content, piece->complete) != 0)
            return -1;
        irsa_origins_add(&role->attached_origins, &take->origin);
        return 0;
    case IRSA_PIECE_INLINE_NAMES:
        if (irsa_role_add_inline_names(take, role, piece->content, piece->complete) != 0)
            return -1;
        irsa_origins_add(&role->inline_names_origins, &take->origin);
        return 0;
    default:
        if (irsa_take_policy(take, piece->content, "PolicyDocument", IRSA_POLICY_IDENTITY,
                             &document, NULL)
            != 0)
            return -1;
        return irsa_role_add_inline(take, role,
                                    irsa_json_string(piece->content, "PolicyName", NULL), document,
                                    /* own_answer= */ true);
    }
}

static void index_names(struct irsa_facts *facts)
{
    struct irsa_facts_index *index = facts->index;
    for (size_t i = 0; i < facts->role_count; i++) {
        const char *name = facts->roles[i].name;
        irsa_autofree char *like = irsa_lower(name);
        if (!irsa_map_put_borrowed(&index->names_anywhere, name, i))
            irsa_map_put_borrowed(&index->names_twice, name, i);
        if (!irsa_map_put(&index->likes_anywhere, like, i))
            irsa_map_put(&index->likes_twice, like, i);
    }
}

int irsa_join_roles(struct irsa_take *take)
{
    const struct irsa_facts_index *index = take->facts->index;
    index_names(take->facts);
    /* Lists first: a policy that stands in no complete list of names is a contradiction. */
    for (int kind = IRSA_PIECE_ATTACHED; kind <= IRSA_PIECE_INLINE; kind++) {
        for (size_t i = 0; i < index->piece_count; i++) {
            if ((int)index->pieces[i].kind == kind && join_piece(take, &index->pieces[i]) != 0)
                return -1;
        }
    }
    return 0;
}
