/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a value one that AWS and Kubernetes would take? Each fails with USAGE, the reason, and the
 * nearest right form as hint. Private to src/intent.
 */
#ifndef IRSA_FIX_INTENT_CHECK_H
#define IRSA_FIX_INTENT_CHECK_H

#include "irsa/intent.h"

int irsa_check_namespace(const char *name, struct irsa_error **reterr);
int irsa_check_service_account(const char *name, struct irsa_error **reterr);
/* A role's name or ARN. */
int irsa_check_role(const char *role, struct irsa_error **reterr);
int irsa_check_policy_arn(const char *arn, struct irsa_error **reterr);
int irsa_check_path(const char *path, struct irsa_error **reterr);
int irsa_check_description(const char *text, struct irsa_error **reterr);
int irsa_check_account_id(const char *id, struct irsa_error **reterr);
int irsa_check_region(const char *region, struct irsa_error **reterr);
int irsa_check_issuer(const char *issuer, struct irsa_error **reterr);
int irsa_check_audience(const char *audience, struct irsa_error **reterr);
int irsa_check_cluster_name(const char *name, struct irsa_error **reterr);
int irsa_check_tags(const json_t *tags, struct irsa_error **reterr);
int irsa_check_labels(const json_t *labels, struct irsa_error **reterr);

#endif
