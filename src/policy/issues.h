/* SPDX-License-Identifier: Apache-2.0 */
/* What validation has in common over its files. Private to src/policy. */
#ifndef IRSA_FIX_POLICY_ISSUES_H
#define IRSA_FIX_POLICY_ISSUES_H

#include "policy/model.h"

void irsa_policy_add_issue(struct irsa_policy *policy, bool fatal, const char *where,
                           const char *fmt, ...) IRSA_PRINTF(4, 5);
/* Sid, Principal, NotPrincipal, Effect, Action, NotAction, Resource, NotResource, Condition. */
bool irsa_statement_element_known(const char *name);
/* "Statement[2]", or "Statement" for a lone object; the caller's. */
char *irsa_statement_path(const struct irsa_model *policy, size_t index);

/* Principal, Action and Condition of one statement; `path` is the statement's. */
void irsa_validate_principal(struct irsa_policy *policy, const struct irsa_statement *statement,
                             const char *path);
void irsa_validate_action(struct irsa_policy *policy, const struct irsa_statement *statement,
                          const char *path);
void irsa_validate_resource(struct irsa_policy *policy, const struct irsa_statement *statement,
                            const char *path);
void irsa_validate_conditions(struct irsa_policy *policy, const struct irsa_statement *statement,
                              const char *path);
/* One condition of a trust policy; `where` is its path. */
void irsa_validate_trust_key(struct irsa_policy *policy, const struct irsa_statement *statement,
                             const struct irsa_condition *condition, const char *where);
/* What a trust policy's statement lacks as a whole. */
void irsa_validate_trust_statement(struct irsa_policy *policy,
                                   const struct irsa_statement *statement, const char *path);

/* The providers that IAM knows by a domain instead of an ARN (cognito-identity.amazonaws.com, ...).
 */
bool irsa_is_builtin_provider(const char *value);

/* A ForAllValues test, which also passes when the key is missing, without a Null check beside it.
 */
bool irsa_condition_has_hole(const struct irsa_statement *statement,
                             const struct irsa_condition *condition);

#endif
