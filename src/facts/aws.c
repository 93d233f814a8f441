/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answers of the AWS CLI, told by their keys, and the small ones among them: {"cluster": {...}}
 * of eks describe-cluster, {"UserId", "Account", "Arn"} of sts get-caller-identity,
 * {"associations": [...]} of eks list-pod-identity-associations
 * (https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html,
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html,
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_ListPodIdentityAssociations.html).
 */
#include "facts/internal.h"

#include "irsa/document.h"

/* --- clusters --------------------------------------------------------------------------------- */

static int issuer_of(const struct irsa_take *take, const json_t *cluster, const char **ret)
{
    const json_t *identity = json_object_get(cluster, "identity");
    const json_t *oidc = json_object_get(identity, "oidc");
    const json_t *issuer = json_object_get(oidc, "issuer");
    if (identity && !json_is_object(identity) && !json_is_null(identity))
        return irsa_take_fail(take, "identity", "an object is needed");
    if (oidc && !json_is_object(oidc) && !json_is_null(oidc))
        return irsa_take_fail(take, "identity.oidc", "an object is needed");
    if (issuer && !json_is_string(issuer) && !json_is_null(issuer))
        return irsa_take_fail(take, "identity.oidc.issuer", "a string is needed");
    *ret = json_string_value(issuer);
    if (!*ret || !**ret) {
        *ret = NULL;
        return 0;
    }
    irsa_auto_issuer parsed = {0};
    irsa_auto_error why = NULL;
    if (irsa_issuer_parse(*ret, &parsed, &why) != 0)
        return irsa_take_fail(take, "identity.oidc.issuer", "\"%s\": %s", *ret,
                              irsa_error_message(why));
    return 0;
}

/* By ARN; by name where one of the copies has no ARN. There are never many. */
static struct irsa_cluster *find_or_add_cluster(struct irsa_facts *facts, const char *arn,
                                                const char *name)
{
    for (size_t i = 0; i < facts->cluster_count; i++) {
        struct irsa_cluster *cluster = &facts->clusters[i];
        bool same =
            arn && cluster->arn ? strcmp(arn, cluster->arn) == 0 : strcmp(name, cluster->name) == 0;
        if (same)
            return cluster;
    }
    facts->clusters = irsa_grow(facts->clusters, facts->cluster_count, sizeof(*facts->clusters));
    facts->clusters[facts->cluster_count] = (struct irsa_cluster){.name = irsa_strdup(name)};
    return &facts->clusters[facts->cluster_count++];
}

static int take_cluster(struct irsa_take *take, const json_t *object)
{
    const char *name = NULL;
    const char *arn = NULL;
    const char *version = NULL;
    const char *issuer = NULL;
    take->origin.list = "cluster";
    if (irsa_take_required(take, object, "name", &name) != 0
        || irsa_take_string(take, object, "arn", &arn) != 0
        || irsa_take_string(take, object, "version", &version) != 0
        || issuer_of(take, object, &issuer) != 0)
        return -1;
    irsa_auto_cluster_arn parsed = {0};
    irsa_auto_error why = NULL;
    if (arn && irsa_cluster_arn_parse(arn, &parsed, &why) != 0)
        return irsa_take_fail(take, "arn", "\"%s\" is no cluster's ARN: %s", arn,
                              irsa_error_message(why));
    if (arn && strcmp(parsed.name, name) != 0)
        return irsa_take_fail(take, "name", "\"%s\" is not the name in arn (%s)", name, arn);
    struct irsa_cluster *cluster = find_or_add_cluster(take->facts, arn, name);
    irsa_autofree char *what = irsa_format("cluster %s", name);
    const struct irsa_origins *seen = &cluster->origins;
    if (seen->len > 0 && (!cluster->issuer != !issuer))
        return irsa_copies_differ(take, seen, what, "identity.oidc.issuer", cluster->issuer,
                                  issuer);
    if (irsa_merge_string(take, seen, what, "identity.oidc.issuer", &cluster->issuer, issuer) != 0
        || irsa_merge_string(take, seen, what, "version", &cluster->version, version) != 0
        || irsa_merge_string(take, seen, what, "arn", &cluster->arn, arn) != 0
        || irsa_merge_string(take, seen, what, "arn", &cluster->account, parsed.account) != 0
        || irsa_merge_string(take, seen, what, "arn", &cluster->region, parsed.region) != 0
        || irsa_merge_string(take, seen, what, "arn", &cluster->partition, parsed.partition) != 0)
        return -1;
    const char *status = irsa_json_string(object, "status", NULL);
    cluster->deleting = cluster->deleting || (status && strcmp(status, "DELETING") == 0);
    irsa_origins_add(&cluster->origins, &take->origin);
    take->origin.list = NULL;
    return 0;
}

/* A cluster that is being created has no identity yet; its ARN still tells what it is. */
static bool is_cluster(const json_t *document)
{
    const json_t *cluster = json_object_get(document, "cluster");
    const char *arn = irsa_json_string(cluster, "arn", NULL);
    return json_is_object(json_object_get(cluster, "identity"))
           || (arn && irsa_has_prefix(arn, "arn:") && strstr(arn, ":eks:"));
}

/* --- caller identity -------------------------------------------------------------------------- */

static int take_caller(struct irsa_take *take, const json_t *document)
{
    struct irsa_caller *caller = &take->facts->caller;
    const char *account = NULL;
    const char *arn = NULL;
    if (irsa_take_required(take, document, "Account", &account) != 0
        || irsa_take_required(take, document, "Arn", &arn) != 0)
        return -1;
    irsa_auto_arn parsed = {0};
    irsa_auto_error why = NULL;
    if (!irsa_account_id_valid(account))
        return irsa_take_fail(take, "Account", "\"%s\" is no account id (twelve digits)", account);
    if (irsa_arn_parse(arn, &parsed, &why) != 0)
        return irsa_take_fail(take, "Arn", "\"%s\" is no ARN: %s", arn, irsa_error_message(why));
    if (strcmp(parsed.account, account) != 0)
        return irsa_take_fail(take, "Account", "\"%s\" is not the account in Arn (%s)", account,
                              arn);
    if (irsa_merge_string(take, &caller->origins, "the caller identity", "Account",
                          &caller->account, account)
        != 0)
        return -1;
    if (!caller->arn)
        caller->arn = irsa_strdup(arn);
    irsa_origins_add(&caller->origins, &take->origin);
    return 0;
}

static bool is_caller(const json_t *document)
{
    return json_object_get(document, "Account") && json_object_get(document, "Arn")
           && json_object_get(document, "UserId");
}

/* --- Pod Identity associations ---------------------------------------------------------------- */

static int take_association(const struct irsa_take *take, const json_t *object)
{
    struct irsa_facts *facts = take->facts;
    const char *cluster = NULL;
    const char *namespace_ = NULL;
    const char *account = NULL;
    const char *role = NULL;
    const char *id = NULL;
    if (irsa_take_string(take, object, "clusterName", &cluster) != 0
        || irsa_take_string(take, object, "associationId", &id) != 0
        || irsa_take_required(take, object, "namespace", &namespace_) != 0
        || irsa_take_required(take, object, "serviceAccount", &account) != 0
        || irsa_take_string(take, object, "roleArn", &role) != 0)
        return -1;
    irsa_auto_key key = {0};
    const char *text = irsa_key_of(&key, cluster ? cluster : "", namespace_, account);
    size_t found = irsa_map_get(&facts->index->associations, text);
    if (found == IRSA_MAP_NONE) {
        facts->associations =
            irsa_grow(facts->associations, facts->association_count, sizeof(*facts->associations));
        found = facts->association_count++;
        facts->associations[found] = (struct irsa_pod_identity_association){
            .cluster = irsa_strdup(cluster ? cluster : ""),
            .namespace_ = irsa_strdup(namespace_),
            .service_account = irsa_strdup(account),
        };
        irsa_map_put(&facts->index->associations, text, found);
    }
    struct irsa_pod_identity_association *association = &facts->associations[found];
    if (!association->id && id)
        association->id = irsa_strdup(id);
    irsa_autofree char *what = irsa_format("Pod Identity association %s/%s", namespace_, account);
    if (irsa_merge_string(take, &association->origins, what, "roleArn", &association->role_arn,
                          role)
        != 0)
        return -1;
    irsa_origins_add(&association->origins, &take->origin);
    return 0;
}

static bool looks_like_association(const json_t *value)
{
    return json_object_get(value, "namespace") && json_object_get(value, "serviceAccount");
}

static int take_associations(struct irsa_take *take, const json_t *document, bool *ret_known)
{
    const json_t *list = json_object_get(document, "associations");
    const json_t *one = json_object_get(document, "association");
    if (looks_like_association(one)) {
        *ret_known = true;
        take->origin.list = "association";
        return take_association(take, one);
    }
    if (!json_is_array(list)
        || (json_array_size(list) > 0 && !looks_like_association(json_array_get(list, 0))))
        return 0;
    *ret_known = true;
    take->facts->associations_listed = true;
    size_t i = 0;
    json_t *item = NULL;
    take->origin.list = "associations";
    json_array_foreach(list, i, item)
    {
        take->origin.item = (uint32_t)i;
        if (take_association(take, item) != 0)
            return -1;
    }
    take->origin.list = NULL;
    take->origin.item = UINT32_MAX;
    return 0;
}

/* --- all of them ------------------------------------------------------------------------------ */

int irsa_take_aws(struct irsa_take *take, const json_t *document, bool *ret_known)
{
    if (is_cluster(document)) {
        *ret_known = true;
        if (take_cluster(take, json_object_get(document, "cluster")) != 0)
            return -1;
    }
    if (is_caller(document)) {
        *ret_known = true;
        if (take_caller(take, document) != 0)
            return -1;
    }
    if (irsa_take_aliases(take, document, ret_known) != 0
        || irsa_take_simulations(take, document, ret_known) != 0
        || irsa_take_providers(take, document, ret_known) != 0
        || irsa_take_roles(take, document, ret_known) != 0
        || irsa_take_role_details(take, document, ret_known) != 0
        || irsa_take_role_pieces(take, document, ret_known) != 0
        || irsa_take_policies(take, document, ret_known) != 0
        || irsa_take_observed(take, document, ret_known) != 0)
        return -1;
    return take_associations(take, document, ret_known);
}
