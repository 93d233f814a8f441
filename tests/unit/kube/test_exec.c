/* SPDX-License-Identifier: Apache-2.0 */
/* Credential plugins, which are small scripts here. stdin of the tests is no terminal. */
#include "fake.h"

#include <fcntl.h>
#include <unistd.h>

#define SERVER "{server: 'https://api.example.com', tls-server-name: name.example.com}"
#define ENTRY(more)                                                                                \
    "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, interactiveMode: "    \
    "IfAvailable" more "}}"
#define SAYS(status)                                                                               \
    "#!/bin/sh\ncat <<'EOF'\n{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": "     \
    "\"ExecCredential\", \"status\": " status "}\nEOF\n"

static int no_terminal(void **state)
{
    (void)state;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return null >= 0 && dup2(null, STDIN_FILENO) == STDIN_FILENO ? 0 : -1;
}

static struct fake *with_plugin(const char *script, const char *user)
{
    struct fake *fake = fake_new();
    fake->plugin_ms = 120000; /* a shell on a machine under load may take seconds to begin */
    if (script)
        fake_file(fake, "plugin", script);
    if (fake_open(fake, SERVER, user) != 0)
        fail_msg("%s", irsa_error_message(fake->error));
    return fake;
}

static void fails(const char *script, const char *user, enum irsa_error_kind kind,
                  const char *message, const char *hint)
{
    struct fake *fake = with_plugin(script, user);
    struct irsa_kube_call call;
    fake_get(fake, &call);
    assert_int_equal(fake->requests.len, 0);
    fake_failed(&call.error, kind, message, hint);
    fake_free(fake);
}

static void test_exec__gives_a_token(void **state)
{
    (void)state;
    struct irsa_kube_call call;
    struct fake *fake = with_plugin(
        "#!/bin/sh\necho \"$1|$2|$A|$HOME\" >\"${0%/*}/seen\"\necho \"$KUBERNETES_EXEC_INFO\" "
        ">>\"${0%/*}/seen\"\ncat >>\"${0%/*}/seen\"\n"
        "echo 'noise on stderr' >&2\n"
        "echo '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", "
        "\"status\": {\"token\": \"from-plugin\"}}'\n",
        ENTRY(", args: ['a b', '$HOME;'], env: [{name: A, value: x}, {name: HOME, value: /h}], "
              "provideClusterInfo: true"));
    fake_answers(fake, 200, "{}");
    fake_answers(fake, 200, "{}");
    fake_get(fake, &call);
    assert_null(call.error);
    irsa_kube_call_done(&call);
    fake_get(fake, &call);
    irsa_kube_call_done(&call);
    fake_asked(fake, 1, "Authorization: Bearer from-plugin\n");
    irsa_auto_error error = NULL;
    irsa_auto_buf seen = {0};
    irsa_autofree char *path = irsa_format("%s/seen", fake->home);
    assert_int_equal(irsa_file_read(path, 4096, &seen, &error), 0);
    assert_string_equal(
        seen.data,
        "a b|$HOME;|x|/h\n"
        "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","
        "\"spec\":{\"interactive\":false,\"cluster\":{\"server\":"
        "\"https://api.example.com\",\"tls-server-name\":\"name.example.com\"}}}\n");
    fake_free(fake);
}

static void test_exec__runs_again_after_401(void **state)
{
    (void)state;
    struct irsa_kube_call call;
    struct fake *fake = with_plugin(
        "#!/bin/sh\necho x >>\"${0%/*}/runs\"\nn=$(grep -c x \"${0%/*}/runs\")\n"
        "echo '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", "
        "\"status\": {\"token\": \"t-'$n'\", \"expirationTimestamp\": "
        "\"2099-01-01T00:00:00Z\"}}'\n",
        ENTRY(""));
    fake_answers(fake, 401, "{\"kind\": \"Status\"}");
    fake_answers(fake, 200, "{}");
    fake_get(fake, &call);
    assert_null(call.error);
    irsa_kube_call_done(&call);
    fake_asked(fake, 0, "Authorization: Bearer t-1\n");
    fake_asked(fake, 1, "Authorization: Bearer t-2\n");
    fake_answers(fake, 401, "{\"kind\": \"Status\"}");
    fake_answers(fake, 401, "{\"kind\": \"Status\"}");
    fake_get(fake, &call);
    fake_failed(&call.error, IRSA_E_AUTH, "HTTP 401 Unauthorized", "/plugin gives");
    fake_free(fake);
}

static void test_exec__gives_a_certificate(void **state)
{
    (void)state;
    struct irsa_kube_call call;
    irsa_auto_error error = NULL;
    irsa_auto_buf certificate = {0};
    irsa_auto_buf key = {0};
    assert_int_equal(irsa_file_read("tests/suites/kubeconfig/certificate-files/client.crt", 9999,
                                    &certificate, &error),
                     0);
    assert_int_equal(
        irsa_file_read("tests/suites/kubeconfig/certificate-files/client.key", 9999, &key, &error),
        0);
    json_auto_t *answer =
        json_pack("{s:s, s:s, s:{s:s, s:s}}", "apiVersion", "client.authentication.k8s.io/v1",
                  "kind", "ExecCredential", "status", "clientCertificateData", certificate.data,
                  "clientKeyData", key.data);
    irsa_autofree char *text = json_dumps(answer, 0);
    irsa_autofree char *script = irsa_format("#!/bin/sh\ncat <<'EOF'\n%s\nEOF\n", text);
    struct fake *fake = with_plugin(script, ENTRY(""));
    fake_answers(fake, 200, "{}");
    fake_get(fake, &call);
    assert_null(call.error);
    assert_true(fake->had_certificate);
    fake_asked_not(fake, 0, "Authorization");
    irsa_kube_call_done(&call);
    fake_free(fake);
}

static void test_exec__that_is_missing(void **state)
{
    (void)state;
    fails(NULL, ENTRY(""), IRSA_E_NOT_FOUND, "list pods: getting credentials: exec: executable ",
          "needs this credential plugin");
    fails(NULL, ENTRY(", installHint: \"get it at\\nhttps://x\\e[1m\""), IRSA_E_NOT_FOUND,
          "/plugin not found", "get it at\nhttps://x?[1m");
}

static void test_exec__that_fails(void **state)
{
    (void)state;
    fails("#!/bin/sh\necho 'CANARY'\necho 'log in first' >&2\nexit 3\n", ENTRY(""), IRSA_E_AUTH,
          "/plugin failed with exit code 3: log in first", NULL);
    fails("#!/bin/sh\nkill -9 $$\n", ENTRY(""), IRSA_E_AUTH, "was ended by signal 9", NULL);
    fails("no program\n", ENTRY(""), IRSA_E_IO, "Exec format error", NULL);
}

static void test_exec__that_hangs(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    struct irsa_kube_call call;
    fake->plugin_ms = 300;
    fake_file(fake, "plugin", "#!/bin/sh\nexec sleep 30\n");
    assert_int_equal(fake_open(fake, SERVER, ENTRY("")), 0);
    fake_get(fake, &call);
    fake_failed(&call.error, IRSA_E_AUTH, "it took too long, and was ended", NULL);
    fake_free(fake);
}

static void test_exec__that_prints_garbage(void **state)
{
    (void)state;
    fails("#!/bin/sh\necho CANARY\n", ENTRY(""), IRSA_E_AUTH,
          "decoding stdout: it is no JSON object", NULL);
    fails("#!/bin/sh\necho '[]'\n", ENTRY(""), IRSA_E_AUTH, "it is no JSON object", NULL);
    fails("#!/bin/sh\necho '{}'\n", ENTRY(""), IRSA_E_AUTH, "it is no ExecCredential", NULL);
    fails("#!/bin/sh\nhead -c 3000000 /dev/zero\n", ENTRY(""), IRSA_E_AUTH, "more than 1 MiB",
          NULL);
    fails(
        "#!/bin/sh\necho '{\"kind\": \"ExecCredential\", \"apiVersion\": "
        "\"client.authentication.k8s.io/v1beta1\"}'\n",
        ENTRY(""), IRSA_E_AUTH,
        "is configured to use API version client.authentication.k8s.io/v1, plugin returned version "
        "client.authentication.k8s.io/v1beta1",
        "upgrade");
    fails("#!/bin/sh\necho '{\"kind\": \"ExecCredential\", \"apiVersion\": "
          "\"client.authentication.k8s.io/v1\"}'\n",
          ENTRY(""), IRSA_E_AUTH, "didn't return a status field", NULL);
    fails(SAYS("{}"), ENTRY(""), IRSA_E_AUTH, "didn't return a token or cert/key pair", NULL);
    fails(SAYS("{\"clientKeyData\": \"CANARY\"}"), ENTRY(""), IRSA_E_AUTH,
          "returned only certificate or key, not both", NULL);
    fails(SAYS("{\"clientKeyData\": \"CANARY\", \"clientCertificateData\": \"CANARY\"}"), ENTRY(""),
          IRSA_E_PARSE, "failed parsing client key/certificate", NULL);
    fails(SAYS("{\"token\": 7}"), ENTRY(""), IRSA_E_AUTH, "status.token is no string", NULL);
    fails(SAYS("{\"token\": \"CANARY\\n\"}"), ENTRY(""), IRSA_E_AUTH, "line break", NULL);
    fails(SAYS("{\"token\": \"CANARY\", \"expirationTimestamp\": \"soon\"}"), ENTRY(""),
          IRSA_E_AUTH, "no RFC 3339 time", NULL);
    fails(SAYS("{\"token\": \"CANARY\", \"expirationTimestamp\": \"2020-01-01T00:00:00Z\"}"),
          ENTRY(""), IRSA_E_AUTH, "have expired", NULL);
}

static void test_exec__that_needs_a_terminal(void **state)
{
    (void)state;
    fails("#!/bin/sh\n",
          "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, "
          "interactiveMode: Always}}",
          IRSA_E_AUTH, "standard input is not a terminal", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exec__gives_a_token),
        cmocka_unit_test(test_exec__runs_again_after_401),
        cmocka_unit_test(test_exec__gives_a_certificate),
        cmocka_unit_test(test_exec__that_is_missing),
        cmocka_unit_test(test_exec__that_fails),
        cmocka_unit_test(test_exec__that_hangs),
        cmocka_unit_test(test_exec__that_prints_garbage),
        cmocka_unit_test(test_exec__that_needs_a_terminal),
    };
    return cmocka_run_group_tests(tests, no_terminal, NULL);
}
