/* SPDX-License-Identifier: Apache-2.0 */
/* The policy that who runs irsa-fix needs: the same needs that gathering follows, and the writes
 * that the intent can lead to, each by the table of operations. */
#include "world/captured.h"
#include "world/live.h"

struct grants {
    const struct irsa_intent *intent;
    const char *partition;
    struct live_needs needs;
    bool complete; /* whichever role the plan is about, it is known */
    bool used[IRSA_AWS_OPERATION_MAX_];
};

static void use(struct grants *grants, enum irsa_aws_operation operation, bool when)
{
    grants->used[operation] = grants->used[operation] || when;
}

/* --- which operations ------------------------------------------------------------------------- */

static bool any_wish(const struct irsa_intent *intent, bool (*is)(const struct irsa_wish *))
{
    for (size_t i = 0; i < intent->wish_count; i++) {
        if (is(&intent->wishes[i]))
            return true;
    }
    return false;
}

static bool wants_inline(const struct irsa_wish *wish)
{
    return wish->settings.policy_names.len > 0;
}

static bool wants_attached(const struct irsa_wish *wish)
{
    return wish->settings.policy_arns.len > 0;
}

static bool wants_role(const struct irsa_wish *wish)
{
    return wish->create_role;
}

static bool wants_session(const struct irsa_wish *wish)
{
    return wish->settings.max_session > 0;
}

static bool wants_boundary(const struct irsa_wish *wish)
{
    return wish->settings.boundary != NULL;
}

static void add_reads(struct grants *grants)
{
    const struct live_needs *needs = &grants->needs;
    bool one_by_one = !needs->list_roles;
    bool policies = one_by_one || (needs->few && !needs->details);
    use(grants, IRSA_EKS_DESCRIBE_CLUSTER, needs->describe_cluster);
    use(grants, IRSA_EKS_LIST_CLUSTERS, needs->list_clusters || needs->all_clusters);
    use(grants, IRSA_EKS_DESCRIBE_CLUSTER, needs->all_clusters);
    use(grants, IRSA_EKS_LIST_POD_IDENTITY_ASSOCIATIONS, needs->associations);
    use(grants, IRSA_EKS_DESCRIBE_POD_IDENTITY_ASSOCIATION, needs->associations);
    use(grants, IRSA_IAM_LIST_PROVIDERS, true);
    use(grants, IRSA_IAM_LIST_ACCOUNT_ALIASES, true);
    use(grants, IRSA_IAM_GET_PROVIDER, true);
    use(grants, IRSA_IAM_LIST_ROLES, needs->list_roles && !needs->details);
    use(grants, IRSA_IAM_GET_ACCOUNT_AUTHORIZATION_DETAILS, needs->list_roles && needs->details);
    use(grants, IRSA_IAM_GET_ROLE, one_by_one);
    use(grants, IRSA_IAM_LIST_ATTACHED_ROLE_POLICIES, policies);
    use(grants, IRSA_IAM_LIST_ROLE_POLICIES, policies);
    use(grants, IRSA_IAM_GET_ROLE_POLICY,
        policies && (needs->documents || any_wish(grants->intent, wants_inline)));
    use(grants, IRSA_IAM_SIMULATE_PRINCIPAL_POLICY, needs->documents);
    use(grants, IRSA_IAM_GET_POLICY, needs->documents);
    use(grants, IRSA_IAM_GET_POLICY_VERSION, needs->documents);
}

/* Whatever a run may have done can be taken back, and made anew. */
static void add_undos(struct grants *grants)
{
    static const enum irsa_aws_operation all[] = {IRSA_IAM_CREATE_PROVIDER,
                                                  IRSA_IAM_TAG_PROVIDER,
                                                  IRSA_IAM_ADD_CLIENT_ID,
                                                  IRSA_IAM_REMOVE_CLIENT_ID,
                                                  IRSA_IAM_UPDATE_THUMBPRINT,
                                                  IRSA_IAM_DELETE_PROVIDER,
                                                  IRSA_IAM_GET_ROLE,
                                                  IRSA_IAM_CREATE_ROLE,
                                                  IRSA_IAM_TAG_ROLE,
                                                  IRSA_IAM_UPDATE_ROLE,
                                                  IRSA_IAM_DELETE_ROLE,
                                                  IRSA_IAM_UPDATE_ASSUME_ROLE_POLICY,
                                                  IRSA_IAM_PUT_ROLE_PERMISSIONS_BOUNDARY,
                                                  IRSA_IAM_DELETE_ROLE_PERMISSIONS_BOUNDARY,
                                                  IRSA_IAM_LIST_ATTACHED_ROLE_POLICIES,
                                                  IRSA_IAM_ATTACH_ROLE_POLICY,
                                                  IRSA_IAM_DETACH_ROLE_POLICY,
                                                  IRSA_IAM_LIST_ROLE_POLICIES,
                                                  IRSA_IAM_GET_ROLE_POLICY,
                                                  IRSA_IAM_PUT_ROLE_POLICY,
                                                  IRSA_IAM_DELETE_ROLE_POLICY};
    for (size_t i = 0; i < IRSA_COUNT(all); i++)
        use(grants, all[i], true);
}

/* Creating with tags needs the right to tag as well
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_oidc.html, id_tags_roles.html). */
static void add_writes(struct grants *grants)
{
    const struct irsa_intent *intent = grants->intent;
    if (intent->undo) {
        add_undos(grants);
        return;
    }
    bool replaces = intent->allow[IRSA_CLASS_NARROW] || intent->allow[IRSA_CLASS_OVERWRITE];
    use(grants, IRSA_IAM_CREATE_PROVIDER, true);
    use(grants, IRSA_IAM_TAG_PROVIDER, true);
    use(grants, IRSA_IAM_ADD_CLIENT_ID, true);
    use(grants, IRSA_IAM_UPDATE_THUMBPRINT, intent->thumbprint != NULL);
    use(grants, IRSA_IAM_DELETE_PROVIDER, intent->allow[IRSA_CLASS_DELETE]);
    use(grants, IRSA_IAM_GET_ROLE, true);
    use(grants, IRSA_IAM_UPDATE_ASSUME_ROLE_POLICY, true);
    use(grants, IRSA_IAM_CREATE_ROLE, any_wish(intent, wants_role));
    use(grants, IRSA_IAM_TAG_ROLE, any_wish(intent, wants_role));
    use(grants, IRSA_IAM_ATTACH_ROLE_POLICY, any_wish(intent, wants_attached));
    use(grants, IRSA_IAM_LIST_ATTACHED_ROLE_POLICIES, any_wish(intent, wants_attached));
    use(grants, IRSA_IAM_PUT_ROLE_POLICY, any_wish(intent, wants_inline));
    use(grants, IRSA_IAM_GET_ROLE_POLICY, any_wish(intent, wants_inline));
    use(grants, IRSA_IAM_UPDATE_ROLE, any_wish(intent, wants_session));
    use(grants, IRSA_IAM_PUT_ROLE_PERMISSIONS_BOUNDARY,
        replaces && any_wish(intent, wants_boundary));
}

/* --- on what ---------------------------------------------------------------------------------- */

/* By the region, else by a role; else that of the caller's own settings. */
static const char *find_partition(const struct irsa_permissions_options *options)
{
    const struct irsa_intent *intent = options->intent;
    const char *partition = intent->region ? irsa_partition_of_region(intent->region) : NULL;
    for (size_t i = 0; !partition && i < intent->wish_count; i++) {
        const char *role = intent->wishes[i].role;
        partition = role ? irsa_partition_of_arn(role) : NULL;
    }
    if (!partition)
        partition = options->partition;
    return partition ? partition : "aws";
}

static const char *or_any(const char *text)
{
    return text ? text : "*";
}

static void add_text(json_t *array, char *text)
{
    size_t i = 0;
    json_t *item = NULL;
    bool there = false;
    json_array_foreach(array, i, item)
    {
        there = there || strcmp(json_string_value(item), text) == 0;
    }
    if (!there)
        json_array_append_new(array, json_string(text));
    free(text);
}

/* A role's path is part of its ARN, and a name does not tell it. */
static void add_role(const struct grants *grants, const char *role, json_t *ret)
{
    const char *account = or_any(grants->intent->account_id);
    irsa_auto_role_arn arn = {0};
    irsa_auto_error ignored = NULL;
    if (irsa_role_arn_parse(role, &arn, &ignored) == 0) {
        add_text(ret, irsa_strdup(role));
        add_text(ret, irsa_role_arn_text(arn.partition, arn.account, "/", arn.name));
        return;
    }
    add_text(ret, irsa_format("arn:%s:iam::%s:role/%s", grants->partition, account, role));
    add_text(ret, irsa_format("arn:%s:iam::%s:role/*/%s", grants->partition, account, role));
}

/* Another account's role is read by another identity. */
static bool is_elsewhere(const struct irsa_intent *intent, const char *role)
{
    irsa_auto_role_arn arn = {0};
    irsa_auto_error ignored = NULL;
    if (irsa_role_arn_parse(role, &arn, &ignored) != 0)
        return false;
    for (size_t i = 0; i < intent->account_count; i++) {
        if (strcmp(intent->accounts[i].id, arn.account) == 0)
            return true;
    }
    return intent->account_id && strcmp(intent->account_id, arn.account) != 0;
}

static void add_roles(const struct grants *grants, json_t *ret)
{
    const struct irsa_intent *intent = grants->intent;
    const struct irsa_strings *roles =
        grants->needs.list_roles ? &grants->needs.used : &grants->needs.roles;
    if (grants->needs.list_roles && !grants->complete) {
        add_text(ret, irsa_format("arn:%s:iam::%s:role/*", grants->partition,
                                  or_any(intent->account_id)));
        return;
    }
    for (size_t i = 0; i < roles->len; i++) {
        if (!is_elsewhere(intent, roles->items[i]))
            add_role(grants, roles->items[i], ret);
    }
}

static void add_providers(const struct grants *grants, json_t *ret)
{
    const struct irsa_intent *intent = grants->intent;
    irsa_auto_issuer issuer = {0};
    irsa_auto_error ignored = NULL;
    const char *suffix = irsa_partition_dns_suffix(grants->partition);
    irsa_autofree char *which =
        intent->prune ? irsa_strdup("*")
        : intent->issuer && irsa_issuer_parse(intent->issuer, &issuer, &ignored) == 0
            ? irsa_strdup(issuer.host_path)
        : intent->region ? irsa_format("oidc.eks.%s.%s/id/*", intent->region, suffix)
                         : irsa_strdup("*");
    add_text(ret, irsa_format("arn:%s:iam::%s:oidc-provider/%s", grants->partition,
                              or_any(intent->account_id), which));
}

static void add_cluster(const struct grants *grants, const char *name, json_t *ret)
{
    const struct irsa_intent *intent = grants->intent;
    add_text(ret, irsa_format("arn:%s:eks:%s:%s:cluster/%s", grants->partition,
                              or_any(intent->region), or_any(intent->account_id), name));
}

/* To prune, all are described; to re-point from a cluster, that one too. */
static void add_clusters(const struct grants *grants, json_t *ret)
{
    const struct irsa_intent *intent = grants->intent;
    const char *old = irsa_repoint_cluster_name(intent);
    if (grants->needs.all_clusters || !intent->cluster_name) {
        add_cluster(grants, "*", ret);
        return;
    }
    add_cluster(grants, intent->cluster_name, ret);
    if (old && irsa_has_prefix(old, "arn:"))
        add_text(ret, irsa_strdup(old));
    else if (old)
        add_cluster(grants, old, ret);
}

static json_t *resources_of(const struct grants *grants, enum irsa_aws_resource resource)
{
    const struct irsa_intent *intent = grants->intent;
    json_t *ret = json_array();
    switch (resource) {
    case IRSA_RESOURCE_ROLE:
        add_roles(grants, ret);
        break;
    case IRSA_RESOURCE_PROVIDER:
        add_providers(grants, ret);
        break;
    case IRSA_RESOURCE_CLUSTER:
        add_clusters(grants, ret);
        break;
    case IRSA_RESOURCE_ASSOCIATION:
        add_text(ret, irsa_format("arn:%s:eks:%s:%s:podidentityassociation/%s/*", grants->partition,
                                  or_any(intent->region), or_any(intent->account_id),
                                  or_any(intent->cluster_name)));
        break;
    case IRSA_RESOURCE_POLICY:
        add_text(ret, irsa_format("arn:%s:iam::*:policy/*", grants->partition));
        break;
    default:
        add_text(ret, irsa_strdup("*"));
        break;
    }
    return ret;
}

/* --- the policy ------------------------------------------------------------------------------- */

static json_t *one_or_all(json_t *array)
{
    if (json_array_size(array) != 1)
        return array;
    json_t *one = json_incref(json_array_get(array, 0));
    json_decref(array);
    return one;
}

static json_t *statement(const char *sid, json_t *actions, json_t *resources)
{
    json_t *statement = json_object();
    json_object_set_new(statement, "Sid", json_string(sid));
    json_object_set_new(statement, "Effect", json_string("Allow"));
    json_object_set_new(statement, "Action", one_or_all(actions));
    json_object_set_new(statement, "Resource", one_or_all(resources));
    return statement;
}

static void add_statement(const struct grants *grants, enum irsa_aws_resource resource,
                          json_t *statements)
{
    static const char *const sids[IRSA_RESOURCE_MAX_] = {
        [IRSA_RESOURCE_ANY] = "Lists",          [IRSA_RESOURCE_ROLE] = "Roles",
        [IRSA_RESOURCE_PROVIDER] = "Providers", [IRSA_RESOURCE_POLICY] = "Policies",
        [IRSA_RESOURCE_CLUSTER] = "Cluster",    [IRSA_RESOURCE_ASSOCIATION] = "Associations",
    };
    json_t *actions = json_array();
    for (size_t i = 0; i < IRSA_AWS_OPERATION_MAX_; i++) {
        const struct irsa_aws_spec *spec = irsa_aws_spec((enum irsa_aws_operation)i);
        if (grants->used[i] && spec->action && spec->resource == resource)
            json_array_append_new(actions, json_string(spec->action));
    }
    json_t *resources = resources_of(grants, resource);
    if (json_array_size(actions) > 0 && json_array_size(resources) > 0)
        json_array_append_new(
            statements, statement(sids[resource], json_incref(actions), json_incref(resources)));
    json_decref(resources);
    json_decref(actions);
}

/* Roles by which irsa-fix.ini goes into other accounts. */
static void add_other_accounts(const struct irsa_intent *intent, json_t *statements)
{
    json_t *roles = json_array();
    for (size_t i = 0; i < intent->account_count; i++) {
        if (intent->accounts[i].role_arn && !intent->accounts[i].profile)
            json_array_append_new(roles, json_string(intent->accounts[i].role_arn));
    }
    if (json_array_size(roles) == 0) {
        json_decref(roles);
        return;
    }
    json_t *actions = json_array();
    json_array_append_new(actions, json_string(irsa_aws_spec(IRSA_STS_ASSUME_ROLE)->action));
    json_array_append_new(statements, statement("OtherAccounts", actions, roles));
}

/* What the manifests name is read as the live world reads it. */
static int add_manifests(const struct irsa_permissions_options *options, struct grants *grants,
                         struct irsa_error **reterr)
{
    static const struct irsa_strings nothing = {0};
    irsa_auto_world files = NULL;
    irsa_auto_facts facts = irsa_facts_new();
    const struct irsa_intent *intent = options->intent;
    if (options->manifests
        && (irsa_captured_new(options->manifests, options->ignore ? options->ignore : &nothing,
                              &files, reterr)
                != 0
            || irsa_captured_add_kubernetes(files, facts, reterr) != 0))
        return -1;
    irsa_live_needs_annotated(intent, facts, intent->account_id, &grants->needs);
    grants->complete = irsa_live_needs_complete(intent, facts);
    return 0;
}

static json_t *write_policy(const struct grants *grants)
{
    static const enum irsa_aws_resource order[] = {IRSA_RESOURCE_CLUSTER, IRSA_RESOURCE_ASSOCIATION,
                                                   IRSA_RESOURCE_ANY,     IRSA_RESOURCE_PROVIDER,
                                                   IRSA_RESOURCE_ROLE,    IRSA_RESOURCE_POLICY};
    json_t *statements = json_array();
    for (size_t i = 0; i < IRSA_COUNT(order); i++)
        add_statement(grants, order[i], statements);
    add_other_accounts(grants->intent, statements);
    json_t *policy = json_object();
    json_object_set_new(policy, "Version", json_string("2012-10-17"));
    json_object_set_new(policy, "Statement", statements);
    return policy;
}

bool irsa_permissions_leave_annotated(const struct irsa_permissions_options *options)
{
    irsa_auto_live_needs needs = {0};
    irsa_live_needs(options->intent, &needs);
    return !options->manifests && !needs.list_roles;
}

int irsa_permissions(const struct irsa_permissions_options *options, json_t **ret,
                     struct irsa_error **reterr)
{
    struct grants grants = {.intent = options->intent, .partition = find_partition(options)};
    irsa_live_needs(options->intent, &grants.needs);
    int r = add_manifests(options, &grants, reterr);
    if (r == 0) {
        add_reads(&grants);
        if (options->apply)
            add_writes(&grants);
        *ret = write_policy(&grants);
    }
    irsa_live_needs_done(&grants.needs);
    return r;
}
