/* SPDX-License-Identifier: Apache-2.0 */
#include "fake.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static void note(struct fake *fake, const struct irsa_http_request *request)
{
    irsa_auto_buf text = {0};
    irsa_buf_addf(&text, "%s %s\n", request->method, request->url);
    for (size_t i = 0; i < request->headers.len; i++)
        irsa_buf_addf(&text, "%s\n", request->headers.items[i]);
    for (size_t i = 0; i < request->secret_count; i++)
        irsa_buf_addf(&text, "%s\n", irsa_secret_expose(&request->secrets[i]));
    irsa_buf_addf(&text, "\n%.*s", (int)request->body_len, request->body ? request->body : "");
    irsa_strings_add(&fake->requests, irsa_buf_str(&text));
    fake->tls = *request->tls;
    fake->had_certificate = request->tls->certificate != NULL;
    fake->once = request->once;
    fake->shared = request->share;
}

static void answer(struct irsa_exchange *exchange, const struct fake_answer *from)
{
    irsa_http_response_done(&exchange->response);
    irsa_error_free(irsa_steal(&exchange->error));
    exchange->failure = from->failure;
    exchange->may_have_arrived = from->failure == IRSA_HTTP_RESET;
    exchange->response.status = from->status;
    if (from->failure != IRSA_HTTP_ANSWERED) {
        (void)irsa_fail(&exchange->error, IRSA_E_NET, "%s: host: %s", exchange->request.label,
                        from->body);
        return;
    }
    irsa_strings_take(
        &exchange->response.headers,
        irsa_format("content-type: %s", from->type ? from->type : "application/json"));
    if (from->header)
        irsa_strings_add(&exchange->response.headers, from->header);
    irsa_buf_adds(&exchange->response.body, from->body);
}

static void run(struct irsa_transport *transport, struct irsa_exchange *const *exchanges,
                size_t count)
{
    struct fake *fake = (struct fake *)transport;
    fake->batches++;
    for (size_t i = 0; i < count; i++) {
        note(fake, &exchanges[i]->request);
        if (fake->answered >= fake->answer_count)
            fail_msg("an answer too few: %s", fake->requests.items[fake->requests.len - 1]);
        answer(exchanges[i], &fake->answers[fake->answered++]);
    }
}

struct fake *fake_new(void)
{
    static const struct irsa_transport_ops ops = {.run = run};
    struct fake *fake = irsa_calloc(1, sizeof(*fake));
    fake->transport.ops = &ops;
    fake->home = irsa_strdup("/tmp/irsa-fix-kube-XXXXXX");
    assert_non_null(mkdtemp(fake->home));
    return fake;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

void fake_free(struct fake *fake)
{
    assert_int_equal(fake->answered, fake->answer_count);
    (void)nftw(fake->home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    irsa_kube_free(fake->kube);
    irsa_error_free(fake->error);
    irsa_strings_done(&fake->requests);
    free(fake->home);
    free(fake);
}

void fake_answers_more(struct fake *fake, const struct fake_answer *from)
{
    assert_true(fake->answer_count < IRSA_COUNT(fake->answers));
    fake->answers[fake->answer_count++] = *from;
}

void fake_answers(struct fake *fake, long status, const char *body)
{
    fake_answers_more(fake, &(struct fake_answer){.status = status, .body = body});
}

void fake_file(struct fake *fake, const char *path, const char *text)
{
    irsa_auto_error error = NULL;
    irsa_autofree char *full = irsa_format("%s/%s", fake->home, path);
    assert_int_equal(irsa_file_replace(full, text, strlen(text), 0755, &error), 0);
}

static int make_token(void *context, const char *cluster, const char *region, const char *profile,
                      const char *role_arn, struct irsa_secret *ret_token, int64_t *ret_expiry,
                      struct irsa_error **reterr)
{
    struct fake *fake = context;
    if (++fake->tokens > 3)
        return irsa_fail(reterr, IRSA_E_AUTH, "no more");
    assert_string_equal(cluster, "shop");
    assert_string_equal(region, "eu-west-1");
    assert_null(profile);
    assert_null(role_arn);
    irsa_autofree char *token = irsa_format("made-%u", fake->tokens);
    irsa_secret_set(ret_token, token, strlen(token));
    *ret_expiry = INT64_C(4102444800);
    return 0;
}

static int open_with(struct fake *fake, const char *cluster, const char *user,
                     const struct irsa_kube_eks *eks)
{
    irsa_autofree char *text =
        irsa_format("current-context: c\nclusters: [{name: k, cluster: %s}]\nusers: [{name: u, "
                    "user: %s}]\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n",
                    cluster, user);
    irsa_autofree char *file = irsa_format("%s/config", fake->home);
    fake_file(fake, "config", text);
    const struct irsa_kube_options options = {
        .kubeconfig = file,
        .transport = &fake->transport,
        .plugin_ms = fake->plugin_ms,
        .eks = eks,
    };
    irsa_log_set_level(IRSA_LOG_ERROR);
    return irsa_kube_open(&options, &fake->kube, &fake->error);
}

int fake_open(struct fake *fake, const char *cluster, const char *user)
{
    return open_with(fake, cluster, user, NULL);
}

static struct irsa_kube_eks eks;
int fake_open_eks(struct fake *fake, const char *cluster, const char *user)
{
    eks = (struct irsa_kube_eks){.token = make_token, .context = fake};
    return open_with(fake, cluster, user, &eks);
}

void fake_get(struct fake *fake, struct irsa_kube_call *call)
{
    *call = (struct irsa_kube_call){
        .verb = "list", .resource = "pods", .method = "GET", .path = "/api/v1/pods"};
    irsa_kube_run(fake->kube, &call, 1);
}

void fake_asked(const struct fake *fake, size_t request, const char *text)
{
    assert_true(request < fake->requests.len);
    if (!strstr(fake->requests.items[request], text))
        fail_msg("not \"%s\" in:\n%s", text, fake->requests.items[request]);
}

void fake_asked_not(const struct fake *fake, size_t request, const char *text)
{
    assert_true(request < fake->requests.len);
    if (strstr(fake->requests.items[request], text))
        fail_msg("\"%s\" in:\n%s", text, fake->requests.items[request]);
}

void fake_failed(struct irsa_error **error, enum irsa_error_kind kind, const char *message,
                 const char *hint)
{
    assert_non_null(*error);
    const char *said = irsa_error_message(*error);
    const char *advice = irsa_error_hint(*error);
    if (!strstr(said, message) || (hint && (!advice || !strstr(advice, hint))))
        fail_msg("\"%s\" / \"%s\" wanted, found:\n%s\n%s", message, hint ? hint : "", said,
                 advice ? advice : "(no hint)");
    assert_int_equal(irsa_error_kind(*error), kind);
    assert_null(strstr(said, "CANARY"));
    assert_true(!advice || !strstr(advice, "CANARY"));
    irsa_error_free(irsa_steal(error));
}
