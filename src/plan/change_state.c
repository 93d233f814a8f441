/* SPDX-License-Identifier: Apache-2.0 */
/* Does a change's `after` hold, or its `before`? By facts: after a kill they alone can tell. */
#include "irsa/plan.h"

static enum irsa_change_holds holds_if(bool after, bool before)
{
    return after ? IRSA_CHANGE_HOLDS : before ? IRSA_CHANGE_BEFORE : IRSA_CHANGE_OTHER;
}

/* An object that is not there. */
static enum irsa_change_holds holds_absent(const struct irsa_change *change,
                                           enum irsa_presence presence)
{
    if (presence != IRSA_ABSENT)
        return IRSA_CHANGE_UNKNOWN;
    return holds_if(!change->after, !change->before);
}

static bool same_document(const json_t *a, const json_t *b)
{
    return a && b
           && (json_equal((json_t *)a, (json_t *)b)
               || (json_is_object(a) && json_is_object(b) && irsa_policy_equivalent(a, b)));
}

/* --- AWS -------------------------------------------------------------------------------------- */

/* True when these are just the values that `side` names. */
static bool values_are(const struct irsa_strings *values, const json_t *wanted)
{
    if (json_array_size(wanted) != values->len)
        return false;
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(wanted, i, item)
    {
        if (!json_is_string(item) || !irsa_strings_has(values, json_string_value(item)))
            return false;
    }
    return true;
}

/* Thumbprints count in a change of them alone: of a creation IAM may have added its own. */
static bool provider_is(const struct irsa_provider *provider, const struct irsa_change *change,
                        const json_t *side)
{
    bool of_thumbprints = json_object_get(change->before, "ThumbprintList") && change->after;
    return side && values_are(&provider->client_ids, json_object_get(side, "ClientIDList"))
           && (!of_thumbprints
               || values_are(&provider->thumbprints, json_object_get(side, "ThumbprintList")));
}

static enum irsa_change_holds provider_state(const struct irsa_facts *facts,
                                             const struct irsa_change *change)
{
    const struct irsa_provider *provider = irsa_facts_provider(facts, change->target);
    if (!provider)
        return holds_absent(change, irsa_facts_provider_presence(facts, change->target));
    bool listed = json_object_get(change->before ? change->before : change->after, "ClientIDList");
    if (listed && !provider->detail_seen)
        return IRSA_CHANGE_UNKNOWN;
    if (!listed) /* a provider to be deleted whose audiences were never read */
        return holds_if(change->after, change->before);
    return holds_if(provider_is(provider, change, change->after),
                    provider_is(provider, change, change->before));
}

/* The role of "ARN" or "ARN REST"; *ret_absent is set where it is known not to be there. */
static const struct irsa_role *find_role(const struct irsa_facts *facts, const char *target,
                                         enum irsa_presence *ret)
{
    irsa_autofree char *arn = irsa_strndup(target, strcspn(target, " "));
    const struct irsa_role *role = irsa_facts_role(facts, arn);
    irsa_auto_arn parsed = {0};
    irsa_auto_error ignored = NULL;
    *ret = IRSA_UNSEEN;
    if (role)
        *ret = IRSA_PRESENT;
    else if (irsa_arn_parse(arn, &parsed, &ignored) == 0) {
        const char *slash = strrchr(arn, '/');
        *ret = irsa_facts_role_presence(facts, parsed.account, slash ? slash + 1 : arn);
    }
    return role;
}

static bool boundary_is(const struct irsa_role *role, const json_t *side)
{
    const char *wanted =
        irsa_json_string(side, "PermissionsBoundary", "PermissionsBoundaryArn", NULL);
    return wanted ? role->boundary && strcmp(role->boundary, wanted) == 0 : !role->boundary;
}

static bool session_is(const struct irsa_role *role, const json_t *side)
{
    const json_t *wanted = json_object_get(side, "MaxSessionDuration");
    return json_is_integer(wanted) && json_integer_value(wanted) == role->max_session;
}

static bool concerns(const struct irsa_change *change, const char *key)
{
    return json_object_get(change->after, key) || json_object_get(change->before, key);
}

/* The role as a creation leaves it, or as a deletion found it. */
static enum irsa_change_holds whole_role_state(const struct irsa_role *role,
                                               const struct irsa_change *change)
{
    const json_t *side = change->after ? change->after : change->before;
    const json_t *document = json_object_get(side, "AssumeRolePolicyDocument");
    if (!role->trust || (concerns(change, "PermissionsBoundary") && !role->boundary_seen))
        return IRSA_CHANGE_UNKNOWN;
    bool same = same_document(irsa_policy_document(role->trust), document)
                && (!role->boundary_seen || boundary_is(role, side))
                && (!json_object_get(side, "MaxSessionDuration") || !role->max_session
                    || session_is(role, side));
    return holds_if(same && change->after, same && change->before);
}

static enum irsa_change_holds role_state(const struct irsa_facts *facts,
                                         const struct irsa_change *change)
{
    enum irsa_presence presence = IRSA_UNSEEN;
    const struct irsa_role *role = find_role(facts, change->target, &presence);
    if (!role && presence == IRSA_PRESENT)
        return IRSA_CHANGE_OTHER; /* one of that name, under another path */
    if (!role)
        return holds_absent(change, presence);
    if (change->action != IRSA_ACTION_UPDATE)
        return whole_role_state(role, change);
    bool session = concerns(change, "MaxSessionDuration");
    bool boundary = concerns(change, "PermissionsBoundary");
    if ((session && !role->max_session) || (boundary && !role->boundary_seen))
        return IRSA_CHANGE_UNKNOWN;
    return holds_if((!session || session_is(role, change->after))
                        && (!boundary || boundary_is(role, change->after)),
                    (!session || session_is(role, change->before))
                        && (!boundary || boundary_is(role, change->before)));
}

static enum irsa_change_holds trust_state(const struct irsa_facts *facts,
                                          const struct irsa_change *change)
{
    enum irsa_presence presence = IRSA_UNSEEN;
    const struct irsa_role *role = find_role(facts, change->target, &presence);
    if (!role)
        return presence == IRSA_ABSENT ? IRSA_CHANGE_OTHER : IRSA_CHANGE_UNKNOWN;
    if (!role->trust)
        return IRSA_CHANGE_UNKNOWN;
    const json_t *now = irsa_policy_document(role->trust);
    /* `before` is missing where what was there could not be parsed. */
    return holds_if(same_document(now, change->after),
                    change->before ? same_document(now, change->before) : !now);
}

/* What is at a role that may itself be gone. */
static enum irsa_change_holds without_role(const struct irsa_change *change,
                                           enum irsa_presence presence)
{
    if (presence != IRSA_ABSENT)
        return presence == IRSA_PRESENT ? IRSA_CHANGE_OTHER : IRSA_CHANGE_UNKNOWN;
    return holds_if(!change->after, !change->before);
}

static enum irsa_change_holds attachment_state(const struct irsa_facts *facts,
                                               const struct irsa_change *change)
{
    enum irsa_presence presence = IRSA_UNSEEN;
    const struct irsa_role *role = find_role(facts, change->target, &presence);
    const json_t *side = change->after ? change->after : change->before;
    const char *arn = irsa_json_string(side, "PolicyArn", NULL);
    if (!role)
        return without_role(change, presence);
    if (!role->attached_seen || !arn)
        return IRSA_CHANGE_UNKNOWN;
    bool attached = false;
    for (size_t i = 0; i < role->attached_count; i++)
        attached = attached || strcmp(role->attached[i].arn, arn) == 0;
    return holds_if(attached == (change->after != NULL), attached == (change->before != NULL));
}

static enum irsa_change_holds role_policy_state(const struct irsa_facts *facts,
                                                const struct irsa_change *change)
{
    enum irsa_presence presence = IRSA_UNSEEN;
    const struct irsa_role *role = find_role(facts, change->target, &presence);
    const json_t *side = change->after ? change->after : change->before;
    const char *name = irsa_json_string(side, "PolicyName", NULL);
    if (!role)
        return without_role(change, presence);
    if (!role->inline_seen || !name)
        return IRSA_CHANGE_UNKNOWN;
    for (size_t i = 0; i < role->inline_count; i++) {
        if (strcmp(role->inlines[i].name, name) != 0)
            continue;
        if (!role->inlines[i].policy)
            return IRSA_CHANGE_UNKNOWN;
        const json_t *now = irsa_policy_document(role->inlines[i].policy);
        return holds_if(same_document(now, json_object_get(change->after, "PolicyDocument")),
                        same_document(now, json_object_get(change->before, "PolicyDocument")));
    }
    return holds_if(!change->after, !change->before);
}

/* --- Kubernetes ------------------------------------------------------------------------------- */

static const json_t *meaning(const json_t *value)
{
    return json_is_null(value) ? NULL : value;
}

static bool equal(const json_t *a, const json_t *b)
{
    return a && b ? json_equal((json_t *)a, (json_t *)b) : !a && !b;
}

/* True when all keys that either side names are, in `now`, as `wanted` has them. */
static bool keys_are(const json_t *now, const json_t *wanted, const json_t *other)
{
    const json_t *sides[] = {wanted, other};
    for (size_t i = 0; i < IRSA_COUNT(sides); i++) {
        const char *key = NULL;
        json_t *value = NULL;
        json_object_foreach((json_t *)sides[i], key, value)
        {
            if (!equal(meaning(json_object_get(now, key)), meaning(json_object_get(wanted, key))))
                return false;
        }
    }
    return true;
}

static enum irsa_change_holds namespace_state(const struct irsa_facts *facts,
                                              const struct irsa_change *change)
{
    enum irsa_presence presence = irsa_facts_namespace_presence(facts, change->target);
    if (presence != IRSA_PRESENT)
        return holds_absent(change, presence);
    return holds_if(change->after, change->before);
}

static enum irsa_change_holds account_state(const struct irsa_facts *facts,
                                            const struct irsa_change *change)
{
    size_t len = strcspn(change->target, "/");
    irsa_autofree char *space = irsa_strndup(change->target, len);
    const char *name = change->target[len] ? change->target + len + 1 : "";
    const struct irsa_service_account *account = irsa_facts_service_account(facts, space, name);
    if (!account)
        return holds_absent(change, irsa_facts_service_account_presence(facts, space, name));
    const json_t *before = irsa_json_get(change->before, "metadata", "annotations", NULL);
    const json_t *after = irsa_json_get(change->after, "metadata", "annotations", NULL);
    bool as_after = keys_are(account->annotations, after, before);
    bool as_before = keys_are(account->annotations, before, after);
    return holds_if(change->after && as_after, change->before && as_before);
}

/* "Deployment NS/NAME". */
static const struct irsa_workload *find_workload(const struct irsa_facts *facts, const char *target)
{
    size_t kind_len = strcspn(target, " ");
    irsa_autofree char *kind = irsa_strndup(target, kind_len);
    const char *rest = target[kind_len] ? target + kind_len + 1 : "";
    size_t len = strcspn(rest, "/");
    irsa_autofree char *space = irsa_strndup(rest, len);
    return irsa_facts_workload(facts, kind, space, rest[len] ? rest + len + 1 : "");
}

/* spec.template, of a CronJob spec.jobTemplate.spec.template. */
static const json_t *template_of(const json_t *side)
{
    const json_t *template = irsa_json_get(side, "spec", "template", NULL);
    return template ? template
                    : irsa_json_get(side, "spec", "jobTemplate", "spec", "template", NULL);
}

static bool text_is(const char *now, const char *wanted)
{
    return strcmp(now ? now : "", wanted ? wanted : "") == 0;
}

static bool workload_is(const struct irsa_workload *workload, const json_t *side,
                        const struct irsa_change *change)
{
    static const char restarted[] = "kubectl.kubernetes.io/restartedAt";
    const json_t *before = template_of(change->before);
    const json_t *after = template_of(change->after);
    const json_t *own = template_of(side);
    bool account = irsa_json_get(before, "spec", "serviceAccountName", NULL)
                   || irsa_json_get(after, "spec", "serviceAccountName", NULL);
    bool restart = irsa_json_get(before, "metadata", "annotations", restarted, NULL)
                   || irsa_json_get(after, "metadata", "annotations", restarted, NULL);
    return (!account
            || text_is(workload->spec.service_account,
                       irsa_json_string(own, "spec", "serviceAccountName", NULL)))
           && (!restart
               || text_is(workload->restarted_text,
                          irsa_json_string(own, "metadata", "annotations", restarted, NULL)));
}

static enum irsa_change_holds workload_state(const struct irsa_facts *facts,
                                             const struct irsa_change *change)
{
    const struct irsa_workload *workload = find_workload(facts, change->target);
    if (!workload)
        return IRSA_CHANGE_UNKNOWN;
    return holds_if(workload_is(workload, change->after, change),
                    workload_is(workload, change->before, change));
}

enum irsa_change_holds irsa_change_state(const struct irsa_facts *facts,
                                         const struct irsa_change *change)
{
    static enum irsa_change_holds (*const by_kind[IRSA_OBJECT_MAX_])(const struct irsa_facts *,
                                                                     const struct irsa_change *) = {
        [IRSA_OBJECT_PROVIDER] = provider_state,
        [IRSA_OBJECT_ROLE] = role_state,
        [IRSA_OBJECT_TRUST_POLICY] = trust_state,
        [IRSA_OBJECT_ROLE_ATTACHMENT] = attachment_state,
        [IRSA_OBJECT_ROLE_POLICY] = role_policy_state,
        [IRSA_OBJECT_NAMESPACE] = namespace_state,
        [IRSA_OBJECT_SERVICE_ACCOUNT] = account_state,
        [IRSA_OBJECT_WORKLOAD] = workload_state,
    };
    return by_kind[change->kind](facts, change);
}
