/* SPDX-License-Identifier: Apache-2.0 */
/*
 * property_plan COUNT [SEED]: that many worlds drawn by chance, each planned, applied, taken back
 * to the byte, applied and planned again. What must hold is what plan_case_apply checks. A world
 * that fails stays, and its seed is named.
 */
#include "property.h"

#include <unistd.h>

static int run_world(const struct irsa_templates *templates, uint64_t seed)
{
    irsa_autofree char *name = irsa_format("world of seed %llu", (unsigned long long)seed);
    struct plan_case c = {.folder = name, .intent = irsa_intent_new()};
    c.intent->templates = templates;
    irsa_auto_intent intent = c.intent;
    const char *base = getenv("TMPDIR");
    irsa_autofree char *directory = irsa_format("%s/irsa-fix-plan-XXXXXX", base ? base : "/tmp");
    struct chance chance = {.state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1};
    irsa_auto_error error = NULL;
    if (!mkdtemp(directory))
        return plan_case_fail(&c, "no temporary directory");
    if (property_world_write(&chance, directory, intent, &error) < 0)
        return plan_case_fail(&c, "%s", irsa_error_message(error));
    int failed = plan_case_undo(&c, directory) | plan_case_apply(&c, directory);
    if (failed)
        fprintf(stderr, "%s: as it was left: %s\n", name, directory);
    else
        plan_case_remove(directory);
    return failed;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: %s COUNT [SEED]\n", argv[0]);
        return 64;
    }
    struct irsa_templates *templates = NULL;
    irsa_auto_error error = NULL;
    if (irsa_templates_load(NULL, &templates, &error) < 0) {
        fprintf(stderr, "%s\n", irsa_error_message(error));
        return 1;
    }
    uint64_t count = strtoull(argv[1], NULL, 10);
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    uint64_t failures = 0;
    for (uint64_t seed = first; seed < first + count; seed++)
        failures += run_world(templates, seed) != 0;
    printf("%llu worlds, %llu failed\n", (unsigned long long)count, (unsigned long long)failures);
    irsa_templates_free(templates);
    return failures > 0;
}
