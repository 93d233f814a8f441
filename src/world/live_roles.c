/* SPDX-License-Identifier: Apache-2.0 */
/* The round that hangs on the first: the issuer's providers, roles one by one, and their policies.
 */
#include "world/live.h"

static json_t *parameter(const char *key, const char *value)
{
    json_t *parameters = json_object();
    json_object_set_new(parameters, key, json_string(value));
    return parameters;
}

/* --- accounts and providers ------------------------------------------------------------------- */

/* The account that a wished role is in, and its name (borrowed from `role`). */
static int account_of(struct gather *gather, const char *role, const struct live_account **ret,
                      char **ret_name)
{
    irsa_auto_role_arn arn = {0};
    irsa_auto_error ignored = NULL;
    if (irsa_role_arn_parse(role, &arn, &ignored) != 0) {
        *ret = &gather->live->home;
        *ret_name = irsa_strdup(role);
        return 0;
    }
    *ret_name = irsa_steal(&arn.name);
    return irsa_live_account(gather->live, arn.account, ret, gather->reterr);
}

/* The ARN that the issuer's provider has in that account; the caller's, NULL: no issuer is known.
 */
static char *provider_arn(const struct live *live, const struct live_account *account)
{
    irsa_auto_issuer issuer = {0};
    irsa_auto_error ignored = NULL;
    if (!live->issuer || irsa_issuer_parse(live->issuer, &issuer, &ignored) != 0)
        return NULL;
    return irsa_provider_arn_text(live->partition ? live->partition : "aws", account->id,
                                  issuer.host_path);
}

/* Where the listing shows that it is not there, it is not asked for. */
static void ask_provider(struct gather *gather, const struct live_account *account)
{
    irsa_autofree char *arn = provider_arn(gather->live, account);
    const struct live_read *listing =
        irsa_gather_find(gather, IRSA_IAM_LIST_PROVIDERS, account, NULL);
    if (!arn || (listing && !irsa_facts_provider(gather->facts, arn)))
        return;
    irsa_gather_ask(gather, account, IRSA_IAM_GET_PROVIDER,
                    parameter("OpenIDConnectProviderArn", arn), arn);
}

bool irsa_gather_enter(struct gather *gather, const struct live_account *account)
{
    if (!account->aws) {
        irsa_gather_note(gather, "NoAccess", account->id);
        return false;
    }
    if (account != &gather->live->home) {
        irsa_gather_ask(gather, account, IRSA_IAM_LIST_PROVIDERS, NULL, NULL);
        ask_provider(gather, account);
    }
    return true;
}

/* --- roles ------------------------------------------------------------------------------------ */

static bool is_role_of(const struct irsa_wish *wish, const char *role)
{
    return wish->role && strcmp(wish->role, role) == 0;
}

static void ask_inline(struct gather *gather, const struct live_account *account, const char *name,
                       const char *policy)
{
    json_t *parameters = parameter("RoleName", name);
    json_object_set_new(parameters, "PolicyName", json_string(policy));
    irsa_gather_ask(gather, account, IRSA_IAM_GET_ROLE_POLICY, parameters, name);
}

static void ask_role(struct gather *gather, const struct live_account *account, const char *role,
                     const char *name)
{
    const struct irsa_intent *intent = gather->live->intent;
    irsa_gather_ask(gather, account, IRSA_IAM_GET_ROLE, parameter("RoleName", name), name);
    irsa_gather_ask(gather, account, IRSA_IAM_LIST_ATTACHED_ROLE_POLICIES,
                    parameter("RoleName", name), name);
    irsa_gather_ask(gather, account, IRSA_IAM_LIST_ROLE_POLICIES, parameter("RoleName", name),
                    name);
    for (size_t i = 0; i < intent->wish_count; i++) {
        const struct irsa_strings *policies = &intent->wishes[i].settings.policy_names;
        for (size_t k = 0; is_role_of(&intent->wishes[i], role) && k < policies->len; k++)
            ask_inline(gather, account, name, policies->items[k]);
    }
}

/* Service accounts of the manifests name roles too. Those of home are listed with the others; where
 * they are not, those of the accounts asked for are still of interest. */
static bool is_wanted(const struct gather *gather, const struct irsa_service_account *account,
                      const char *role_account)
{
    const struct live *live = gather->live;
    if (strcmp(role_account, live->home.id) != 0)
        return true;
    return !gather->needs.list_roles
           && irsa_live_is_asked_for(live->intent, account->namespace_, account->name);
}

static void add_annotated(struct gather *gather)
{
    const struct irsa_facts *facts = gather->facts;
    for (size_t i = 0; i < facts->service_account_count; i++) {
        const struct irsa_service_account *account = &facts->service_accounts[i];
        const char *value =
            json_string_value(json_object_get(account->annotations, IRSA_ANNOTATION_ROLE_ARN));
        irsa_auto_role_arn arn = {0};
        irsa_auto_error ignored = NULL;
        if (value && irsa_role_arn_parse(value, &arn, &ignored) == 0
            && is_wanted(gather, account, arn.account)
            && !irsa_strings_has(&gather->needs.roles, value))
            irsa_strings_add(&gather->needs.roles, value);
    }
}

static size_t roles_in(const struct gather *gather, const char *account)
{
    size_t count = 0;
    for (size_t i = 0; i < gather->needs.roles.len; i++) {
        irsa_auto_role_arn arn = {0};
        irsa_auto_error ignored = NULL;
        if (irsa_role_arn_parse(gather->needs.roles.items[i], &arn, &ignored) == 0)
            count += strcmp(arn.account, account) == 0;
    }
    return count;
}

/* Providers that may be deleted: what they are like is kept, so that it can be taken back. */
static void ask_doomed(struct gather *gather)
{
    const struct live *live = gather->live;
    for (size_t i = 0; live->intent->allow[IRSA_CLASS_DELETE] && i < gather->facts->provider_count;
         i++) {
        const struct irsa_provider *provider = &gather->facts->providers[i];
        if (strcmp(provider->account, live->home.id) == 0)
            irsa_gather_ask(gather, &live->home, IRSA_IAM_GET_PROVIDER,
                            parameter("OpenIDConnectProviderArn", provider->arn), provider->arn);
    }
}

/* What a rollback is about besides roles: providers, and the settings that no listing shows with
 * the policies. */
static int ask_undone(struct gather *gather)
{
    const struct irsa_intent *intent = gather->live->intent;
    for (size_t i = 0; i < intent->undo_providers.len; i++) {
        const char *arn = intent->undo_providers.items[i];
        const struct live_account *account = NULL;
        irsa_auto_arn parsed = {0};
        if (irsa_arn_parse(arn, &parsed, gather->reterr) != 0
            || irsa_live_account(gather->live, parsed.account, &account, gather->reterr) != 0)
            return -1;
        bool home = account == &gather->live->home;
        if (irsa_gather_enter(gather, account)
            && (!home || irsa_facts_provider(gather->facts, arn)))
            irsa_gather_ask(gather, account, IRSA_IAM_GET_PROVIDER,
                            parameter("OpenIDConnectProviderArn", arn), arn);
    }
    for (size_t i = 0; i < intent->undo_sessions.len; i++) {
        const struct live_account *account = NULL;
        irsa_autofree char *name = NULL;
        if (account_of(gather, intent->undo_sessions.items[i], &account, &name) != 0)
            return -1;
        if (account->aws)
            irsa_gather_ask(gather, account, IRSA_IAM_GET_ROLE, parameter("RoleName", name), name);
    }
    return 0;
}

int irsa_gather_roles(struct gather *gather)
{
    const struct irsa_strings *roles = &gather->needs.roles;
    const struct live_account *home = &gather->live->home;
    bool undo = gather->live->intent->undo;
    if (!undo)
        add_annotated(gather);
    ask_provider(gather, home);
    ask_doomed(gather);
    if (undo && ask_undone(gather) != 0)
        return -1;
    for (size_t i = 0; i < roles->len; i++) {
        const struct live_account *account = NULL;
        irsa_autofree char *name = NULL;
        if (account_of(gather, roles->items[i], &account, &name) != 0)
            return -1;
        if (!irsa_gather_enter(gather, account) || (account == home && gather->needs.list_roles))
            continue;
        if (account != home && (undo || roles_in(gather, account->id) > IRSA_ROLES_ONE_BY_ONE))
            irsa_gather_ask_listing(gather, account);
        else
            ask_role(gather, account, roles->items[i], name);
    }
    return 0;
}

/* --- taking ----------------------------------------------------------------------------------- */

static void note_absent(struct gather *gather, const struct live_read *read)
{
    if (read->call.operation == IRSA_IAM_GET_ROLE) {
        irsa_autofree char *text = irsa_format("%s/%s", read->account->id, read->subject);
        irsa_gather_note(gather, "AbsentRoles", text);
    } else if (read->call.operation == IRSA_IAM_GET_PROVIDER) {
        irsa_gather_note(gather, "AbsentProviders", read->subject);
    }
}

/* The answers about a role's policies name the role alone: its ARN tells the account. */
static void add_role_arn(const struct gather *gather, const struct live_read *read)
{
    const struct live_read *role =
        irsa_gather_find(gather, IRSA_IAM_GET_ROLE, read->account, read->subject);
    const char *arn = role ? irsa_json_string(role->call.answer, "Role", "Arn", NULL) : NULL;
    if (arn)
        json_object_set_new(read->call.answer, "RoleArn", json_string(arn));
}

static int take_read(struct gather *gather, const struct live_read *read)
{
    switch (read->call.operation) {
    case IRSA_IAM_LIST_ATTACHED_ROLE_POLICIES:
    case IRSA_IAM_LIST_ROLE_POLICIES:
    case IRSA_IAM_GET_ROLE_POLICY:
        add_role_arn(gather, read);
        break;
    case IRSA_IAM_LIST_PROVIDERS:
        /* An empty list does not say whose it is. */
        irsa_gather_note(gather, "ListedProviders", read->account->id);
        if (json_array_size(json_object_get(read->call.answer, "OpenIDConnectProviderList")) == 0)
            return 0;
        break;
    default:
        break;
    }
    return irsa_gather_take(gather, read);
}

/* What this round and later ones brought; that of the first was taken one by one. */
static int take_from(struct gather *gather, size_t first)
{
    for (size_t i = first; i < gather->read_count; i++) {
        const struct live_read *read = gather->reads[i];
        const struct irsa_error *error = read->call.error;
        if (error && irsa_error_kind(error) == IRSA_E_NOT_FOUND)
            note_absent(gather, read);
        if (!error && take_read(gather, read) != 0)
            return -1;
    }
    return 0;
}

static bool is_of_second_round(enum irsa_aws_operation operation)
{
    return operation == IRSA_IAM_GET_PROVIDER || operation == IRSA_IAM_GET_ROLE
           || operation == IRSA_IAM_LIST_ATTACHED_ROLE_POLICIES
           || operation == IRSA_IAM_LIST_ROLE_POLICIES || operation == IRSA_IAM_GET_ROLE_POLICY;
}

int irsa_gather_take_roles(struct gather *gather)
{
    size_t first = 0;
    while (first < gather->read_count && !is_of_second_round(gather->reads[first]->call.operation)
           && gather->reads[first]->account == &gather->live->home)
        first++;
    return take_from(gather, first);
}

/* --- policy documents ------------------------------------------------------------------------- */

static bool needs_documents(const struct irsa_intent *intent, const char *role)
{
    for (size_t i = 0; i < intent->wish_count; i++) {
        if (is_role_of(&intent->wishes[i], role) && intent->wishes[i].need_count > 0)
            return true;
    }
    return false;
}

static void ask_managed(struct gather *gather, const struct live_account *account, const char *arn)
{
    const struct irsa_managed_policy *known = irsa_facts_managed_policy(gather->facts, arn);
    if (arn && !(known && known->policy))
        irsa_gather_ask(gather, account, IRSA_IAM_GET_POLICY, parameter("PolicyArn", arn), arn);
}

/* The details of a role in a listing, or NULL. */
static const json_t *details_of(const struct gather *gather, const struct live_account *account,
                                const char *name)
{
    const struct live_read *read =
        irsa_gather_find(gather, IRSA_IAM_GET_ACCOUNT_AUTHORIZATION_DETAILS, account, NULL);
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(json_object_get(read ? read->call.answer : NULL, "RoleDetailList"), i, item)
    {
        const char *there = irsa_json_string(item, "RoleName", NULL);
        if (there && strcmp(there, name) == 0)
            return item;
    }
    return NULL;
}

static const json_t *answer_of(const struct gather *gather, enum irsa_aws_operation operation,
                               const struct live_account *account, const char *name)
{
    const struct live_read *read = irsa_gather_find(gather, operation, account, name);
    return read ? read->call.answer : NULL;
}

static void ask_documents(struct gather *gather, const struct live_account *account,
                          const char *name)
{
    const json_t *details = details_of(gather, account, name);
    const json_t *role =
        details ? details
                : json_object_get(answer_of(gather, IRSA_IAM_GET_ROLE, account, name), "Role");
    const json_t *attached =
        details ? json_object_get(details, "AttachedManagedPolicies")
                : json_object_get(
                    answer_of(gather, IRSA_IAM_LIST_ATTACHED_ROLE_POLICIES, account, name),
                    "AttachedPolicies");
    const json_t *names = json_object_get(
        answer_of(gather, IRSA_IAM_LIST_ROLE_POLICIES, account, name), "PolicyNames");
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(attached, i, item)
    {
        ask_managed(gather, account, irsa_json_string(item, "PolicyArn", NULL));
    }
    ask_managed(gather, account,
                irsa_json_string(role, "PermissionsBoundary", "PermissionsBoundaryArn", NULL));
    json_array_foreach(names, i, item)
    {
        ask_inline(gather, account, name, json_string_value(item));
    }
}

static void ask_versions(struct gather *gather, size_t first)
{
    size_t end = gather->read_count;
    for (size_t i = first; i < end; i++) {
        const struct live_read *read = gather->reads[i];
        const char *version =
            irsa_json_string(read->call.answer, "Policy", "DefaultVersionId", NULL);
        if (read->call.operation != IRSA_IAM_GET_POLICY || !version)
            continue;
        json_t *parameters = parameter("PolicyArn", read->subject);
        json_object_set_new(parameters, "VersionId", json_string(version));
        irsa_gather_ask(gather, read->account, IRSA_IAM_GET_POLICY_VERSION, parameters,
                        read->subject);
    }
}

int irsa_gather_documents(struct gather *gather)
{
    const struct irsa_strings *roles = &gather->needs.roles;
    size_t first = gather->read_count;
    for (size_t i = 0; i < roles->len; i++) {
        const struct live_account *account = NULL;
        irsa_autofree char *name = NULL;
        if (!needs_documents(gather->live->intent, roles->items[i]))
            continue;
        if (account_of(gather, roles->items[i], &account, &name) != 0)
            return -1;
        if (account->aws)
            ask_documents(gather, account, name);
    }
    if (gather->read_count == first)
        return 0;
    if (irsa_gather_round(gather) != 0)
        return -1;
    ask_versions(gather, first);
    if (irsa_gather_round(gather) != 0)
        return -1;
    return take_from(gather, first);
}
