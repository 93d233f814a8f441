/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/unreached.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_hint(enum irsa_http_failure failure, const char *message, const char *hint)
{
    struct irsa_exchange exchange = {.failure = failure};
    irsa_auto_error error = NULL;
    (void)irsa_fail(&exchange.error, IRSA_E_NET, "%s", message);
    assert_int_equal(irsa_aws_unreached(&exchange, &error), -1);
    assert_null(exchange.error);
    assert_string_equal(irsa_error_message(error), message);
    if (!hint) {
        assert_null(irsa_error_hint(error));
        return;
    }
    assert_non_null(irsa_error_hint(error));
    assert_non_null(strstr(irsa_error_hint(error), hint));
}

static void test_unreached__tls(void **state)
{
    (void)state;
    assert_hint(IRSA_HTTP_TLS, "iam:GetRole: h: TLS failed: certificate problem: self-signed",
                "AWS_CA_BUNDLE (ca_bundle in the profile) names the file");
    assert_hint(IRSA_HTTP_TLS,
                "iam:GetRole: h: TLS failed: no CA certificates can be read from /etc/ca.crt",
                "install the system's CA certificates");
    assert_hint(IRSA_HTTP_TLS, "iam:GetRole: h: TLS failed: wrong version number", NULL);
}

static void test_unreached__the_network(void **state)
{
    (void)state;
    assert_hint(IRSA_HTTP_DNS, "sts:GetCallerIdentity: h: not known", "check the region");
    assert_hint(IRSA_HTTP_CONNECT, "sts:GetCallerIdentity: h: refused", "check the network");
    assert_hint(IRSA_HTTP_CUT_OFF, "sts:GetCallerIdentity: h: cut off", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unreached__tls),
        cmocka_unit_test(test_unreached__the_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
