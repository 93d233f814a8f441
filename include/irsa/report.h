/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report: the JSON answers of plan, apply and verify as text for people. Its only input is that
 * JSON (docs/plan.schema.json), so that `plan`, `show` and `apply` speak with one voice; it
 * computes nothing.
 */
#ifndef IRSA_FIX_REPORT_H
#define IRSA_FIX_REPORT_H

#include "irsa/base.h"

#include <jansson.h>

struct irsa_report_style {
    bool colour;
    bool utf8;     /* else ASCII only */
    bool verbose;  /* passed and skipped checks, healthy bindings, sources */
    bool semantic; /* trust policies: the diff by meaning instead of the unified one */
    /* "irsa-fix apply --from DIR": the last line gives it with --yes / --allow CLASS; NULL: none
     * given */
    const char *next_command;
    const char *verify_command; /* the command that proves what was applied; NULL: none given */
};

/* The plan for people: bindings with their chain of links, findings, diffs, and as the last lines
 * the summary with what was held back and the exact next command. plan: as irsa_plan_json gives it.
 */
void irsa_report_plan_text(const json_t *plan, const struct irsa_report_style *style,
                           struct irsa_buf *ret);
/* What apply did: each change with its result, then what the re-check says: resolved, remaining,
 * pods that need a restart. apply: as irsa_apply_json gives it. */
void irsa_report_apply_text(const json_t *apply, const struct irsa_report_style *style,
                            struct irsa_buf *ret);
/* What verify proved: each binding with its steps, then what is left to the application. verify: as
 * irsa_verify gives it. */
void irsa_report_verify_text(const json_t *verify, const struct irsa_report_style *style,
                             struct irsa_buf *ret);

/* What a log tells, message by message. symptoms: as irsa_symptoms_json gives it. */
void irsa_report_symptoms_text(const json_t *symptoms, const struct irsa_report_style *style,
                               struct irsa_buf *ret);

/* The list of runs, newest first, and one run with its changes and what came of them. As
 * irsa_runs_json and irsa_run_json give them; next_command finishes a killed one. */
void irsa_report_runs_text(const json_t *history, const struct irsa_report_style *style,
                           struct irsa_buf *ret);
void irsa_report_run_text(const json_t *run, const struct irsa_report_style *style,
                          struct irsa_buf *ret);

#endif
