/* SPDX-License-Identifier: Apache-2.0 */
/* Workloads that run as another service account than the one that has the role: none named, a name
 * with a release's prefix or a revision's suffix, one of two workloads of an application. */
#include "diagnose/pod.h"

struct names {
    struct irsa_run *run;
    struct irsa_map start; /* namespace -> first binding (they are sorted by namespace) */
};

/* More accounts in one namespace than anybody looks through by name. */
#define NAMESAKES_MAX 200

static size_t users(const struct irsa_run *run, const struct irsa_binding *binding)
{
    size_t pods = 0;
    size_t workloads = 0;
    (void)irsa_facts_pods_of(run->facts, binding->namespace_, binding->service_account, &pods);
    (void)irsa_facts_workloads_of(run->facts, binding->namespace_, binding->service_account,
                                  &workloads);
    return pods + workloads;
}

/* One is the other with something in front or behind: "shop-api" and "api", "api" and "api-v2". */
static bool extends(const char *longer, const char *shorter)
{
    irsa_autofree char *behind = irsa_format("%s-", shorter);
    irsa_autofree char *front = irsa_format("-%s", shorter);
    return irsa_has_prefix(longer, behind) || irsa_has_suffix(longer, front);
}

static bool related(const char *a, const char *b)
{
    return strcmp(a, b) == 0 || extends(a, b) || extends(b, a)
           || (strlen(a) > 4 && irsa_edit_distance(a, b, 1) <= 1);
}

static const char *app_label(const json_t *labels)
{
    static const char *const keys[] = {"app.kubernetes.io/name", "app", "k8s-app"};
    for (size_t i = 0; i < IRSA_COUNT(keys); i++) {
        const char *text = json_string_value(json_object_get(labels, keys[i]));
        if (text)
            return text;
    }
    return NULL;
}

static bool is_candidate(const struct irsa_binding *binding)
{
    return binding->role_arn && (binding->account || binding->wish)
           && binding->named_by != IRSA_NAMED_BY_TRUST;
}

/* The one unused account of the namespace whose name goes with the workload's; SIZE_MAX: none, or
 * more than one. */
static size_t find_unused(const struct names *names, const char *namespace_, const char *name,
                          const char *label)
{
    const struct irsa_bindings *bindings = names->run->bindings;
    size_t found = SIZE_MAX;
    const size_t start = irsa_map_get(&names->start, namespace_);
    for (size_t i = start; start != IRSA_MAP_NONE && i < bindings->len && i - start < NAMESAKES_MAX;
         i++) {
        const struct irsa_binding *binding = &bindings->items[i];
        if (strcmp(binding->namespace_, namespace_) != 0)
            break;
        const bool fits = related(name, binding->service_account)
                          || (label && strcmp(label, binding->service_account) == 0);
        if (!fits || !is_candidate(binding) || users(names->run, binding) > 0)
            continue;
        if (found != SIZE_MAX)
            return SIZE_MAX;
        found = i;
    }
    return found;
}

static void add_fix(struct irsa_finding *finding, const struct irsa_carrier *carrier,
                    const struct irsa_binding *binding, size_t index)
{
    if (strcmp(carrier->kind, "Pod") == 0) {
        irsa_finding_help(finding, "create the pod with serviceAccountName: %s",
                          binding->service_account);
        return;
    }
    irsa_finding_help(finding, "set serviceAccountName: %s (--allow overwrite)",
                      binding->service_account);
    irsa_autofree char *target = irsa_format("%s/%s", carrier->kind, carrier->name);
    struct irsa_fix *fix =
        irsa_finding_fix(finding, IRSA_FIX_SET_SERVICE_ACCOUNT_NAME, IRSA_CLASS_OVERWRITE, index);
    irsa_fix_set(fix, target, NULL, binding->service_account);
    fix->namespace_ = irsa_strdup(carrier->namespace_);
}

static void report(const struct names *names, const struct irsa_carrier *carrier, size_t index,
                   bool missing)
{
    struct irsa_run *run = names->run;
    const struct irsa_binding *binding = &run->bindings->items[index];
    const char *has = *carrier->spec->service_account ? carrier->spec->service_account : "default";
    bool fresh;
    struct irsa_finding *finding = irsa_carrier_report(run, missing ? C061 : C062, carrier, index,
                                                       "serviceAccountName", &fresh);
    if (!fresh)
        return;
    if (missing)
        irsa_finding_message(finding,
                             "%s %s/%s runs as service account default, while nothing runs as %s, "
                             "which has role %s",
                             carrier->kind, carrier->namespace_, carrier->name,
                             binding->service_account, binding->role_name);
    else
        irsa_finding_message(finding,
                             "%s %s/%s runs as service account %s, while nothing runs as %s, which "
                             "has role %s",
                             carrier->kind, carrier->namespace_, carrier->name, has,
                             binding->service_account, binding->role_name);
    irsa_finding_evidence(finding, has, binding->service_account, IRSA_INFERRED);
    add_fix(finding, carrier, binding, index);
}

/* Two workloads of one application, one with the role and one without: the controller and its
 * agents. */
static void check_sibling(const struct names *names, const struct irsa_carrier *carrier,
                          const json_t *labels)
{
    struct irsa_run *run = names->run;
    const char *label = app_label(labels);
    const size_t start = irsa_map_get(&names->start, carrier->namespace_);
    for (size_t i = start;
         label && start != IRSA_MAP_NONE && i < run->bindings->len && i - start < NAMESAKES_MAX;
         i++) {
        const struct irsa_binding *binding = &run->bindings->items[i];
        if (strcmp(binding->namespace_, carrier->namespace_) != 0
            || strcmp(binding->service_account, carrier->spec->service_account) == 0)
            return;
        size_t count;
        const uint32_t *workloads = irsa_facts_workloads_of(run->facts, binding->namespace_,
                                                            binding->service_account, &count);
        for (size_t k = 0; k < count && is_candidate(binding); k++) {
            const struct irsa_workload *other = &run->facts->workloads[workloads[k]];
            const char *theirs = app_label(other->labels);
            if (!theirs || strcmp(theirs, label) != 0)
                continue;
            bool fresh;
            struct irsa_finding *finding =
                irsa_carrier_report(run, C062, carrier, i, "serviceAccountName", &fresh);
            finding->severity = IRSA_SEVERITY_NOTE;
            irsa_finding_message(finding,
                                 "%s %s/%s runs as %s, which has no role; %s %s of the same "
                                 "application runs as %s with role %s",
                                 carrier->kind, carrier->namespace_, carrier->name,
                                 carrier->spec->service_account, other->kind, other->name,
                                 binding->service_account, binding->role_name);
            irsa_finding_evidence(finding, carrier->spec->service_account, binding->service_account,
                                  IRSA_INFERRED);
            irsa_finding_help(finding, "give %s a role too if it calls AWS",
                              carrier->spec->service_account);
            return;
        }
    }
}

static void check_carrier(const struct names *names, const struct irsa_carrier *carrier,
                          const json_t *labels)
{
    const struct irsa_facts *facts = names->run->facts;
    const char *has = *carrier->spec->service_account ? carrier->spec->service_account : "default";
    const struct irsa_service_account *account =
        irsa_facts_service_account(facts, carrier->namespace_, has);
    if (json_object_get(account ? account->annotations : NULL, IRSA_ANNOTATION_ROLE_ARN)
        || irsa_facts_association(facts, carrier->namespace_, has))
        return;
    if (strcmp(has, "default") == 0) {
        const size_t found =
            find_unused(names, carrier->namespace_, carrier->name, app_label(labels));
        if (found != SIZE_MAX)
            report(names, carrier, found, true);
        return;
    }
    const size_t found = find_unused(names, carrier->namespace_, has, NULL);
    const bool known =
        account
        || irsa_facts_service_account_presence(facts, carrier->namespace_, has) == IRSA_ABSENT;
    if (found != SIZE_MAX && known
        && strcmp(names->run->bindings->items[found].service_account, has) != 0)
        report(names, carrier, found, false);
    else if (account)
        check_sibling(names, carrier, labels);
}

/* Executors that a driver pod starts: they name no account, the driver does. */
static void check_spawned(const struct names *names, const struct irsa_pod *pod,
                          const struct irsa_map *pods)
{
    const struct irsa_run *run = names->run;
    irsa_autofree char *key = irsa_format("%s/%s", pod->namespace_, pod->owner_name);
    const size_t at = irsa_map_get(pods, key);
    const char *has = *pod->spec.service_account ? pod->spec.service_account : "default";
    if (at == IRSA_MAP_NONE || strcmp(run->facts->pods[at].spec.service_account, has) == 0)
        return;
    const char *drives = run->facts->pods[at].spec.service_account;
    const size_t start = irsa_map_get(&names->start, pod->namespace_);
    for (size_t i = start;
         start != IRSA_MAP_NONE && i < run->bindings->len && i - start < NAMESAKES_MAX; i++) {
        const struct irsa_binding *binding = &run->bindings->items[i];
        if (strcmp(binding->namespace_, pod->namespace_) != 0)
            return;
        if (strcmp(binding->service_account, drives) != 0 || !is_candidate(binding))
            continue;
        const struct irsa_carrier carrier = {
            .kind = "Pod",
            .namespace_ = pod->namespace_,
            .name = pod->owner_name,
            .spec = &pod->spec,
            .origins = &pod->origins,
        };
        bool fresh;
        struct irsa_finding *finding =
            irsa_carrier_report(names->run, C062, &carrier, i, "serviceAccountName", &fresh);
        irsa_finding_message(
            finding,
            "pod %s/%s, started by pod %s, runs as service account %s, while %s has "
            "role %s",
            pod->namespace_, pod->name, pod->owner_name, has, drives, binding->role_name);
        irsa_finding_evidence(finding, has, drives, IRSA_VERIFIED);
        irsa_finding_help(finding, "let what starts it give its pods service account %s", drives);
        return;
    }
}

static bool has_role(const struct irsa_facts *facts, const struct irsa_pod *pod)
{
    const char *has = *pod->spec.service_account ? pod->spec.service_account : "default";
    const struct irsa_service_account *account =
        irsa_facts_service_account(facts, pod->namespace_, has);
    return irsa_account_annotation(account, IRSA_ANNOTATION_ROLE_ARN)
           || irsa_facts_association(facts, pod->namespace_, has);
}

static void check_all_spawned(const struct names *names)
{
    const struct irsa_facts *facts = names->run->facts;
    irsa_auto_map pods = {0};
    for (size_t i = 0; i < facts->pod_count; i++) {
        const struct irsa_pod *pod = &facts->pods[i];
        if (pod->finished || !pod->owner_kind || strcmp(pod->owner_kind, "Pod") != 0
            || has_role(facts, pod))
            continue;
        for (size_t k = 0; pods.len == 0 && k < facts->pod_count; k++) {
            irsa_autofree char *key =
                irsa_format("%s/%s", facts->pods[k].namespace_, facts->pods[k].name);
            (void)irsa_map_put(&pods, key, k);
        }
        check_spawned(names, pod, &pods);
    }
}

static void check_all(const struct names *names)
{
    const struct irsa_facts *facts = names->run->facts;
    for (size_t i = 0; i < facts->workload_count; i++) {
        const struct irsa_workload *workload = &facts->workloads[i];
        const struct irsa_carrier carrier = {
            .kind = workload->kind,
            .namespace_ = workload->namespace_,
            .name = workload->name,
            .spec = &workload->spec,
            .origins = &workload->origins,
        };
        if (irsa_workload_is_top(facts, workload))
            check_carrier(names, &carrier, workload->labels);
    }
    for (size_t i = 0; i < facts->pod_count; i++) {
        const struct irsa_pod *pod = &facts->pods[i];
        if (pod->owner_kind || pod->finished)
            continue;
        const struct irsa_carrier carrier = {
            .kind = "Pod",
            .namespace_ = pod->namespace_,
            .name = pod->name,
            .spec = &pod->spec,
            .origins = &pod->origins,
            .live = true,
        };
        check_carrier(names, &carrier, NULL);
    }
}

void irsa_check_workload_names(struct irsa_run *run)
{
    struct names names = {.run = run};
    for (size_t i = 0; i < run->bindings->len; i++)
        (void)irsa_map_put_borrowed(&names.start, run->bindings->items[i].namespace_, i);
    if (run->facts->workload_count + run->facts->pod_count > 0)
        irsa_run_ran(run, C061, C062);
    else
        irsa_run_skip(run, C061, C062, "no workloads and no pods were seen");
    check_all(&names);
    check_all_spawned(&names);
    irsa_map_done(&names.start);
}
