/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/edit.h"

#include <strings.h>

void irsa_repair_done(struct irsa_repair *repair)
{
    json_decref(repair->statement);
    json_decref(repair->pattern);
    irsa_strings_done(&repair->notes);
    free(repair->blocked_by);
    *repair = (struct irsa_repair){0};
}

void irsa_repair_note(struct irsa_repair *repair, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = irsa_vformat(fmt, args);
    va_end(args);
    irsa_strings_take(&repair->notes, irsa_format("Statement[%zu].%s", repair->index, text));
    free(text);
}

/* --- probes ----------------------------------------------------------------------------------- */

enum irsa_decision irsa_edit_probe(const struct irsa_edit *edit, const json_t *principal,
                                   const json_t *action, const json_t *condition)
{
    json_auto_t *statement = json_pack("{s:s}", "Effect", "Allow");
    json_t *who = principal ? json_incref((json_t *)principal)
                            : json_pack("{s:s}", "Federated", edit->wish->provider_arn);
    json_t *what = action ? json_incref((json_t *)action) : json_string(IRSA_ACTION_WEB_IDENTITY);
    (void)json_object_set_new(statement, "Principal", who);
    (void)json_object_set_new(statement, "Action", what);
    if (condition)
        (void)json_object_set(statement, "Condition", (json_t *)condition);
    json_auto_t *document = json_object();
    json_t *version = json_object_get(edit->document, "Version");
    if (version)
        (void)json_object_set(document, "Version", version);
    (void)json_object_set(document, "Statement", statement);
    irsa_auto_policy policy = irsa_policy_new(document, IRSA_POLICY_TRUST);
    return irsa_policy_decide(policy, &edit->request);
}

enum irsa_decision irsa_edit_probe_key(const struct irsa_edit *edit, const char *operator_,
                                       const char *key, const json_t *values)
{
    json_auto_t *condition = json_pack("{s:{s:O}}", operator_, key, values);
    return irsa_edit_probe(edit, NULL, NULL, condition);
}

/* --- names of elements, elements of other policies -------------------------------------------- */

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
static const char *const elements[] = {"Sid",          "Effect",      "Principal",
                                       "NotPrincipal", "Action",      "NotAction",
                                       "Resource",     "NotResource", "Condition"};

static bool is_element(const char *key)
{
    for (size_t i = 0; i < IRSA_COUNT(elements); i++) {
        if (strcmp(key, elements[i]) == 0)
            return true;
    }
    return false;
}

/* The element that a misspelt key stands for, unless the statement has it already. */
static const char *element_meant(json_t *statement, const char *key)
{
    for (size_t i = 0; i < IRSA_COUNT(elements); i++) {
        if (strcasecmp(key, elements[i]) == 0 && !json_object_get(statement, elements[i]))
            return elements[i];
    }
    const char *nearest = irsa_nearest(key, elements, IRSA_COUNT(elements));
    return nearest && !json_object_get(statement, nearest) ? nearest : NULL;
}

static void repair_element_names(struct irsa_repair *repair)
{
    irsa_auto_strings keys = {0};
    const char *key;
    json_t *member;
    json_object_foreach(repair->statement, key, member) irsa_strings_add(&keys, key);
    for (size_t i = 0; i < keys.len; i++) {
        struct irsa_operator op;
        if (strlen(keys.items[i]) < 4 || is_element(keys.items[i])
            || irsa_operator_parse(keys.items[i], &op))
            continue;
        const char *meant = element_meant(repair->statement, keys.items[i]);
        if (!meant)
            continue;
        irsa_repair_note(repair, "%s: element renamed \"%s\"", keys.items[i], meant);
        irsa_edit_rename(repair->statement, keys.items[i], meant, NULL);
    }
}

/* A trust policy has no Resource: the role itself is it
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html). */
static void drop_resource(struct irsa_repair *repair)
{
    static const char *const names[] = {"Resource", "NotResource"};
    for (size_t i = 0; i < IRSA_COUNT(names); i++) {
        if (json_object_del(repair->statement, names[i]) == 0)
            irsa_repair_note(repair, "%s: removed, a trust policy has none", names[i]);
    }
}

/* Effect's values are case-sensitive
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_effect.html). */
static void repair_effect(struct irsa_repair *repair)
{
    const char *effect = json_string_value(json_object_get(repair->statement, "Effect"));
    if (!effect || strcmp(effect, "Allow") == 0)
        return;
    irsa_repair_note(repair, "Effect: \"%s\" replaced by \"Allow\"", effect);
    (void)json_object_set_new(repair->statement, "Effect", json_string("Allow"));
}

/* IAM refuses a statement with an element that it does not know. */
static void drop_unknown(struct irsa_repair *repair)
{
    irsa_auto_strings unknown = {0};
    const char *key;
    json_t *member;
    json_object_foreach(repair->statement, key, member)
    {
        if (!is_element(key))
            irsa_strings_add(&unknown, key);
    }
    for (size_t i = 0; i < unknown.len; i++) {
        irsa_repair_note(repair, "%s: removed, no element of a statement", unknown.items[i]);
        (void)json_object_del(repair->statement, unknown.items[i]);
    }
}

/* --- Principal -------------------------------------------------------------------------------- */

static json_t *our_principal(const struct irsa_repair *repair)
{
    return json_pack("{s:s}", "Federated", repair->edit->wish->provider_arn);
}

/* The place of the value that stands where ours should: a broken form of ours first, then one that
 * can let nobody in; SIZE_MAX where each belongs to somebody. */
static size_t broken_value(const struct irsa_edit *edit, const json_t *values)
{
    size_t best = SIZE_MAX;
    enum irsa_side best_side = IRSA_SIDE_OTHER;
    for (size_t i = 0; i < irsa_value_count(values); i++) {
        const char *text = irsa_value_text(values, i);
        enum irsa_side side = text ? irsa_edit_provider_side(edit, text) : IRSA_SIDE_DEAD;
        if (side > best_side) {
            best = i;
            best_side = side;
        }
    }
    return best;
}

static void repair_federated(struct irsa_repair *repair, json_t *principal)
{
    const char *arn = repair->edit->wish->provider_arn;
    json_t *values = json_object_get(principal, "Federated");
    size_t at = broken_value(repair->edit, values);
    if (at == SIZE_MAX && irsa_value_count(values) <= 1)
        at = 0; /* a provider that this statement's own conditions keep out */
    if (at == SIZE_MAX) {
        irsa_edit_add_value(principal, "Federated", arn);
        irsa_repair_note(repair, "Principal.Federated: + \"%s\"", arn);
        return;
    }
    const char *old = irsa_value_text(values, at);
    irsa_repair_note(repair, "Principal.Federated: \"%s\" replaced by \"%s\"", old ? old : "", arn);
    irsa_edit_set_value(principal, "Federated", at, arn);
}

/* {"AWS": ...}, {"Service": ...}: one principal gives way to ours; of several all stay. */
static void repair_other_types(struct irsa_repair *repair, json_t *principal)
{
    const char *type = json_object_iter_key(json_object_iter(principal));
    json_t *values = json_object_iter_value(json_object_iter(principal));
    if (json_object_size(principal) == 1 && irsa_value_count(values) == 1) {
        const char *old = irsa_value_text(values, 0);
        irsa_repair_note(repair, "Principal: %s \"%s\" replaced by Federated \"%s\"", type,
                         old ? old : "", repair->edit->wish->provider_arn);
        json_t *value = json_string(repair->edit->wish->provider_arn);
        irsa_edit_rename(principal, type, "Federated",
                         json_is_array(values) ? json_pack("[o]", value) : value);
        return;
    }
    irsa_repair_note(repair, "Principal: + Federated \"%s\"", repair->edit->wish->provider_arn);
    (void)json_object_set_new(principal, "Federated",
                              json_string(repair->edit->wish->provider_arn));
}

/* "*" where a provider should stand. */
static bool lets_anybody(json_t *principal)
{
    if (!json_is_object(principal))
        return true;
    const json_t *values = json_object_get(principal, "AWS");
    const char *text = irsa_value_text(values, 0);
    return json_object_size(principal) == 1 && text && strcmp(text, "*") == 0;
}

/* False where it has to stay, and does not make it certain: "*" in a statement that somebody uses.
 */
static bool repair_principal(struct irsa_repair *repair)
{
    json_t *statement = repair->statement;
    json_t *principal = json_object_get(statement, "Principal");
    if (!principal) {
        irsa_edit_insert(statement, json_object_get(statement, "Effect") ? "Effect" : "Sid",
                         "Principal", our_principal(repair));
        irsa_repair_note(repair, "Principal: + Federated \"%s\"", repair->edit->wish->provider_arn);
        return true;
    }
    if (irsa_edit_probe(repair->edit, principal, NULL, NULL) == IRSA_DECISION_ALLOWED)
        return true;
    if (repair->lives && lets_anybody(principal))
        return false;
    if (!json_is_object(principal) || json_object_size(principal) == 0) {
        const char *old = json_string_value(principal);
        irsa_repair_note(repair, "Principal: \"%s\" replaced by Federated \"%s\"", old ? old : "",
                         repair->edit->wish->provider_arn);
        (void)json_object_set_new(statement, "Principal", our_principal(repair));
        return true;
    }
    const char *federated = irsa_edit_find_key(principal, "Federated");
    if (federated && strcmp(federated, "Federated") != 0)
        irsa_edit_rename(principal, federated, "Federated", NULL);
    if (federated)
        repair_federated(repair, principal);
    else
        repair_other_types(repair, principal);
    return true;
}

/* --- Action ----------------------------------------------------------------------------------- */

/* How near a text is to the action wanted: 0 is not at all. */
static unsigned action_likeness(const char *text)
{
    irsa_autofree char *trimmed = irsa_trim(text);
    const char *name = strncasecmp(trimmed, "sts:", 4) == 0 ? trimmed + 4 : trimmed;
    if (strcasestr(name, "WebIdentit") || strcasestr(name, "OIDC")
        || irsa_edit_distance(name, "AssumeRoleWithWebIdentity", 4) <= 4)
        return 3;
    if (strcasecmp(name, "AssumeRole") == 0 || irsa_edit_distance(name, "AssumeRole", 2) <= 2)
        return 2;
    return strcasecmp(name, "AssumeRoleWithSAML") == 0 ? 1 : 0;
}

/* A federated principal comes by AssumeRoleWithWebIdentity and no other way, so the wrong action is
 * replaced: it let nobody in
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html). */
static bool repair_action(struct irsa_repair *repair)
{
    json_t *statement = repair->statement;
    json_t *action = json_object_get(statement, "Action");
    if (!action) {
        const char *after = json_object_get(statement, "Principal") ? "Principal" : "Effect";
        irsa_edit_insert(statement, after, "Action", json_string(IRSA_ACTION_WEB_IDENTITY));
        irsa_repair_note(repair, "Action: + \"" IRSA_ACTION_WEB_IDENTITY "\"");
        return true;
    }
    if (irsa_edit_passes(irsa_edit_probe(repair->edit, NULL, action, NULL)))
        return true;
    size_t best = SIZE_MAX;
    unsigned best_likeness = 0;
    for (size_t i = 0; i < irsa_value_count(action); i++) {
        const char *text = irsa_value_text(action, i);
        unsigned likeness = text ? action_likeness(text) : 0;
        if (likeness > best_likeness) {
            best = i;
            best_likeness = likeness;
        }
    }
    if (best == SIZE_MAX)
        return false;
    irsa_repair_note(repair, "Action: \"%s\" replaced by \"" IRSA_ACTION_WEB_IDENTITY "\"",
                     irsa_value_text(action, best));
    irsa_edit_set_value(statement, "Action", best, IRSA_ACTION_WEB_IDENTITY);
    return true;
}

bool irsa_edit_repair(struct irsa_repair *repair)
{
    repair->lives = irsa_edit_statement_lives(repair->edit, repair->statement);
    repair_element_names(repair);
    repair_effect(repair);
    drop_resource(repair);
    if (!repair_principal(repair) || !repair_action(repair) || !irsa_repair_condition_keys(repair))
        return false;
    drop_unknown(repair);
    irsa_repair_condition_values(repair);
    return !repair->blocked && repair->notes.len > 0;
}
