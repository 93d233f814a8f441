/* SPDX-License-Identifier: Apache-2.0 */
/* Trust in issuers that no longer exist, and which issuers a policy names at all. */
#include "policy/edit.h"

#include <strings.h>

/* --- the issuers named ------------------------------------------------------------------------ */

static bool has_ignoring_case(const struct irsa_strings *strings, const char *text)
{
    for (size_t i = 0; i < strings->len; i++) {
        if (strcasecmp(strings->items[i], text) == 0)
            return true;
    }
    return false;
}

static void add_issuer(struct irsa_strings *ret, const char *text)
{
    irsa_auto_issuer issuer = {0};
    irsa_auto_error ignored = NULL;
    if (irsa_issuer_parse(text, &issuer, &ignored) == 0
        && !has_ignoring_case(ret, issuer.host_path))
        irsa_strings_add(ret, issuer.host_path);
}

static void add_principals(const json_t *principal, struct irsa_strings *ret)
{
    const json_t *federated = json_object_get(principal, "Federated");
    for (size_t i = 0; i < irsa_value_count(federated); i++) {
        irsa_auto_provider_arn arn = {0};
        irsa_auto_error ignored = NULL;
        const char *text = irsa_value_text(federated, i);
        if (text && irsa_provider_arn_parse(text, &arn, &ignored) == 0)
            add_issuer(ret, arn.host_path);
    }
}

/* Principals first: their letter case counts, that of keys does not. */
void irsa_policy_issuers(const struct irsa_policy *policy, struct irsa_strings *ret)
{
    irsa_auto_model own = NULL;
    const struct irsa_model *model = irsa_model_for_once(policy, &own);
    for (size_t i = 0; i < model->statement_count; i++)
        add_principals(model->statements[i].principal, ret);
    for (size_t i = 0; i < model->condition_count; i++) {
        const char *key = model->conditions[i].key;
        irsa_autofree char *prefix = irsa_strndup(key, irsa_key_prefix_length(key));
        if (strchr(prefix, '/') && irsa_key_claim(key))
            add_issuer(ret, prefix);
    }
}

/* --- what is taken out ------------------------------------------------------------------------ */

struct pruning {
    const struct irsa_repoint *place;
    const struct irsa_strings *gone;
    const struct irsa_policy *before;
    const struct irsa_policy *after;
};

static bool is_gone_issuer(const struct pruning *pruning, const char *issuer)
{
    return has_ignoring_case(pruning->gone, issuer);
}

static bool is_gone_provider(const struct pruning *pruning, const char *text)
{
    irsa_auto_provider_arn arn = {0};
    irsa_auto_error ignored = NULL;
    return text && irsa_provider_arn_parse(text, &arn, &ignored) == 0
           && strcmp(arn.account, pruning->place->account) == 0
           && strcmp(arn.partition, pruning->place->partition) == 0
           && irsa_strings_has(pruning->gone, arn.host_path);
}

static bool key_is_gone(const struct pruning *pruning, const char *key)
{
    irsa_autofree char *prefix = irsa_strndup(key, irsa_key_prefix_length(key));
    return irsa_key_claim(key) && is_gone_issuer(pruning, prefix);
}

/* A test of an issuer's claims that is still there: the statement was meant for that one too. */
static bool tests_another_issuer(const struct pruning *pruning,
                                 const struct irsa_statement *statement)
{
    for (size_t i = 0; i < statement->condition_count; i++) {
        const char *key = statement->conditions[i].key;
        if (irsa_key_claim(key) && memchr(key, '/', irsa_key_prefix_length(key))
            && !key_is_gone(pruning, key))
            return true;
    }
    return false;
}

static bool names_gone(const struct pruning *pruning, const struct irsa_statement *statement,
                       bool *ret_as_principal)
{
    const json_t *federated = json_object_get(statement->principal, "Federated");
    for (size_t i = 0; i < irsa_value_count(federated) && !*ret_as_principal; i++)
        *ret_as_principal = is_gone_provider(pruning, irsa_value_text(federated, i));
    bool named = *ret_as_principal;
    for (size_t i = 0; i < statement->condition_count && !named; i++)
        named = key_is_gone(pruning, statement->conditions[i].key);
    return named;
}

/* The Federated principals that stay; a lone one stays in its form. */
static void drop_principals(const struct pruning *pruning, json_t *principal)
{
    json_t *federated = json_object_get(principal, "Federated");
    json_auto_t *rest = json_array();
    for (size_t i = 0; i < irsa_value_count(federated); i++) {
        if (!is_gone_provider(pruning, irsa_value_text(federated, i)))
            (void)json_array_append(rest, irsa_value_at(federated, i));
    }
    if (json_array_size(rest) > 0)
        (void)json_object_set(principal, "Federated", rest);
    else
        (void)json_object_del(principal, "Federated");
}

/* --- the proof -------------------------------------------------------------------------------- */

static bool is_sound(const struct irsa_neighbour *neighbour, void *context)
{
    const struct pruning *pruning = context;
    int before = irsa_edit_openness(pruning->before, &neighbour->request);
    int after = irsa_edit_openness(pruning->after, &neighbour->request);
    const char *issuer = neighbour->request.issuer;
    return issuer && is_gone_issuer(pruning, issuer) ? after <= before : after == before;
}

static bool prove(struct pruning *pruning, const json_t *after)
{
    struct irsa_neighbours neighbours = {0};
    irsa_auto_policy policy = irsa_policy_new(after, IRSA_POLICY_TRUST);
    irsa_autofree char *arn = irsa_provider_arn_text(
        pruning->place->partition, pruning->place->account, pruning->gone->items[0]);
    irsa_neighbours_add_binding(&neighbours, arn, pruning->gone->items[0],
                                "system:serviceaccount:prune:probe", IRSA_DEFAULT_AUDIENCE);
    irsa_neighbours_collect(&neighbours, irsa_policy_document(pruning->before),
                            pruning->place->partition, pruning->place->account);
    pruning->after = policy;
    bool sound = !neighbours.cut && irsa_neighbours_each(&neighbours, is_sound, pruning);
    pruning->after = NULL;
    irsa_neighbours_done(&neighbours);
    return sound;
}

/* --- statement by statement ------------------------------------------------------------------- */

/* The statement as it shall be (a new reference), NULL: it goes. */
static json_t *prune_statement(const struct pruning *pruning, size_t index,
                               struct irsa_repoint_result *ret)
{
    const struct irsa_statement *statement = &irsa_model_of(pruning->before)->statements[index];
    json_t *original = json_deep_copy(statement->json);
    bool as_principal = false;
    if (!json_is_object(original) || statement->malformed
        || !names_gone(pruning, statement, &as_principal))
        return original;
    irsa_autofree char *name =
        irsa_edit_statement_name(irsa_policy_document(pruning->before), index);
    const char *reason = statement->deny            ? "what denies is never removed"
                         : statement->not_principal ? "it has NotPrincipal"
                         : !as_principal ? "only its conditions name the issuer that is gone"
                                         : NULL;
    json_t *principal = json_object_get(original, "Principal");
    if (!reason)
        drop_principals(pruning, principal);
    bool empty = !reason && json_object_size(principal) == 0;
    if (empty && tests_another_issuer(pruning, statement))
        reason = "its conditions test another issuer: `irsa-fix plan` repairs such a statement";
    if (reason) {
        irsa_strings_take(&ret->left, irsa_format("%s: %s", name, reason));
        json_decref(original);
        return json_deep_copy(statement->json);
    }
    irsa_strings_take(&ret->notes, irsa_format("%s: %s", name,
                                               empty ? "removed, its issuer is gone"
                                                     : "principals whose issuer is gone removed"));
    if (!empty)
        return original;
    json_decref(original);
    return NULL;
}

int irsa_policy_edit_prune(const struct irsa_policy *policy, const struct irsa_repoint *repoint,
                           const struct irsa_strings *gone, struct irsa_repoint_result *ret,
                           struct irsa_error **reterr)
{
    const struct irsa_model *model = irsa_model_of(policy);
    const json_t *document = model->document;
    if (!json_is_object(document) || !model->usable)
        return irsa_fail(reterr, IRSA_E_CONFLICT, "the trust policy can't be understood");
    irsa_auto_repoint_result result = {.document = json_deep_copy(document)};
    struct pruning pruning = {.place = repoint, .gone = gone, .before = policy};
    json_t *statements = json_array();
    for (size_t i = 0; i < model->statement_count; i++) {
        json_t *statement = prune_statement(&pruning, i, &result);
        if (statement)
            (void)json_array_append_new(statements, statement);
    }
    result.changed = result.notes.len > 0;
    if (json_is_array(json_object_get(document, "Statement")) || json_array_size(statements) != 1)
        (void)json_object_set(result.document, "Statement", statements);
    else
        (void)json_object_set(result.document, "Statement", json_array_get(statements, 0));
    bool empty = json_array_size(statements) == 0;
    json_decref(statements);
    if (empty) {
        (void)irsa_fail(reterr, IRSA_E_CONFLICT,
                        "nothing would be left of the trust policy, and IAM takes none without a "
                        "statement");
        return irsa_hint(reterr, "delete the role if nobody needs it, or re-point it");
    }
    if (result.changed && !prove(&pruning, result.document))
        return irsa_fail(reterr, IRSA_E_CONFLICT,
                         "it can't be proven that nobody else's access would change");
    *ret = result;
    result = (struct irsa_repoint_result){0};
    return 0;
}
