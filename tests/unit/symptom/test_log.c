/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/symptom.h"
#include "unit.h"

#define DENIED "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"

static struct irsa_symptoms *read_text(const char *text, size_t len)
{
    struct irsa_symptoms *symptoms = irsa_symptoms_new();
    irsa_symptoms_feed(symptoms, text, len);
    irsa_symptoms_end(symptoms);
    return symptoms;
}

static void test_nothing__is_no_line_and_no_match(void **state)
{
    (void)state;
    irsa_auto_symptoms fed = read_text("", 0);
    assert_int_equal(irsa_symptoms_lines(fed), 0);
    assert_int_equal(irsa_symptoms_count(fed), 0);
    irsa_auto_symptoms unfed = irsa_symptoms_new();
    irsa_symptoms_end(unfed);
    assert_int_equal(irsa_symptoms_lines(unfed), 0);
}

static void test_lines__with_and_without_the_last_end(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t lines;
    } cases[] = {{"a", 1},
                 {"a\n", 1},
                 {"\n", 1},
                 {"a\nb", 2},
                 {"a\r\nb\r\n", 2},
                 {"\n\n\n", 3},
                 {"0123456789\n0123456789\n0123456789", 3}};
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_symptoms symptoms = read_text(cases[i].text, strlen(cases[i].text));
        assert_int_equal(irsa_symptoms_lines(symptoms), cases[i].lines);
    }
}

static void test_line_numbers__far_behind(void **state)
{
    (void)state;
    irsa_auto_buf text = {0};
    for (size_t i = 0; i < 100000; i++)
        irsa_buf_addf(&text, "2026-03-01 10:00:00 INFO line %zu\n", i + 1);
    irsa_buf_adds(&text, "2026-03-01 10:00:00 ERROR " DENIED "\n");
    for (size_t i = 0; i < 1000; i++)
        irsa_buf_adds(&text, "2026-03-01 10:00:00 INFO more\n");
    irsa_buf_adds(&text, "2026-03-01 10:00:00 ERROR " DENIED "\n");
    irsa_auto_symptoms symptoms = read_text(text.data, text.len);
    assert_int_equal(irsa_symptoms_count(symptoms), 1);
    const struct irsa_symptom_match *match = irsa_symptoms_at(symptoms, 0);
    assert_int_equal(match->first_line, 100001);
    assert_int_equal(match->last_line, 101002);
    assert_int_equal(match->count, 2);
    assert_int_equal(irsa_symptoms_lines(symptoms), 101002);
}

/* A log without a line end, longer than any window. */
static void test_one_endless_line__is_read_to_its_end(void **state)
{
    (void)state;
    irsa_auto_symptoms symptoms = irsa_symptoms_new();
    char piece[4096];
    memset(piece, 'x', sizeof(piece));
    for (size_t i = 0; i < 4000; i++)
        irsa_symptoms_feed(symptoms, piece, sizeof(piece));
    irsa_symptoms_feed(symptoms, " " DENIED " ", strlen(DENIED) + 2);
    for (size_t i = 0; i < 4000; i++)
        irsa_symptoms_feed(symptoms, piece, sizeof(piece));
    irsa_symptoms_end(symptoms);
    assert_int_equal(irsa_symptoms_lines(symptoms), 1);
    assert_int_equal(irsa_symptoms_count(symptoms), 1);
    assert_string_equal(irsa_symptoms_at(symptoms, 0)->id, "sts-denied");
}

static void test_too_many_different_ones__are_counted(void **state)
{
    (void)state;
    irsa_auto_symptoms symptoms = irsa_symptoms_new();
    const size_t more = 7;
    for (size_t i = 0; i < IRSA_SYMPTOM_MAX_MATCHES + more; i++) {
        irsa_autofree char *line = irsa_format(
            "2026-03-01 10:00:00 User: arn:aws:sts::111122223333:assumed-role/app%zu/s is "
            "not authorized to perform: s3:GetObject\n",
            i);
        irsa_symptoms_feed(symptoms, line, strlen(line));
    }
    irsa_symptoms_end(symptoms);
    assert_int_equal(irsa_symptoms_count(symptoms), IRSA_SYMPTOM_MAX_MATCHES);
    assert_int_equal(irsa_symptoms_left_out(symptoms), more);
}

static void test_order__causes_before_consequences(void **state)
{
    (void)state;
    static const char text[] =
        "2026-03-01 10:00:00 Unable to locate credentials\n"
        "2026-03-01 10:00:01 InvalidIdentityToken: Incorrect token audience\n"
        "2026-03-01 10:00:02 " DENIED "\n";
    irsa_auto_symptoms symptoms = read_text(text, sizeof(text) - 1);
    assert_int_equal(irsa_symptoms_count(symptoms), 3);
    assert_string_equal(irsa_symptoms_at(symptoms, 0)->id, "sts-audience");
    assert_string_equal(irsa_symptoms_at(symptoms, 1)->id, "sts-denied");
    assert_string_equal(irsa_symptoms_at(symptoms, 2)->id, "credentials-none");
}

/* A terminal of 80 columns breaks anywhere. */
static void test_broken_lines__at_every_place(void **state)
{
    (void)state;
    static const char message[] =
        "WebIdentityErr: failed to retrieve credentials caused by: " DENIED " status code: 403";
    for (size_t width = 20; width < sizeof(message); width++) {
        irsa_auto_buf text = {0};
        for (size_t at = 0; at < sizeof(message) - 1; at += width) {
            const size_t left = sizeof(message) - 1 - at;
            irsa_buf_add(&text, message + at, left < width ? left : width);
            irsa_buf_addc(&text, '\n');
        }
        irsa_auto_symptoms symptoms = read_text(text.data, text.len);
        if (irsa_symptoms_count(symptoms) == 0)
            fail_msg("nothing found in lines of %zu", width);
    }
}

static char *command_of(const char *text)
{
    irsa_auto_symptoms symptoms = read_text(text, strlen(text));
    assert_int_equal(irsa_symptoms_count(symptoms), 1);
    return irsa_symptom_command(irsa_symptoms_at(symptoms, 0));
}

static void test_command__has_what_the_message_told(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *command;
    } cases[] = {
        {DENIED, "irsa-fix plan"},
        {DENIED " on resource: arn:aws:iam::111122223333:role/app", "irsa-fix plan"},
        {DENIED " for system:serviceaccount:shop:api as arn:aws:iam::111122223333:role/app",
         "irsa-fix plan -n shop -s api --role arn:aws:iam::111122223333:role/app"},
        {"No OpenIDConnect provider found in your account for "
         "https://oidc.eks.eu-west-1.amazonaws.com/id/D539D4633E53DE1B716D3041E5B91A2C",
         "irsa-fix plan --region eu-west-1"},
        {"User: arn:aws:sts::111122223333:assumed-role/node/i-0123456789abcdef0 is not authorized "
         "to "
         "perform: s3:GetObject by system:serviceaccount:shop:api",
         "irsa-fix plan -n shop -s api"},
        {DENIED " arn:aws:eks:eu-west-1:111122223333:cluster/prod",
         "irsa-fix plan --cluster prod --region eu-west-1"},
        {DENIED " system:serviceaccount:shop:api$(reboot)", "irsa-fix plan -n shop -s api"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_autofree char *command = command_of(cases[i].text);
        assert_string_equal(command, cases[i].command);
    }
}

static void test_verify_command__only_for_a_known_account(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *command; /* NULL: none */
    } cases[] = {
        {DENIED, NULL},
        {DENIED " for system:serviceaccount:shop:api", "irsa-fix verify -n shop -s api"},
        {"pods \"x\" is forbidden: error looking up service account shop/api: serviceaccount "
         "\"api\" "
         "not found",
         "irsa-fix verify -n shop -s api --pod"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_symptoms symptoms = read_text(cases[i].text, strlen(cases[i].text));
        assert_int_equal(irsa_symptoms_count(symptoms), 1);
        irsa_autofree char *command = irsa_symptom_verify_command(irsa_symptoms_at(symptoms, 0));
        assert_int_equal(command == NULL, cases[i].command == NULL);
        if (command)
            assert_string_equal(command, cases[i].command);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing__is_no_line_and_no_match),
        cmocka_unit_test(test_lines__with_and_without_the_last_end),
        cmocka_unit_test(test_line_numbers__far_behind),
        cmocka_unit_test(test_one_endless_line__is_read_to_its_end),
        cmocka_unit_test(test_too_many_different_ones__are_counted),
        cmocka_unit_test(test_order__causes_before_consequences),
        cmocka_unit_test(test_broken_lines__at_every_place),
        cmocka_unit_test(test_command__has_what_the_message_told),
        cmocka_unit_test(test_verify_command__only_for_a_known_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
