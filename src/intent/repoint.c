/* SPDX-License-Identifier: Apache-2.0 */
/* What --repoint names: an issuer in any of the forms that people have it in. */
#include "irsa/intent.h"

#include <strings.h>

/* Real ids are 32 hexadecimal digits; a cluster's name may look like anything else
 * (https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html: at most 100
 * characters). */
#define ID_LENGTH 32

static bool is_id(const char *text)
{
    return strlen(text) == ID_LENGTH && strspn(text, "0123456789abcdefABCDEF") == ID_LENGTH;
}

static bool is_stale(const struct irsa_intent *intent)
{
    return strcmp(intent->repoint, IRSA_REPOINT_STALE) == 0;
}

const char *irsa_repoint_cluster_name(const struct irsa_intent *intent)
{
    const char *text = intent->repoint;
    if (!text || is_stale(intent) || is_id(text))
        return NULL;
    if (irsa_has_prefix(text, "arn:"))
        return strstr(text, ":cluster/") ? text : NULL;
    return strchr(text, '/') || strchr(text, ':') ? NULL : text;
}

/* "https://host/path" or "host/path": the latter. */
static const char *plain(const char *issuer)
{
    return irsa_has_prefix(issuer, "https://") ? issuer + strlen("https://") : issuer;
}

static bool has_id(const char *issuer, const char *id)
{
    const char *slash = strrchr(issuer, '/');
    return slash && strcasecmp(slash + 1, id) == 0;
}

bool irsa_repoint_is_cluster(const struct irsa_intent *intent, const struct irsa_cluster *cluster)
{
    const char *text = intent->repoint;
    if (!text || is_stale(intent))
        return false;
    if (strcmp(text, cluster->name) == 0 || (cluster->arn && strcmp(text, cluster->arn) == 0))
        return true;
    if (!cluster->issuer)
        return false;
    const char *issuer = plain(cluster->issuer);
    return strcmp(plain(text), issuer) == 0 || (is_id(text) && has_id(issuer, text))
           || (irsa_has_prefix(text, "arn:") && irsa_has_suffix(text, issuer));
}

/* --- what was seen ---------------------------------------------------------------------------- */

static void add_once(struct irsa_strings *ret, const char *issuer)
{
    if (!irsa_strings_has(ret, issuer))
        irsa_strings_add(ret, issuer);
}

/* The issuers of trust policies, then those of providers and clusters. */
static void collect_seen(const struct irsa_facts *facts, struct irsa_strings *ret)
{
    for (size_t i = 0; i < facts->role_count; i++) {
        irsa_auto_strings issuers = {0};
        if (facts->roles[i].trust)
            irsa_policy_issuers(facts->roles[i].trust, &issuers);
        for (size_t k = 0; k < issuers.len; k++)
            add_once(ret, issuers.items[k]);
    }
    for (size_t i = 0; i < facts->provider_count; i++)
        add_once(ret, facts->providers[i].host_path);
    for (size_t i = 0; i < facts->cluster_count; i++) {
        if (facts->clusters[i].issuer)
            add_once(ret, plain(facts->clusters[i].issuer));
    }
}

static int hint_seen(const struct irsa_strings *seen, const char *new_issuer,
                     struct irsa_error **reterr)
{
    irsa_auto_strings old = {0};
    for (size_t i = 0; i < seen->len; i++) {
        irsa_auto_issuer issuer = {0};
        irsa_auto_error ignored = NULL;
        if (strcmp(seen->items[i], new_issuer) != 0
            && irsa_issuer_parse(seen->items[i], &issuer, &ignored) == 0 && issuer.id)
            irsa_strings_add(&old, seen->items[i]);
    }
    if (old.len == 0)
        return irsa_hint(reterr, "give its issuer: --repoint https://oidc.eks.REGION.amazonaws.com"
                                 "/id/ID");
    irsa_strings_sort(&old);
    irsa_autofree char *names = irsa_strings_join(&old, ", ", " and ");
    return irsa_hint(reterr, "give its issuer; besides the cluster's own there %s %s",
                     old.len == 1 ? "is" : "are", names);
}

/* --- the forms -------------------------------------------------------------------------------- */

struct naming {
    const struct irsa_facts *facts;
    const char *text;
    const struct irsa_scope *scope;
    struct irsa_strings seen;
};

/* A cluster that is gone can't be asked; one of the same name is another one. */
static int of_cluster(const struct naming *naming, char **ret, struct irsa_error **reterr)
{
    for (size_t i = 0; i < naming->facts->cluster_count; i++) {
        const struct irsa_cluster *cluster = &naming->facts->clusters[i];
        bool named = strcmp(naming->text, cluster->name) == 0
                     || (cluster->arn && strcmp(naming->text, cluster->arn) == 0);
        if (!named)
            continue;
        if (!cluster->issuer) {
            (void)irsa_fail(reterr, IRSA_E_NOT_FOUND, "--repoint: cluster \"%s\" has no issuer",
                            cluster->name);
            return hint_seen(&naming->seen, naming->scope->issuer, reterr);
        }
        if (strcmp(plain(cluster->issuer), naming->scope->issuer) == 0) {
            (void)irsa_fail(reterr, IRSA_E_USAGE,
                            "--repoint: \"%s\" is the cluster to point to; one that had the name "
                            "before can't be asked any more",
                            naming->text);
            return hint_seen(&naming->seen, naming->scope->issuer, reterr);
        }
        *ret = irsa_strdup(plain(cluster->issuer));
        return 0;
    }
    (void)irsa_fail(reterr, IRSA_E_NOT_FOUND,
                    "--repoint: cluster \"%s\" was not seen, and one that is gone can't be asked "
                    "for its issuer",
                    naming->text);
    return hint_seen(&naming->seen, naming->scope->issuer, reterr);
}

/* Of an id that nothing shows the region is the cluster's own. */
static int of_id(const struct naming *naming, char **ret, struct irsa_error **reterr)
{
    for (size_t i = 0; i < naming->seen.len; i++) {
        if (has_id(naming->seen.items[i], naming->text)) {
            *ret = irsa_strdup(naming->seen.items[i]);
            return 0;
        }
    }
    irsa_auto_issuer issuer = {0};
    irsa_auto_error ignored = NULL;
    if (irsa_issuer_parse(naming->scope->issuer, &issuer, &ignored) == 0 && issuer.id) {
        *ret = irsa_format("%s/id/%s", issuer.host, naming->text);
        return 0;
    }
    (void)irsa_fail(reterr, IRSA_E_NOT_FOUND, "--repoint: no issuer with id \"%s\" was seen",
                    naming->text);
    return hint_seen(&naming->seen, naming->scope->issuer, reterr);
}

static int of_provider(const struct naming *naming, char **ret, struct irsa_error **reterr)
{
    irsa_auto_provider_arn arn = {0};
    if (irsa_provider_arn_parse(naming->text, &arn, reterr) != 0) {
        (void)irsa_wrap(reterr, "--repoint");
        return irsa_hint(reterr, "give an issuer, the ARN of a provider or cluster, a cluster's "
                                 "name, or stale");
    }
    *ret = irsa_steal(&arn.host_path);
    return 0;
}

static int of_issuer(const struct naming *naming, char **ret, struct irsa_error **reterr)
{
    irsa_auto_issuer issuer = {0};
    if (irsa_issuer_parse(naming->text, &issuer, reterr) != 0) {
        (void)irsa_wrap(reterr, "--repoint");
        return irsa_hint(reterr, "an issuer is like https://oidc.eks.REGION.amazonaws.com/id/ID");
    }
    *ret = irsa_steal(&issuer.host_path);
    return 0;
}

/* --- checks ----------------------------------------------------------------------------------- */

/* As trust policies spell it; a slip of the pen is not an issuer that nobody trusts. */
static int settle(const struct naming *naming, char **issuer, struct irsa_error **reterr)
{
    if (strcasecmp(*issuer, naming->scope->issuer) == 0) {
        (void)irsa_fail(reterr, IRSA_E_USAGE, "--repoint: \"%s\" is the cluster's own issuer",
                        *issuer);
        return hint_seen(&naming->seen, naming->scope->issuer, reterr);
    }
    if (irsa_strings_has(&naming->seen, *issuer))
        return 0;
    for (size_t i = 0; i < naming->seen.len; i++) {
        if (strcasecmp(naming->seen.items[i], *issuer) != 0)
            continue;
        free(*issuer);
        *issuer = irsa_strdup(naming->seen.items[i]);
        return 0;
    }
    const char *near =
        irsa_nearest(*issuer, (const char *const *)naming->seen.items, naming->seen.len);
    if (!near || strcmp(near, naming->scope->issuer) == 0)
        return 0;
    (void)irsa_fail(reterr, IRSA_E_NOT_FOUND, "--repoint: nothing names issuer \"%s\"", *issuer);
    return irsa_hint(reterr, "did you mean %s?", near);
}

static int name_issuer(const struct naming *naming, bool cluster, char **ret,
                       struct irsa_error **reterr)
{
    irsa_autofree char *issuer = NULL;
    int r = cluster                                 ? of_cluster(naming, &issuer, reterr)
            : is_id(naming->text)                   ? of_id(naming, &issuer, reterr)
            : irsa_has_prefix(naming->text, "arn:") ? of_provider(naming, &issuer, reterr)
                                                    : of_issuer(naming, &issuer, reterr);
    if (r != 0 || !issuer || settle(naming, &issuer, reterr) != 0)
        return -1;
    *ret = irsa_steal(&issuer);
    return 0;
}

int irsa_repoint_issuer(const struct irsa_facts *facts, const struct irsa_intent *intent,
                        const struct irsa_scope *scope, char **ret, struct irsa_error **reterr)
{
    if (!scope->issuer || scope->issuer_inferred) {
        (void)irsa_fail(reterr, IRSA_E_NOT_FOUND,
                        "the issuer to point to is not known: the cluster was not seen");
        return irsa_hint(reterr, "name the new cluster with --cluster, or give its issuer in "
                                 "irsa-fix.ini ([cluster] issuer = ...)");
    }
    if (!intent->repoint || is_stale(intent))
        return 0;
    struct naming naming = {.facts = facts, .text = intent->repoint, .scope = scope};
    collect_seen(facts, &naming.seen);
    int r = name_issuer(&naming, irsa_repoint_cluster_name(intent) != NULL, ret, reterr);
    irsa_strings_done(&naming.seen);
    return r;
}
