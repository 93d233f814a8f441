/* SPDX-License-Identifier: Apache-2.0 */
/* The round that hangs on the first: the issuer's providers, roles one by one, and their policies.
 */
#include "world/live.h"

json_t *irsa_gather_parameter(const char *key, const char *value)
{
    json_t *parameters = json_object();
    json_object_set_new(parameters, key, json_string(value));
    return parameters;
}

/* --- accounts and providers ------------------------------------------------------------------- */

int irsa_gather_account_of(struct gather *gather, const char *role, const struct live_account **ret,
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
                    irsa_gather_parameter("OpenIDConnectProviderArn", arn), arn);
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

void irsa_gather_ask_inline(struct gather *gather, const struct live_account *account,
                            const char *name, const char *policy)
{
    json_t *parameters = irsa_gather_parameter("RoleName", name);
    json_object_set_new(parameters, "PolicyName", json_string(policy));
    irsa_gather_ask(gather, account, IRSA_IAM_GET_ROLE_POLICY, parameters, name);
}

static void ask_policies(struct gather *gather, const struct live_account *account,
                         const char *role, const char *name)
{
    const struct irsa_intent *intent = gather->live->intent;
    irsa_gather_ask(gather, account, IRSA_IAM_LIST_ATTACHED_ROLE_POLICIES,
                    irsa_gather_parameter("RoleName", name), name);
    irsa_gather_ask(gather, account, IRSA_IAM_LIST_ROLE_POLICIES,
                    irsa_gather_parameter("RoleName", name), name);
    for (size_t i = 0; i < intent->wish_count; i++) {
        const struct irsa_strings *policies = &intent->wishes[i].settings.policy_names;
        for (size_t k = 0; is_role_of(&intent->wishes[i], role) && k < policies->len; k++)
            irsa_gather_ask_inline(gather, account, name, policies->items[k]);
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
                            irsa_gather_parameter("OpenIDConnectProviderArn", provider->arn),
                            provider->arn);
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
                            irsa_gather_parameter("OpenIDConnectProviderArn", arn), arn);
    }
    for (size_t i = 0; i < intent->undo_sessions.len; i++) {
        const struct live_account *account = NULL;
        irsa_autofree char *name = NULL;
        if (irsa_gather_account_of(gather, intent->undo_sessions.items[i], &account, &name) != 0)
            return -1;
        if (account->aws)
            irsa_gather_ask(gather, account, IRSA_IAM_GET_ROLE,
                            irsa_gather_parameter("RoleName", name), name);
    }
    return 0;
}

static void ask_role(struct gather *gather, const struct live_account *account, const char *role,
                     const char *name)
{
    bool home = account == &gather->live->home;
    bool listed = home && gather->needs.list_roles;
    if (!home
        && (gather->live->intent->undo || roles_in(gather, account->id) > IRSA_ROLES_ONE_BY_ONE)) {
        irsa_gather_ask_listing(gather, account);
        return;
    }
    if (!listed)
        irsa_gather_ask(gather, account, IRSA_IAM_GET_ROLE, irsa_gather_parameter("RoleName", name),
                        name);
    /* A listing shows no policies; the details do. */
    if (!listed
        || (gather->needs.few && !gather->needs.details
            && irsa_strings_has(&gather->needs.used, role)))
        ask_policies(gather, account, role, name);
}

/* The answer of ListPodIdentityAssociations does not tell the role
 * (https://docs.aws.amazon.com/eks/latest/APIReference/API_PodIdentityAssociationSummary.html). */
static void ask_associations(struct gather *gather)
{
    const struct live *live = gather->live;
    const struct irsa_facts *facts = gather->facts;
    irsa_auto_strings wanted = {0};
    for (size_t i = 0; i < facts->association_count; i++) {
        const struct irsa_pod_identity_association *one = &facts->associations[i];
        if (one->id && !one->role_arn
            && (live->intent->service_accounts.len == 0
                || irsa_live_is_asked_for(live->intent, one->namespace_, one->service_account)))
            irsa_strings_add(&wanted, one->id);
    }
    for (size_t i = 0; wanted.len <= IRSA_ROLES_ONE_BY_ONE && i < wanted.len; i++) {
        json_t *parameters = irsa_gather_parameter("associationId", wanted.items[i]);
        json_object_set_new(parameters, "clusterName", json_string(live->cluster_name));
        irsa_gather_ask(gather, &live->home, IRSA_EKS_DESCRIBE_POD_IDENTITY_ASSOCIATION, parameters,
                        wanted.items[i]);
    }
}

int irsa_gather_roles(struct gather *gather, bool accounts)
{
    const struct irsa_strings *roles = &gather->needs.roles;
    const struct live_account *home = &gather->live->home;
    bool undo = gather->live->intent->undo;
    if (accounts && !undo)
        irsa_live_needs_annotated(gather->live->intent, gather->facts, home->id, &gather->needs);
    ask_provider(gather, home);
    ask_associations(gather);
    ask_doomed(gather);
    if (undo && ask_undone(gather) != 0)
        return -1;
    for (size_t i = 0; i < roles->len; i++) {
        const struct live_account *account = NULL;
        irsa_autofree char *name = NULL;
        if (irsa_gather_account_of(gather, roles->items[i], &account, &name) != 0)
            return -1;
        if (irsa_gather_enter(gather, account))
            ask_role(gather, account, roles->items[i], name);
    }
    if (irsa_gather_simulations(gather, accounts, false) != 0
        || irsa_gather_other_accounts(gather) != 0 || irsa_gather_round(gather) != 0)
        return -1;
    return irsa_gather_take_new(gather);
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
    const struct irsa_facts *facts = gather->facts;
    for (size_t i = 0; i < facts->role_count; i++) {
        const struct irsa_role *role = &facts->roles[i];
        if (strcmp(role->name, read->subject) == 0 && strcmp(role->account, read->account->id) == 0)
            json_object_set_new(read->call.answer, "RoleArn", json_string(role->arn));
    }
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

int irsa_gather_take_new(struct gather *gather)
{
    for (; gather->taken < gather->read_count; gather->taken++) {
        const struct live_read *read = gather->reads[gather->taken];
        const struct irsa_error *error = read->call.error;
        if (error && irsa_error_kind(error) == IRSA_E_NOT_FOUND)
            note_absent(gather, read);
        if (!error && take_read(gather, read) != 0)
            return -1;
    }
    return 0;
}
