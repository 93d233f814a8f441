/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IAM's policy simulator, asked what the roles may do that are checked for needed actions: unlike
 * irsa-fix it knows the organization's service control policies
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html).
 *
 * One call takes actions times resources, and only the top level of its result, which is about all
 * resources, shows what the organization says: so each resource has a call of its own, in one round
 * with everything else. Without a context a condition under a negated operator holds, and the
 * simulator would see a Deny of the usual policies ("all regions but ..., for all but the role
 * ..."), so it is told what is always known of a call
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html,
 * aws:PrincipalArn and aws:RequestedRegion).
 */
#include "world/live.h"

/* "ActionNameType ... max 128", "ResourceNameType ... max 2048". */
#define ACTION_MAX ((size_t)128)
#define RESOURCE_MAX ((size_t)2048)

struct question {
    const char *resource; /* borrowed */
    struct irsa_strings actions;
};
struct questions {
    struct question *items;
    size_t len;
};

static void questions_done(struct questions *questions)
{
    for (size_t i = 0; i < questions->len; i++)
        irsa_strings_done(&questions->items[i].actions);
    free(questions->items);
}
#define auto_questions IRSA_CLEANUP(questions_done) struct questions

/* Names of operations alone are what the simulator takes. */
static bool can_ask(const struct irsa_need *need)
{
    return !strpbrk(need->action, "*?") && strlen(need->action) <= ACTION_MAX
           && strlen(need->resource) <= RESOURCE_MAX;
}

static void add_need(struct questions *questions, const struct irsa_need *need)
{
    size_t i = 0;
    while (i < questions->len && strcmp(questions->items[i].resource, need->resource) != 0)
        i++;
    if (i == questions->len) {
        questions->items = irsa_grow(questions->items, questions->len, sizeof(*questions->items));
        questions->items[questions->len++] = (struct question){.resource = need->resource};
    }
    if (!irsa_strings_has(&questions->items[i].actions, need->action))
        irsa_strings_add(&questions->items[i].actions, need->action);
}

/* The account of the wish is annotated with the role. */
static bool is_annotated(const struct irsa_facts *facts, const struct irsa_wish *wish,
                         const char *role)
{
    for (size_t i = 0; i < facts->service_account_count; i++) {
        const struct irsa_service_account *account = &facts->service_accounts[i];
        const char *value =
            json_string_value(json_object_get(account->annotations, IRSA_ANNOTATION_ROLE_ARN));
        if (value && strcmp(value, role) == 0 && strcmp(account->name, wish->service_account) == 0
            && strcmp(account->namespace_, wish->namespace_) == 0)
            return true;
    }
    return false;
}

static void collect(const struct gather *gather, const char *role, bool accounts,
                    struct questions *ret)
{
    const struct irsa_intent *intent = gather->live->intent;
    for (size_t i = 0; i < intent->wish_count; i++) {
        const struct irsa_wish *wish = &intent->wishes[i];
        bool is_its = wish->role ? strcmp(wish->role, role) == 0
                                 : accounts && is_annotated(gather->facts, wish, role);
        for (size_t k = 0; is_its && k < wish->need_count; k++) {
            if (can_ask(&wish->needs[k]))
                add_need(ret, &wish->needs[k]);
        }
    }
}

/* --- asking ----------------------------------------------------------------------------------- */

static json_t *context_entry(const char *key, const char *value)
{
    return json_pack("{s:s,s:s,s:[s]}", "ContextKeyName", key, "ContextKeyType", "string",
                     "ContextKeyValues", value);
}

/* The region of the resource, else that of the cluster: pods call in their own. */
static json_t *context(const struct gather *gather, const char *role, const char *resource)
{
    irsa_auto_arn arn = {0};
    irsa_auto_error ignored = NULL;
    const char *region = irsa_aws_region(gather->live->home.aws);
    if (irsa_arn_parse(resource, &arn, &ignored) == 0 && arn.region && *arn.region
        && !strpbrk(arn.region, "*?"))
        region = arn.region;
    json_t *entries = json_array();
    json_array_append_new(entries, context_entry("aws:PrincipalArn", role));
    if (region)
        json_array_append_new(entries, context_entry("aws:RequestedRegion", region));
    return entries;
}

static void ask(struct gather *gather, const struct live_account *account, const char *arn,
                const struct question *question)
{
    json_t *parameters = json_object();
    json_t *actions = json_array();
    for (size_t i = 0; i < question->actions.len; i++)
        json_array_append_new(actions, json_string(question->actions.items[i]));
    json_object_set_new(parameters, "PolicySourceArn", json_string(arn));
    json_object_set_new(parameters, "ActionNames", actions);
    json_object_set_new(parameters, "ResourceArns", json_pack("[s]", question->resource));
    json_object_set_new(parameters, "ContextEntries", context(gather, arn, question->resource));
    irsa_gather_ask(gather, account, IRSA_IAM_SIMULATE_PRINCIPAL_POLICY, parameters, arn);
}

/* The role's ARN, where a listing or its own answer showed it. */
static const char *seen_arn(const struct gather *gather, const struct live_account *account,
                            const char *name)
{
    for (size_t i = 0; i < gather->facts->role_count; i++) {
        const struct irsa_role *role = &gather->facts->roles[i];
        if (strcmp(role->name, name) == 0 && account->id && strcmp(role->account, account->id) == 0)
            return role->arn;
    }
    return NULL;
}

/* An ARN can be asked about while nobody knows yet whether there is such a role. */
int irsa_gather_simulations(struct gather *gather, bool accounts, bool last)
{
    const struct irsa_strings *roles = &gather->needs.needed;
    for (size_t i = 0; i < roles->len; i++) {
        const struct live_account *account = NULL;
        irsa_autofree char *name = NULL;
        auto_questions questions = {0};
        if (irsa_gather_account_of(gather, roles->items[i], &account, &name) != 0)
            return -1;
        const char *arn = account->aws ? seen_arn(gather, account, name) : NULL;
        if (account->aws && !arn && !last && irsa_has_prefix(roles->items[i], "arn:"))
            arn = roles->items[i];
        if (arn)
            collect(gather, roles->items[i], accounts, &questions);
        for (size_t k = 0; k < questions.len; k++)
            ask(gather, account, arn, &questions.items[k]);
    }
    return 0;
}
