# SPDX-License-Identifier: Apache-2.0
"""Clusters in which IRSA is broken, one namespace each: the Kubernetes side of what people report.

SCENES holds (name, Scene). make(test) sets it up through the API; the wanted binding is always the account
`api` of the test's namespace with the role shop-api, which trusts it.
"""
import dataclasses
import time

from cluster import NODE

ACCOUNT = "123456789012"
ARN = f"arn:aws:iam::{ACCOUNT}:role/shop-api"
ROLE_ARN = "eks.amazonaws.com/role-arn"


@dataclasses.dataclass
class Scene:
    make: object
    code: object = None     # that a plan must name, or one of these; None: nothing is wrong
    end: str = "fixed"      # by apply --yes: "fixed"; "reported": nothing is to be changed;
    #                         "allowed": only with --allow
    allow: str = None
    more: tuple = ()        # further arguments of plan and apply
    status: int = 0         # exit status when all is done
    says: tuple = ()        # words that the plan must hold
    pods: str = None        # what is to be seen in the pods at the end: "injected"


SCENES = []


def scene(code=None, **settings):
    def put(make):
        SCENES.append((make.__name__, Scene(make, code, **settings)))
        return make
    return put


def account(name, code, value=ARN, key=ROLE_ARN, **settings):
    """A service account like that, with a role that works."""
    more = settings.pop("annotations", {})
    meta = settings.pop("metadata", {})

    def make(test):
        test.healthy(account=False)
        notes = {**({key: value} if key else {}), **more}
        test.kube.account(test.namespace, "api", annotations=notes, **meta)
    make.__name__ = name
    scene(code, **settings)(make)


# --- the service account ---------------------------------------------------------------------------

@scene("IRSA050", says=("irsa-fix",))
def account_missing(test):
    test.healthy(account=False)


@scene(("IRSA050", "IRSA051"))
def account_in_another_namespace(test):
    test.healthy(account=False)
    other = test.namespace + "-b"
    test.kube.namespace(other)
    test.kube.account(other, "api", ARN)


account("annotation_missing", "IRSA052", key=None)
account("key_eks_amazon", "IRSA054", key="eks.amazon.com/role-arn")
account("key_of_kube2iam", "IRSA054", key="iam.amazonaws.com/role")
account("key_with_underscore", "IRSA054", key="eks.amazonaws.com/role_arn")
account("key_in_camel_case", "IRSA054", key="eks.amazonaws.com/roleArn")
account("key_in_upper_case", "IRSA054", key="eks.amazonaws.com/ROLE-ARN")

for name_, value_ in {
        "trailing_space": ARN + " ", "leading_space": " " + ARN, "newline": ARN + "\n",
        "quotes": f'"{ARN}"', "an": ARN.removeprefix("ar"), "extra_colon": ARN.replace("iam::", "iam:::"),
        "eleven_digits": ARN.replace(ACCOUNT, ACCOUNT[:-1]),
        "instance_profile": ARN.replace(":role/", ":instance-profile/"),
        "assumed_role": f"arn:aws:sts::{ACCOUNT}:assumed-role/shop-api/session",
        "policy": f"arn:aws:iam::{ACCOUNT}:policy/shop-api", "bare_name": "shop-api",
        "backslash": ARN.replace("/", "\\/")}.items():
    account(f"value_with_{name_}", "IRSA055", value_)
account("value_empty", ("IRSA052", "IRSA055"), "")
account("value_of_another_partition", ("IRSA043", "IRSA055"), ARN.replace("arn:aws:", "arn:aws-cn:"))
account("audience_annotation_misspelt", "IRSA057",
        annotations={"eks.amazonaws.com/audience": "sts.amazon.com"})
account("token_expiration_too_short", "IRSA058", end="reported",
        annotations={"eks.amazonaws.com/token-expiration": "60"})
account("token_expiration_no_number", "IRSA058", end="reported",
        annotations={"eks.amazonaws.com/token-expiration": "1h"})
account("global_sts", "IRSA073", end="reported",
        annotations={"eks.amazonaws.com/sts-regional-endpoints": "false"})
account("healthy", None)
account("healthy_audience_given", None, annotations={"eks.amazonaws.com/audience": "sts.amazonaws.com"})


@scene("IRSA056")
def names_a_role_that_is_gone(test):
    test.healthy(account=False)
    test.kube.account(test.namespace, "api", ARN.replace("shop-api", "old-api"))


@scene("IRSA056", end="allowed", allow="overwrite", more=("--role", "shop-api"))
def names_a_role_that_works(test):
    test.healthy(account=False)
    with test.unchecked():
        test.role("old-api")
    test.kube.account(test.namespace, "api", ARN.replace("shop-api", "old-api"))


@scene("IRSA053")
def annotation_on_the_pod(test):
    test.healthy(account=False)
    test.kube.account(test.namespace, "api")
    test.kube.pod(test.namespace, "one", "api", metadata={"annotations": {ROLE_ARN: ARN}})


@scene("IRSA053")
def annotation_on_the_deployment(test):
    test.healthy(account=False)
    test.kube.account(test.namespace, "api")
    test.kube.workload("Deployment", test.namespace, "web", "api", replicas=0,
                       metadata={"annotations": {ROLE_ARN: ARN}})


@scene("IRSA053")
def annotation_on_the_template(test):
    test.healthy(account=False)
    test.kube.account(test.namespace, "api")
    test.kube.workload("StatefulSet", test.namespace, "web", "api", replicas=0,
                       template={"annotations": {ROLE_ARN: ARN}})


# --- whose account it is ---------------------------------------------------------------------------

def owned(name, says, labels=None, annotations=None):
    account(f"owned_by_{name}", "IRSA052", key=None, end="allowed", allow="owned", says=says,
            annotations=annotations or {}, metadata={"labels": labels or {}})


owned("helm", ("Helm", "shop-release"), {"app.kubernetes.io/managed-by": "Helm"},
      {"meta.helm.sh/release-name": "shop-release", "meta.helm.sh/release-namespace": "shop"})
owned("argo_cd", ("Argo CD", "shop-app"), None,
      {"argocd.argoproj.io/tracking-id": "shop-app:/ServiceAccount:shop/api"})
owned("flux", ("Flux", "shop-flux"), {"kustomize.toolkit.fluxcd.io/name": "shop-flux",
                                      "kustomize.toolkit.fluxcd.io/namespace": "flux-system"})
owned("olm", ("Lifecycle", "shop-operator.v1"), {"olm.owner": "shop-operator.v1",
                                                 "olm.owner.kind": "ClusterServiceVersion",
                                                 "olm.owner.namespace": "operators"})


@scene("IRSA052", end="allowed", allow="owned", says=("add-on",))
def owned_by_an_eks_add_on(test):
    """As EKS applies them: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-field-management.html"""
    test.healthy(account=False)
    test.kube.patch(f"/api/v1/namespaces/{test.namespace}/serviceaccounts/api?fieldManager=eks&force=true",
                    {"apiVersion": "v1", "kind": "ServiceAccount",
                     "metadata": {"name": "api", "labels": {"app.kubernetes.io/name": "shop"}}},
                    content="application/apply-patch+yaml")


@scene()
def healthy_and_owned(test):
    test.healthy(account=False)
    test.kube.account(test.namespace, "api", ARN, labels={"app.kubernetes.io/managed-by": "Helm"},
                      annotations={"meta.helm.sh/release-name": "shop-release",
                                   "meta.helm.sh/release-namespace": "shop"})


# --- pods and workloads ----------------------------------------------------------------------------

def older(test, make, count=1):
    """Pods that were there before the annotation."""
    test.healthy(account=False)
    test.kube.account(test.namespace, "api")
    make()
    test.kube.running(test.namespace, count)
    time.sleep(1.1)  # times are in seconds
    test.kube.annotate(test.namespace, "api", **{ROLE_ARN: ARN})


def older_workload(kind):
    def make(test):
        older(test, lambda: test.kube.workload(kind, test.namespace, "web", "api", node=NODE))
    make.__name__ = f"pods_older_{kind.lower()}"
    scene("IRSA060", end="allowed", allow="restart", says=(f"{kind.lower()}", "web"), pods="injected")(make)


older_workload("Deployment")
older_workload("StatefulSet")
older_workload("DaemonSet")


@scene("IRSA060", end="reported", says=("lonely",))
def pods_older_bare(test):
    older(test, lambda: test.kube.pod(test.namespace, "lonely", "api", node=NODE))


@scene("IRSA076", end="allowed", allow="restart", pods="injected")
def pods_with_another_role(test):
    test.healthy(account=False)
    test.kube.account(test.namespace, "api", ARN.replace("shop-api", "old-api"))
    test.kube.workload("Deployment", test.namespace, "web", "api", node=NODE)
    test.kube.running(test.namespace, 1)
    time.sleep(1.1)
    test.kube.annotate(test.namespace, "api", **{ROLE_ARN: ARN})


@scene()
def healthy_pods(test):
    test.healthy()
    test.kube.workload("Deployment", test.namespace, "web", "api", node=NODE, replicas=2)
    test.kube.workload("CronJob", test.namespace, "nightly", "api")
    test.kube.running(test.namespace, 2)


@scene("IRSA061", end="allowed", allow="overwrite", pods="injected")
def workload_names_no_account(test):
    test.healthy()
    test.kube.workload("Deployment", test.namespace, "api", None, node=NODE)
    test.kube.running(test.namespace, 1)


def workload(name, code, **settings):
    """A Deployment like that, with an account that works."""
    spec = settings.pop("spec")
    template = settings.pop("template", {})

    def make(test):
        test.healthy()
        test.kube.workload("Deployment", test.namespace, "web", "api", node=NODE, template=template,
                           **spec)
        test.kube.running(test.namespace, 1)
    make.__name__ = name
    scene(code, end="reported", **settings)(make)


def container(**more):
    return {"name": "app", "image": "example.com/app:1", **more}


def variables(**values):
    return {"containers": [container(env=[{"name": name, "value": value}
                                          for name, value in values.items()])]}


workload("role_arn_by_hand", "IRSA063", spec=variables(AWS_ROLE_ARN=ARN))
workload("token_file_by_hand", ("IRSA063", "IRSA067"), spec=variables(
    AWS_WEB_IDENTITY_TOKEN_FILE="/var/run/secrets/kubernetes.io/serviceaccount/token"))
workload("static_keys", "IRSA064", spec=variables(AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
                                                  AWS_SECRET_ACCESS_KEY="planted-key-in-a-pod"))
workload("profile", "IRSA065", spec=variables(AWS_PROFILE="prod"))
workload("credentials_file", "IRSA065", spec=variables(AWS_SHARED_CREDENTIALS_FILE="/etc/aws/keys"))
workload("skipped_containers", "IRSA066", spec={"containers": [container()]},
         template={"annotations": {"eks.amazonaws.com/skip-containers": "app"}})
workload("proxy_without_no_proxy", "IRSA072", spec=variables(HTTPS_PROXY="http://proxy.example.com:3128"))
workload("host_network", "IRSA069", spec={"hostNetwork": True})
workload("old_sdk", "IRSA071", spec={"containers": [container(image="amazon/aws-cli:1.16.100")]})
workload("environment_from_a_secret", "IRSA075", spec={"containers": [container(
    envFrom=[{"secretRef": {"name": "aws-credentials", "optional": True}}])]})
