/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_aws.h"

/* --- answering ------------------------------------------------------------------------------- */

static struct fake_rule *find_rule(struct fake_aws *fake, const char *label, const char *text)
{
    for (size_t i = fake->rule_count; i-- > 0;) {
        struct fake_rule *rule = &fake->rules[i];
        if (strcmp(rule->label, label) == 0 && (!rule->text || strstr(text, rule->text))
            && rule->times != UINT32_MAX)
            return rule;
    }
    return NULL;
}

static void answer_xml(const char *action, const struct fake_rule *rule, struct irsa_buf *ret)
{
    if (rule->status == 200)
        irsa_buf_addf(ret, "<%sResponse><%sResult>%s</%sResult></%sResponse>", action, action,
                      rule->result, action, action);
    else
        irsa_buf_addf(ret,
                      "<ErrorResponse><Error><Code>%s</Code><Message>made up</Message></Error>"
                      "<RequestId>r-1</RequestId></ErrorResponse>",
                      rule->result);
}

static void answer(struct irsa_exchange *exchange, struct fake_rule *rule)
{
    const char *label = exchange->request.label;
    exchange->failure = rule->status ? IRSA_HTTP_ANSWERED : IRSA_HTTP_RESET;
    exchange->may_have_arrived = !rule->status;
    if (!rule->status)
        (void)irsa_fail(&exchange->error, IRSA_E_NET, "%s: lost", label);
    exchange->response.status = rule->status;
    if (rule->status && irsa_has_prefix(label, "eks:"))
        irsa_buf_adds(&exchange->response.body, rule->result);
    else if (rule->status)
        answer_xml(strchr(label, ':') + 1, rule, &exchange->response.body);
    if (rule->times > 0)
        rule->times = rule->times == 1 ? UINT32_MAX : rule->times - 1;
}

static void run(struct irsa_transport *transport, struct irsa_exchange *const *exchanges,
                size_t count)
{
    struct fake_aws *fake = (struct fake_aws *)transport;
    fake->rounds++;
    for (size_t i = 0; i < count; i++) {
        struct irsa_exchange *exchange = exchanges[i];
        const struct irsa_http_request *request = &exchange->request;
        char *text = irsa_format("%s %s", request->url, request->body ? request->body : "");
        irsa_http_response_done(&exchange->response);
        irsa_error_free(irsa_steal(&exchange->error));
        fake->calls = irsa_grow(fake->calls, fake->call_count, sizeof(*fake->calls));
        fake->calls[fake->call_count++] = (struct fake_call){
            .label = irsa_strdup(request->label), .text = text, .round = fake->rounds};
        struct fake_rule *rule = find_rule(fake, request->label, text);
        if (!rule)
            fail_msg("nobody answers %s %s", request->label, text);
        else
            answer(exchange, rule);
    }
}

static void nothing(struct irsa_transport *transport)
{
    (void)transport;
}

/* --- setting up ------------------------------------------------------------------------------ */

void fake_aws_rule_times(struct fake_aws *fake, unsigned times, const char *label, const char *text,
                         long status, const char *result)
{
    fake->rules = irsa_grow(fake->rules, fake->rule_count, sizeof(*fake->rules));
    fake->rules[fake->rule_count++] = (struct fake_rule){
        .label = label, .text = text, .status = status, .result = result, .times = times};
}

void fake_aws_rule(struct fake_aws *fake, const char *label, const char *text, long status,
                   const char *result)
{
    fake_aws_rule_times(fake, 0, label, text, status, result);
}

struct fake_aws *fake_aws_new(void)
{
    static const struct irsa_transport_ops ops = {.run = run, .free = nothing};
    static const char *const missing[] = {"iam:GetRole", "iam:ListAttachedRolePolicies",
                                          "iam:ListRolePolicies", "iam:GetRolePolicy",
                                          "iam:GetOpenIDConnectProvider"};
    struct fake_aws *fake = irsa_calloc(1, sizeof(*fake));
    fake->transport.ops = &ops;
    (void)setenv("HOME", "/nonexistent", 1);
    (void)setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    (void)unsetenv("AWS_PROFILE");
    (void)unsetenv("AWS_ENDPOINT_URL");
    fake_aws_rule(fake, "sts:GetCallerIdentity", NULL, 200,
                  "<Arn>arn:aws:iam::" FAKE_ACCOUNT ":user/me</Arn><UserId>AIDA</UserId>"
                  "<Account>" FAKE_ACCOUNT "</Account>");
    fake_aws_rule(
        fake, "eks:DescribeCluster", NULL, 200,
        "{\"cluster\": {\"name\": \"prod\", \"arn\": \"arn:aws:eks:eu-west-1:" FAKE_ACCOUNT
        ":cluster/prod\", \"identity\": {\"oidc\": {\"issuer\": \"https://" FAKE_HOST_PATH
        "\"}}}}");
    fake_aws_rule(fake, "eks:ListPodIdentityAssociations", NULL, 200, "{\"associations\": []}");
    fake_aws_rule(fake, "iam:ListOpenIDConnectProviders", NULL, 200,
                  "<OpenIDConnectProviderList/>");
    fake_aws_rule(fake, "iam:SimulatePrincipalPolicy", NULL, 200, "<EvaluationResults/>");
    fake_aws_rule(fake, "iam:ListAccountAliases", NULL, 200, "<AccountAliases/>");
    fake_aws_rule(fake, "iam:ListRoles", NULL, 200, "<Roles/><IsTruncated>false</IsTruncated>");
    for (size_t i = 0; i < IRSA_COUNT(missing); i++)
        fake_aws_rule(fake, missing[i], NULL, 404, "NoSuchEntity");
    fake->intent = irsa_intent_new();
    fake->intent->cluster_name = irsa_strdup("prod");
    return fake;
}

void fake_aws_role(struct fake_aws *fake, const char *trust)
{
    static char roles[4][4096];
    static size_t next;
    irsa_auto_buf encoded = {0};
    char *text = roles[next++ % 4];
    irsa_url_encode(trust, strlen(trust), &encoded);
    (void)snprintf(
        text, sizeof(roles[0]),
        "<Role><Path>/</Path><RoleName>app</RoleName><RoleId>AROA1</RoleId><Arn>" FAKE_ROLE
        "</Arn><AssumeRolePolicyDocument>%s</AssumeRolePolicyDocument>"
        "<MaxSessionDuration>3600</MaxSessionDuration></Role>",
        irsa_buf_str(&encoded));
    fake_aws_rule(fake, "iam:GetRole", "RoleName=app", 200, text);
    fake_aws_rule(fake, "iam:ListAttachedRolePolicies", "RoleName=app", 200,
                  "<AttachedPolicies/><IsTruncated>false</IsTruncated>");
    fake_aws_rule(fake, "iam:ListRolePolicies", "RoleName=app", 200,
                  "<PolicyNames/><IsTruncated>false</IsTruncated>");
}

void fake_aws_provider(struct fake_aws *fake, const char *client_id)
{
    static char providers[4][512];
    static size_t next;
    char *text = providers[next++ % 4];
    (void)snprintf(text, sizeof(providers[0]),
                   "<Url>" FAKE_HOST_PATH "</Url><ClientIDList><member>%s</member></ClientIDList>"
                   "<ThumbprintList/>",
                   client_id);
    fake_aws_rule(fake, "iam:ListOpenIDConnectProviders", NULL, 200,
                  "<OpenIDConnectProviderList><member><Arn>" FAKE_PROVIDER "</Arn></member>"
                  "</OpenIDConnectProviderList>");
    fake_aws_rule(fake, "iam:GetOpenIDConnectProvider", NULL, 200, text);
}

void fake_aws_open(struct fake_aws *fake)
{
    struct irsa_aws *aws = NULL;
    const struct irsa_aws_options options = {.region = "eu-west-1", .transport = &fake->transport};
    if (irsa_aws_open(&options, &aws, &fake->error) != 0)
        fail_msg("%s", irsa_error_message(fake->error));
    const struct irsa_live_options live = {
        .aws = aws, .intent = fake->intent, .wait_ms = 300, .keep = fake->keep};
    assert_int_equal(irsa_live_new(&live, &fake->world, &fake->error), 0);
}

void fake_aws_gather(struct fake_aws *fake)
{
    irsa_facts_free(irsa_steal(&fake->facts));
    if (fake->world->ops->gather(fake->world, &fake->facts, &fake->error) != 0)
        fail_msg("%s", irsa_error_message(fake->error));
}

int fake_aws_apply(struct fake_aws *fake, enum irsa_action action, enum irsa_object_kind kind,
                   const char *target, const char *before, const char *after)
{
    const struct irsa_change change = {
        .action = action,
        .kind = kind,
        .target = (char *)(uintptr_t)target,
        .before = before ? json_loads(before, 0, NULL) : NULL,
        .after = after ? json_loads(after, 0, NULL) : NULL,
    };
    irsa_error_free(irsa_steal(&fake->error));
    int r = fake->world->ops->apply(fake->world, fake->facts, &change, &fake->error);
    json_decref(change.before);
    json_decref(change.after);
    return r;
}

/* --- looking --------------------------------------------------------------------------------- */

size_t fake_aws_count(const struct fake_aws *fake, const char *label)
{
    size_t count = 0;
    for (size_t i = 0; i < fake->call_count; i++)
        count += strcmp(fake->calls[i].label, label) == 0;
    return count;
}

const struct fake_call *fake_aws_call(const struct fake_aws *fake, const char *label, size_t n)
{
    for (size_t i = 0; i < fake->call_count; i++) {
        if (strcmp(fake->calls[i].label, label) == 0 && n-- == 0)
            return &fake->calls[i];
    }
    fail_msg("%s was not called", label);
    return NULL;
}

void fake_aws_forget_calls(struct fake_aws *fake)
{
    for (size_t i = 0; i < fake->call_count; i++) {
        free(fake->calls[i].label);
        free(fake->calls[i].text);
    }
    free(fake->calls);
    fake->calls = NULL;
    fake->call_count = 0;
    fake->rounds = 0;
}

void fake_aws_free(struct fake_aws *fake)
{
    fake_aws_forget_calls(fake);
    irsa_facts_free(fake->facts);
    irsa_world_free(fake->world);
    irsa_intent_free(fake->intent);
    irsa_error_free(fake->error);
    free(fake->rules);
    free(fake);
}

int fake_aws_set_up(void **state)
{
    *state = fake_aws_new();
    return 0;
}

int fake_aws_tear_down(void **state)
{
    fake_aws_free(*state);
    return 0;
}

void fake_aws_start(struct fake_aws *fake)
{
    fake_aws_open(fake);
    fake_aws_gather(fake);
    fake_aws_forget_calls(fake);
}

void fake_aws_assert_done(const struct fake_aws *fake, int r)
{
    if (r != 0)
        fail_msg("%s", irsa_error_message(fake->error));
}

void fake_aws_assert_conflict(const struct fake_aws *fake, int r, const char *message)
{
    assert_int_equal(r, -1);
    assert_string_equal(irsa_error_message(fake->error), message);
    assert_int_equal(irsa_error_kind(fake->error), IRSA_E_CONFLICT);
}
