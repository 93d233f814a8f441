/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --repoint and --prune on their way: every role whose trust policy names an issuer that is
 * re-pointed or gone, with what becomes of it; grouped by issuer and account for findings and
 * report. Room-private.
 */
#ifndef IRSA_FIX_PLAN_REPOINT_H
#define IRSA_FIX_PLAN_REPOINT_H

#include "plan/trust.h"

/* One issuer in one account. */
struct irsa_repoint_group {
    char *issuer; /* host/path */
    char *account;
    char *partition;
    enum irsa_presence provider; /* of the issuer, in that account */
    bool stale;                  /* known to be gone: who trusts it lets nobody in */
    bool prune;                  /* for --prune; else for --repoint */
    size_t roles, changes, held_back, left;
    size_t finding; /* SIZE_MAX: none */
};

/* What is done to one role's trust policy for --repoint, or for --prune. */
struct irsa_repoint_edit {
    size_t *groups; /* that it is for */
    size_t group_count;
    struct irsa_trust_copy copy; /* the document as it shall be; none where nothing changes */
    enum irsa_class class_;
    struct irsa_strings left; /* statements that stay, and why */
    char *refused;            /* why the whole stays, or NULL */
    char *hint;
    size_t draft; /* SIZE_MAX: no change */
    bool held_back;
};

struct irsa_repoint_role {
    const struct irsa_role *role;
    struct irsa_repoint_edit repoint;
    struct irsa_repoint_edit prune;
    size_t *bindings; /* of the plan, whose role it is */
    size_t binding_count;
};

/* A provider whose cluster is known to be gone. */
struct irsa_repoint_orphan {
    const struct irsa_provider *provider;
    size_t finding;
};

struct irsa_repoint_work {
    struct irsa_plan *plan;
    struct irsa_builder *builder; /* from irsa_repoint_drafts on */
    char *from;                   /* the one issuer that is re-pointed; NULL: stale ones, or none */
    struct irsa_repoint_group *groups;
    size_t group_count;
    struct irsa_map group_index;
    struct irsa_repoint_role *roles;
    size_t role_count;
    struct irsa_repoint_orphan *orphans;
    size_t orphan_count;
    struct irsa_strings unread; /* ARNs of roles whose trust policy was not seen */
    size_t deselected;          /* roles that -n, -s, -l, --role leave out */
    json_t *provider_states;    /* of the new issuer: account -> "exists", ... */
    struct irsa_map role_at;    /* ARN -> roles[] */
};

/* --- repoint.c: which roles, and their new trust policies ------------------------------------- */

/* True for an EKS issuer whose cluster is gone as far as the account's providers tell: no provider,
 * no cluster that was seen, and no misspelling of the cluster's own. */
bool irsa_repoint_is_gone(const struct irsa_plan *plan, const struct irsa_role *role,
                          const char *issuer);

/* An EKS issuer of another cluster than `own`, and no misspelling of that. */
bool irsa_repoint_is_another_cluster(const char *own, const char *issuer);

/* --- repoint_provider.c: findings, then changes ------------------------------------------------
 */

void irsa_repoint_orphans(struct irsa_repoint_work *work);
int irsa_repoint_delete_orphans(struct irsa_repoint_work *work, struct irsa_error **reterr);

/* --- repoint_finding.c ------------------------------------------------------------------------ */

/* A finding with that code, behind all others; its index. */
size_t irsa_repoint_add_finding(struct irsa_plan *plan, const char *code);
void irsa_repoint_findings(struct irsa_repoint_work *work);

/* --- repoint_draft.c: changes, providers first ------------------------------------------------ */

int irsa_repoint_drafts(struct irsa_repoint_work *work, struct irsa_error **reterr);

/* --- repoint_json.c: "repoint" of the answer -------------------------------------------------- */

json_t *irsa_repoint_json(const struct irsa_repoint_work *work);

#endif
