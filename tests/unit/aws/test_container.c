/* SPDX-License-Identifier: Apache-2.0 */
/* The endpoint inside a container, and what it may be. */
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
    "{\"RoleArn\":\"r\",\"AccessKeyId\":\"ID-c\",\"SecretAccessKey\":\"CANARY-c\",\"Token\":"      \
    "\"CANARY-t\",\"Expiration\":\"" LATER "\"}"
#define RELATIVE "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define TOKEN "AWS_CONTAINER_AUTHORIZATION_TOKEN"

static void test_relative_uri__is_of_ecs_and_goes_first(void **state)
{
    struct fake *fake = *state;
    fake_set(fake, RELATIVE, "/v2/credentials?id=1");
    fake_set(fake, FULL, "http://127.0.0.1/other");
    fake_answers(fake, 200, GOOD);
    fake_finds(fake, NULL, "ID-c",
               "container credentials (http://169.254.170.2/v2/credentials?id=1)");
    fake_asked(fake, 0, "GET http://169.254.170.2/v2/credentials?id=1\nAccept: application/json\n");
    fake_asked(fake, 0, "(http)(no proxy)");
    fake_asked_not(fake, 0, "Authorization");
    assert_int_equal(fake->credentials.expires_at, FAKE_NOW + 3600);
    fake_set(fake, RELATIVE, "v2");
    fake_fails(fake, NULL, IRSA_E_PARSE, RELATIVE " does not begin with", NULL);
}

static void test_full_uri__of_eks_pod_identity(void **state)
{
    struct fake *fake = *state;
    fake_set(fake, FULL, "http://169.254.170.23/v1/credentials");
    fake_set(fake, TOKEN, "not this one");
    fake_set(fake, TOKEN "_FILE", fake_file(fake, "token", "CANARY-jwt"));
    fake_answers(fake, 200, GOOD);
    fake_finds(fake, NULL, "ID-c", "169.254.170.23");
    fake_asked(fake, 0, "\nAuthorization: CANARY-jwt\n");
    fake_set(fake, TOKEN "_FILE", "");
    fake_answers(fake, 200, GOOD);
    fake_finds(fake, NULL, "ID-c", "169.254.170.23");
    fake_asked(fake, 1, "\nAuthorization: not this one\n");
}

static void test_full_uri__hosts_that_are_allowed(void **state)
{
    struct fake *fake = *state;
    static const char *const allowed[] = {
        "http://127.0.0.1:8080/a", "http://127.1.2.3/a",
        "http://localhost/a",      "http://[::1]:81/a",
        "http://LOCALHOST:8/",     "http://[fd00:ec2::23]/v1/credentials",
        "https://example.com/a",   "http://[FD00:EC2::0023]/",
    };
    for (size_t i = 0; i < IRSA_COUNT(allowed); i++) {
        fake_set(fake, FULL, allowed[i]);
        fake_answers(fake, 200, GOOD);
        fake_finds(fake, NULL, "ID-c", allowed[i]);
    }
}

static void test_full_uri__hosts_that_are_not(void **state)
{
    struct fake *fake = *state;
    static const char *const refused[] = {
        "http://example.com/a",
        "http://169.254.169.254/",
        "http://127.0.0.1.example.com/",
        "http://127.0.0.1@example.com/",
        "http://localhost.evil/",
        "http://[fd00:ec2::24]/",
        "ftp://127.0.0.1/",
        "127.0.0.1/a",
        "http:///a",
        "http://2130706433/",
        "http://127.0.0.1/a b",
        "http://127.1/",
    };
    for (size_t i = 0; i < IRSA_COUNT(refused); i++) {
        fake_set(fake, FULL, refused[i]);
        fake_fails(fake, NULL, IRSA_E_PARSE, FULL, NULL);
    }
    assert_int_equal(fake->requests.len, 0);
}

static void test_token__with_a_line_break_or_no_file(void **state)
{
    struct fake *fake = *state;
    fake_set(fake, FULL, "http://127.0.0.1/");
    fake_set(fake, TOKEN, "CANARY\r\nX-Other: 1");
    fake_fails(fake, NULL, IRSA_E_PARSE, TOKEN " has a line break", NULL);
    fake_set(fake, TOKEN "_FILE", "/no/such/token");
    fake_fails(fake, NULL, IRSA_E_IO, TOKEN "_FILE: ", NULL);
    assert_int_equal(fake->requests.len, 0);
}

static void test_answer__that_is_no_credentials(void **state)
{
    struct fake *fake = *state;
    fake_set(fake, FULL, "http://127.0.0.1/");
    fake_answers(fake, 404, "{\"code\":\"ResourceNotFound\",\"message\":\"no association\"}");
    fake_fails(fake, NULL, IRSA_E_AUTH, "status 404: no association", NULL);
    fake_answers(fake, 200, "CANARY");
    fake_fails(fake, NULL, IRSA_E_AUTH, "no JSON object", NULL);
    fake_answers(fake, 200, "{\"AccessKeyId\":\"CANARY\",\"SecretAccessKey\":\"CANARY\"}");
    fake_fails(fake, NULL, IRSA_E_AUTH, "no usable \"Token\"", NULL);
    size_t before = fake->requests.len;
    fake_answers(fake, 503, "");
    fake_answers(fake, -1, "");
    fake_answers(fake, 200, GOOD);
    fake_finds(fake, NULL, "ID-c", "container");
    assert_int_equal(fake->requests.len, before + 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_relative_uri__is_of_ecs_and_goes_first),
        TEST(test_full_uri__of_eks_pod_identity),
        TEST(test_full_uri__hosts_that_are_allowed),
        TEST(test_full_uri__hosts_that_are_not),
        TEST(test_token__with_a_line_break_or_no_file),
        TEST(test_answer__that_is_no_credentials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
