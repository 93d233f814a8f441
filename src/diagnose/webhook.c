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

static bool expression_matches(const json_t *expression, const json_t *labels)
{
    const char *key = json_string_value(json_object_get(expression, "key"));
    const char *how = json_string_value(json_object_get(expression, "operator"));
    if (!key || !how)
        return true;
    const char *value = json_string_value(json_object_get(labels, key));
    if (strcmp(how, "Exists") == 0)
        return value != NULL;
    if (strcmp(how, "DoesNotExist") == 0)
        return value == NULL;
    bool listed = false;
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(expression, "values"), i, one) listed =
        listed || (value && json_string_value(one) && strcmp(json_string_value(one), value) == 0);
    return strcmp(how, "In") == 0 ? listed : !listed;
}

static bool selector_matches(const json_t *selector, const json_t *labels)
{
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(selector, "matchLabels"), key,
                        value) if (!json_equal(json_object_get(labels, key), value)) return false;
    size_t i;
    json_t *expression;
    json_array_foreach(json_object_get(selector, "matchExpressions"), i,
                       expression) if (!expression_matches(expression, labels)) return false;
    return true;
}

/* The API server gives each namespace the label kubernetes.io/metadata.name
 * (https://kubernetes.io/docs/reference/labels-annotations-taints/). */
static json_t *namespace_labels(const struct irsa_namespace *namespace_)
{
    json_t *labels = namespace_->labels ? json_copy(namespace_->labels) : json_object();
    if (!json_object_get(labels, "kubernetes.io/metadata.name"))
        (void)json_object_set_new(labels, "kubernetes.io/metadata.name",
                                  json_string(namespace_->name));
    return labels;
}

static void check_namespace(struct irsa_run *run, const struct irsa_webhook *webhook, size_t index)
{
    const struct irsa_binding *binding = &run->bindings->items[index];
    const struct irsa_namespace *namespace_ = irsa_facts_namespace(run->facts, binding->namespace_);
    if (!namespace_)
        return;
    json_auto_t *labels = namespace_labels(namespace_);
    if (selector_matches(webhook->namespace_selector, labels))
        return;
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C081, binding->namespace_, &fresh);
    if (fresh) {
        irsa_autofree char *selector = json_dumps(webhook->namespace_selector, JSON_COMPACT);
        irsa_autofree char *observed = json_dumps(labels, JSON_COMPACT | JSON_SORT_KEYS);
        irsa_finding_subject(finding, "Namespace", NULL, binding->namespace_);
        irsa_finding_message(finding,
                             "webhook %s leaves namespace %s out: its namespaceSelector does not "
                             "match the namespace's labels",
                             webhook->name, binding->namespace_);
        irsa_finding_evidence(finding, observed, selector, IRSA_VERIFIED);
        irsa_finding_source(finding, "%s: webhooks[].namespaceSelector",
                            irsa_facts_file(run->facts, &webhook->origins));
        irsa_finding_help(finding, "label the namespace as the selector wants it, or widen the "
                                   "selector");
        finding->breaks = true;
    }
    irsa_finding_binding(finding, index);
}

/* EKS' own selector only leaves out pods with the label
 * eks.amazonaws.com/skip-pod-identity-webhook; one that asks for a label leaves out all that lack
 * it. */
static bool asks_for_label(const json_t *selector)
{
    if (json_object_size(json_object_get(selector, "matchLabels")) > 0)
        return true;
    size_t i;
    json_t *expression;
    json_array_foreach(json_object_get(selector, "matchExpressions"), i,
                       expression) if (!expression_matches(expression, NULL)) return true;
    return false;
}

static void check_objects(struct irsa_run *run, const struct irsa_webhook *webhook)
{
    if (!asks_for_label(webhook->object_selector))
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
    concern_all(run, finding);
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
