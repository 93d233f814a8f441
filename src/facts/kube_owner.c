/* SPDX-License-Identifier: Apache-2.0 */
/* Who keeps an object as it is, and would set back what somebody else changes in it. */
#include "facts/internal.h"

#include "irsa/document.h"

static const char *label(const json_t *metadata, const char *key)
{
    return irsa_json_string(metadata, "labels", key, NULL);
}

static const char *annotation(const json_t *metadata, const char *key)
{
    return irsa_json_string(metadata, "annotations", key, NULL);
}

static bool managed_by(const json_t *metadata, const char *manager)
{
    size_t i = 0;
    json_t *entry = NULL;
    json_array_foreach(json_object_get(metadata, "managedFields"), i, entry)
    {
        const char *name = irsa_json_string(entry, "manager", NULL);
        if (name && strcmp(name, manager) == 0)
            return true;
    }
    return false;
}

static char *in_namespace(const char *what, const char *name, const char *space)
{
    return space ? irsa_format("%s %s in namespace %s", what, name, space)
                 : irsa_format("%s %s", what, name);
}

/* https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/: the annotation is
 * APPLICATION:GROUP/KIND:NAMESPACE/NAME. */
static char *argo_owner(const json_t *metadata)
{
    const char *tracking = annotation(metadata, "argocd.argoproj.io/tracking-id");
    const char *instance = label(metadata, "argocd.argoproj.io/instance");
    if (tracking)
        return irsa_format("Argo CD application %.*s", (int)strcspn(tracking, ":"), tracking);
    if (instance)
        return irsa_format("Argo CD application %s", instance);
    /* The label app.kubernetes.io/instance alone is set by many charts; with Argo CD among those
     * who wrote the object it is its tracking label. */
    instance = label(metadata, "app.kubernetes.io/instance");
    if (instance
        && (managed_by(metadata, "argocd-controller")
            || managed_by(metadata, "argocd-application-controller")))
        return irsa_format("Argo CD application %s", instance);
    return NULL;
}

/* https://fluxcd.io/flux/components/kustomize/kustomizations/ and
 * https://fluxcd.io/flux/components/helm/helmreleases/: both controllers label what they apply with
 * their object's name and namespace. */
static char *flux_owner(const json_t *metadata)
{
    const char *release = label(metadata, "helm.toolkit.fluxcd.io/name");
    const char *kustomization = label(metadata, "kustomize.toolkit.fluxcd.io/name");
    if (release)
        return in_namespace("Flux HelmRelease", release,
                            label(metadata, "helm.toolkit.fluxcd.io/namespace"));
    if (kustomization)
        return in_namespace("Flux Kustomization", kustomization,
                            label(metadata, "kustomize.toolkit.fluxcd.io/namespace"));
    return NULL;
}

/* Helm marks what belongs to a release by label and annotations, and refuses what lacks them
 * (https://helm.sh/docs/faq/changes_since_helm2/, "importing existing resources"). A chart's own
 * label alone tells less, but no other tool writes it. */
static char *helm_owner(const json_t *metadata)
{
    const char *manager = label(metadata, "app.kubernetes.io/managed-by");
    const char *release = annotation(metadata, "meta.helm.sh/release-name");
    if (release)
        return in_namespace("Helm release", release,
                            annotation(metadata, "meta.helm.sh/release-namespace"));
    if (!manager || strcmp(manager, "Helm") != 0)
        return NULL;
    release = label(metadata, "app.kubernetes.io/instance");
    return release ? irsa_format("Helm release %s", release) : irsa_strdup("Helm");
}

char *irsa_owner_of(const json_t *metadata)
{
    /* The outermost first: Argo CD and Flux render Helm charts. */
    char *owner = argo_owner(metadata);
    if (!owner)
        owner = flux_owner(metadata);
    /* https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-field-management.html */
    if (!owner && managed_by(metadata, "eks"))
        owner = irsa_strdup("EKS add-on");
    if (!owner)
        owner = helm_owner(metadata);
    const char *olm = label(metadata, "olm.owner");
    if (!owner && olm)
        owner = irsa_format("Operator Lifecycle Manager's %s", olm);
    return owner;
}
