/* SPDX-License-Identifier: Apache-2.0 */
/* The form of the table's rows: what nobody would see until a log is not understood. */
#include "symptom/gate.h"
#include "symptom/table.h"
#include "unit.h"

#include <ctype.h>

static void each_row(void (*check)(const struct symptom *symptom))
{
    for (size_t i = 0; symptom_tables[i]; i++) {
        for (const struct symptom *symptom = symptom_tables[i]; symptom->id; symptom++)
            check(symptom);
    }
}

static void check_texts(const struct symptom *symptom)
{
    assert_non_null(symptom->texts[0]);
    for (size_t i = 0; i < SYMPTOM_MAX_TEXTS && symptom->texts[i]; i++) {
        const char *text = symptom->texts[i];
        if (symptom_gate_of(text) == SIZE_MAX)
            fail_msg("%s: no word of gate.c is in \"%s\"", symptom->id, text);
        if (*text == '*' || strstr(text, "  "))
            fail_msg("%s: a text begins with a letter and has single spaces: \"%s\"", symptom->id,
                     text);
        for (const char *at = text; *at; at++) {
            if (isupper((unsigned char)*at))
                fail_msg("%s: texts are in lower case: \"%s\"", symptom->id, text);
        }
    }
}

static void test_texts__can_be_found(void **state)
{
    (void)state;
    each_row(check_texts);
}

static void check_causes(const struct symptom *symptom)
{
    bool always = false;
    for (size_t i = 0; i < SYMPTOM_MAX_CAUSES && symptom->causes[i].code; i++) {
        const struct symptom_cause *cause = &symptom->causes[i];
        if (!irsa_check_find(cause->code))
            fail_msg("%s: there is no %s", symptom->id, cause->code);
        if (!cause->reason || !*cause->reason
            || (isupper((unsigned char)cause->reason[0])
                && islower((unsigned char)cause->reason[1]))
            || irsa_has_suffix(cause->reason, "."))
            fail_msg("%s: %s: a reason begins small and has no full stop", symptom->id,
                     cause->code);
        always = always || cause->when == WHEN_ALWAYS;
    }
    if (!always)
        fail_msg("%s: some message of it has no code", symptom->id);
}

static void test_causes__are_codes_with_reasons(void **state)
{
    (void)state;
    each_row(check_causes);
}

static void test_ids__are_used_once(void **state)
{
    (void)state;
    irsa_auto_map ids = {0};
    for (size_t i = 0; symptom_tables[i]; i++) {
        for (const struct symptom *symptom = symptom_tables[i]; symptom->id; symptom++) {
            if (!irsa_map_put(&ids, symptom->id, 0))
                fail_msg("%s: there are two", symptom->id);
            assert_true(symptom->title && *symptom->title);
        }
    }
}

static void test_gates__are_lower_case_and_long_enough(void **state)
{
    (void)state;
    size_t count = 0;
    for (; symptom_gates[count]; count++) {
        assert_true(strlen(symptom_gates[count]) >= SYMPTOM_GATE_MIN);
        for (const char *at = symptom_gates[count]; *at; at++)
            assert_false(isupper((unsigned char)*at));
    }
    assert_true(count < 64); /* a set of them is one word */
}

static void test_gate_find__at_any_place_and_in_any_case(void **state)
{
    (void)state;
    struct symptom_gate_index *index = irsa_calloc(1, sizeof(*index));
    symptom_gate_index_make(index);
    for (size_t gate = 0; symptom_gates[gate]; gate++) {
        for (size_t before = 0; before < 20; before++) {
            irsa_auto_buf text = {0};
            for (size_t i = 0; i < before; i++)
                irsa_buf_addc(&text, "tion "[i % 5]);
            for (const char *at = symptom_gates[gate]; *at; at++)
                irsa_buf_addc(&text, (char)toupper((unsigned char)*at));
            irsa_buf_adds(&text, " more of it");
            size_t found = 0;
            assert_int_equal(symptom_gate_find(index, text.data, text.len, 0, &found), before);
            assert_true(strstr(symptom_gates[gate], symptom_gates[found]) == symptom_gates[gate]);
        }
    }
    size_t found = 0;
    assert_true(symptom_gate_find(index, "credentia", 9, 0, &found) == SIZE_MAX);
    assert_true(symptom_gate_find(index, "", 0, 0, &found) == SIZE_MAX);
    free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts__can_be_found),
        cmocka_unit_test(test_causes__are_codes_with_reasons),
        cmocka_unit_test(test_ids__are_used_once),
        cmocka_unit_test(test_gates__are_lower_case_and_long_enough),
        cmocka_unit_test(test_gate_find__at_any_place_and_in_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
