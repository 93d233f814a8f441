/* SPDX-License-Identifier: Apache-2.0 */
/* credential_process: a program and what it prints. */
#include "fake.h"

static int setup(void **state)
{
    *state = fake_new();
    return 0;
}

static int teardown(void **state)
{
    fake_free(*state);
    return 0;
}

#define GOOD                                                                                       \
    "{\"Version\":1,\"AccessKeyId\":\"ID-p\",\"SecretAccessKey\":\"CANARY-p\",\"SessionToken\":"   \
    "\"CANARY-t\",\"Expiration\":\"" LATER "\"}"

/* A script in the home directory, and a profile that runs it. */
static void use_script(struct fake *fake, const char *arguments, const char *text)
{
    irsa_autofree char *script = irsa_format("#!/bin/sh\n%s\n", text);
    const char *path = fake_file(fake, "tool box/tool", script);
    irsa_autofree char *config =
        irsa_format("[default]\ncredential_process = /bin/sh '%s' %s\n", path, arguments);
    fake_file(fake, ".aws/config", config);
}

static void test_process__prints_credentials(void **state)
{
    struct fake *fake = *state;
    use_script(fake, "\"two words\" '$HOME' ;#x",
               "test $# = 3 -a \"$1\" = 'two words' "
               "-a \"$2\" = '$HOME' -a \"$3\" = ';#x' || exit 9\necho warning >&2\necho '" GOOD
               "'");
    fake_finds(fake, NULL, "ID-p", "credential_process of profile default");
    assert_string_equal(irsa_secret_expose(&fake->credentials.secret_access_key), "CANARY-p");
    assert_string_equal(irsa_secret_expose(&fake->credentials.session_token), "CANARY-t");
    assert_int_equal(fake->credentials.expires_at, FAKE_NOW + 3600);
}

static void test_process__that_prints_much(void **state)
{
    struct fake *fake = *state;
    use_script(fake, "",
               "i=0\nwhile [ $i -lt 3000 ]; do echo '                                 '"
               "; echo noise noise noise noise >&2; i=$((i+1)); done\necho '" GOOD "'");
    fake_finds(fake, NULL, "ID-p", "credential_process");
    use_script(fake, "", "exec yes CANARY");
    fake_fails(fake, NULL, IRSA_E_AUTH, "it printed more than 1 MiB, and was ended", NULL);
}

static void test_process__that_fails(void **state)
{
    struct fake *fake = *state;
    use_script(fake, "", "echo '" GOOD "'\nprintf 'not\\tlogged in\\nmore' >&2\nexit 3");
    fake_fails(fake, NULL, IRSA_E_AUTH,
               "credential_process of profile default: /bin/sh ended with status 3: not logged in",
               NULL);
    use_script(fake, "", "kill -9 $$");
    fake_fails(fake, NULL, IRSA_E_AUTH, "was ended by signal 9", NULL);
    fake_file(fake, ".aws/config", "[default]\ncredential_process = /no/such/program x\n");
    fake_fails(fake, NULL, IRSA_E_NOT_FOUND, "/no/such/program: No such file", NULL);
    fake_file(fake, ".aws/config", "[default]\ncredential_process = 'sh\n");
    fake_fails(fake, NULL, IRSA_E_PARSE, "a quote that is not closed", NULL);
}

static void test_process__that_prints_something_else(void **state)
{
    struct fake *fake = *state;
    use_script(fake, "", "echo CANARY");
    fake_fails(fake, NULL, IRSA_E_AUTH, "did not print a JSON object", "Version");
    use_script(fake, "", "echo '{\"Version\":\"1\",\"AccessKeyId\":\"CANARY\"}'");
    fake_fails(fake, NULL, IRSA_E_AUTH, "without \"Version\": 1", NULL);
    use_script(fake, "", "echo '{\"Version\":1,\"AccessKeyId\":\"CANARY\"}'");
    fake_fails(fake, NULL, IRSA_E_AUTH, "printed no \"SecretAccessKey\"", NULL);
    use_script(fake, "",
               "echo '{\"Version\":1,\"AccessKeyId\":\"CANARY\",\"SecretAccessKey\":"
               "\"CANARY\",\"Expiration\":\"soon\"}'");
    fake_fails(fake, NULL, IRSA_E_AUTH, "printed an unusable \"Expiration\"", NULL);
    use_script(fake, "",
               "echo '{\"Version\":1,\"AccessKeyId\":\"CANARY\",\"SecretAccessKey\":"
               "\"CANARY\",\"Expiration\":\"" EARLIER "\"}'");
    fake_fails(fake, NULL, IRSA_E_AUTH, "expired at " EARLIER, NULL);
}

static void test_process__that_hangs(void **state)
{
    struct fake *fake = *state;
    use_script(fake, "", "exec sleep 30");
    fake->options.process_ms = 200;
    fake_fails(fake, NULL, IRSA_E_AUTH, "it took too long, and was ended", NULL);
    use_script(fake, "", "sleep 3 >/dev/null 2>&1 & echo '" GOOD "'");
    fake->options.process_ms = 20000;
    fake_finds(fake, NULL, "ID-p", "credential_process");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_process__prints_credentials), TEST(test_process__that_prints_much),
        TEST(test_process__that_fails),         TEST(test_process__that_prints_something_else),
        TEST(test_process__that_hangs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
