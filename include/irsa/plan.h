/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan: findings become ordered changes, each with its before, after, diff, reasons, safety class
 * and precondition. The plan holds all that reports show, and can be written as JSON: the same
 * document is the answer of --format json and, with digests of the world, a saved plan. Pure: the
 * same facts and intent give the same bytes.
 */
#ifndef IRSA_FIX_PLAN_H
#define IRSA_FIX_PLAN_H

#include "irsa/diagnose.h"

enum irsa_action { IRSA_ACTION_CREATE, IRSA_ACTION_UPDATE, IRSA_ACTION_DELETE };
/* "create", "update", "delete". Static. */
const char *irsa_action_text(enum irsa_action action);

/* In the order in which they are applied; what is deleted comes after everything else. The shapes
 * of `before` and `after`, both partial: only what is managed or changed stands in them. */
enum irsa_object_kind {
    /* create: templates/oidc-provider.json ({"Url" without scheme, "ClientIDList", ...});
     * update: {"Url", "ClientIDList"}, and "ThumbprintList" where it is about that; delete: the
     * same as `before`. Target: the provider's ARN. */
    IRSA_OBJECT_PROVIDER,
    /* create, as get-role gives it: {"Path", "RoleName", "Arn", "Description"?,
     * "MaxSessionDuration"?, "AssumeRolePolicyDocument" (object), "PermissionsBoundary"?
     * {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn"}, "Tags"? [{"Key", "Value"}]};
     * update: {"RoleName", and "MaxSessionDuration" or "PermissionsBoundary"}. Target: the role's
     * ARN. */
    IRSA_OBJECT_ROLE,
    /* update: the document (`before` NULL where the one there cannot be parsed). Target: the role's
       ARN. */
    IRSA_OBJECT_TRUST_POLICY,
    /* create: {"RoleName", "PolicyArn"}. Target: "ROLE-ARN POLICY-ARN". */
    IRSA_OBJECT_ROLE_ATTACHMENT,
    /* create, update: {"RoleName", "PolicyName", "PolicyDocument"}. Target: "ROLE-ARN POLICY-NAME".
     */
    IRSA_OBJECT_ROLE_POLICY,
    /* create: the Kubernetes object. Target: its name. */
    IRSA_OBJECT_NAMESPACE,
    /* create: the object; update: {apiVersion, kind, metadata{name, namespace, annotations?}} with
     * the annotations concerned alone: what `before` lacks is not there, what `after` lacks goes.
     * Target: "NS/NAME". */
    IRSA_OBJECT_SERVICE_ACCOUNT,
    /* update: {apiVersion, kind, metadata{name, namespace}, spec{...}}: the fields concerned alone
     * (a pod template's serviceAccountName or restartedAt), read as above. Target: "Deployment
     * NS/NAME". */
    IRSA_OBJECT_WORKLOAD,
    IRSA_OBJECT_MAX_,
};
/* "oidc-provider", ... Static. */
const char *irsa_object_kind_text(enum irsa_object_kind kind);

struct irsa_change {
    char *id; /* "c1", in order */
    enum irsa_action action;
    enum irsa_object_kind kind;
    char *target;                /* ARN, "NS/NAME", "Deployment NS/NAME", "ROLE-ARN POLICY" */
    json_t *before;              /* NULL: was not there (JSON null) */
    json_t *after;               /* NULL: shall not be there */
    char *diff;                  /* unified text */
    struct irsa_strings because; /* codes */
    struct irsa_strings notes;   /* how the trust policy was edited; what to know before applying */
    struct irsa_strings semantic; /* trust policies: the diff by meaning */
    enum irsa_class class_;
    bool held_back;     /* its class is not allowed, or it is over IAM's quota */
    size_t quota;       /* trust policies: what IAM accepts, in characters; 0 elsewhere */
    bool over_quota;    /* held back whatever is allowed: IAM would refuse it */
    bool blocked;       /* held back whatever is allowed: the notes say why */
    size_t size_before; /* trust policies: characters as IAM counts; 0 elsewhere */
    size_t size_after;
    size_t *bindings; /* that it serves */
    size_t binding_count;
};

/* Releases what a change holds. */
void irsa_change_done(struct irsa_change *change);

/* A change as journals keep it: {"id", "action", "kind", "target", "before", "after", "class",
 * "because"}. A new reference. */
json_t *irsa_change_json(const struct irsa_change *change);
/* Back again: `before` and `after` share their values with `json`, the diff is made anew; no notes
 * and no bindings. Errors: PARSE "NAME: reason". */
int irsa_change_read(const char *name, const json_t *json, struct irsa_change *ret,
                     struct irsa_error **reterr);

/* What the facts show of a change's object. */
enum irsa_change_holds {
    IRSA_CHANGE_HOLDS,   /* as the change leaves it: it was made, or need not be */
    IRSA_CHANGE_BEFORE,  /* as it was before */
    IRSA_CHANGE_OTHER,   /* neither: somebody changed it since */
    IRSA_CHANGE_UNKNOWN, /* not seen */
};
/* By facts: what exists may have got more than the change is about (tags, other annotations). */
enum irsa_change_holds irsa_change_state(const struct irsa_facts *facts,
                                         const struct irsa_change *change);

struct irsa_undo;
struct irsa_plan {
    const struct irsa_facts *facts;   /* borrowed: outlive the plan */
    const struct irsa_intent *intent; /* borrowed */
    struct irsa_bindings bindings;    /* owned */
    struct irsa_diagnosis diagnosis;  /* owned */
    struct irsa_change *changes;      /* in order of application, held-back ones among them */
    size_t change_count;
    struct irsa_strings
        *fixed_by; /* one a finding: ids of the changes that mend it (held-back ones too) */
    bool *mended;  /* one a finding: gone when what is not held back was applied */
    size_t creates, updates, deletes; /* not held back */
    size_t held_back;
    size_t errors, warnings, notes; /* findings */
    json_t *repoint;         /* --repoint, --prune: "repoint" of irsa_plan_json, owned; else NULL */
    size_t repoint_findings; /* the first finding of its own: they stand behind all others */
    int outcome;             /* exit status of `plan`: 0, 2 or 3 (design.md), --strict taken in */
    const struct irsa_undo *undo;   /* a rollback's (rollback.h), borrowed; else NULL */
    struct irsa_strings undo_notes; /* of a rollback: what can't be taken back */
    size_t undone;                  /* of a rollback: objects that are as they were */
};

/* True where the plan is about --repoint and --prune alone: the findings before
 * `repoint_findings` are told, and neither mended nor counted in the outcome. */
static inline bool irsa_plan_is_repoint(const struct irsa_plan *plan)
{
    return plan->intent->repoint || plan->intent->prune;
}

/* resolve, diagnose and plan in one: the whole pure core. */
int irsa_plan_make(const struct irsa_facts *facts, const struct irsa_intent *intent,
                   struct irsa_plan **ret, struct irsa_error **reterr);
void irsa_plan_free(struct irsa_plan *plan);
static inline void irsa_plan_freep(struct irsa_plan **p)
{
    irsa_plan_free(*p);
}
#define irsa_auto_plan IRSA_CLEANUP(irsa_plan_freep) struct irsa_plan *

/* The answer of --format json (docs/plan.schema.json). A new reference. */
json_t *irsa_plan_json(const struct irsa_plan *plan);

/* --- saved plans ------------------------------------------------------------------------------ */

/* A saved plan: {"irsa_fix_plan": "1", "irsa_fix_version", "source": {...}, "arguments": {...},
 * "plan": <irsa_plan_json>, "observed": <irsa_facts_digests>, "digest": sha256 over all the rest,
 * canonical}. `source` and `arguments` are what the command needs to gather and plan again; objects
 * made by the caller. */
json_t *irsa_saved_plan_new(const struct irsa_plan *plan, const json_t *source,
                            const json_t *arguments);
/* Checks form, version and digest. PARSE with file and reason (another version, edited by hand, no
 * plan). */
int irsa_saved_plan_check(const char *name, const json_t *saved, struct irsa_error **reterr);
/* Compares with the plan made anew from the world as it is now: CONFLICT that names the objects
 * that moved (by digest), or that the plan differs. */
int irsa_saved_plan_compare(const json_t *saved, const struct irsa_plan *now,
                            struct irsa_error **reterr);

#endif
