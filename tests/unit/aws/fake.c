/* SPDX-License-Identifier: Apache-2.0 */
#include "fake.h"

#include <ftw.h>
#include <unistd.h>

static void take_request(struct fake *fake, const struct irsa_http_request *request)
{
    irsa_auto_buf text = {0};
    irsa_buf_addf(&text, "%s %s\n", request->method, request->url);
    for (size_t i = 0; i < request->headers.len; i++)
        irsa_buf_addf(&text, "%s\n", request->headers.items[i]);
    for (size_t i = 0; i < request->secret_count; i++)
        irsa_buf_addf(&text, "%s\n", irsa_secret_expose(&request->secrets[i]));
    irsa_buf_addf(&text, "%s%s\n", request->plain_http ? "(http)" : "",
                  request->no_proxy ? "(no proxy)" : "");
    if (request->body)
        irsa_buf_add(&text, request->body, request->body_len);
    irsa_strings_take(&fake->requests, irsa_buf_steal(&text));
}

static void answer(struct fake *fake, struct irsa_exchange *exchange)
{
    take_request(fake, &exchange->request);
    irsa_http_response_done(&exchange->response);
    irsa_error_free(irsa_steal(&exchange->error));
    long status = 0;
    const char *body = "";
    if (fake->answered < fake->answer_count) {
        status = fake->answers[fake->answered].status;
        body = fake->answers[fake->answered++].body;
    }
    exchange->may_have_arrived = status < 0;
    exchange->failure = status > 0   ? IRSA_HTTP_ANSWERED
                        : status < 0 ? IRSA_HTTP_TIMEOUT
                                     : IRSA_HTTP_CONNECT;
    if (status <= 0) {
        (void)irsa_fail(&exchange->error, IRSA_E_NET, "%s: no answer", exchange->request.label);
        return;
    }
    exchange->response.status = status;
    irsa_buf_adds(&exchange->response.body, body);
}

static void run(struct irsa_transport *transport, struct irsa_exchange *const *exchanges,
                size_t count)
{
    for (size_t i = 0; i < count; i++)
        answer((struct fake *)transport, exchanges[i]);
}

static const struct irsa_transport_ops ops = {.run = run};

static int64_t now(void)
{
    return FAKE_NOW;
}

static void sleep_ms(long ms)
{
    (void)ms;
}

static uint32_t no_random(void)
{
    return 0;
}

static const char *get(void *context, const char *name)
{
    const struct fake *fake = context;
    for (size_t i = 0; i + 1 < fake->environment.len; i += 2) {
        if (strcmp(fake->environment.items[i], name) == 0)
            return fake->environment.items[i + 1];
    }
    return NULL;
}

static char *prompt(void *context, const char *question)
{
    struct fake *fake = context;
    free(fake->question);
    fake->question = irsa_strdup(question);
    return fake->mfa ? irsa_strdup(fake->mfa) : NULL;
}

struct fake *fake_new(void)
{
    struct fake *fake = irsa_calloc(1, sizeof *fake);
    char folder[] = "/tmp/irsa-fix-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    fake->home = irsa_strdup(folder);
    fake->transport.ops = &ops;
    fake->retry = (struct irsa_retry_policy){.now = now, .sleep_ms = sleep_ms, .random = no_random};
    return fake;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

void fake_free(struct fake *fake)
{
    (void)nftw(fake->home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    for (size_t i = 0; i < fake->answer_count; i++)
        free(fake->answers[i].body);
    free(fake->answers);
    free(fake->home);
    free(fake->question);
    irsa_strings_done(&fake->environment);
    irsa_strings_done(&fake->requests);
    irsa_aws_config_done(&fake->config);
    irsa_aws_credentials_done(&fake->credentials);
    irsa_error_free(fake->error);
    free(fake);
}

void fake_set(struct fake *fake, const char *name, const char *value)
{
    for (size_t i = 0; i + 1 < fake->environment.len; i += 2) {
        if (strcmp(fake->environment.items[i], name) == 0) {
            free(fake->environment.items[i + 1]);
            fake->environment.items[i + 1] = irsa_strdup(value);
            return;
        }
    }
    irsa_strings_add(&fake->environment, name);
    irsa_strings_add(&fake->environment, value);
}

const char *fake_file(struct fake *fake, const char *path, const char *text)
{
    static char whole[512];
    irsa_auto_error error = NULL;
    (void)snprintf(whole, sizeof whole, "%s/%s", fake->home, path);
    irsa_autofree char *folder = irsa_strndup(whole, (size_t)(strrchr(whole, '/') - whole));
    assert_int_equal(irsa_mkdir_parents(folder, &error), 0);
    assert_int_equal(irsa_file_replace(whole, text, strlen(text), 0600, &error), 0);
    return whole;
}

void fake_answers(struct fake *fake, long status, const char *body)
{
    fake->answers = irsa_grow(fake->answers, fake->answer_count, sizeof *fake->answers);
    fake->answers[fake->answer_count++] = (struct fake_answer){status, irsa_strdup(body)};
}

void fake_answers_sts(struct fake *fake, const char *action, const char *suffix)
{
    irsa_autofree char *body = irsa_format(
        "<%sResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><%sResult>"
        "<AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId><Arn>arn</Arn></AssumedRoleUser>"
        "<Credentials><AccessKeyId>ID-%s</AccessKeyId><SecretAccessKey>KEY-%s</SecretAccessKey>"
        "<SessionToken>TOKEN-%s</SessionToken><Expiration>" LATER "</Expiration></Credentials>"
        "</%sResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></%sResponse>",
        action, action, suffix, suffix, suffix, action, action);
    fake_answers(fake, 200, body);
}

static int load(struct fake *fake, const char *profile, const char *region)
{
    const struct irsa_aws_config_options options = {
        .profile = profile,
        .region = region,
        .environment = {.get = get, .context = fake},
        .home = fake->home,
    };
    irsa_aws_config_done(&fake->config);
    irsa_error_free(irsa_steal(&fake->error));
    fake->options = (struct irsa_aws_chain_options){
        .config = &fake->config,
        .transport = &fake->transport,
        .retry = &fake->retry,
        .prompt = prompt,
        .prompt_context = fake,
        .now = now,
        .process_ms = fake->options.process_ms,
    };
    return irsa_aws_config_load(&options, &fake->config, &fake->error);
}

void fake_load(struct fake *fake, const char *profile, const char *region)
{
    if (load(fake, profile, region) != 0)
        fail_msg("%s", irsa_error_message(fake->error));
}

int fake_find(struct fake *fake, const char *profile)
{
    irsa_aws_credentials_done(&fake->credentials);
    if (load(fake, profile, NULL) != 0)
        return -1;
    return irsa_aws_credentials_find(&fake->options, &fake->credentials, &fake->error);
}

void fake_finds(struct fake *fake, const char *profile, const char *id, const char *source)
{
    if (fake_find(fake, profile) != 0)
        fail_msg("%s", irsa_error_message(fake->error));
    assert_string_equal(irsa_secret_expose(&fake->credentials.access_key_id), id);
    if (!strstr(fake->credentials.source, source))
        fail_msg("the source is \"%s\", not \"%s\"", fake->credentials.source, source);
}

void fake_fails(struct fake *fake, const char *profile, enum irsa_error_kind kind,
                const char *message, const char *hint)
{
    assert_int_equal(fake_find(fake, profile), -1);
    const char *found = irsa_error_message(fake->error);
    const char *found_hint = irsa_error_hint(fake->error);
    if (!strstr(found, message))
        fail_msg("\"%s\" has no \"%s\" in it", found, message);
    if (hint && (!found_hint || !strstr(found_hint, hint)))
        fail_msg("hint \"%s\" has no \"%s\" in it", found_hint ? found_hint : "", hint);
    assert_int_equal(irsa_error_kind(fake->error), kind);
    assert_null(strstr(found, "CANARY"));
    assert_true(!found_hint || !strstr(found_hint, "CANARY"));
}

void fake_asked(const struct fake *fake, size_t request, const char *text)
{
    if (request >= fake->requests.len)
        fail_msg("there were %zu requests", fake->requests.len);
    if (!strstr(fake->requests.items[request], text))
        fail_msg("request %zu has no \"%s\" in it:\n%s", request, text,
                 fake->requests.items[request]);
}

void fake_asked_not(const struct fake *fake, size_t request, const char *text)
{
    assert_true(request < fake->requests.len);
    if (strstr(fake->requests.items[request], text))
        fail_msg("request %zu has \"%s\" in it:\n%s", request, text, fake->requests.items[request]);
}
