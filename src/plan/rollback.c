/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/rollback.h"

#include "plan/draft.h"

#define RESTARTED "kubectl.kubernetes.io/restartedAt"

static void note(struct irsa_strings *notes, const char *fmt, ...) IRSA_PRINTF(2, 3);
static void note(struct irsa_strings *notes, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = irsa_vformat(fmt, args);
    va_end(args);
    irsa_note_add(notes, text);
}

/* --- what can't come back --------------------------------------------------------------------- */

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids:
 * policies that name the role as principal hold its unique id. */
static void note_losses(const struct irsa_facts *facts, struct irsa_change *change)
{
    if (change->action == IRSA_ACTION_CREATE && change->kind == IRSA_OBJECT_ROLE)
        note(&change->notes,
             "the role is made anew and gets another unique id (AROA...): policies elsewhere that "
             "named the old role have to be saved again");
    if (change->action == IRSA_ACTION_CREATE && change->kind == IRSA_OBJECT_PROVIDER)
        note(&change->notes, "the provider is made anew: its creation date is another one");
    if (change->action == IRSA_ACTION_CREATE && change->kind == IRSA_OBJECT_SERVICE_ACCOUNT)
        note(&change->notes, "the service account is made anew and gets another uid: tokens of the "
                             "old one stay void");
    if (change->class_ == IRSA_CLASS_OWNED)
        note(&change->notes, "it belongs to somebody who may set it back");
    if (change->action != IRSA_ACTION_DELETE || change->kind != IRSA_OBJECT_SERVICE_ACCOUNT)
        return;
    const char *space = irsa_json_string(change->before, "metadata", "namespace", NULL);
    const char *name = irsa_json_string(change->before, "metadata", "name", NULL);
    size_t pods = 0;
    if (space && name)
        (void)irsa_facts_pods_of(facts, space, name, &pods);
    if (pods > 0)
        note(&change->notes, "%zu %s under it: they lose their tokens, and new ones can't start",
             pods, pods == 1 ? "pod runs" : "pods run");
}

/* The leaf of that name somewhere below goes; true where it was there. A mapping that it leaves
 * empty goes with it. */
static bool drop_leaf(json_t *object, const char *name)
{
    const char *key = NULL;
    json_t *value = NULL;
    void *next = NULL;
    bool found = json_object_del(object, name) == 0;
    json_object_foreach_safe(object, next, key, value)
    {
        if (!json_is_object(value) || !drop_leaf(value, name))
            continue;
        found = true;
        if (json_object_size(value) == 0)
            json_object_del(object, key);
    }
    return found;
}

/* A restart happened: only in files is it a text that can go. */
static void leave_restart(struct irsa_plan *plan, struct irsa_change *change)
{
    json_t *before = json_deep_copy(change->before);
    json_t *after = json_deep_copy(change->after);
    bool restarted = drop_leaf(before, RESTARTED);
    restarted = drop_leaf(after, RESTARTED) || restarted;
    json_decref(change->before);
    json_decref(change->after);
    change->before = before;
    change->after = after;
    if (restarted)
        note(&plan->undo_notes, "%s was restarted: that can't be taken back", change->target);
    if (!json_equal(before, after))
        note(&change->notes, "its pods are replaced");
}

/* --- one change ------------------------------------------------------------------------------- */

static void block(struct irsa_change *change, char *reason)
{
    change->blocked = true;
    irsa_note_add(&change->notes, reason);
}

/* Of policies by their meaning: their texts are long. */
static char *difference_of(const struct irsa_change *change, const json_t *now)
{
    const char *key =
        change->kind == IRSA_OBJECT_ROLE ? "AssumeRolePolicyDocument" : "PolicyDocument";
    bool trust = change->kind == IRSA_OBJECT_TRUST_POLICY;
    const json_t *is = trust ? now : json_object_get(now, key);
    const json_t *left = trust ? change->before : json_object_get(change->before, key);
    irsa_auto_strings lines = {0};
    if (!is || !left || json_equal((json_t *)is, (json_t *)left))
        return irsa_undo_difference(now, change->before);
    irsa_policy_semantic_diff(left, is, &lines);
    return lines.len > 0 ? irsa_strings_join(&lines, "; ", "; ")
                         : irsa_strdup("its policy is another one");
}

/* Somebody changed it since: the way back then begins at what is there now. */
static void meet_change(const struct irsa_plan *plan, struct irsa_change *change)
{
    json_t *now = irsa_undo_now(plan->facts, change);
    if (!now && (!change->after || change->kind != IRSA_OBJECT_ROLE_POLICY)) {
        block(change, irsa_format("%s is not there as the run left it, so there is nothing to set "
                                  "back",
                                  change->target));
        return;
    }
    irsa_autofree char *difference = difference_of(change, now);
    note(&change->notes, "somebody changed %s since: %s", change->target,
         difference ? difference : "more stands in it now");
    json_decref(change->before);
    change->before = now;
    change->class_ = IRSA_CLASS_OVERWRITE;
    if (!now)
        change->action = IRSA_ACTION_CREATE;
}

/* A role that something hangs on IAM does not delete, and what the run did not attach is not
 * detached. */
static void meet_users(const struct irsa_plan *plan, struct irsa_change *change)
{
    struct irsa_undo_users users = {0};
    irsa_undo_users(plan, change, &users);
    bool files = change->kind == IRSA_OBJECT_PROVIDER ? plan->undo->aws_in_files
                                                      : plan->undo->kubernetes_in_files;
    irsa_autofree char *all = irsa_strings_join(&users.names, ", ", " and ");
    const char *verb = users.names.len > 1 ? "are" : "is";
    bool role = change->kind == IRSA_OBJECT_ROLE;
    if (role && users.names.len > 0)
        block(change, irsa_format("%s %s attached to it, which this run did not do: take that away "
                                  "first",
                                  all, verb));
    bool overwrites =
        change->class_ == IRSA_CLASS_OVERWRITE && !plan->intent->allow[IRSA_CLASS_OVERWRITE];
    if (!role && (users.names.len > 0 || (users.unseen && !files)) && !overwrites)
        change->class_ = IRSA_CLASS_DELETE;
    if (change->kind == IRSA_OBJECT_PROVIDER && users.names.len > 0)
        note(&change->notes, "%s %s it", all, users.names.len > 1 ? "trust" : "trusts");
    if (change->kind == IRSA_OBJECT_NAMESPACE && users.names.len > 0)
        note(&change->notes, "%s %s in it, and would go with it", all, verb);
    if (!role && users.unseen)
        note(&change->notes, change->kind == IRSA_OBJECT_PROVIDER
                                 ? "the account's roles are not all seen: some may trust it"
                                 : "not all that may be in it could be seen");
    irsa_undo_users_done(&users);
}

static void add_change(struct irsa_plan *plan, struct irsa_change *change)
{
    if (change->action == IRSA_ACTION_DELETE && !change->blocked)
        meet_users(plan, change);
    note_losses(plan->facts, change);
    if (change->class_ == IRSA_CLASS_OWNED)
        change->class_ = IRSA_CLASS_ADDITIVE;
    if (change->kind == IRSA_OBJECT_TRUST_POLICY)
        irsa_policy_semantic_diff(change->before, change->after, &change->semantic);
    change->held_back = change->blocked || !plan->intent->allow[change->class_];
    change->id = irsa_format("c%zu", plan->change_count + 1);
    change->diff = irsa_change_diff(change);
    irsa_plan_add(plan, change);
}

/* What the run reported as failed is looked at and never touched: whoever did it, it may have been
 * somebody else. */
static void look_at_failed(struct irsa_plan *plan, const struct irsa_change *change,
                           enum irsa_change_holds holds)
{
    if (holds == IRSA_CHANGE_BEFORE)
        note(&plan->undo_notes, "%s %s failed in the run, yet is as it wanted it: left alone",
             irsa_object_kind_text(change->kind), change->target);
}

static enum irsa_action inverse_of(enum irsa_action action)
{
    switch (action) {
    case IRSA_ACTION_CREATE:
        return IRSA_ACTION_DELETE;
    case IRSA_ACTION_DELETE:
        return IRSA_ACTION_CREATE;
    default:
        return IRSA_ACTION_UPDATE;
    }
}

/* Turns the net change round, in place. */
static void turn_round(struct irsa_change *change)
{
    json_t *after = change->before;
    change->before = change->after;
    change->after = after;
    change->action = inverse_of(change->action);
    if (change->class_ != IRSA_CLASS_OWNED)
        change->class_ = IRSA_CLASS_ADDITIVE;
}

/* Kubernetes empties a namespace in its own time before it is gone
 * (https://kubernetes.io/docs/tasks/administer-cluster/namespaces/#deleting-a-namespace). */
static bool is_on_its_way_out(const struct irsa_facts *facts, const struct irsa_change *change)
{
    const struct irsa_namespace *space =
        change->kind == IRSA_OBJECT_NAMESPACE ? irsa_facts_namespace(facts, change->target) : NULL;
    return change->action == IRSA_ACTION_DELETE && space && space->terminating;
}

/* A trust policy that was no JSON, and is none now. */
static bool is_unreadable_again(const struct irsa_facts *facts, const struct irsa_change *change)
{
    const struct irsa_role *role = change->kind == IRSA_OBJECT_TRUST_POLICY && !change->after
                                       ? irsa_facts_role(facts, change->target)
                                       : NULL;
    return role && role->trust && !json_is_object(irsa_policy_document(role->trust));
}

/* What no file shows is not there: where the world is files, there is nothing else. */
static enum irsa_change_holds state_of(const struct irsa_plan *plan,
                                       const struct irsa_change *change)
{
    enum irsa_change_holds holds = irsa_change_state(plan->facts, change);
    bool files = change->kind < IRSA_OBJECT_NAMESPACE ? plan->undo->aws_in_files
                                                      : plan->undo->kubernetes_in_files;
    json_auto_t *now = irsa_undo_now(plan->facts, change);
    if (is_on_its_way_out(plan->facts, change) || is_unreadable_again(plan->facts, change))
        return IRSA_CHANGE_HOLDS;
    if (holds != IRSA_CHANGE_UNKNOWN || change->action == IRSA_ACTION_UPDATE || !files || now)
        return holds;
    return change->action == IRSA_ACTION_DELETE ? IRSA_CHANGE_HOLDS : IRSA_CHANGE_BEFORE;
}

static void take_back(struct irsa_plan *plan, struct irsa_undo_net *net)
{
    struct irsa_change *change = &net->change;
    turn_round(change);
    if (change->kind == IRSA_OBJECT_WORKLOAD && !plan->undo->kubernetes_in_files) {
        leave_restart(plan, change);
        if (json_equal(change->before, change->after))
            return;
    }
    enum irsa_change_holds holds = state_of(plan, change);
    if (net->certainty == IRSA_UNDO_FAILED) {
        look_at_failed(plan, change, holds);
        return;
    }
    if (holds == IRSA_CHANGE_HOLDS) {
        plan->undone++;
        return;
    }
    bool unwritable = !change->after && change->action != IRSA_ACTION_DELETE;
    if (unwritable && plan->undo->aws_in_files)
        note(&change->notes,
             "what was there before was no JSON: it comes back with the bytes of its "
             "file, if all of the run is taken back");
    else if (unwritable)
        block(change, irsa_strdup("what was there before was no valid policy, and can't be "
                                  "written"));
    else if (change->action == IRSA_ACTION_CREATE && change->kind == IRSA_OBJECT_PROVIDER
             && !json_object_get(change->after, "ClientIDList"))
        block(change, irsa_strdup("which audiences it had was not read before it was deleted"));
    else if (holds == IRSA_CHANGE_UNKNOWN)
        block(change, irsa_format("how %s is now could not be seen", change->target));
    else if (holds == IRSA_CHANGE_OTHER)
        meet_change(plan, change);
    add_change(plan, change);
}

/* --- the plan --------------------------------------------------------------------------------- */

static char *text_of(const json_t *object, const char *key)
{
    const char *text = irsa_json_string(object, key, NULL);
    return text ? irsa_strdup(text) : NULL;
}

static void take_scope(const struct irsa_facts *facts, const json_t *cluster,
                       struct irsa_scope *scope)
{
    scope->cluster_name = text_of(cluster, "name");
    scope->account_id = text_of(cluster, "account_id");
    const char *alias = irsa_facts_account_alias(facts, scope->account_id);
    scope->account_alias = alias ? irsa_strdup(alias) : NULL;
    scope->region = text_of(cluster, "region");
    scope->partition = text_of(cluster, "partition");
    scope->issuer_url = text_of(cluster, "issuer");
    scope->issuer_inferred = json_is_true(json_object_get(cluster, "issuer_inferred"));
}

void irsa_rollback_plan(const struct irsa_facts *facts, const struct irsa_intent *intent,
                        const struct irsa_undo *undo, struct irsa_plan **ret)
{
    struct irsa_plan *plan = irsa_calloc(1, sizeof(*plan));
    struct irsa_undo_net *nets = NULL;
    size_t net_count = irsa_undo_merge(undo, &nets);
    plan->facts = facts;
    plan->intent = intent;
    plan->undo = undo;
    plan->changes = irsa_calloc(net_count + 1, sizeof(struct irsa_change));
    plan->fixed_by = irsa_calloc(1, sizeof(struct irsa_strings));
    plan->mended = irsa_calloc(1, sizeof(bool));
    take_scope(facts, json_object_get(undo->run, "cluster"), &plan->bindings.scope);
    for (size_t i = net_count; i-- > 0;) {
        take_back(plan, &nets[i]);
        irsa_change_done(&nets[i].change);
    }
    free(nets);
    bool planned = plan->creates + plan->updates + plan->deletes > 0;
    plan->outcome = plan->held_back > 0 ? 3 : planned ? 2 : 0;
    *ret = plan;
}

json_t *irsa_rollback_json(const struct irsa_plan *plan)
{
    static const char *const keys[] = {"command", "started", "user", "host"};
    json_t *json = json_object();
    json_t *runs = json_array();
    json_t *notes = json_array();
    json_t *run = json_object_get(plan->undo->run, "id");
    (void)json_object_set_new(json, "run", run ? json_incref(run) : json_null());
    for (size_t i = 0; i < IRSA_COUNT(keys); i++) {
        json_t *value = json_object_get(plan->undo->run, keys[i]);
        (void)json_object_set_new(json, keys[i], value ? json_incref(value) : json_null());
    }
    for (size_t i = 0; i < plan->undo->runs->len; i++)
        (void)json_array_append_new(runs, json_string(plan->undo->runs->items[i]));
    for (size_t i = 0; i < plan->undo_notes.len; i++)
        (void)json_array_append_new(notes, json_string(plan->undo_notes.items[i]));
    (void)json_object_set_new(json, "runs", runs);
    (void)json_object_set_new(json, "undone", json_integer((json_int_t)plan->undone));
    (void)json_object_set_new(json, "notes", notes);
    return json;
}
