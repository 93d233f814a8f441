/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A saved plan that somebody hands over: checked, compared with an empty world, and shown. With the
 * right digest put in, since no fuzzer finds one. Whatever the JSON is, the text shown has no
 * control characters, and a plan that is refused is refused with a message that names the file.
 */
#include "irsa/plan.h"
#include "irsa/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void show(const json_t *plan)
{
    for (int i = 0; i < 8; i++) {
        struct irsa_report_style style = {
            .utf8 = i & 1,
            .verbose = i & 2,
            .semantic = i & 4,
            .next_command = i & 1 ? "irsa-fix apply fix.plan" : NULL,
        };
        irsa_auto_buf text = {0};
        irsa_report_plan_text(plan, &style, &text);
        irsa_report_apply_text(plan, &style, &text);
        for (const char *c = irsa_buf_str(&text); *c; c++)
            check(*c == '\n' || (unsigned char)*c >= 0x20);
    }
}

static void seal(json_t *saved)
{
    if (!json_is_object(saved))
        return;
    (void)json_object_del(saved, "digest");
    irsa_auto_buf text = {0};
    irsa_json_write_canonical(saved, &text);
    char hex[65];
    irsa_sha256_hex(irsa_buf_str(&text), text.len, hex);
    (void)json_object_set_new(saved, "digest", json_string(hex));
}

static void compare(const json_t *saved)
{
    irsa_auto_facts facts = irsa_facts_new();
    irsa_auto_intent intent = irsa_intent_new();
    irsa_auto_error error = NULL;
    if (irsa_facts_finish(facts, &error) < 0)
        return;
    struct irsa_plan now = {.facts = facts, .intent = intent};
    if (irsa_saved_plan_compare(saved, &now, &error) < 0)
        check(irsa_error_kind(error) == IRSA_E_CONFLICT);
}

static void try_plan(const json_t *saved)
{
    irsa_auto_error error = NULL;
    if (irsa_saved_plan_check("fix.plan", saved, &error) == 0) {
        compare(saved);
        show(json_object_get(saved, "plan"));
        return;
    }
    check(irsa_error_kind(error) == IRSA_E_PARSE);
    check(irsa_has_prefix(irsa_error_message(error), "fix.plan: "));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    irsa_auto_error error = NULL;
    irsa_auto_buf text = {0}; /* as irsa_file_read gives it: a NUL follows */
    irsa_buf_add(&text, data, size);
    json_auto_t *saved = irsa_json_read("fix.plan", irsa_buf_str(&text), text.len, &error);
    if (!saved)
        return 0;
    try_plan(saved);
    seal(saved);
    try_plan(saved);
    show(saved);
    return 0;
}
