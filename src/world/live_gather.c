/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading AWS in as few rounds as possible. First what depends on nothing: the caller, the cluster,
 * the providers and, where they are listed, the roles. Then what those name: the issuer's provider,
 * single roles and what hangs on them, other accounts. Policy documents come last, and only where
 * an action that is needed is checked against them.
 */
#include "world/live_kube.h"

#include "world/captured.h"

/* --- the first round -------------------------------------------------------------------------- */

static json_t *cluster_parameter(const char *key, const char *name)
{
    json_t *parameters = json_object();
    json_object_set_new(parameters, key, json_string(name));
    return parameters;
}

static void ask_cluster(struct gather *gather, const char *name)
{
    const struct irsa_intent *intent = gather->live->intent;
    const struct live_account *home = &gather->live->home;
    struct live_read *read = irsa_gather_ask(gather, home, IRSA_EKS_DESCRIBE_CLUSTER,
                                             cluster_parameter("name", name), name);
    if (read && gather->live->eks) /* it may have been asked on the way to the API server */
        read->call.answer = irsa_live_eks_take_cluster(gather->live->eks, name);
    if (!gather->needs.associations)
        return;
    json_t *parameters = cluster_parameter("clusterName", name);
    /* One account alone can be asked for. */
    if (intent->service_accounts.len == 1 && !strpbrk(intent->service_accounts.items[0], "*?")) {
        const char *account = intent->service_accounts.items[0];
        const char *slash = strchr(account, '/');
        json_object_set_new(parameters, "serviceAccount", json_string(slash ? slash + 1 : account));
        if (slash)
            json_object_set_new(parameters, "namespace",
                                json_stringn(account, (size_t)(slash - account)));
        else if (intent->namespaces.len == 1 && !strpbrk(intent->namespaces.items[0], "*?"))
            json_object_set_new(parameters, "namespace", json_string(intent->namespaces.items[0]));
    }
    irsa_gather_ask(gather, home, IRSA_EKS_LIST_POD_IDENTITY_ASSOCIATIONS, parameters, name);
}

/* 1,000 is the most that IAM gives in one answer
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html, MaxItems). */
void irsa_gather_ask_listing(struct gather *gather, const struct live_account *account)
{
    json_t *parameters = json_object();
    json_object_set_new(parameters, "MaxItems", json_integer(1000));
    if (!gather->needs.details) {
        irsa_gather_ask(gather, account, IRSA_IAM_LIST_ROLES, parameters, NULL);
        return;
    }
    json_t *filter = json_array();
    json_array_append_new(filter, json_string("Role"));
    if (gather->needs.documents)
        json_array_append_new(filter, json_string("LocalManagedPolicy"));
    json_object_set_new(parameters, "Filter", filter);
    irsa_gather_ask(gather, account, IRSA_IAM_GET_ACCOUNT_AUTHORIZATION_DETAILS, parameters, NULL);
}

static int learn_home(struct gather *gather)
{
    struct live *live = gather->live;
    const struct live_read *read = gather->reads[0];
    const char *account = irsa_json_string(read->call.answer, "Account", NULL);
    irsa_auto_arn arn = {0};
    irsa_auto_error ignored = NULL;
    if (!account) {
        *gather->reterr = irsa_steal(&gather->reads[0]->call.error);
        if (*gather->reterr)
            return -1;
        return irsa_fail(gather->reterr, IRSA_E_PARSE,
                         "sts:GetCallerIdentity: no Account in the answer");
    }
    if (!live->home.id)
        live->home.id = irsa_strdup(account);
    if (!live->partition
        && irsa_arn_parse(irsa_json_string(read->call.answer, "Arn", NULL), &arn, &ignored) == 0)
        live->partition = irsa_steal(&arn.partition);
    return irsa_gather_take(gather, read);
}

static int first_round(struct gather *gather)
{
    struct live *live = gather->live;
    const struct live_account *home = &live->home;
    irsa_gather_ask(gather, home, IRSA_STS_GET_CALLER_IDENTITY, NULL, NULL);
    if (gather->needs.describe_cluster && live->intent->cluster_name)
        ask_cluster(gather, live->intent->cluster_name);
    else if (gather->needs.list_clusters)
        irsa_gather_ask(gather, home, IRSA_EKS_LIST_CLUSTERS, NULL, NULL);
    irsa_gather_ask(gather, home, IRSA_IAM_LIST_PROVIDERS, NULL, NULL);
    irsa_gather_ask(gather, home, IRSA_IAM_LIST_ACCOUNT_ALIASES, NULL, NULL);
    if (gather->needs.list_roles)
        irsa_gather_ask_listing(gather, home);
    if (irsa_gather_round(gather) != 0)
        return -1;
    return learn_home(gather);
}

/* --- the cluster ------------------------------------------------------------------------------ */

static void strings_of(const json_t *array, struct irsa_strings *ret)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(array, i, item)
    {
        if (json_is_string(item))
            irsa_strings_add(ret, json_string_value(item));
    }
    irsa_strings_sort(ret);
}

/* The only cluster of the region. */
static int choose_cluster(struct gather *gather)
{
    struct live *live = gather->live;
    const char *region = irsa_aws_region(live->home.aws);
    const struct live_read *read =
        irsa_gather_find(gather, IRSA_EKS_LIST_CLUSTERS, &live->home, NULL);
    irsa_auto_strings names = {0};
    if (!read)
        return 0;
    strings_of(json_object_get(read->call.answer, "clusters"), &names);
    irsa_autofree char *old = irsa_live_old_cluster(live);
    if (old && names.len == 2 && irsa_strings_has(&names, old)) {
        ask_cluster(gather, names.items[strcmp(names.items[0], old) == 0 ? 1 : 0]);
        return irsa_gather_round(gather);
    }
    if (names.len == 0) {
        (void)irsa_fail(gather->reterr, IRSA_E_NOT_FOUND, "account %s has no EKS cluster in %s",
                        live->home.id, region);
        return irsa_hint(gather->reterr,
                         "choose the region with --region, the account with "
                         "--profile; for a cluster that is not EKS's set `issuer` in "
                         "irsa-fix.ini");
    }
    if (names.len > 1) {
        irsa_autofree char *all = irsa_strings_join(&names, ", ", " and ");
        (void)irsa_fail(gather->reterr, IRSA_E_NOT_FOUND, "account %s has %zu clusters in %s: %s",
                        live->home.id, names.len, region, all);
        return irsa_hint(gather->reterr, "choose one with --cluster NAME");
    }
    ask_cluster(gather, names.items[0]);
    return irsa_gather_round(gather);
}

/* The read of DescribeCluster, answered or not; NULL: it was not asked for. */
static const struct live_read *cluster_read(const struct gather *gather)
{
    for (size_t i = 0; i < gather->read_count; i++) {
        if (gather->reads[i]->call.operation == IRSA_EKS_DESCRIBE_CLUSTER)
            return gather->reads[i];
    }
    return NULL;
}

static int cluster_missing(struct gather *gather, const char *name)
{
    const struct live *live = gather->live;
    irsa_auto_strings names = {0};
    struct irsa_error *none = NULL;
    struct irsa_aws_call call = {.aws = live->home.aws, .operation = IRSA_EKS_LIST_CLUSTERS};
    struct irsa_aws_call *calls[] = {&call};
    irsa_live_lock_aws(gather->live);
    irsa_aws_call_all(calls, 1);
    irsa_live_unlock_aws(gather->live);
    strings_of(json_object_get(call.answer, "clusters"), &names);
    irsa_aws_call_done(&call);
    irsa_error_free(none);
    if (irsa_strings_has(&names, name)) {
        irsa_log(
            IRSA_LOG_WARNING,
            "eks:ListClusters names cluster \"%s\", but eks:DescribeCluster does not find it: it "
            "is probably being deleted, or was just made",
            name);
        irsa_gather_note(gather, "Undescribed", name);
        return 0;
    }
    (void)irsa_fail(gather->reterr, IRSA_E_NOT_FOUND, "account %s has no cluster \"%s\" in %s",
                    live->home.id, name, irsa_aws_region(live->home.aws));
    const char *near = irsa_nearest(name, (const char *const *)names.items, names.len);
    if (near)
        return irsa_hint(gather->reterr, "did you mean %s?", near);
    irsa_autofree char *all = irsa_strings_join(&names, ", ", " and ");
    return names.len > 0
               ? irsa_hint(gather->reterr, names.len > 1 ? "there are %s" : "there is %s", all)
               : irsa_hint(gather->reterr, "is it another --region or --profile?");
}

static int learn_cluster(struct gather *gather)
{
    struct live *live = gather->live;
    if (gather->needs.list_clusters && choose_cluster(gather) != 0)
        return -1;
    const struct live_read *read = cluster_read(gather);
    const char *issuer = live->intent->issuer;
    if (read && read->call.error && irsa_error_kind(read->call.error) == IRSA_E_NOT_FOUND
        && cluster_missing(gather, read->subject) != 0)
        return -1;
    if (read && read->call.answer) {
        const char *seen =
            irsa_json_string(read->call.answer, "cluster", "identity", "oidc", "issuer", NULL);
        issuer = seen ? seen : issuer;
        if (irsa_gather_take(gather, read) != 0)
            return -1;
    }
    const struct live_read *associations = irsa_gather_find(
        gather, IRSA_EKS_LIST_POD_IDENTITY_ASSOCIATIONS, &live->home, read ? read->subject : NULL);
    if (associations && irsa_gather_take(gather, associations) != 0)
        return -1;
    free(irsa_steal(&live->issuer));
    free(irsa_steal(&live->cluster_name));
    live->issuer = issuer ? irsa_strdup(issuer) : NULL;
    const char *name = read ? read->subject : live->intent->cluster_name;
    live->cluster_name = name ? irsa_strdup(name) : NULL;
    return 0;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* The answer does not say whose they are. */
static int take_aliases(struct gather *gather)
{
    const struct live_account *home = &gather->live->home;
    const struct live_read *read =
        irsa_gather_find(gather, IRSA_IAM_LIST_ACCOUNT_ALIASES, home, NULL);
    if (!read || json_array_size(json_object_get(read->call.answer, "AccountAliases")) == 0)
        return 0;
    json_object_set_new(read->call.answer, "Account", json_string(home->id));
    return irsa_gather_take(gather, read);
}

static int take_listings(struct gather *gather)
{
    static const enum irsa_aws_operation listings[] = {IRSA_IAM_LIST_PROVIDERS, IRSA_IAM_LIST_ROLES,
                                                       IRSA_IAM_GET_ACCOUNT_AUTHORIZATION_DETAILS};
    for (size_t i = 0; i < IRSA_COUNT(listings); i++) {
        const struct live_read *read =
            irsa_gather_find(gather, listings[i], &gather->live->home, NULL);
        if (read && irsa_gather_take(gather, read) != 0)
            return -1;
    }
    return take_aliases(gather);
}

/* Some denied reads leave an answer with gaps; when all were, there is none. */
static int check_enough(struct gather *gather)
{
    irsa_auto_strings actions = {0};
    if (gather->answered > 0 || gather->denied == 0)
        return 0;
    for (size_t i = 0; i < gather->read_count; i++) {
        const struct irsa_error *error = gather->reads[i]->call.error;
        const char *label = irsa_aws_label(gather->reads[i]->call.operation);
        if (error && irsa_error_kind(error) == IRSA_E_ACCESS && !irsa_strings_has(&actions, label))
            irsa_strings_add(&actions, label);
    }
    irsa_autofree char *all = irsa_strings_join(&actions, ", ", " and ");
    (void)irsa_fail(gather->reterr, IRSA_E_ACCESS, "%s may read nothing: %s were denied",
                    irsa_json_string(gather->reads[0]->call.answer, "Arn", NULL), all);
    irsa_autofree char *command = irsa_suggest(gather->live->intent, IRSA_TOOL_PERMISSIONS,
                                               "irsa-fix permissions plan", NULL);
    return irsa_hint(gather->reterr, "%s prints the policy that is needed", command);
}

/* What depends on nothing. */
static int read_first(struct gather *gather)
{
    if (first_round(gather) != 0 || learn_cluster(gather) != 0 || take_listings(gather) != 0)
        return -1;
    gather->taken = gather->read_count;
    return 0;
}

/* What hangs on that. annotated: annotations are known, and the roles that they name are wanted. */
static int read_second(struct gather *gather, bool annotated)
{
    if (irsa_gather_roles(gather, annotated) != 0 || irsa_gather_clusters(gather) != 0)
        return -1;
    /* Other clusters are noted, but are no facts. */
    gather->taken = gather->read_count;
    return 0;
}

/* The roles of a few accounts are read one by one when their annotations are known. That is waited
 * for before the second round, or else it would take a third. Where AWS has told nothing so far, it
 * says so first. */
static bool waits_for_kubernetes(const struct gather *gather)
{
    return gather->live->kube && gather->needs.few && gather->answered > 0;
}

/* Roles that annotations name, and what is asked about roles last. */
static int read_rest(struct gather *gather)
{
    if (gather->live->kube && irsa_gather_roles(gather, true) != 0)
        return -1;
    return irsa_gather_documents(gather);
}

static void forget_documents(struct live *live)
{
    for (size_t i = 0; i < live->document_count; i++) {
        free(live->documents[i].name);
        json_decref(live->documents[i].content);
    }
    free(live->documents);
    live->documents = NULL;
    live->document_count = 0;
}

static int gather_all(struct gather *gather)
{
    struct live *live = gather->live;
    if (live->manifests
        && irsa_captured_add_kubernetes(live->manifests, gather->facts, gather->reterr) != 0)
        return -1;
    struct live_kube_gather *kube = irsa_live_kube_begin(gather);
    int r = read_first(gather);
    bool annotated = live->manifests != NULL;
    if (r == 0 && waits_for_kubernetes(gather)) {
        annotated = true;
        r = irsa_live_kube_end(irsa_steal(&kube), gather, false);
    }
    if (r == 0)
        r = read_second(gather, annotated);
    if (r == 0)
        r = check_enough(gather);
    if (irsa_live_kube_end(kube, gather, r != 0) != 0 || r != 0 || read_rest(gather) != 0)
        return -1;
    if (!live->manifests && !live->kube)
        json_object_set_new(gather->observed, "KubernetesUnread", json_true());
    if (irsa_gather_take_observed(gather) != 0)
        return -1;
    return irsa_facts_finish(gather->facts, gather->reterr);
}

int irsa_live_gather(struct irsa_world *world, struct irsa_facts **ret, struct irsa_error **reterr)
{
    struct live *live = (struct live *)world;
    struct gather gather = {
        .live = live,
        .facts = irsa_facts_new(),
        .observed = json_object(),
        .reterr = reterr,
        .lock = PTHREAD_MUTEX_INITIALIZER,
    };
    forget_documents(live);
    irsa_live_needs(live->intent, &gather.needs);
    int r = gather_all(&gather);
    if (r == 0)
        *ret = irsa_steal(&gather.facts);
    irsa_gather_done(&gather);
    return r;
}
