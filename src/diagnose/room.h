/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the room share: the run, the builder of findings, one function a link. */
#ifndef IRSA_FIX_DIAGNOSE_ROOM_H
#define IRSA_FIX_DIAGNOSE_ROOM_H

#include "diagnose/codes.h"

struct irsa_run {
    const struct irsa_facts *facts;
    const struct irsa_intent *intent;
    const struct irsa_bindings *bindings;
    const struct irsa_scope *scope;
    struct irsa_diagnosis *out;
    struct irsa_map keys;       /* "code key" -> index of the finding */
    bool ran[CODE_MAX];         /* the check had something to look at */
    const char *skip[CODE_MAX]; /* why it could not be made; static text */
    char *gap[CODE_MAX];        /* why it could not be made, or not for all; owned */
    bool *trusted;              /* one a binding: the trust policy lets it in as it stands */
    bool *perhaps;              /* one a binding: it may, by principal "*" */
    bool *odd_audience;         /* one a binding: IRSA057 covers its audience */
    /* One a binding: only a trust policy names the account, which does not exist, while others use
     * the role. Nobody waits for it: its trust is not repaired. */
    bool *leftover;
};

/* --- findings (finding.c) --------------------------------------------------------------------- */

/* The finding of this code and key: the one that an earlier binding opened (*ret_new false), or a
 * new one. Key NULL: always new. Valid until the next call. */
struct irsa_finding *irsa_run_find(struct irsa_run *run, enum code code, const char *key,
                                   bool *ret_new);
void irsa_finding_subject(struct irsa_finding *finding, const char *kind, const char *namespace_,
                          const char *name);
void irsa_finding_message(struct irsa_finding *finding, const char *fmt, ...) IRSA_PRINTF(2, 3);
/* observed, expected: NULL where there is none. */
void irsa_finding_evidence(struct irsa_finding *finding, const char *observed, const char *expected,
                           enum irsa_certainty certainty);
void irsa_finding_source(struct irsa_finding *finding, const char *fmt, ...) IRSA_PRINTF(2, 3);
void irsa_finding_help(struct irsa_finding *finding, const char *fmt, ...) IRSA_PRINTF(2, 3);
/* Adds the note unless it is there. */
void irsa_finding_note(struct irsa_finding *finding, const char *fmt, ...) IRSA_PRINTF(2, 3);
/* Adds the binding unless it was the last one added. */
void irsa_finding_binding(struct irsa_finding *finding, size_t binding);
/* A new fix, to be completed by the caller; valid until the next one. */
struct irsa_fix *irsa_finding_fix(struct irsa_finding *finding, enum irsa_fix_kind kind,
                                  enum irsa_class class_, size_t binding);
/* Sets a fix' target, key and value (copies; NULL leaves it). */
void irsa_fix_set(struct irsa_fix *fix, const char *target, const char *key, const char *value);
void irsa_finding_done(struct irsa_finding *finding);
/* Says in a finding about what was not seen why it was not, where that is known: one of the actions
 * (NULL after the last) was denied, or the account has no identity. False where it is not known.
 * (denied.c) */
bool irsa_finding_denied(struct irsa_run *run, struct irsa_finding *finding, const char *account,
                         const char *resource, const char *const *actions);
/* The checks from..to ran, or could not (reason: static text). */
void irsa_run_ran(struct irsa_run *run, enum code from, enum code to);
void irsa_run_skip(struct irsa_run *run, enum code from, enum code to, const char *reason);
/* Where a provider is told of in full, else where it is listed (provider.c). Borrowed. */
const char *irsa_run_provider_file(const struct irsa_run *run,
                                   const struct irsa_provider *provider);
/* The check was not made, or not for all that it is about: that is said even where it found
 * something. */
void irsa_run_gap(struct irsa_run *run, enum code code, const char *fmt, ...) IRSA_PRINTF(3, 4);

/* --- shared questions (binding.c) ------------------------------------------------------------- */

/* "NS/NAME", the caller's. */
char *irsa_binding_name(const struct irsa_binding *binding);
/* The bootstrap command that gives the account that role, with permissions; the caller's. */
char *irsa_binding_bootstrap(const struct irsa_run *run, const struct irsa_binding *binding,
                             const char *role);
/* The class of a change to the binding's ServiceAccount: OWNED where somebody else manages it. */
enum irsa_class irsa_binding_class(const struct irsa_binding *binding, enum irsa_class class_);
/* Adds "set it where the account comes from" where it is owned. */
void irsa_finding_owner_note(struct irsa_finding *finding, const struct irsa_binding *binding,
                             const char *key, const char *value);
/* The annotation's string value, NULL where it is missing. *ret_text is true for a string. */
const char *irsa_account_annotation(const struct irsa_service_account *account, const char *key);
/* True when the role's trust policy lets this subject in, by this cluster's issuer. */
enum irsa_decision irsa_trust_decide(const struct irsa_run *run, const struct irsa_role *role,
                                     const char *subject, const char *audience);
/* True when the role exists, is in the cluster's partition and lets the binding's subject in. */
bool irsa_role_works_for(const struct irsa_run *run, const char *role_arn,
                         const struct irsa_binding *binding);
/* The binding's role is of another partition than the cluster: nothing further can hold. */
bool irsa_binding_partition_differs(const struct irsa_run *run, const struct irsa_binding *binding);

/* Fills run->leftover. */
void irsa_run_find_leftovers(struct irsa_run *run);

/* --- one function a link ---------------------------------------------------------------------- */

void irsa_check_cluster(struct irsa_run *run);
void irsa_check_providers(struct irsa_run *run);
void irsa_check_spare_providers(struct irsa_run *run);
void irsa_check_roles(struct irsa_run *run);
void irsa_check_trust(struct irsa_run *run);
void irsa_check_trust_width(struct irsa_run *run);
void irsa_check_service_accounts(struct irsa_run *run);
void irsa_check_deletion(struct irsa_run *run);
/* Its account, or the namespace of that, is being deleted. (deletion.c) */
bool irsa_binding_is_going(const struct irsa_run *run, const struct irsa_binding *binding);
void irsa_check_audiences(struct irsa_run *run);
void irsa_check_pods(struct irsa_run *run);
void irsa_check_workloads(struct irsa_run *run);
void irsa_check_workload_names(struct irsa_run *run);
void irsa_check_webhook(struct irsa_run *run);
void irsa_check_permissions(struct irsa_run *run);
void irsa_check_principals(struct irsa_run *run);
/* Refused reads that no finding tells of yet: the last of the checks. */
/* Before all checks: why some will not be run. */
void irsa_note_denied(struct irsa_run *run);
void irsa_check_denied(struct irsa_run *run);
/* The annotation names a role that is not there or does not let the account in, and just one role
 * does: IRSA056. False where it is not so. */
bool irsa_report_rival(struct irsa_run *run, const struct irsa_binding *binding, size_t index);
/* works and links, from the findings and what was seen. */
void irsa_chain(struct irsa_run *run);

#endif
