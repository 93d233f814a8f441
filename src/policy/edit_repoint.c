/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole trust policy from one issuer to another.
 *
 * Why it is right by construction: a statement whose conditions name the old issuer, but not the
 * new one, decides about the new issuer's token after the edit as it decided about the same token
 * of the old issuer, since the two change places in it and nothing else does. For anybody else
 * neither issuer's keys are in the request, before and after. What is left to make sure, statement
 * by statement, is that it decided nothing about the new issuer's tokens before, and decides
 * nothing about the old one's (beside it: about anybody else) after; may_match tells, with subject
 * and audience not known. A Deny that can't be taken along takes everything back. The proof by
 * requests that follows is the net under that.
 */
#include "policy/edit.h"

#include <strings.h>

void irsa_repoint_result_done(struct irsa_repoint_result *result)
{
    json_decref(result->document);
    irsa_strings_done(&result->notes);
    irsa_strings_done(&result->left);
    *result = (struct irsa_repoint_result){0};
}

/* What stands for one statement: itself, another, both, or nothing. */
struct step {
    bool concerned; /* decides about tokens of the old issuer, which it names */
    bool taken;
    bool beside;        /* the old form stays too */
    json_t *transposed; /* NULL: another statement says it already, or there is a reason */
    char *reason;       /* why it stays */
};

struct work {
    struct irsa_transposition transposition; /* from the old issuer to the new one */
    struct irsa_transposition reverse;       /* to ask what names the new one */
    const struct irsa_policy *before;
    const struct irsa_model *model; /* its own */
    const json_t *document;
    const json_t *version;
    struct step *steps;
    size_t count;
};

static void work_done(struct work *work)
{
    for (size_t i = 0; i < work->count; i++) {
        json_decref(work->steps[i].transposed);
        free(work->steps[i].reason);
    }
    free(work->steps);
}
#define auto_work IRSA_CLEANUP(work_done) struct work

/* --- whom a statement decides about ------------------------------------------------------------ */

/* Can it match any token of the issuer, whatever its subject and audience? */
static bool may_match(const struct work *work, const json_t *statement, const char *issuer)
{
    const struct irsa_repoint *repoint = work->transposition.repoint;
    json_auto_t *copy = json_copy((json_t *)statement);
    (void)json_object_set_new(copy, "Effect", json_string("Allow"));
    json_auto_t *document = json_pack("{s:O}", "Statement", copy);
    if (work->version)
        (void)json_object_set(document, "Version", (json_t *)work->version);
    irsa_auto_policy policy = irsa_policy_new(document, IRSA_POLICY_TRUST);
    irsa_autofree char *arn = irsa_provider_arn_text(repoint->partition, repoint->account, issuer);
    json_auto_t *context = json_pack("{s:s}", "aws:FederatedProvider", arn);
    struct irsa_request request = {.principal_type = "Federated",
                                   .principal = arn,
                                   .action = IRSA_ACTION_WEB_IDENTITY,
                                   .context = context,
                                   .issuer = issuer};
    return irsa_edit_passes(irsa_policy_decide(policy, &request));
}

static bool names(const struct irsa_transposition *transposition, json_t *statement)
{
    return irsa_transposition_in_principal(transposition, statement)
           || irsa_transposition_in_condition(transposition, statement);
}

/* It tests nothing of either issuer, and names both: it decides about both alike. */
static bool is_shared(const struct work *work, json_t *statement)
{
    return irsa_transposition_in_principal(&work->transposition, statement)
           && irsa_transposition_in_principal(&work->reverse, statement)
           && !irsa_transposition_in_condition(&work->transposition, statement)
           && !irsa_transposition_in_condition(&work->reverse, statement);
}

/* --- the steps -------------------------------------------------------------------------------- */

/* A statement that is not to be changed says it already. */
static bool is_said(const struct work *work, const json_t *transposed)
{
    for (size_t i = 0; i < work->count; i++) {
        json_t *other = irsa_edit_statement(work->document, i);
        if (other && !work->steps[i].concerned
            && irsa_edit_covers(work->version, other, (json_t *)transposed))
            return true;
    }
    return false;
}

/* Why the statement can't be put to the new issuer, or NULL. */
static const char *find_obstacle(const struct work *work, size_t index)
{
    json_t *statement = irsa_edit_statement(work->document, index);
    const struct irsa_repoint *repoint = work->transposition.repoint;
    bool deny = work->model->statements[index].deny;
    if (irsa_transposition_in_condition(&work->reverse, statement))
        return "its conditions name the new issuer too";
    if (!deny && irsa_transposition_in_condition(&work->transposition, statement)
        && may_match(work, statement, repoint->to))
        return "it lets the new issuer's tokens in as well, by other conditions than the old one's";
    return NULL;
}

/* The same for the form that it would get. */
static const char *find_obstacle_after(const struct work *work, size_t index,
                                       const json_t *transposed)
{
    const struct irsa_repoint *repoint = work->transposition.repoint;
    bool deny = work->model->statements[index].deny;
    if (!repoint->keep_old && deny)
        return NULL; /* to deny the old issuer more is no harm */
    if (may_match(work, transposed, repoint->from))
        return "re-pointed it would decide about the old issuer's tokens too";
    if (repoint->keep_old && may_match(work, transposed, "nobody.invalid/none"))
        return "a copy of it would decide about others than the new issuer's tokens";
    return NULL;
}

static void plan_step(struct work *work, size_t index)
{
    struct step *step = &work->steps[index];
    json_t *statement = irsa_edit_statement(work->document, index);
    bool keeping = work->transposition.repoint->keep_old;
    if (keeping && is_shared(work, statement))
        return;
    const char *obstacle = find_obstacle(work, index);
    if (!obstacle) {
        json_auto_t *transposed =
            irsa_transpose(&work->transposition, statement, keeping, &step->reason);
        if (!transposed || is_said(work, transposed))
            return;
        obstacle = find_obstacle_after(work, index, transposed);
        step->transposed = irsa_steal(&transposed);
    }
    if (obstacle)
        step->reason = irsa_strdup(obstacle);
}

/* What names the old issuer and decides nothing about its tokens: a Deny of that kind is no matter,
 * an Allow was meant for them. */
static void plan_dead(struct work *work, size_t index)
{
    const struct irsa_statement *statement = &work->model->statements[index];
    if (statement->malformed)
        work->steps[index].reason = irsa_format("it can't be understood: %s",
                                                statement->flaw ? statement->flaw : "malformed");
    else if (!statement->deny)
        work->steps[index].reason =
            irsa_strdup("it lets nobody in as it stands; `irsa-fix plan` repairs what is wrong "
                        "with such a statement");
}

static void plan_steps(struct work *work)
{
    const char *from = work->transposition.repoint->from;
    work->steps = irsa_calloc(work->count + 1, sizeof(struct step));
    for (size_t i = 0; i < work->count; i++) {
        json_t *statement = irsa_edit_statement(work->document, i);
        work->steps[i].concerned = statement && !work->model->statements[i].malformed
                                   && names(&work->transposition, statement)
                                   && may_match(work, statement, from);
    }
    for (size_t i = 0; i < work->count; i++) {
        json_t *statement = irsa_edit_statement(work->document, i);
        if (work->steps[i].concerned)
            plan_step(work, i);
        else if (statement && names(&work->transposition, statement))
            plan_dead(work, i);
        work->steps[i].taken = work->steps[i].concerned && !work->steps[i].reason;
    }
}

/* --- what denies ------------------------------------------------------------------------------ */

static bool is_denying(const struct work *work, size_t index)
{
    return work->model->statements[index].deny;
}

/* True when an Allow other than those that are re-pointed may let tokens of the issuer in. */
static bool is_let_in_otherwise(const struct work *work, const char *issuer)
{
    for (size_t i = 0; i < work->count; i++) {
        json_t *statement = irsa_edit_statement(work->document, i);
        if (statement && !is_denying(work, i) && !work->steps[i].taken
            && may_match(work, statement, issuer))
            return true;
    }
    return false;
}

/* What denies bounds what the old issuer had, and so what the new one may get: it must come along
 * as a whole, and must not meet what the new issuer has already. */
static int check_denials(struct work *work, struct irsa_error **reterr)
{
    const struct irsa_repoint *repoint = work->transposition.repoint;
    bool new_let_in = is_let_in_otherwise(work, repoint->to);
    bool old_let_in = is_let_in_otherwise(work, repoint->from);
    for (size_t i = 0; i < work->count; i++) {
        struct step *step = &work->steps[i];
        json_t *statement = irsa_edit_statement(work->document, i);
        if (!statement || !is_denying(work, i))
            continue;
        irsa_autofree char *name = irsa_edit_statement_name(work->document, i);
        if (step->reason)
            return irsa_fail(reterr, IRSA_E_CONFLICT, "%s denies, and %s", name, step->reason);
        if (step->transposed && new_let_in)
            return irsa_fail(reterr, IRSA_E_CONFLICT,
                             "%s denies tokens of the old issuer, and another statement lets the "
                             "new one's in: which of those shall be denied is for a person to say",
                             name);
        if (!step->concerned && names(&work->reverse, statement)
            && may_match(work, statement, repoint->from))
            return irsa_fail(reterr, IRSA_E_CONFLICT,
                             "%s denies the old issuer's tokens in terms of the new one", name);
        step->beside = old_let_in;
    }
    return 0;
}

/* --- the document ----------------------------------------------------------------------------- */

/* A Sid is unique in its policy; the copy gets one of its own. */
static json_t *with_own_sid(const json_t *document, const json_t *statement)
{
    json_t *copy = json_deep_copy(statement);
    const char *sid = json_string_value(json_object_get(copy, "Sid"));
    if (sid) {
        irsa_autofree char *unique = irsa_edit_unique_sid(document, sid);
        (void)json_object_set_new(copy, "Sid", json_string(unique));
    }
    return copy;
}

static void append_step(const struct work *work, size_t index, json_t *document, json_t *statements)
{
    const struct step *step = &work->steps[index];
    bool stays = work->transposition.repoint->keep_old || step->beside;
    const json_t *all = json_object_get(work->document, "Statement");
    json_t *original = json_is_array(all) ? json_array_get(all, index) : (json_t *)all;
    if (!step->taken || stays)
        (void)json_array_append_new(statements, json_deep_copy(original));
    if (!step->taken || !step->transposed)
        return;
    if (stays)
        (void)json_array_append_new(statements, with_own_sid(document, step->transposed));
    else
        (void)json_array_append_new(statements, json_deep_copy(step->transposed));
}

static json_t *assemble(const struct work *work)
{
    json_t *document = json_deep_copy(work->document);
    /* The Sids of all, those of copies among them, are looked up while it grows. */
    json_auto_t *seen = json_deep_copy(work->document);
    if (!json_is_array(json_object_get(seen, "Statement")))
        (void)json_object_set_new(seen, "Statement",
                                  json_pack("[O]", json_object_get(document, "Statement")));
    json_t *statements = json_array();
    for (size_t i = 0; i < work->count; i++) {
        size_t before = json_array_size(statements);
        append_step(work, i, seen, statements);
        for (size_t k = before; k < json_array_size(statements); k++)
            (void)json_array_append(json_object_get(seen, "Statement"),
                                    json_array_get(statements, k));
    }
    bool lone = json_is_object(json_object_get(work->document, "Statement"));
    if (lone && json_array_size(statements) == 1) {
        (void)json_object_set(document, "Statement", json_array_get(statements, 0));
        json_decref(statements);
    } else {
        (void)json_object_set_new(document, "Statement", statements);
    }
    return document;
}

/* --- results ---------------------------------------------------------------------------------- */

static void take_notes(const struct work *work, struct irsa_repoint_result *ret)
{
    const struct irsa_repoint *repoint = work->transposition.repoint;
    for (size_t i = 0; i < work->count; i++) {
        const struct step *step = &work->steps[i];
        irsa_autofree char *name = irsa_edit_statement_name(work->document, i);
        if (step->reason)
            irsa_strings_take(&ret->left, irsa_format("%s: %s", name, step->reason));
        if (!step->taken)
            continue;
        if (step->transposed)
            irsa_strings_take(&ret->notes,
                              irsa_format("%s: \"%s\" %s \"%s\"", name, repoint->to,
                                          repoint->keep_old ? "added beside" : "in the place of",
                                          repoint->from));
        else if (!repoint->keep_old)
            irsa_strings_take(
                &ret->notes,
                irsa_format("%s: removed, \"%s\" is let in like that already", name, repoint->to));
    }
}

static int refuse(const struct work *work, const char *why, struct irsa_error **reterr)
{
    for (size_t i = 0; i < work->count; i++) {
        if (!work->steps[i].reason)
            continue;
        irsa_autofree char *name = irsa_edit_statement_name(work->document, i);
        return irsa_fail(reterr, IRSA_E_CONFLICT, "%s: %s", name, work->steps[i].reason);
    }
    return irsa_fail(reterr, IRSA_E_CONFLICT, "%s", why);
}

static int edit(struct work *work, struct irsa_repoint_result *ret, struct irsa_error **reterr)
{
    plan_steps(work);
    if (check_denials(work, reterr) != 0)
        return -1;
    json_auto_t *document = assemble(work);
    bool changed = !json_equal(document, work->document);
    struct irsa_repoint_proof proof = {.transposition = &work->transposition,
                                       .before = work->before};
    if (changed && !irsa_repoint_prove(&proof, document))
        return refuse(work, "it can't be proven that nobody else is concerned", reterr);
    if (changed && !proof.complete && !proof.gains)
        return refuse(work,
                      "another statement keeps the new issuer out all the same, and what denies is "
                      "never removed",
                      reterr);
    take_notes(work, ret);
    if (!changed && ret->left.len > 0)
        return refuse(work, "", reterr);
    ret->document = irsa_steal(&document);
    ret->changed = changed;
    return 0;
}

int irsa_policy_edit_repoint(const struct irsa_policy *policy, const struct irsa_repoint *repoint,
                             struct irsa_repoint_result *ret, struct irsa_error **reterr)
{
    const struct irsa_model *model = irsa_model_of(policy);
    const json_t *document = model->document;
    if (!json_is_object(document) || !model->usable)
        return irsa_fail(reterr, IRSA_E_CONFLICT, "the trust policy can't be understood");
    const struct irsa_repoint back = {.from = repoint->to, .to = repoint->from};
    irsa_autofree char *from =
        irsa_provider_arn_text(repoint->partition, repoint->account, repoint->from);
    irsa_autofree char *to =
        irsa_provider_arn_text(repoint->partition, repoint->account, repoint->to);
    auto_work work = {
        .transposition = {.repoint = repoint, .from_arn = from, .to_arn = to},
        .reverse = {.repoint = &back, .from_arn = to, .to_arn = from},
        .before = policy,
        .model = model,
        .document = document,
        .version = json_object_get(document, "Version"),
        .count = model->statement_count,
    };
    irsa_auto_repoint_result result = {0};
    if (edit(&work, &result, reterr) != 0)
        return -1;
    *ret = result;
    result = (struct irsa_repoint_result){0};
    return 0;
}
