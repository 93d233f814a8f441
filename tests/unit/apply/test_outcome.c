/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "irsa/apply.h"

static void test_apply_outcome__table(void **state)
{
    (void)state;
    static const struct {
        const char
            *states; /* d done, h held back, s skipped, else failed: c conflict, a access, n net */
        bool interrupted;
        int after; /* outcome of the plan made afterwards; -1: none */
        int outcome;
    } cases[] = {
        {"", false, 0, 0},   {"dd", false, 0, 0}, {"dh", false, 3, 3}, {"h", false, 3, 3},
        {"d", false, 2, 2},  {"d", false, -1, 1}, {"dn", false, 3, 5}, {"nd", false, 0, 5},
        {"dc", false, 2, 5}, {"da", false, 2, 5}, {"c", false, 2, 2},  {"cs", false, 3, 2},
        {"cc", false, 2, 2}, {"a", false, 2, 4},  {"ac", false, 2, 4}, {"an", false, 2, 4},
        {"n", false, 2, 1},  {"nc", false, 2, 1}, {"n", false, -1, 1}, {"ss", true, 2, 130},
        {"ds", true, 2, 5},  {"dd", true, 0, 0},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        struct irsa_change_result changes[4] = {0};
        struct irsa_plan after = {.outcome = cases[i].after};
        struct irsa_apply_result result = {
            .changes = changes,
            .change_count = strlen(cases[i].states),
            .interrupted = cases[i].interrupted,
            .after = cases[i].after < 0 ? NULL : &after,
        };
        for (size_t j = 0; j < result.change_count; j++) {
            char c = cases[i].states[j];
            changes[j].kind = c == 'a' ? IRSA_E_ACCESS : c == 'c' ? IRSA_E_CONFLICT : IRSA_E_NET;
            changes[j].state = c == 'd'   ? IRSA_CHANGE_DONE
                               : c == 'h' ? IRSA_CHANGE_HELD_BACK
                               : c == 's' ? IRSA_CHANGE_SKIPPED
                                          : IRSA_CHANGE_FAILED;
            result.done += changes[j].state == IRSA_CHANGE_DONE;
            result.skipped += changes[j].state == IRSA_CHANGE_SKIPPED;
            result.failed += changes[j].state == IRSA_CHANGE_FAILED;
        }
        int outcome = irsa_apply_outcome(&result);
        if (outcome != cases[i].outcome)
            fail_msg("\"%s\": %d expected, %d found", cases[i].states, cases[i].outcome, outcome);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_apply_outcome__table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
