/* SPDX-License-Identifier: Apache-2.0 */
/* What a container brings along that is found before the role: SDKs stop at the first credentials,
 * and look for keys in environment variables before web identity
 * (https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html). Files of keys
 * come before it in some SDKs and after it in others
 * (https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/setting-credentials-node.html,
 * https://docs.aws.amazon.com/sdk-for-php/v3/developer-guide/guide_credentials_default_chain.html).
 */
#include "diagnose/pod.h"

static struct irsa_finding *report(struct irsa_run *run, enum code code,
                                   const struct irsa_carrier *carrier, size_t binding,
                                   const struct irsa_strings *containers, const char *field)
{
    bool fresh;
    struct irsa_finding *finding = irsa_carrier_report(run, code, carrier, binding, field, &fresh);
    if (!fresh)
        return NULL;
    irsa_autofree char *names = irsa_strings_join(containers, ", ", " and ");
    irsa_finding_evidence(finding, names, NULL, IRSA_VERIFIED);
    return finding;
}

static const char *role_arn(const struct irsa_run *run, size_t binding)
{
    const char *arn = run->bindings->items[binding].role_arn;
    return arn ? arn : "";
}

/* By hand, and right: the role's ARN, a token of the right audience, the right file. */
static bool by_hand_and_right(const struct irsa_run *run, const struct irsa_carrier *carrier,
                              size_t binding)
{
    const struct irsa_pod_spec *spec = carrier->spec;
    return spec->injected_role_arn && strcmp(spec->injected_role_arn, role_arn(run, binding)) == 0
           && spec->token_volume && spec->token_audience
           && strcmp(spec->token_audience, run->bindings->items[binding].audience) == 0
           && spec->role_arn_by_hand.len == spec->token_file_by_hand.len;
}

/* The webhook adds neither variable to a container that sets one of them
 * (https://github.com/aws/amazon-eks-pod-identity-webhook, addEnvToContainer). */
static void check_by_hand(struct irsa_run *run, const struct irsa_carrier *carrier, size_t binding)
{
    const struct irsa_pod_spec *spec = carrier->spec;
    const bool role = spec->role_arn_by_hand.len > 0;
    const bool file = spec->token_file_by_hand.len > 0;
    if ((!role && !file) || by_hand_and_right(run, carrier, binding))
        return;
    const struct irsa_strings *containers =
        role ? &spec->role_arn_by_hand : &spec->token_file_by_hand;
    struct irsa_finding *finding =
        report(run, C063, carrier, binding, containers, "spec.template.spec.containers[].env");
    if (!finding)
        return;
    irsa_finding_message(finding,
                         "container %s of %s %s/%s sets %s by hand, which keeps the webhook from "
                         "setting both variables",
                         containers->items[0], carrier->kind, carrier->namespace_, carrier->name,
                         role && file ? "AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE"
                         : role       ? "AWS_ROLE_ARN"
                                      : "AWS_WEB_IDENTITY_TOKEN_FILE");
    irsa_finding_evidence(finding,
                          role && spec->injected_role_arn ? spec->injected_role_arn
                          : spec->injected_token_file     ? spec->injected_token_file
                                                          : "set by hand",
                          "left to the webhook", IRSA_VERIFIED);
    irsa_finding_help(finding, "drop AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE from its env");
}

/* The API server's own token has another audience: STS answers "Incorrect token audience". */
static void check_token(struct irsa_run *run, const struct irsa_carrier *carrier, size_t binding)
{
    const struct irsa_pod_spec *spec = carrier->spec;
    const char *audience = run->bindings->items[binding].audience;
    const bool plain =
        spec->injected_token_file
        && strstr(spec->injected_token_file, "/secrets/kubernetes.io/serviceaccount/");
    const bool other =
        spec->token_volume && spec->token_audience && strcmp(spec->token_audience, audience) != 0;
    if (!plain && !other)
        return;
    bool fresh;
    struct irsa_finding *finding =
        irsa_carrier_report(run, C067, carrier, binding,
                            plain ? "AWS_WEB_IDENTITY_TOKEN_FILE" : "spec.volumes", &fresh);
    if (!fresh)
        return;
    if (plain) {
        irsa_finding_message(
            finding,
            "%s %s/%s gives STS the API server's token (%s), whose audience is not "
            "\"%s\"",
            carrier->kind, carrier->namespace_, carrier->name, spec->injected_token_file, audience);
        irsa_finding_evidence(finding, spec->injected_token_file,
                              "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
                              IRSA_VERIFIED);
        irsa_finding_help(finding, "drop the variable: the webhook sets the right one");
        return;
    }
    irsa_finding_message(
        finding, "%s %s/%s has a token for audience \"%s\", but \"%s\" is asked for", carrier->kind,
        carrier->namespace_, carrier->name, spec->token_audience, audience);
    irsa_finding_evidence(finding, spec->token_audience, audience, IRSA_VERIFIED);
    irsa_finding_help(finding, carrier->live
                                   ? "restart the pods, so that they get a new token"
                                   : "set the volume's audience, or leave it to the webhook");
}

static void check_keys(struct irsa_run *run, const struct irsa_carrier *carrier, size_t binding)
{
    const struct irsa_strings *containers = &carrier->spec->static_keys;
    if (containers->len == 0)
        return;
    struct irsa_finding *finding =
        report(run, C064, carrier, binding, containers, "spec.containers[].env AWS_ACCESS_KEY_ID");
    if (!finding)
        return;
    irsa_finding_message(finding,
                         "container %s of %s %s/%s sets AWS_ACCESS_KEY_ID: SDKs take these keys "
                         "before the role",
                         containers->items[0], carrier->kind, carrier->namespace_, carrier->name);
    irsa_finding_evidence(finding, "AWS_ACCESS_KEY_ID is set", "no static keys", IRSA_VERIFIED);
    irsa_finding_help(finding,
                      "drop AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN "
                      "from its env");
}

static void check_files(struct irsa_run *run, const struct irsa_carrier *carrier, size_t binding)
{
    const struct irsa_pod_spec *spec = carrier->spec;
    const bool profile = spec->profile.len > 0;
    const struct irsa_strings *containers = profile ? &spec->profile : &spec->credentials_files;
    if (containers->len == 0)
        return;
    struct irsa_finding *finding =
        report(run, C065, carrier, binding, containers,
               profile ? "spec.containers[].env AWS_PROFILE" : "spec.containers[].volumeMounts");
    if (!finding)
        return;
    irsa_finding_message(finding,
                         "container %s of %s %s/%s %s, which some SDKs take before the role",
                         containers->items[0], carrier->kind, carrier->namespace_, carrier->name,
                         profile ? "sets AWS_PROFILE" : "has a credentials or config file of AWS");
    irsa_finding_evidence(finding, profile ? "AWS_PROFILE is set" : "a file of credentials",
                          "neither", IRSA_INFERRED);
    irsa_finding_help(finding, "drop %s",
                      profile ? "AWS_PROFILE from its env" : "the mounted file");
}

/* Variables that come as a whole from a secret may hold keys: told where its name says so. */
static void check_env_from(struct irsa_run *run, const struct irsa_carrier *carrier, size_t binding)
{
    for (size_t i = 0; i < carrier->spec->env_from.len; i++) {
        const char *source = carrier->spec->env_from.items[i];
        if (!strcasestr(source, "aws") && !strcasestr(source, "credential"))
            continue;
        bool fresh;
        struct irsa_finding *finding =
            irsa_carrier_report(run, C075, carrier, binding, "spec.containers[].envFrom", &fresh);
        if (!fresh)
            return;
        irsa_finding_message(finding,
                             "%s %s/%s takes its environment from %s: if that holds "
                             "AWS_ACCESS_KEY_ID, it wins over the role",
                             carrier->kind, carrier->namespace_, carrier->name, source);
        irsa_finding_evidence(finding, source, "no AWS_ variables in it", IRSA_NOT_CHECKABLE);
        irsa_finding_help(finding, "look into %s for AWS_ variables", source);
    }
}

void irsa_check_carrier_environment(struct irsa_run *run, const struct irsa_carrier *carrier,
                                    size_t binding)
{
    irsa_run_ran(run, C063, C067);
    irsa_run_ran(run, C075, C075);
    if (!carrier->live)
        check_by_hand(run, carrier, binding);
    check_token(run, carrier, binding);
    check_keys(run, carrier, binding);
    check_files(run, carrier, binding);
    check_env_from(run, carrier, binding);
}
