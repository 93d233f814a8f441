/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes while they are being put together: one draft per object and safety class, into which the
 * fixes of any number of findings flow. Room-private.
 */
#ifndef IRSA_FIX_PLAN_DRAFT_H
#define IRSA_FIX_PLAN_DRAFT_H

#include "irsa/plan.h"

struct irsa_draft {
    struct irsa_change change; /* id, diff, because and held_back are set by irsa_drafts_finish */
    size_t *findings;          /* that it mends, may repeat */
    size_t finding_count;
};

struct irsa_trust_work;
struct irsa_builder {
    struct irsa_plan *plan;
    struct irsa_draft *drafts;
    size_t draft_count;
    struct irsa_map draft_index; /* "KIND CLASS TARGET" */
    struct irsa_trust_work *trusts;
    size_t trust_count;
    struct irsa_map trust_index; /* role ARN */
    struct irsa_map new_roles;   /* "ACCOUNT NAME" -> draft */
    bool *failed;                /* one a finding: one of its fixes came to nothing */
};
void irsa_builder_done(struct irsa_builder *builder);

/* The draft of that object and class, made on first use; its index stays valid. */
size_t irsa_draft_get(struct irsa_builder *builder, enum irsa_object_kind kind,
                      enum irsa_class class_, const char *target);
/* As above, but IRSA_MAP_NONE where there is none. */
size_t irsa_draft_find(const struct irsa_builder *builder, enum irsa_object_kind kind,
                       enum irsa_class class_, const char *target);
/* The draft mends finding `finding` for `binding` (SIZE_MAX: for all bindings of the finding). */
void irsa_draft_serve(struct irsa_builder *builder, size_t draft, size_t finding, size_t binding);
/* The draft mends finding `finding`, for no binding. */
void irsa_draft_mend(struct irsa_builder *builder, size_t draft, size_t finding);
/* One of the finding's fixes comes to nothing; the note (taken) says why. */
void irsa_builder_fail(struct irsa_builder *builder, size_t finding, char *note);
void irsa_note_add(struct irsa_strings *notes, char *note);

/* Drafts in the order of application become the plan's changes; sets fixed_by, mended, the counts
 * and the outcome. */
void irsa_drafts_finish(struct irsa_builder *builder);

/* The changes of --repoint and --prune, with findings of their own. */
int irsa_plan_repoint(struct irsa_plan *plan, struct irsa_error **reterr);
/* The changes of a plan that has facts, intent, bindings and diagnosis. */
int irsa_plan_changes(struct irsa_plan *plan, struct irsa_error **reterr);

/* --- one function a kind of object: a fix flows into drafts ----------------------------------- */

#define IRSA_NO_FINDING SIZE_MAX
struct irsa_fix_at {
    const struct irsa_fix *fix;
    size_t finding; /* IRSA_NO_FINDING: who calls says what it mends */
};
typedef int irsa_fix_planner(struct irsa_builder *builder, struct irsa_fix_at at,
                             struct irsa_error **reterr);
irsa_fix_planner irsa_plan_provider;    /* ..._PROVIDER, ADD_CLIENT_ID, ADD_THUMBPRINT */
irsa_fix_planner irsa_plan_role_create; /* CREATE_ROLE */
irsa_fix_planner irsa_plan_role_update; /* UPDATE_ROLE */
irsa_fix_planner irsa_plan_role_policy; /* ATTACH_POLICY, PUT_ROLE_POLICY */
irsa_fix_planner irsa_plan_trust;       /* TRUST_ALLOW, TRUST_NARROW: collects */
irsa_fix_planner irsa_plan_namespace;   /* CREATE_NAMESPACE */
irsa_fix_planner irsa_plan_account;  /* CREATE_SERVICE_ACCOUNT, SET_ANNOTATION, REMOVE_ANNOTATION */
irsa_fix_planner irsa_plan_workload; /* SET_SERVICE_ACCOUNT_NAME, RESTART */

/* What irsa_plan_trust collected becomes drafts: call after all fixes. */
int irsa_plan_trust_finish(struct irsa_builder *builder, struct irsa_error **reterr);
/* Notes that `binding` must be allowed by the role's trust policy, new or there already. */
void irsa_trust_want(struct irsa_builder *builder, const char *role_arn, size_t binding,
                     size_t finding);
void irsa_trust_works_done(struct irsa_builder *builder);

/* --- shared ----------------------------------------------------------------------------------- */

/* ARN that the binding's role has, or will have when this plan creates it; the caller's. */
char *irsa_planned_role_arn(const struct irsa_builder *builder, const char *arn);
/* The variables of templates for a binding; what is not known is left out. A new reference. */
json_t *irsa_template_variables(const struct irsa_builder *builder, size_t binding);
/* The same for a provider that is registered under `provider_arn`. */
json_t *irsa_provider_variables(const struct irsa_builder *builder, const char *provider_arn,
                                const char *audience);
/* A template expanded; its name stands in the error. */
json_t *irsa_plan_expand(const struct irsa_builder *builder, const char *name, json_t *variables,
                         struct irsa_error **reterr);
/* {"PermissionsBoundaryType", "PermissionsBoundaryArn"}, as GetRole gives it. A new reference. */
json_t *irsa_boundary_json(const char *arn);
/* Sets the "Tags" of an object as CreateRole takes them; {KEY: VALUE...}, or NULL. What is there
 * already stays unless `override`. */
void irsa_plan_tags(json_t *object, const json_t *wanted, bool override);
/* irsa-fix:cluster, unless somebody set it to something else. */
void irsa_plan_tag_cluster(const struct irsa_builder *builder, json_t *object);
/* Drafts that attach a managed policy, or put an inline one, to a role, new or there already. */
void irsa_role_attach(struct irsa_builder *builder, struct irsa_fix_at at, const char *role_arn,
                      const char *policy_arn);
void irsa_role_put_policy(struct irsa_builder *builder, struct irsa_fix_at at, const char *role_arn,
                          const char *name, const json_t *document);
/* From `before` to `after`; the caller's. */
char *irsa_change_diff(const struct irsa_change *change);
/* The next change of the plan, which has room for it, and its counts; *change is emptied. */
void irsa_plan_add(struct irsa_plan *plan, struct irsa_change *change);
/* The last part of "arn:...:role/path/NAME". Borrowed. */
const char *irsa_arn_last(const char *arn);

#endif
