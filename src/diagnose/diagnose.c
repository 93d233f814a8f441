/* SPDX-License-Identifier: Apache-2.0 */
#include "diagnose/room.h"

void irsa_diagnosis_done(struct irsa_diagnosis *diagnosis)
{
    for (size_t i = 0; i < diagnosis->finding_count; i++)
        irsa_finding_done(&diagnosis->findings[i]);
    free(diagnosis->findings);
    free(diagnosis->works);
    free(diagnosis->links);
    for (size_t i = 0; i < diagnosis->skipped_count; i++)
        free(diagnosis->skipped[i].reason);
    free(diagnosis->skipped);
    *diagnosis = (struct irsa_diagnosis){0};
}

static int compare_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

/* By severity, link, code, subject; then by whatever tells two of one subject apart. */
static int compare_findings(const void *left, const void *right)
{
    const struct irsa_finding *a = left;
    const struct irsa_finding *b = right;
    if (a->severity != b->severity)
        return a->severity < b->severity ? -1 : 1;
    if (a->check->link != b->check->link)
        return a->check->link < b->check->link ? -1 : 1;
    int order = strcmp(a->check->code, b->check->code);
    if (order == 0)
        order = compare_text(a->subject_namespace, b->subject_namespace);
    if (order == 0)
        order = compare_text(a->subject_name, b->subject_name);
    if (order == 0)
        order = compare_text(a->subject_kind, b->subject_kind);
    if (order == 0)
        order = compare_text(a->source, b->source);
    return order ? order : compare_text(a->message, b->message);
}

/* What rests on a concluded issuer is no surer than the conclusion. */
static void mark_inferred(struct irsa_run *run)
{
    for (size_t i = 0; run->scope->issuer_inferred && i < run->out->finding_count; i++) {
        struct irsa_finding *finding = &run->out->findings[i];
        const enum irsa_link link = finding->check->link;
        if ((link == IRSA_LINK_PROVIDER || link == IRSA_LINK_TRUST)
            && finding->certainty == IRSA_VERIFIED)
            finding->certainty = IRSA_INFERRED;
    }
}

static void add_skipped(struct irsa_diagnosis *out, enum code code, const char *reason)
{
    out->skipped = irsa_grow(out->skipped, out->skipped_count, sizeof(*out->skipped));
    out->skipped[out->skipped_count++] =
        (struct irsa_skipped){.check = irsa_checks()[code], .reason = irsa_strdup(reason)};
}

/* Those of 11x and 12x only STS and a pod can decide: they are no part of a plan. */
static void count_checks(struct irsa_run *run)
{
    struct irsa_diagnosis *out = run->out;
    bool found[CODE_MAX] = {0};
    for (size_t i = 0; i < out->finding_count; i++)
        for (int code = 0; code < CODE_MAX; code++)
            found[code] = found[code] || out->findings[i].check == irsa_checks()[code];
    for (int code = 0; code < C110; code++) {
        if (found[code])
            out->failed++;
        else if (run->ran[code] && !run->gap[code])
            out->passed++;
        if (run->gap[code])
            add_skipped(out, (enum code)code, run->gap[code]);
        else if (!found[code] && !run->ran[code])
            add_skipped(out, (enum code)code,
                        run->skip[code] ? run->skip[code] : "nothing that it is about was seen");
    }
}

void irsa_diagnose(const struct irsa_facts *facts, const struct irsa_intent *intent,
                   const struct irsa_bindings *bindings, struct irsa_diagnosis *ret)
{
    *ret = (struct irsa_diagnosis){0};
    struct irsa_run run = {
        .facts = facts,
        .intent = intent,
        .bindings = bindings,
        .scope = &bindings->scope,
        .out = ret,
        .trusted = irsa_calloc(bindings->len + 1, sizeof(bool)),
        .perhaps = irsa_calloc(bindings->len + 1, sizeof(bool)),
        .odd_audience = irsa_calloc(bindings->len + 1, sizeof(bool)),
        .leftover = irsa_calloc(bindings->len + 1, sizeof(bool)),
    };
    irsa_run_find_leftovers(&run);
    irsa_note_denied(&run);
    irsa_check_cluster(&run);
    irsa_check_audiences(&run);
    irsa_check_providers(&run);
    irsa_check_spare_providers(&run);
    irsa_check_roles(&run);
    irsa_check_trust(&run);
    irsa_check_trust_width(&run);
    irsa_check_deletion(&run);
    irsa_check_service_accounts(&run);
    irsa_check_pods(&run);
    irsa_check_workloads(&run);
    irsa_check_workload_names(&run);
    irsa_check_webhook(&run);
    irsa_check_permissions(&run);
    irsa_check_principals(&run);
    irsa_check_denied(&run);
    irsa_chain(&run);
    mark_inferred(&run);
    if (ret->finding_count > 1)
        qsort(ret->findings, ret->finding_count, sizeof(*ret->findings), compare_findings);
    count_checks(&run);
    irsa_map_done(&run.keys);
    for (int code = 0; code < CODE_MAX; code++)
        free(run.gap[code]);
    free(run.trusted);
    free(run.perhaps);
    free(run.odd_audience);
    free(run.leftover);
}
