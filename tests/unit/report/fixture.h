/* SPDX-License-Identifier: Apache-2.0 */
/* Answers written with ' for ", and what comes out of them. */
#ifndef IRSA_FIX_TESTS_REPORT_FIXTURE_H
#define IRSA_FIX_TESTS_REPORT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "irsa/document.h"
#include "irsa/report.h"

static inline json_t *fixture(const char *text)
{
    irsa_autofree char *json = irsa_strdup(text);
    for (char *c = json; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    irsa_auto_error error = NULL;
    json_t *value = irsa_json_read("fixture", json, strlen(json), &error);
    if (!value)
        fail_msg("%s", irsa_error_message(error));
    return value;
}

#define EMPTY_PLAN                                                                                 \
    "{'format_version': '1.0', 'cluster': {'name': 'shop', 'account_id': '111122223333',"          \
    " 'region': 'eu-west-1', 'partition': 'aws', 'issuer': 'https://oidc.example/id/A',"           \
    " 'issuer_inferred': false}, 'bindings': [], 'findings': [],"                                  \
    " 'checks': {'passed': 3, 'failed': 0, 'skipped': []}, 'changes': [],"                         \
    " 'summary': {'create': 0, 'update': 0, 'delete': 0, 'held_back': 0, 'errors': 0,"             \
    " 'warnings': 0, 'notes': 0, 'decisions': 0, 'unknown': 0}, 'outcome': 0}"

/* The empty plan with some members replaced. */
static inline json_t *plan_with(const char *members)
{
    json_t *plan = fixture(EMPTY_PLAN);
    json_auto_t *other = fixture(members);
    assert_int_equal(json_object_update_recursive(plan, other), 0);
    return plan;
}

static inline void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static inline void assert_lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" is in:\n%s", part, text);
}

#endif
