/* SPDX-License-Identifier: Apache-2.0 */
/* The test pod: from the template, and what it said. */
#include "apply/verify_pod.h"

#define LABEL "irsa-fix/verify"
#define MANAGED "app.kubernetes.io/managed-by"
/* The plain token of Kubernetes, which is of another audience. */
#define KUBERNETES_TOKEN "/var/run/secrets/kubernetes.io/serviceaccount/"

/* --- the object ------------------------------------------------------------------------------- */

static void set_text(json_t *object, const char *key, const char *value)
{
    if (value && *value)
        (void)json_object_set_new(object, key, json_string(value));
}

static json_t *variables_of(const struct irsa_verify_run *run, const struct irsa_proof *proof)
{
    const struct irsa_binding *binding = proof->binding;
    const struct irsa_scope *scope = &run->plan->bindings.scope;
    json_t *variables = json_object();
    set_text(variables, "issuer", scope->issuer);
    set_text(variables, "region", scope->region);
    set_text(variables, "partition", scope->partition);
    set_text(variables, "provider_arn", binding->provider_arn);
    set_text(variables, "account_id",
             binding->role_account ? binding->role_account : scope->account_id);
    set_text(variables, "namespace", binding->namespace_);
    set_text(variables, "service_account", binding->service_account);
    set_text(variables, "role_arn", binding->role_arn);
    set_text(variables, "audience", binding->audience);
    return variables;
}

/* An object's member that is an object, made where it is none. Borrowed. */
static json_t *member(json_t *object, const char *key)
{
    json_t *there = json_object_get(object, key);
    if (!json_is_object(there)) {
        there = json_object();
        (void)json_object_set_new(object, key, there);
    }
    return there;
}

/* Lower-case letters and digits, as the API server's generateName adds them. */
static char *unique_name(struct irsa_prover *prover, const char *name)
{
    static const char alphabet[] = "bcdfghjklmnpqrstvwxz2456789";
    unsigned char bytes[6];
    char suffix[sizeof(bytes) + 1] = {0};
    prover->ops->random(prover, bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        suffix[i] = alphabet[bytes[i] % (sizeof(alphabet) - 1)];
    return irsa_format("%.56s-%s", name ? name : "irsa-fix-test", suffix);
}

static long pod_seconds(const struct irsa_verify_run *run)
{
    return irsa_verify_pod_ms(run) / 1000 + IRSA_POD_SPARE_SECONDS;
}

static void shape_spec(const struct irsa_verify_run *run, const struct irsa_proof *proof,
                       json_t *spec)
{
    const struct irsa_verify_options *options = run->options;
    long seconds = pod_seconds(run);
    json_int_t own = json_integer_value(json_object_get(spec, "activeDeadlineSeconds"));
    set_text(spec, "serviceAccountName", proof->binding->service_account);
    (void)json_object_set_new(spec, "restartPolicy", json_string("Never"));
    if (own <= 0 || own > seconds)
        (void)json_object_set_new(spec, "activeDeadlineSeconds", json_integer(seconds));
    if (options->image)
        set_text(json_array_get(json_object_get(spec, "containers"), 0), "image", options->image);
    if (options->node_selector)
        (void)json_object_update(member(spec, "nodeSelector"), (json_t *)options->node_selector);
}

json_t *irsa_verify_pod_object(const struct irsa_verify_run *run, const struct irsa_proof *proof,
                               struct irsa_error **reterr)
{
    json_auto_t *variables = variables_of(run, proof);
    json_t *pod = irsa_template_expand(run->options->templates, "test-pod.yaml", variables, reterr);
    if (!pod)
        return NULL;
    json_t *metadata = member(pod, "metadata");
    irsa_autofree char *name = unique_name(run->prover, irsa_json_string(metadata, "name", NULL));
    set_text(metadata, "name", name);
    set_text(metadata, "namespace", proof->binding->namespace_);
    json_t *labels = member(metadata, "labels");
    if (run->options->labels)
        (void)json_object_update(labels, (json_t *)run->options->labels);
    set_text(labels, MANAGED, "irsa-fix");
    set_text(labels, LABEL, "true");
    shape_spec(run, proof, member(pod, "spec"));
    return pod;
}

/* --- left-overs ------------------------------------------------------------------------------- */

const char *const irsa_verify_pod_selector =
    "labelSelector=app.kubernetes.io%2Fmanaged-by%3Dirsa-fix%2Cirsa-fix%2Fverify";

/* Whoever made it has given it up by then, or was killed. */
bool irsa_verify_pod_is_left(const json_t *pod, int64_t now)
{
    const char *created = irsa_json_string(pod, "metadata", "creationTimestamp", NULL);
    const char *managed = irsa_json_string(pod, "metadata", "labels", MANAGED, NULL);
    json_int_t deadline =
        json_integer_value(irsa_json_get(pod, "spec", "activeDeadlineSeconds", NULL));
    int64_t since = created ? irsa_time_parse(created) : 0;
    return managed && strcmp(managed, "irsa-fix") == 0
           && irsa_json_get(pod, "metadata", "labels", LABEL, NULL) && since > 0 && deadline > 0
           && since + deadline < now;
}

/* --- what it said ----------------------------------------------------------------------------- */

static const char *or_none(const char *text)
{
    return text ? text : "(not set)";
}

static void say_environment(struct irsa_proof *proof, const struct irsa_pod_log *log)
{
    static const char name[] = "pod-environment";
    const char *wanted = proof->binding->role_arn;
    irsa_autofree char *others = irsa_strings_join(&log->names, ", ", " and ");
    irsa_autofree char *seen =
        irsa_format("AWS_ROLE_ARN=%s AWS_WEB_IDENTITY_TOKEN_FILE=%s AWS_REGION=%s "
                    "AWS_STS_REGIONAL_ENDPOINTS=%s%s%s",
                    or_none(log->role_arn), or_none(log->token_file), or_none(log->region),
                    or_none(log->endpoints), *others ? "; set too: " : "", others);
    const char *code = "IRSA117";
    irsa_autofree char *message = NULL;
    if (!log->role_arn || !log->token_file)
        message = irsa_format("the webhook gave a new pod no %s",
                              log->role_arn     ? "AWS_WEB_IDENTITY_TOKEN_FILE"
                              : log->token_file ? "AWS_ROLE_ARN"
                                                : "AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE");
    else if (!wanted || strcmp(log->role_arn, wanted) != 0)
        message = irsa_format("a new pod gets role %s, and %s is wanted", log->role_arn,
                              wanted ? wanted : "none known");
    else if (irsa_has_prefix(log->token_file, KUBERNETES_TOKEN))
        message =
            irsa_format("a new pod's token is the plain one of Kubernetes, %s", log->token_file);
    else if (log->token_unreadable)
        message = irsa_format("the pod's user can't read the token %s", log->token_file);
    if (message && log->token_unreadable)
        code = "IRSA068";
    else if (message && log->token_file && irsa_has_prefix(log->token_file, KUBERNETES_TOKEN))
        code = "IRSA067";
    json_t *step = irsa_step(proof, name, message ? IRSA_STEP_FAILED : IRSA_STEP_OK, code, "%s",
                             message ? message : "a new pod gets the role's environment");
    irsa_step_evidence(step, seen, wanted, "the test pod's log");
}

static void say_caller(struct irsa_proof *proof, const struct irsa_pod_log *log)
{
    static const char name[] = "pod-identity";
    bool node = false;
    bool right = irsa_verify_is_role(proof->binding, log->caller_arn, &node);
    bool keys = irsa_strings_has(&log->names, "AWS_ACCESS_KEY_ID");
    json_t *step =
        right ? irsa_step(proof, name, IRSA_STEP_OK, NULL, "the pod is %s", log->caller_arn)
              : irsa_step(proof, name, IRSA_STEP_FAILED, keys ? "IRSA064" : "IRSA116", "%s %s%s",
                          node ? "the pod acts as its node, by the instance's role:"
                               : "the pod acts as somebody else:",
                          log->caller_arn,
                          keys ? ": AWS_ACCESS_KEY_ID is set in it, and wins over the role" : "");
    proof->pod_proven = right;
    irsa_step_evidence(step, log->caller_arn, proof->binding->role_arn, "the test pod's log");
}

static void say_refusal(struct irsa_verify_run *run, struct irsa_proof *proof,
                        const struct irsa_pod_log *log)
{
    const struct irsa_refusal refusal = {
        .code = log->code, .message = log->message, .keys_fit = proof->keys_fit};
    irsa_auto_cause cause = {0};
    irsa_refusal_cause(run->plan, proof->index, &refusal, &cause);
    cause.passing = false;
    irsa_autofree char *words = irsa_format("in the pod: %s", cause.message);
    free(cause.message);
    cause.message = irsa_steal(&words);
    irsa_step_cause(run, proof, "pod-identity", &cause, NULL);
}

void irsa_verify_pod_said(struct irsa_verify_run *run, struct irsa_proof *proof, const char *text)
{
    irsa_auto_pod_log log = {0};
    irsa_pod_log_read(text, &log);
    say_environment(proof, &log);
    if (log.caller_arn) {
        say_caller(proof, &log);
        return;
    }
    if (log.code) {
        say_refusal(run, proof, &log);
        return;
    }
    bool none = log.last_line && strstr(log.last_line, "Unable to locate credentials");
    json_t *step =
        irsa_step(proof, "pod-identity", none ? IRSA_STEP_FAILED : IRSA_STEP_UNKNOWN,
                  none ? "IRSA117" : "IRSA118", "the pod ended without saying who it is%s%s",
                  log.last_line ? ": " : "", log.last_line ? log.last_line : "");
    irsa_step_evidence(step, log.last_line, proof->binding->role_arn, "the test pod's log");
    if (!none)
        irsa_step_help(step, "the image needs a shell, grep, sed, sort and the AWS CLI: name "
                             "another with --image, or change test-pod.yaml (irsa-fix templates "
                             "test-pod.yaml)");
}
