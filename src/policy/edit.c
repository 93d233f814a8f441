/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/edit.h"

#include <strings.h>

void irsa_edit_result_done(struct irsa_edit_result *result)
{
    json_decref(result->document);
    json_decref(result->pattern_document);
    irsa_strings_done(&result->notes);
    *result = (struct irsa_edit_result){0};
}

/* --- one edit --------------------------------------------------------------------------------- */

static void edit_done(struct irsa_edit *edit)
{
    irsa_provider_arn_done(&edit->role);
    free(edit->namespace_);
    free(edit->service_account);
    free(edit->sub_key);
    free(edit->aud_key);
    json_decref(edit->context);
    json_decref(edit->document);
    irsa_policy_free(edit->base);
    irsa_neighbours_done(&edit->neighbours);
}
#define auto_edit IRSA_CLEANUP(edit_done) struct irsa_edit

static int edit_init(struct irsa_edit *edit, const struct irsa_trust_wish *wish,
                     struct irsa_error **reterr)
{
    if (irsa_provider_arn_parse(wish->provider_arn, &edit->role, reterr) != 0)
        return irsa_wrap(reterr, "provider \"%s\"", wish->provider_arn);
    if (!irsa_subject_parse(wish->subject, &edit->namespace_, &edit->service_account))
        return irsa_fail(reterr, IRSA_E_PARSE, "\"%s\" is no subject of a service account",
                         wish->subject);
    edit->wish = wish;
    edit->sub_key = irsa_format("%s:sub", wish->issuer);
    edit->aud_key = irsa_format("%s:aud", wish->issuer);
    edit->context = irsa_request_web_identity_context(wish->provider_arn, wish->issuer,
                                                      wish->subject, wish->audience);
    edit->request = (struct irsa_request){.principal_type = "Federated",
                                          .principal = wish->provider_arn,
                                          .action = IRSA_ACTION_WEB_IDENTITY,
                                          .context = edit->context,
                                          .issuer = wish->issuer};
    return 0;
}

/* --- the document's own level ----------------------------------------------------------------- */

static bool version_known(const json_t *document)
{
    const json_t *version = json_object_get(document, "Version");
    const char *text = json_string_value(version);
    return !version
           || (text && (strcmp(text, "2012-10-17") == 0 || strcmp(text, "2008-10-17") == 0));
}

/* What IAM refuses of the document as a whole
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html). */
static void repair_document(json_t *document, const json_t *template_policy,
                            struct irsa_strings *notes)
{
    static const char *const names[] = {"Version", "Statement"};
    for (size_t i = 0; i < IRSA_COUNT(names); i++) {
        irsa_autofree char *plural = irsa_format("%ss", names[i]);
        const char *key = irsa_edit_find_key(document, names[i]);
        if (!key)
            key = irsa_edit_find_key(document, plural);
        if (!key || json_object_get(document, names[i]))
            continue;
        irsa_strings_take(notes, irsa_format("%s: element renamed \"%s\"", key, names[i]));
        irsa_autofree char *old = irsa_strdup(key);
        irsa_edit_rename(document, old, names[i], NULL);
    }
    if (version_known(document))
        return;
    json_t *version = json_object_get(template_policy, "Version");
    irsa_strings_take(notes, irsa_format("Version: replaced by \"%s\"",
                                         version ? json_string_value(version) : "2012-10-17"));
    (void)json_object_set_new(document, "Version",
                              version ? json_incref(version) : json_string("2012-10-17"));
}

/* --- ways that end an edit -------------------------------------------------------------------- */

static int deny_in_the_way(const struct irsa_policy *policy, const struct irsa_edit *edit,
                           struct irsa_error **reterr)
{
    irsa_auto_verdict verdict = {0};
    irsa_policy_evaluate(policy, &edit->request, &verdict);
    (void)irsa_fail(reterr, IRSA_E_CONFLICT,
                    "Statement[%zu]%s%s%s denies \"%s\", and a Deny statement is never removed",
                    verdict.statement, verdict.sid ? " (Sid " : "", verdict.sid ? verdict.sid : "",
                    verdict.sid ? ")" : "", edit->wish->subject);
    return irsa_hint(reterr, "whoever wrote the Deny decides: take the subject out of it by hand");
}

static void give(struct irsa_edit_result *ret, enum irsa_edit_how how, json_t *document,
                 size_t statement)
{
    ret->how = how;
    ret->document = document;
    ret->statement = statement;
}

static int create_document(const struct irsa_edit *edit, const char *why,
                           struct irsa_edit_result *ret, struct irsa_error **reterr)
{
    const json_t *template_policy = edit->wish->template_policy;
    irsa_auto_policy policy = irsa_policy_new(template_policy, IRSA_POLICY_TRUST);
    if (!irsa_edit_passes(irsa_policy_decide(policy, &edit->request)))
        return irsa_fail(reterr, IRSA_E_CONFLICT, "the trust policy template does not allow \"%s\"",
                         edit->wish->subject);
    irsa_strings_take(&ret->notes, irsa_format("document: replaced, %s", why));
    give(ret, IRSA_EDIT_CREATED, json_deep_copy(template_policy), 0);
    return 0;
}

static size_t allowing_statement(const struct irsa_policy *policy, const struct irsa_edit *edit)
{
    irsa_auto_verdict verdict = {0};
    irsa_policy_evaluate(policy, &edit->request, &verdict);
    return verdict.statement == SIZE_MAX ? 0 : verdict.statement;
}

static void note_unknown(const struct irsa_policy *policy, const struct irsa_edit *edit,
                         struct irsa_strings *notes)
{
    irsa_auto_verdict verdict = {0};
    irsa_policy_evaluate(policy, &edit->request, &verdict);
    if (verdict.unknown_principal)
        irsa_strings_add(notes, "hangs on whether principal \"*\" lets in tokens of a provider, "
                                "which no page of AWS says");
    if (verdict.unknown_keys.len == 0)
        return;
    irsa_autofree char *keys = irsa_strings_join(&verdict.unknown_keys, ", ", " and ");
    irsa_strings_take(notes, irsa_format("hangs on %s, which can't be known beforehand", keys));
}

/* --- the steps -------------------------------------------------------------------------------- */

static void move_notes(struct irsa_strings *to, struct irsa_strings *from)
{
    for (size_t i = 0; i < from->len; i++)
        irsa_strings_add(to, from->items[i]);
}

/* The wider alternative, where it would allow the wish too. */
static json_t *pattern_document(const struct irsa_edit *edit, const struct irsa_repair *repair)
{
    if (!repair->pattern)
        return NULL;
    json_auto_t *statement = json_deep_copy(repair->statement);
    (void)json_object_set(statement, "Condition", repair->pattern);
    json_auto_t *document = irsa_edit_with_statement(edit->document, repair->index, statement);
    irsa_auto_policy policy = irsa_policy_new(document, IRSA_POLICY_TRUST);
    if (!irsa_edit_passes(irsa_policy_decide(policy, &edit->request)))
        return NULL;
    return irsa_steal(&document);
}

static bool take_repair(struct irsa_repair *repair, struct irsa_edit_result *ret)
{
    const struct irsa_edit *edit = repair->edit;
    json_auto_t *document =
        irsa_edit_with_statement(edit->document, repair->index, repair->statement);
    if (!irsa_edit_prove(edit, document, false))
        return false;
    ret->pattern_document = pattern_document(edit, repair);
    move_notes(&ret->notes, &repair->notes);
    give(ret, repair->joined ? IRSA_EDIT_MERGED : IRSA_EDIT_REPAIRED, irsa_steal(&document),
         repair->index);
    return true;
}

static bool take_rejoin(const struct irsa_repair *repair, struct irsa_edit_result *ret)
{
    json_auto_t *document = irsa_edit_rejoin(repair);
    if (!document || !irsa_edit_prove(repair->edit, document, false))
        return false;
    irsa_strings_take(&ret->notes,
                      irsa_format("Statement[%zu]: joined Statement[%zu], nothing is left of it",
                                  repair->index, repair->index - 1));
    give(ret, IRSA_EDIT_MERGED, irsa_steal(&document), repair->index - 1);
    return true;
}

static bool take_split(struct irsa_repair *repair, struct irsa_edit_result *ret)
{
    const struct irsa_edit *edit = repair->edit;
    size_t statement = 0;
    bool joined = false;
    json_auto_t *document = irsa_edit_split(repair, &statement, &joined);
    if (!document || !irsa_edit_prove(edit, document, false))
        return false;
    if (!joined)
        move_notes(&ret->notes, &repair->notes);
    irsa_strings_take(&ret->notes,
                      irsa_format("Statement[%zu]: \"%s\" moved to Statement[%zu], the other "
                                  "subjects stay as they were",
                                  joined ? repair->index : statement + 1, edit->wish->subject,
                                  statement));
    give(ret, joined ? IRSA_EDIT_MERGED : IRSA_EDIT_REPAIRED, irsa_steal(&document), statement);
    return true;
}

/* The nearest statement that can be repaired so that the proof holds. blocker: what must stay and
 * keeps out a statement that names this very subject. */
static bool try_repairs(const struct irsa_edit *edit, struct irsa_edit_result *ret,
                        char **ret_blocker)
{
    size_t count;
    struct irsa_candidate *candidates = irsa_edit_find(edit, &count);
    bool done = false;
    for (size_t i = 0; i < count && !done; i++) {
        struct irsa_repair repair = {.edit = edit, .index = candidates[i].statement};
        repair.statement =
            json_deep_copy(irsa_edit_statement(edit->document, candidates[i].statement));
        if (irsa_edit_repair(&repair)) {
            done =
                take_rejoin(&repair, ret) || take_repair(&repair, ret) || take_split(&repair, ret);
        } else if (repair.blocked && repair.notes.len == 0 && !*ret_blocker
                   && candidates[i].likeness == IRSA_LIKE_EXACT) {
            *ret_blocker = irsa_steal(&repair.blocked_by);
        }
        irsa_repair_done(&repair);
    }
    free(candidates);
    return done;
}

static bool try_merge(const struct irsa_edit *edit, struct irsa_edit_result *ret)
{
    irsa_auto_strings notes = {0};
    size_t statement = 0;
    json_auto_t *document = irsa_edit_merge_subject(edit, &statement, &notes);
    if (!document || !irsa_edit_prove(edit, document, false))
        return false;
    move_notes(&ret->notes, &notes);
    give(ret, IRSA_EDIT_MERGED, irsa_steal(&document), statement);
    return true;
}

static int add_statement(const struct irsa_edit *edit, struct irsa_edit_result *ret,
                         struct irsa_error **reterr)
{
    irsa_auto_strings notes = {0};
    size_t statement = 0;
    json_auto_t *document = irsa_edit_add_template(edit, &statement, &notes);
    if (!document || !irsa_edit_prove(edit, document, true)) {
        (void)irsa_fail(reterr, IRSA_E_CONFLICT,
                        "the statement of the trust policy template does not allow \"%s\" here",
                        edit->wish->subject);
        return irsa_hint(reterr, "see its conditions in templates/trust-policy.json");
    }
    move_notes(&ret->notes, &notes);
    give(ret, IRSA_EDIT_ADDED, irsa_steal(&document), statement);
    return 0;
}

static int edit_document(const struct irsa_edit *edit, struct irsa_edit_result *ret,
                         struct irsa_error **reterr)
{
    irsa_autofree char *blocker = NULL;
    if (!edit->neighbours.cut && try_repairs(edit, ret, &blocker))
        return 0;
    if (irsa_edit_hopeless(edit->document))
        return create_document(edit, "no statement of it could let anybody in", ret, reterr);
    if (!edit->neighbours.cut && try_merge(edit, ret))
        return 0;
    if (blocker) {
        (void)irsa_fail(reterr, IRSA_E_CONFLICT,
                        "%s keeps \"%s\" out, and a condition of the author's is never removed",
                        blocker, edit->wish->subject);
        return irsa_hint(reterr, "take the condition out by hand, or leave the binding as it is");
    }
    return add_statement(edit, ret, reterr);
}

static int edit_with_base(const struct irsa_policy *policy, struct irsa_edit *edit,
                          struct irsa_edit_result *ret, struct irsa_error **reterr)
{
    const json_t *original = irsa_policy_document(policy);
    if (!json_is_object(original))
        return create_document(edit, "it is no policy", ret, reterr);
    edit->document = json_deep_copy(original);
    repair_document(edit->document, edit->wish->template_policy, &ret->notes);
    edit->base = irsa_policy_new(edit->document, IRSA_POLICY_TRUST);
    enum irsa_decision decision = irsa_policy_decide(edit->base, &edit->request);
    if (decision == IRSA_DECISION_DENIED_EXPLICIT)
        return deny_in_the_way(edit->base, edit, reterr);
    if (irsa_edit_passes(decision)) {
        /* the text was wrong (a key twice), or the document's own level: all else is right */
        if (ret->notes.len == 0)
            irsa_strings_add(&ret->notes, "document: written again, IAM refuses its text");
        give(ret, IRSA_EDIT_REPAIRED, json_incref(edit->document),
             allowing_statement(edit->base, edit));
        return 0;
    }
    irsa_neighbours_add_binding(&edit->neighbours, edit->wish->provider_arn, edit->wish->issuer,
                                edit->wish->subject, edit->wish->audience);
    irsa_neighbours_collect(&edit->neighbours, edit->document, edit->role.partition,
                            edit->role.account);
    return edit_document(edit, ret, reterr);
}

/* Statements not concerned are left alone, also where IAM would not take the document for them. */
static void note_refused(struct irsa_edit_result *result)
{
    irsa_auto_policy policy = irsa_policy_new(result->document, IRSA_POLICY_TRUST);
    size_t count = 0;
    const struct irsa_policy_issue *issues = irsa_policy_issues(policy, &count);
    for (size_t i = 0; i < count; i++) {
        if (issues[i].fatal)
            irsa_strings_take(&result->notes, irsa_format("%s: IAM still refuses it: %s",
                                                          issues[i].where, issues[i].message));
    }
}

int irsa_policy_edit_allow(const struct irsa_policy *policy, const struct irsa_trust_wish *wish,
                           struct irsa_edit_result *ret, struct irsa_error **reterr)
{
    auto_edit edit = {0};
    if (edit_init(&edit, wish, reterr) != 0)
        return -1;
    irsa_auto_edit_result result = {0};
    enum irsa_decision decision = irsa_policy_decide(policy, &edit.request);
    if (decision == IRSA_DECISION_DENIED_EXPLICIT)
        return deny_in_the_way(policy, &edit, reterr);
    if (irsa_edit_passes(decision)) {
        give(&result, IRSA_EDIT_NONE, json_deep_copy(irsa_policy_document(policy)),
             allowing_statement(policy, &edit));
        note_unknown(policy, &edit, &result.notes);
    } else if (edit_with_base(policy, &edit, &result, reterr) != 0) {
        return -1;
    } else {
        note_refused(&result);
    }
    *ret = result;
    result = (struct irsa_edit_result){0};
    return 0;
}
