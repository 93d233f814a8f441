/* SPDX-License-Identifier: Apache-2.0 */
#include "intent/resolve.h"

void irsa_scope_done(struct irsa_scope *scope)
{
    free(scope->cluster_name);
    free(scope->account_id);
    free(scope->account_alias);
    free(scope->region);
    free(scope->partition);
    free(scope->issuer_url);
    free(scope->issuer);
    irsa_strings_done(&scope->contradictions);
    *scope = (struct irsa_scope){0};
}

/* --- which cluster ---------------------------------------------------------------------------- */

static char *cluster_names(const struct irsa_facts *facts)
{
    irsa_auto_strings names = {0};
    for (size_t i = 0; i < facts->cluster_count; i++)
        irsa_strings_add(&names, facts->clusters[i].name);
    irsa_strings_sort(&names);
    return irsa_strings_join(&names, ", ", " and ");
}

static int choose_by_name(const struct irsa_facts *facts, const char *name,
                          struct irsa_scope *scope, struct irsa_error **reterr)
{
    scope->cluster_name = irsa_strdup(name);
    scope->cluster = irsa_facts_cluster(facts, name);
    if (scope->cluster || facts->cluster_count == 0)
        return 0;
    irsa_autofree char *names = cluster_names(facts);
    irsa_fail(reterr, IRSA_E_NOT_FOUND, "there is no cluster \"%s\"", name);
    return irsa_hint(reterr, "what was read describes %s", names);
}

static int choose_cluster(const struct irsa_facts *facts, const struct irsa_intent *intent,
                          struct irsa_scope *scope, struct irsa_error **reterr)
{
    if (intent->cluster_name)
        return choose_by_name(facts, intent->cluster_name, scope, reterr);
    const struct irsa_cluster *chosen = NULL;
    size_t fitting = 0;
    for (size_t i = 0; i < facts->cluster_count; i++) {
        const struct irsa_cluster *cluster = &facts->clusters[i];
        bool elsewhere =
            intent->region && cluster->region && strcmp(intent->region, cluster->region) != 0;
        if ((elsewhere || irsa_repoint_is_cluster(intent, cluster)) && facts->cluster_count > 1)
            continue;
        chosen = cluster;
        fitting++;
    }
    if (fitting > 1) {
        irsa_autofree char *names = cluster_names(facts);
        irsa_fail(reterr, IRSA_E_NOT_FOUND, "%zu clusters are described: %s", facts->cluster_count,
                  names);
        return irsa_hint(reterr, "choose one with --cluster NAME");
    }
    if (fitting == 0 && facts->cluster_count > 0) {
        irsa_autofree char *names = cluster_names(facts);
        irsa_fail(reterr, IRSA_E_NOT_FOUND, "there is no cluster in region %s", intent->region);
        return irsa_hint(reterr, "what was read describes %s", names);
    }
    scope->cluster = chosen;
    if (chosen)
        scope->cluster_name = irsa_strdup(chosen->name);
    return 0;
}

/* --- one value from several sources ----------------------------------------------------------- */

struct source {
    const char *name;
    const char *value; /* NULL: says nothing */
};

/* The first source that says something decides; each later one that says otherwise is a
 * contradiction. */
static char *agree(struct irsa_scope *scope, const char *what, const struct source *sources,
                   size_t count)
{
    const struct source *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!sources[i].value)
            continue;
        if (!first)
            first = &sources[i];
        else if (strcmp(first->value, sources[i].value) != 0)
            irsa_strings_take(&scope->contradictions,
                              irsa_format("%s: %s says %s, %s says %s", what, first->name,
                                          first->value, sources[i].name, sources[i].value));
    }
    return first ? irsa_strdup(first->value) : NULL;
}

/* The account that all of them are in, or NULL. Borrowed. */
static const char *sole_account(const struct irsa_facts *facts, const char **ret_partition)
{
    const char *account = NULL;
    for (size_t i = 0; i < facts->role_count + facts->provider_count; i++) {
        bool role = i < facts->role_count;
        const struct irsa_provider *provider =
            role ? NULL : &facts->providers[i - facts->role_count];
        const char *next = role ? facts->roles[i].account : provider->account;
        if (account && strcmp(account, next) != 0)
            return NULL;
        account = next;
        *ret_partition = role ? facts->roles[i].partition : provider->partition;
    }
    return account;
}

/* The account and partition that all role annotations name: what a folder of manifests shows. */
static void annotated_account(const struct irsa_facts *facts, char **ret_account,
                              char **ret_partition)
{
    for (size_t i = 0; i < facts->service_account_count; i++) {
        const char *value = json_string_value(
            json_object_get(facts->service_accounts[i].annotations, IRSA_ANNOTATION_ROLE_ARN));
        irsa_auto_role_arn arn = {0};
        irsa_auto_error error = NULL;
        if (!value || irsa_role_arn_parse(value, &arn, &error) != 0)
            continue;
        if (*ret_account && strcmp(*ret_account, arn.account) != 0) {
            free(*ret_account);
            free(*ret_partition);
            *ret_account = *ret_partition = NULL;
            return;
        }
        if (!*ret_account) {
            *ret_account = irsa_steal(&arn.account);
            *ret_partition = irsa_steal(&arn.partition);
        }
    }
}

static void find_issuer(const struct irsa_facts *facts, const struct irsa_intent *intent,
                        const struct irsa_trust_index *trust, struct irsa_scope *scope)
{
    const struct irsa_cluster *cluster = scope->cluster;
    const char *configured = intent->issuer ? irsa_issuer_plain(intent->issuer) : NULL;
    const struct source sources[] = {
        {"the cluster", cluster && cluster->issuer ? irsa_issuer_plain(cluster->issuer) : NULL},
        {intent->config_file ? intent->config_file : "the configuration", configured},
    };
    irsa_autofree char *plain = agree(scope, "issuer", sources, IRSA_COUNT(sources));
    if (plain) {
        scope->issuer_url = irsa_format("https://%s", plain);
    } else if (cluster) {
        scope->no_issuer = true;
    } else {
        scope->issuer_url = irsa_issuer_infer(facts, trust);
        scope->issuer_inferred = scope->issuer_url != NULL;
    }
    if (scope->issuer_url)
        scope->issuer = irsa_strdup(irsa_issuer_plain(scope->issuer_url));
}

/* Partition of the region that an EKS issuer's host names, and that region. */
static char *issuer_region(const struct irsa_scope *scope)
{
    irsa_auto_issuer issuer = {0};
    irsa_auto_error error = NULL;
    if (!scope->issuer || irsa_issuer_parse(scope->issuer, &issuer, &error) != 0)
        return NULL;
    return issuer.region ? irsa_strdup(issuer.region) : NULL;
}

static char *caller_partition(const struct irsa_facts *facts)
{
    irsa_auto_arn arn = {0};
    irsa_auto_error error = NULL;
    if (!facts->caller.arn || irsa_arn_parse(facts->caller.arn, &arn, &error) != 0)
        return NULL;
    return irsa_steal(&arn.partition);
}

static void find_place(const struct irsa_facts *facts, const struct irsa_intent *intent,
                       struct irsa_scope *scope)
{
    const struct irsa_cluster *cluster = scope->cluster;
    const char *config = intent->config_file ? intent->config_file : "the configuration";
    irsa_autofree char *annotated = NULL;
    irsa_autofree char *annotated_partition = NULL;
    const char *sole_partition = NULL;
    const char *sole = sole_account(facts, &sole_partition);
    const struct source accounts[] = {
        {"cluster ARN", cluster ? cluster->account : NULL},
        {config, intent->account_id},
        {"caller identity", facts->caller.account},
    };
    scope->account_id = agree(scope, "account id", accounts, IRSA_COUNT(accounts));
    if (!scope->account_id && sole)
        scope->account_id = irsa_strdup(sole);
    annotated_account(facts, &annotated, &annotated_partition);
    if (!scope->account_id && annotated)
        scope->account_id = irsa_strdup(annotated);

    irsa_autofree char *of_issuer = issuer_region(scope);
    const struct source regions[] = {
        {"cluster ARN", cluster ? cluster->region : NULL},
        {"issuer", of_issuer},
        {"--region or configuration", intent->region},
    };
    scope->region = agree(scope, "region", regions, IRSA_COUNT(regions));

    irsa_autofree char *of_caller = caller_partition(facts);
    const struct source partitions[] = {
        {"cluster ARN", cluster ? cluster->partition : NULL},
        {"region", scope->region ? irsa_partition_of_region(scope->region) : NULL},
        {"caller identity", of_caller},
    };
    scope->partition = agree(scope, "partition", partitions, IRSA_COUNT(partitions));
    if (!scope->partition && (sole_partition || annotated_partition))
        scope->partition = irsa_strdup(sole                  ? sole_partition
                                       : annotated_partition ? annotated_partition
                                                             : sole_partition);
}

int irsa_scope_make(const struct irsa_facts *facts, const struct irsa_intent *intent,
                    const struct irsa_trust_index *trust, struct irsa_scope *ret,
                    struct irsa_error **reterr)
{
    if (choose_cluster(facts, intent, ret, reterr) != 0)
        return -1;
    find_issuer(facts, intent, trust, ret);
    find_place(facts, intent, ret);
    const char *alias = irsa_facts_account_alias(facts, ret->account_id);
    ret->account_alias = alias ? irsa_strdup(alias) : NULL;
    return 0;
}
