/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IRSA_FIX_CLI_KUBE_H
#define IRSA_FIX_CLI_KUBE_H

#include "cli/session.h"
#include "irsa/kube.h"

/* The Kubernetes half of a live world, on its way there. */
struct irsa_cli_kube {
    struct irsa_transport *transport;
    struct irsa_live_eks *eks;
    struct irsa_kube *kube; /* NULL: it is not read */
    bool later;             /* AWS has to be there first */
    bool optional;
    long timeout_ms; /* set beforehand; 0: as usual */
};
void irsa_cli_kube_done(struct irsa_cli_kube *kube);
#define irsa_auto_cli_kube IRSA_CLEANUP(irsa_cli_kube_done) struct irsa_cli_kube

/* By kubeconfig or pod; what the context tells of the cluster goes into intent where that leaves it
 * open. Errors: USAGE, those of irsa_kube_open. */
int irsa_cli_kube_open(const struct irsa_arguments *arguments, struct irsa_intent *intent,
                       struct irsa_cli_kube *ret, struct irsa_error **reterr);
/* By EKS alone, where the former left it. There is a warning where that does not do. */
void irsa_cli_kube_open_later(const struct irsa_arguments *arguments, struct irsa_intent *intent,
                              struct irsa_aws *aws, struct irsa_cli_kube *kube);

#endif
