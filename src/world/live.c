/* SPDX-License-Identifier: Apache-2.0 */
#include "world/live_kube.h"

/* For listings to show what a call about the one thing showed. */
#define LAG_MS 10000L
/* IAM shows a change within seconds, mostly. */
#define WAIT_MS 60000L
/* Pods have to be scheduled and pulled. */
#define ROLLOUT_MS 300000L

static void live_free(struct irsa_world *world)
{
    struct live *live = (struct live *)world;
    for (size_t i = 0; i < live->document_count; i++) {
        free(live->documents[i].name);
        json_decref(live->documents[i].content);
    }
    free(live->documents);
    irsa_kube_free(live->kube);
    irsa_transport_free(live->kube_transport);
    irsa_live_accounts_done(live);
    irsa_live_eks_free(live->eks);
    if (live->manifests)
        irsa_world_free(live->manifests);
    free(live->partition);
    free(live->cluster_name);
    free(live->issuer);
    free(live);
}

static const struct irsa_strings *live_passed_over(const struct irsa_world *world)
{
    const struct live *live = (const struct live *)world;
    return live->manifests ? irsa_world_passed_over(live->manifests) : NULL;
}

int irsa_live_new(const struct irsa_live_options *options, struct irsa_world **ret,
                  struct irsa_error **reterr)
{
    static const struct irsa_world_ops ops = {
        .gather = irsa_live_gather,
        .apply = irsa_live_apply,
        .apply_all = irsa_live_apply_all,
        .restore = irsa_live_restore,
        .at_once = irsa_live_at_once,
        .batch = irsa_live_batch,
        .free = live_free,
        .passed_over = live_passed_over,
    };
    struct irsa_world *manifests = NULL;
    if (options->manifests
        && irsa_captured_new(options->manifests, options->ignore, &manifests, reterr) != 0)
        return -1;
    struct live *live = irsa_calloc(1, sizeof(*live));
    live->world.ops = &ops;
    live->intent = options->intent;
    live->home.aws = options->aws;
    live->manifests = manifests;
    live->wait_ms = options->wait_ms > 0 ? options->wait_ms : WAIT_MS;
    live->world.lag_ms = live->wait_ms < LAG_MS ? live->wait_ms : LAG_MS;
    live->rollout_ms = options->wait_ms > 0 ? options->wait_ms : ROLLOUT_MS;
    live->interrupted = options->interrupted;
    live->stopping = options->stopping ? options->stopping : options->interrupted;
    live->kube = options->kube;
    live->kube_transport = options->kube_transport;
    live->kube_optional = options->kube_optional;
    live->dry_run = options->dry_run;
    live->keep = options->keep;
    live->eks = options->eks;
    if (live->eks)
        irsa_live_eks_set(live->eks, options->aws);
    *ret = &live->world;
    return 0;
}
