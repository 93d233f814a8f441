/* SPDX-License-Identifier: Apache-2.0 */
/* What was made of a kubeconfig, as JSON: of the suite and of tests/oracle. */
#ifndef IRSA_FIX_TESTS_KUBECONFIG_JSON_H
#define IRSA_FIX_TESTS_KUBECONFIG_JSON_H

#include "kube/kube.h"

/* `request`: {"kubeconfig": FILE, "context": NAME, "cluster": NAME, "region": R, "native": true,
 * "pod": FOLDER, "environment": {NAME: VALUE}}; all may be missing. */
int kubeconfig_open(const json_t *request, struct irsa_kube **ret, struct irsa_error **reterr);
/* Secrets included: they are the tests' own. A new reference. */
json_t *kubeconfig_json(const struct irsa_kube *kube);

#endif
