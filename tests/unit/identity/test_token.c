/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens and keys were made for these tests; the keys' private halves are not kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "irsa/token.h"

static const char rs256[] =
    "eyJhbGciOiAiUlMyNTYiLCAia2lkIjogInJzYSJ9.eyJpc3MiOiAiaHR0cHM6Ly9vaWRjLmV4YW1wbGU"
    "uY29tL2lkLzEiLCAiYXVkIjogWyJzdHMuYW1hem9uYXdzLmNvbSJdLCAic3ViIjogInN5c3RlbTpzZXJ"
    "2aWNlYWNjb3VudDpzaG9wOmFwaSIsICJleHAiOiAxNzAwMDAwNjAwLCAiaWF0IjogMTcwMDAwMDAwMCw"
    "gIm5iZiI6IDE3MDAwMDAwMDB9.aZ-9nNp4Bcr-Q3D9s5fDv5g5mxQpzDxEDB4wEt0zFEyeawq8SOal10"
    "_p-4DRSl7fv_xgS4gz7pazI0xtZWLdRZ7Cngg38HhGB2zoqN_pz22yUwb7UzxrdNSNwQOIwyyoEYvnQu"
    "pHPMWKH1L1vCtlC4nag0DCJxDgtRkIkBCC5HzGBCogWQNjmH5sPXUhs_6aQw13UxMgWI3oRhB0x5UTf_"
    "VwsObb3eo5iMEzKKefTAJhhuve8h1mf_lcpOl2vZCKYIgK4aCsjGhrXxgxvk11_oX1eVUn65i0D3J9JF"
    "vbugx2ein4wMrTCkxilgXutoTEcoY0ZuH7wz3bVG25-aKA4A";

static const char es256[] =
    "eyJhbGciOiAiRVMyNTYiLCAia2lkIjogImVjIn0.eyJpc3MiOiAiaHR0cHM6Ly9vaWRjLmV4YW1wbGUu"
    "Y29tL2lkLzEiLCAiYXVkIjogWyJzdHMuYW1hem9uYXdzLmNvbSJdLCAic3ViIjogInN5c3RlbTpzZXJ2"
    "aWNlYWNjb3VudDpzaG9wOmFwaSIsICJleHAiOiAxNzAwMDAwNjAwLCAiaWF0IjogMTcwMDAwMDAwMCwg"
    "Im5iZiI6IDE3MDAwMDAwMDB9.Vw5GfSJH4dv9NWs0GWy271Jcv44mHmTlXiDTDM0QLIFP4lUqc8LbDUK"
    "YhC6g_9apsSSAlhEFjLOMfIEkeYLZLg";

static const char keys_text[] =
    "{\"keys\":[{\"kid\":\"rsa\",\"kty\":\"RSA\",\"alg\":\"RS256\",\"use\":\"sig\",\"n\":"
    "\"q3uJ3UUVUXW2xqL"
    "qA0m1IcRY8FIsn2FxmhE2Gt34mbHgnWIDVONzaOoRHhVpHrzVHGA2StoFP7qDzyjMdmcSH2u2vw1thMB"
    "tRmQ3i-eqFAdhoBGaN8VaxCN7VMhVeOAYtKM4Ef9FMOfaSrSWG8Ah0dAMKRjiP2n799x0O6JCG16tyfa"
    "5RHvKpYji7wmVqJEnGSlTF8EdaBR0I3e7QtRYPvXt9TzfxXOGIKjcIJmjV5SFrOBbzkvPo3Npy-NzAef"
    "H7Zr4dZeYaqVVwPnK0NKbbmZDr3i-W3ZkfLYYnAT7PFhuSCfPmrKjFNtQZx7DveOMdCj_PoeTWDIpjZX"
    "qMbhtPw\",\"e\":\"AQAB\"},{\"kid\":\"ec\",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"DxUkqN_"
    "6dNNE7vR1p"
    "HaAZu0CHyGzpq6ngbBwUs_rTjw\",\"y\":\"Rd9UolSRqiXyKN9E2gedq4P6AExRBooYyaYCYWakvLo\"},{"
    "\"kid\":\"broken\",\"kty\":\"RSA\",\"n\":\"!\",\"e\":\"AQAB\"},{\"kid\":\"curve\",\"kty\":"
    "\"EC\",\"crv\":\""
    "P-384\",\"x\":\"AA\",\"y\":\"AA\"}]}";

#define BEGIN 1700000000
#define END 1700000600

static enum irsa_signature verify(const char *token, const char *keys, char **ret_message)
{
    json_auto_t *set = json_loads(keys, 0, NULL);
    assert_non_null(set);
    return irsa_token_verify(token, strlen(token), set, ret_message);
}

static void assert_verdict(const char *token, enum irsa_signature wanted, const char *words)
{
    irsa_autofree char *message = NULL;
    assert_int_equal(verify(token, keys_text, &message), wanted);
    assert_non_null(strstr(message, words));
}

static void test_verify__both_algorithms(void **state)
{
    (void)state;
    assert_verdict(rs256, IRSA_SIGNATURE_GOOD, "RS256");
    assert_verdict(es256, IRSA_SIGNATURE_GOOD, "ES256");
}

/* Any one letter of any part. */
static void test_verify__changed_anywhere(void **state)
{
    (void)state;
    static const char *const tokens[] = {rs256, es256};
    for (size_t t = 0; t < IRSA_COUNT(tokens); t++) {
        size_t len = strlen(tokens[t]);
        for (size_t i = 0; i + 4 < len; i += 7) { /* the last letter has bits that don't count */
            irsa_autofree char *token = irsa_strdup(tokens[t]);
            irsa_autofree char *message = NULL;
            if (token[i] == '.')
                continue;
            token[i] = (char)(token[i] == 'A' ? 'B' : 'A');
            if (strcmp(token, tokens[t]) != 0)
                assert_int_not_equal(verify(token, keys_text, &message), IRSA_SIGNATURE_GOOD);
        }
    }
}

/* {"alg":"none","kid":"rsa"}, {"alg":"HS256","kid":"rsa"}, {"alg":"RS256"}, another kid, and kids
 * of keys that are of another type or can't be read. */
static void test_verify__what_is_not_verified(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        enum irsa_signature wanted;
        const char *words;
    } cases[] = {
        {"eyJhbGciOiJub25lIiwia2lkIjoicnNhIn0", IRSA_SIGNATURE_UNSUPPORTED, "none"},
        {"eyJhbGciOiJIUzI1NiIsImtpZCI6InJzYSJ9", IRSA_SIGNATURE_UNSUPPORTED, "HS256"},
        {"eyJhbGciOiJSUzI1NiJ9", IRSA_SIGNATURE_NO_KEY, "none named"},
        {"eyJhbGciOiJSUzI1NiIsImtpZCI6Im90aGVyIn0", IRSA_SIGNATURE_NO_KEY, "other"},
        {"eyJhbGciOiJSUzI1NiIsImtpZCI6ImVjIn0", IRSA_SIGNATURE_UNSUPPORTED, "ec"},
        {"eyJhbGciOiJSUzI1NiIsImtpZCI6ImJyb2tlbiJ9", IRSA_SIGNATURE_UNSUPPORTED, "broken"},
        {"eyJhbGciOiJFUzI1NiIsImtpZCI6ImN1cnZlIn0", IRSA_SIGNATURE_UNSUPPORTED, "curve"},
    };
    const char *rest = strchr(rs256, '.');
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_autofree char *token = irsa_format("%s%s", cases[i].header, rest);
        assert_verdict(token, cases[i].wanted, cases[i].words);
    }
    assert_verdict("no token", IRSA_SIGNATURE_UNSUPPORTED, "unknown");
}

static void test_read__claims(void **state)
{
    (void)state;
    irsa_auto_token token = {0};
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_token_read(rs256, strlen(rs256), &token, &error), 0);
    assert_string_equal(token.algorithm, "RS256");
    assert_string_equal(token.key_id, "rsa");
    assert_string_equal(token.issuer, "https://oidc.example.com/id/1");
    assert_string_equal(token.subject, "system:serviceaccount:shop:api");
    assert_int_equal(token.audiences.len, 1);
    assert_int_equal(token.expires, END);
    assert_int_equal(token.issued, BEGIN);
}

static void test_read__what_is_none(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",        "a",         "a.b",  "a.b.c",    "a.b.c.d",
        "e30.e30", "e30.W10.x", "....", "e30.e3.x", "e30.e\n0.x",
    };
    for (size_t i = 0; i < IRSA_COUNT(texts); i++) {
        irsa_auto_token token = {0};
        irsa_auto_error error = NULL;
        assert_int_equal(irsa_token_read(texts[i], strlen(texts[i]), &token, &error), -1);
        assert_int_equal(irsa_error_kind(error), IRSA_E_PARSE);
    }
}

static void check(const struct irsa_token_wish *wish, const char *claims)
{
    irsa_auto_token token = {0};
    irsa_auto_error error = NULL;
    irsa_auto_token_problems problems = {0};
    irsa_auto_buf found = {0};
    assert_int_equal(irsa_token_read(rs256, strlen(rs256), &token, &error), 0);
    irsa_token_check(&token, wish, &problems);
    for (size_t i = 0; i < problems.len; i++) {
        irsa_buf_addf(&found, "%s ", problems.items[i].claim);
        assert_non_null(problems.items[i].observed);
        assert_non_null(problems.items[i].expected);
    }
    assert_string_equal(irsa_buf_str(&found), claims);
}

static void test_check__each_claim(void **state)
{
    (void)state;
    const struct irsa_token_wish good = {
        .issuer = "https://oidc.example.com/id/1",
        .audience = "sts.amazonaws.com",
        .subject = "system:serviceaccount:shop:api",
        .now = BEGIN + 10,
        .skew = 60,
    };
    struct irsa_token_wish wish = good;
    check(&wish, "");
    wish.issuer = NULL;
    check(&wish, "");
    wish.issuer = "https://oidc.example.com/id/1/";
    check(&wish, "iss ");
    wish = good;
    wish.audience = "sts.amazonaws.com.";
    wish.subject = "system:serviceaccount:shop:app";
    check(&wish, "aud sub ");
    wish = good;
    wish.now = END + 59;
    check(&wish, "");
    wish.now = END + 60;
    check(&wish, "exp ");
    wish.now = BEGIN - 60;
    check(&wish, "");
    wish.now = BEGIN - 61;
    check(&wish, "iat nbf ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify__both_algorithms),
        cmocka_unit_test(test_verify__changed_anywhere),
        cmocka_unit_test(test_verify__what_is_not_verified),
        cmocka_unit_test(test_read__claims),
        cmocka_unit_test(test_read__what_is_none),
        cmocka_unit_test(test_check__each_claim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
