/* SPDX-License-Identifier: Apache-2.0 */
/* The evaluation with reasons: what decided, and for every other statement what failed first. */
#include "policy/issues.h"
#include "policy/match.h"

static char *join_values(const json_t *values, const char *separator)
{
    irsa_auto_buf buf = {0};
    char space[IRSA_SCALAR_SPACE];
    for (size_t i = 0; i < irsa_value_count(values); i++) {
        if (i > 0)
            irsa_buf_adds(&buf, separator);
        irsa_buf_adds(&buf, irsa_scalar_text(irsa_value_at(values, i), space));
    }
    return buf.len > 0 ? irsa_buf_steal(&buf) : irsa_strdup("(empty)");
}

static char *expected_values(const json_t *values, bool negated)
{
    irsa_autofree char *joined = join_values(values, " or ");
    return irsa_format("%s%s", negated ? "not " : "", joined);
}

/* --- principal -------------------------------------------------------------------------------- */

/* "arn:..." where all entries are of the request's type, else each with its type in front. */
static char *principal_text(const json_t *principal, const char *only_type)
{
    if (!principal)
        return irsa_strdup("(no Principal)");
    if (!json_is_object(principal))
        return join_values(principal, " or ");
    irsa_auto_buf buf = {0};
    const char *type;
    json_t *values;
    json_object_foreach((json_t *)principal, type, values)
    {
        irsa_autofree char *joined = join_values(values, " or ");
        if (buf.len > 0)
            irsa_buf_adds(&buf, " or ");
        if (!only_type)
            irsa_buf_addf(&buf, "%s ", type);
        irsa_buf_adds(&buf, joined);
    }
    return irsa_buf_steal(&buf);
}

static void explain_principal(const struct irsa_statement *statement,
                              const struct irsa_request *request, const char *path,
                              struct irsa_near_miss *ret)
{
    const char *element = statement->not_principal ? "NotPrincipal" : "Principal";
    const char *type = request->principal_type;
    const bool same_type = type && json_object_size(statement->principal) == 1
                           && json_object_get(statement->principal, type);
    irsa_autofree char *text = principal_text(statement->principal, same_type ? type : NULL);
    ret->expected = irsa_format("%s%s", statement->not_principal ? "not " : "", text);
    const char *found = request->principal ? request->principal : "(not in the request)";
    ret->found = same_type || !type ? irsa_strdup(found) : irsa_format("%s %s", type, found);
    ret->where = same_type ? irsa_format("%s.%s.%s", path, element, type)
                           : irsa_format("%s.%s", path, element);
}

/* --- conditions ------------------------------------------------------------------------------- */

static const char *comparison_words(const struct irsa_operator *op)
{
    const bool date = op->family == IRSA_FAMILY_DATE;
    switch (op->comparison) {
    case IRSA_CMP_LT:
        return date ? "before " : "less than ";
    case IRSA_CMP_LE:
        return date ? "at or before " : "at most ";
    case IRSA_CMP_GT:
        return date ? "after " : "more than ";
    case IRSA_CMP_GE:
        return date ? "at or after " : "at least ";
    case IRSA_CMP_EQ:
    default:
        return op->negated ? "not " : "";
    }
}

static bool operator_known(const struct irsa_condition *condition)
{
    struct irsa_operator op;
    return irsa_operator_parse(condition->operator_, &op);
}

static char *expected_of(const struct irsa_condition *condition)
{
    if (!condition->known)
        return irsa_strdup(operator_known(condition) ? "strings, numbers or booleans as values"
                                                     : "a condition operator that IAM has");
    if (condition->op.family != IRSA_FAMILY_NULL) {
        irsa_autofree char *values = join_values(condition->values, " or ");
        return irsa_format("%s%s", comparison_words(&condition->op), values);
    }
    irsa_autofree char *joined = join_values(condition->values, " or ");
    if (strcmp(joined, "true") == 0)
        return irsa_strdup("(not in the request)");
    return strcmp(joined, "false") == 0 ? irsa_strdup("(in the request)") : irsa_steal(&joined);
}

static char *found_values(const struct irsa_condition *condition, const json_t *values)
{
    irsa_autofree char *joined = join_values(values, ", ");
    const bool undecided = condition->op.set == IRSA_SET_NONE && irsa_value_count(values) > 1;
    return irsa_format("%s%s", joined, undecided ? " (several values, and no set operator)" : "");
}

static char *found_of(const struct irsa_condition *condition, const struct irsa_request *request)
{
    if (!condition->known)
        return irsa_strdup(operator_known(condition) ? "other values" : condition->operator_);
    const json_t *values = NULL;
    switch (irsa_request_key(request, condition->key, &values)) {
    case IRSA_KEY_PRESENT:
        return found_values(condition, values);
    case IRSA_KEY_ABSENT:
        return irsa_strdup("(not in the request)");
    case IRSA_KEY_UNKNOWN:
    default:
        return irsa_strdup("(not known)");
    }
}

static void explain_condition(const struct irsa_condition *condition,
                              const struct irsa_request *request, const char *path,
                              struct irsa_near_miss *ret)
{
    ret->where = irsa_format("%s.Condition.%s.%s", path, condition->operator_, condition->key);
    ret->operator_ = irsa_strdup(condition->operator_);
    ret->key = irsa_strdup(condition->key);
    ret->expected = expected_of(condition);
    ret->found = found_of(condition, request);
}

/* --- one statement ---------------------------------------------------------------------------- */

struct scan {
    enum irsa_tri result;
    enum irsa_element first; /* the first that failed, or else the first not known */
    const struct irsa_condition *condition;
    size_t matched;
    struct irsa_strings unknown;
    bool principal_unknown;
};

static void scan_add(struct scan *scan, enum irsa_tri one, enum irsa_element element,
                     const struct irsa_condition *condition)
{
    if (one == IRSA_YES)
        scan->matched++;
    else if (scan->result == IRSA_YES || (scan->result == IRSA_MAYBE && one == IRSA_NO)) {
        scan->first = element;
        scan->condition = condition;
    }
    scan->result = irsa_tri_and(scan->result, one);
}

/* Keys count as unknown only where the element as a whole hangs on them. */
static void keep_unknown(struct scan *scan, enum irsa_tri one, struct irsa_strings *keys)
{
    for (size_t i = 0; i < keys->len && one == IRSA_MAYBE; i++) {
        if (!irsa_strings_has(&scan->unknown, keys->items[i]))
            irsa_strings_add(&scan->unknown, keys->items[i]);
    }
    irsa_strings_done(keys);
    *keys = (struct irsa_strings){0};
}

static void scan_statement(const struct irsa_model *policy, const struct irsa_statement *statement,
                           const struct irsa_request *request, struct scan *ret)
{
    *ret = (struct scan){.result = IRSA_YES};
    /* What it has in order still counts for how near it is. */
    if (statement->malformed)
        scan_add(ret, IRSA_NO, IRSA_ELEMENT_STATEMENT, NULL);
    struct irsa_strings keys = {0};
    if (policy->kind == IRSA_POLICY_TRUST) {
        const enum irsa_tri one = irsa_match_principal(policy, statement, request);
        ret->principal_unknown = one == IRSA_MAYBE;
        scan_add(ret, one, IRSA_ELEMENT_PRINCIPAL, NULL);
    }
    scan_add(ret, irsa_match_action(statement, request), IRSA_ELEMENT_ACTION, NULL);
    if (policy->kind == IRSA_POLICY_IDENTITY) {
        const enum irsa_tri one = irsa_resource_test(policy, statement, request, &keys);
        keep_unknown(ret, one, &keys);
        scan_add(ret, one, IRSA_ELEMENT_RESOURCE, NULL);
    }
    for (size_t i = 0; i < statement->condition_count; i++) {
        const struct irsa_condition *condition = &statement->conditions[i];
        const enum irsa_tri one = irsa_condition_test(policy, condition, request, &keys);
        keep_unknown(ret, one, &keys);
        scan_add(ret, one, IRSA_ELEMENT_CONDITION, condition);
    }
}

static void explain(const struct irsa_model *policy, size_t index, const struct scan *scan,
                    const struct irsa_request *request, struct irsa_near_miss *ret)
{
    const struct irsa_statement *statement = &policy->statements[index];
    irsa_autofree char *path = irsa_statement_path(policy, index);
    *ret = (struct irsa_near_miss){
        .statement = index,
        .sid = statement->sid ? irsa_strdup(statement->sid) : NULL,
        .deny = statement->deny,
        .element = scan->first,
        .unknown = scan->result == IRSA_MAYBE,
        .matched_before = scan->matched,
    };
    switch (scan->first) {
    case IRSA_ELEMENT_PRINCIPAL:
        explain_principal(statement, request, path, ret);
        break;
    case IRSA_ELEMENT_ACTION:
        ret->where = irsa_format("%s.%s", path, statement->not_action ? "NotAction" : "Action");
        ret->expected = expected_values(statement->action, statement->not_action);
        ret->found = irsa_strdup(request->action);
        break;
    case IRSA_ELEMENT_RESOURCE:
        ret->where =
            irsa_format("%s.%s", path, statement->not_resource ? "NotResource" : "Resource");
        ret->expected = statement->resource
                            ? expected_values(statement->resource, statement->not_resource)
                            : irsa_strdup("(no Resource)");
        ret->found = irsa_strdup(request->resource ? request->resource : "(not in the request)");
        break;
    case IRSA_ELEMENT_CONDITION:
        explain_condition(scan->condition, request, path, ret);
        break;
    case IRSA_ELEMENT_STATEMENT:
    case IRSA_ELEMENT_NONE:
    default:
        ret->where = irsa_steal(&path);
        ret->expected = irsa_strdup("a statement that IAM accepts");
        ret->found = irsa_strdup(statement->flaw ? statement->flaw : "");
        break;
    }
}

/* --- the verdict ------------------------------------------------------------------------------ */

static void decide_by(struct irsa_verdict *ret, const struct irsa_model *policy, size_t index)
{
    const char *sid = policy->statements[index].sid;
    ret->statement = index;
    free(ret->sid);
    ret->sid = sid ? irsa_strdup(sid) : NULL;
}

static void merge_unknown(struct irsa_strings *into, const struct irsa_strings *from)
{
    for (size_t i = 0; i < from->len; i++) {
        if (!irsa_strings_has(into, from->items[i]))
            irsa_strings_add(into, from->items[i]);
    }
}

void irsa_policy_evaluate(const struct irsa_policy *policy, const struct irsa_request *request,
                          struct irsa_verdict *ret)
{
    *ret = (struct irsa_verdict){.statement = SIZE_MAX,
                                 .decision = irsa_policy_decide(policy, request)};
    const struct irsa_model *model = irsa_model_of(policy);
    if (!model->usable || model->statement_count == 0)
        return;
    ret->misses = irsa_calloc(model->statement_count, sizeof(*ret->misses));
    bool allowed = false;
    for (size_t i = 0; i < model->statement_count; i++) {
        const bool deny = model->statements[i].deny;
        struct scan scan;
        scan_statement(model, &model->statements[i], request, &scan);
        if (scan.result != IRSA_YES) {
            explain(model, i, &scan, request, &ret->misses[ret->miss_count++]);
            if (scan.result == IRSA_MAYBE && ret->decision == IRSA_DECISION_UNKNOWN
                && (deny || !allowed)) {
                merge_unknown(&ret->unknown_keys, &scan.unknown);
                ret->unknown_principal = ret->unknown_principal || scan.principal_unknown;
            }
        } else if (deny ? ret->decision == IRSA_DECISION_DENIED_EXPLICIT
                              && ret->statement == SIZE_MAX
                        : ret->decision == IRSA_DECISION_ALLOWED && ret->statement == SIZE_MAX) {
            decide_by(ret, model, i);
        }
        allowed = allowed || (scan.result == IRSA_YES && !deny);
        irsa_strings_done(&scan.unknown);
    }
}

void irsa_verdict_done(struct irsa_verdict *verdict)
{
    for (size_t i = 0; i < verdict->miss_count; i++) {
        struct irsa_near_miss *miss = &verdict->misses[i];
        free(miss->sid);
        free(miss->where);
        free(miss->operator_);
        free(miss->key);
        free(miss->expected);
        free(miss->found);
    }
    free(verdict->misses);
    free(verdict->sid);
    irsa_strings_done(&verdict->unknown_keys);
    *verdict = (struct irsa_verdict){0};
}

const struct irsa_near_miss *irsa_verdict_nearest(const struct irsa_verdict *verdict)
{
    const struct irsa_near_miss *best = NULL;
    for (size_t i = 0; i < verdict->miss_count; i++) {
        const struct irsa_near_miss *miss = &verdict->misses[i];
        if (!miss->deny && (!best || miss->matched_before > best->matched_before))
            best = miss;
    }
    return best;
}
