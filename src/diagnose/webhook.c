/* SPDX-License-Identifier: Apache-2.0 */
/* The pod identity webhook, which turns the annotation into environment and token. EKS runs it in
 * the control plane and keeps its MutatingWebhookConfiguration "pod-identity-webhook" in the
 * cluster (https://github.com/aws/amazon-eks-pod-identity-webhook). */
#include "diagnose/room.h"

static void concern_all(struct irsa_run *run, struct irsa_finding *finding)
{
    for (size_t i = 0; i < run->bindings->len; i++)
        irsa_finding_binding(finding, i);
}

static void report_missing(struct irsa_run *run)
{
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C080, NULL, &fresh);
    irsa_finding_subject(finding, "MutatingWebhookConfiguration", NULL, "pod-identity-webhook");
    irsa_finding_message(finding,
                         "the cluster has no pod identity webhook: annotations do nothing");
    irsa_finding_evidence(finding, "not among the MutatingWebhookConfigurations",
                          "pod-identity-webhook", IRSA_VERIFIED);
    irsa_finding_source(finding, "kubectl get mutatingwebhookconfigurations");
    irsa_finding_help(finding,
                      "install amazon-eks-pod-identity-webhook; on EKS, where AWS provides "
                      "it, ask AWS Support why it is gone");
    finding->breaks = true;
    concern_all(run, finding);
}

static void report_no_pods(struct irsa_run *run, const struct irsa_webhook *webhook)
{
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C083, NULL, &fresh);
    irsa_finding_subject(finding, "MutatingWebhookConfiguration", NULL, webhook->name);
    irsa_finding_message(finding, "webhook %s has no rule for CREATE of pods", webhook->name);
    irsa_finding_evidence(finding, "no such rule", "operations [CREATE], resources [pods]",
                          IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: webhooks[].rules",
                        irsa_facts_file(run->facts, &webhook->origins));
    irsa_finding_help(finding,
                      "give it the rule: operations CREATE, apiGroups \"\", apiVersions v1, "
                      "resources pods");
    finding->breaks = true;
    concern_all(run, finding);
}

/* --- selectors: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ ----- */

enum match { MATCH_NO, MATCH_YES, MATCH_UNKNOWN };

/* Labels, of which others may exist that were not seen. */
struct labels {
    const json_t *seen;
    bool all_seen;
};

static enum match expression_matches(const json_t *expression, struct labels labels)
{
    const char *key = json_string_value(json_object_get(expression, "key"));
    const char *how = json_string_value(json_object_get(expression, "operator"));
    if (!key || !how)
        return MATCH_YES;
    const char *value = json_string_value(json_object_get(labels.seen, key));
    if (!value && !labels.all_seen)
        return MATCH_UNKNOWN;
    if (strcmp(how, "Exists") == 0)
        return value ? MATCH_YES : MATCH_NO;
    if (strcmp(how, "DoesNotExist") == 0)
        return value ? MATCH_NO : MATCH_YES;
    bool listed = false;
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(expression, "values"), i, one) listed =
        listed || (value && json_string_value(one) && strcmp(json_string_value(one), value) == 0);
    return listed == (strcmp(how, "In") == 0) ? MATCH_YES : MATCH_NO;
}

/* All requirements have to hold: one that does not decides, whatever the others are. */
static enum match selector_matches(const json_t *selector, struct labels labels)
{
    enum match all = MATCH_YES;
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(selector, "matchLabels"), key, value)
    {
        const json_t *has = json_object_get(labels.seen, key);
        if (has ? !json_equal(has, value) : labels.all_seen)
            return MATCH_NO;
        all = has ? all : MATCH_UNKNOWN;
    }
    size_t i;
    json_t *expression;
    json_array_foreach(json_object_get(selector, "matchExpressions"), i, expression)
    {
        const enum match one = expression_matches(expression, labels);
        if (one == MATCH_NO)
            return MATCH_NO;
        all = one == MATCH_UNKNOWN ? one : all;
    }
    return all;
}

/* The API server gives each namespace the label kubernetes.io/metadata.name
 * (https://kubernetes.io/docs/reference/labels-annotations-taints/), so that one is known even
 * where the namespace itself was not seen. */
static json_t *namespace_labels(const struct irsa_namespace *namespace_, const char *name)
{
    json_t *labels =
        namespace_ && namespace_->labels ? json_copy(namespace_->labels) : json_object();
    if (!json_object_get(labels, "kubernetes.io/metadata.name"))
        (void)json_object_set_new(labels, "kubernetes.io/metadata.name", json_string(name));
    return labels;
}

static void report_namespace(struct irsa_run *run, const struct irsa_webhook *webhook,
                             const json_t *labels, enum match match, struct irsa_finding *finding,
                             const char *name)
{
    irsa_autofree char *selector = json_dumps(webhook->namespace_selector, JSON_COMPACT);
    irsa_autofree char *observed = json_dumps(labels, JSON_COMPACT | JSON_SORT_KEYS);
    irsa_finding_subject(finding, "Namespace", NULL, name);
    irsa_finding_source(finding, "%s: webhooks[].namespaceSelector",
                        irsa_facts_file(run->facts, &webhook->origins));
    if (match == MATCH_UNKNOWN) {
        finding->severity = IRSA_SEVERITY_WARNING;
        irsa_finding_message(finding,
                             "whether webhook %s handles the pods of namespace %s was not seen: it "
                             "depends on the namespace's labels",
                             webhook->name, name);
        irsa_finding_evidence(finding, "the namespace was not seen", selector, IRSA_NOT_CHECKABLE);
        irsa_autofree char *command = irsa_suggest(
            run->intent, IRSA_TOOL_KUBECTL, "kubectl get namespace", name, "-o", "yaml", NULL);
        irsa_finding_help(finding, "add the output of \"%s\"", command);
        finding->blocks_decision = true;
        return;
    }
    irsa_finding_message(finding,
                         "webhook %s leaves namespace %s out: its namespaceSelector does not "
                         "match the namespace's labels",
                         webhook->name, name);
    irsa_finding_evidence(finding, observed, selector, IRSA_VERIFIED);
    irsa_finding_help(finding, "label the namespace as the selector wants it, or widen the "
                               "selector");
    finding->breaks = true;
}

static void check_namespace(struct irsa_run *run, const struct irsa_webhook *webhook, size_t index)
{
    const char *name = run->bindings->items[index].namespace_;
    if (!*name)
        return;
    const struct irsa_namespace *namespace_ = irsa_facts_namespace(run->facts, name);
    json_auto_t *labels = namespace_labels(namespace_, name);
    const enum match match =
        selector_matches(webhook->namespace_selector,
                         (struct labels){.seen = labels, .all_seen = namespace_ != NULL});
    if (match == MATCH_YES)
        return;
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C081, name, &fresh);
    if (fresh)
        report_namespace(run, webhook, labels, match, finding, name);
    irsa_finding_binding(finding, index);
}

/* EKS' own selector only leaves out pods with the label
 * eks.amazonaws.com/skip-pod-identity-webhook; one that asks for a label leaves out all that lack
 * it. */
static bool asks_for_label(const json_t *selector)
{
    return selector_matches(selector, (struct labels){.all_seen = true}) == MATCH_NO;
}

/* A pod that came out of the webhook with its role shows that pods of the account have the label.
 */
static bool was_handled(const struct irsa_run *run, const struct irsa_binding *binding)
{
    size_t count;
    const uint32_t *pods =
        irsa_facts_pods_of(run->facts, binding->namespace_, binding->service_account, &count);
    for (size_t i = 0; i < count; i++) {
        const struct irsa_pod_spec *spec = &run->facts->pods[pods[i]].spec;
        if (spec->injected.len > 0 && spec->token_volume)
            return true;
    }
    return false;
}

static void check_objects(struct irsa_run *run, const struct irsa_webhook *webhook)
{
    if (!webhook->object_selector || !asks_for_label(webhook->object_selector))
        return;
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C084, NULL, &fresh);
    irsa_autofree char *selector = json_dumps(webhook->object_selector, JSON_COMPACT);
    irsa_finding_subject(finding, "MutatingWebhookConfiguration", NULL, webhook->name);
    irsa_finding_message(finding, "webhook %s handles only pods with labels that match %s",
                         webhook->name, selector);
    irsa_finding_evidence(finding, selector, "no objectSelector that asks for a label",
                          IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: webhooks[].objectSelector",
                        irsa_facts_file(run->facts, &webhook->origins));
    irsa_finding_help(finding, "give the pods the label, or drop the selector");
    for (size_t i = 0; i < run->bindings->len; i++) {
        if (was_handled(run, &run->bindings->items[i]))
            continue;
        irsa_finding_binding(finding, i);
        finding->blocks_decision = true;
    }
}

/* "Ignore" is EKS' own setting: worth a word only where a pod came out without its role. */
static void check_failure_policy(struct irsa_run *run, const struct irsa_webhook *webhook)
{
    if (!webhook->failure_policy || strcmp(webhook->failure_policy, "Ignore") != 0)
        return;
    bool slipped = false;
    for (size_t i = 0; i < run->out->finding_count; i++) {
        const struct irsa_finding *finding = &run->out->findings[i];
        slipped = slipped
                  || (finding->check == irsa_checks()[C060]
                      && strstr(finding->message, "the webhook did not handle it"));
    }
    if (!slipped)
        return;
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C082, NULL, &fresh);
    irsa_finding_subject(finding, "MutatingWebhookConfiguration", NULL, webhook->name);
    irsa_finding_message(finding,
                         "webhook %s has failurePolicy Ignore: a pod that is created while it does "
                         "not answer starts without its role",
                         webhook->name);
    irsa_finding_evidence(finding, "Ignore", NULL, IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: webhooks[].failurePolicy",
                        irsa_facts_file(run->facts, &webhook->origins));
    irsa_finding_help(finding, "restart what came out without its role");
}

void irsa_check_webhook(struct irsa_run *run)
{
    if (run->bindings->len == 0)
        return;
    switch (irsa_facts_webhook_presence(run->facts)) {
    case IRSA_UNSEEN:
        irsa_run_skip(run, C080, C084, "no MutatingWebhookConfigurations were seen");
        return;
    case IRSA_ABSENT:
        irsa_run_ran(run, C080, C080);
        report_missing(run);
        return;
    case IRSA_PRESENT:
        break;
    }
    const struct irsa_webhook *webhook = irsa_facts_webhook(run->facts);
    if (!webhook)
        return;
    irsa_run_ran(run, C080, C084);
    if (!webhook->matches_pods) {
        report_no_pods(run, webhook);
        return;
    }
    if (webhook->namespace_selector)
        for (size_t i = 0; i < run->bindings->len; i++)
            check_namespace(run, webhook, i);
    check_objects(run, webhook);
    check_failure_policy(run, webhook);
}
