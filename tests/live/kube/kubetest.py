# SPDX-License-Identifier: Apache-2.0
"""What the tests of live Kubernetes share: an API server once a file beside moto, a proxy in front of it.

Every test has a namespace of its own (self.namespace) in the same cluster, and an AWS account that is
made anew. DescribeCluster gives the issuer, endpoint and CA of the API server, whose log-in knows the
keys of the test's AWS users. By default irsa-fix logs in by the administrator's token; through() gives
the environment of another way.
"""
import base64
import contextlib
import itertools
import json
import os
import pathlib
import re
import ssl
import sys
import tempfile
import http.client
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import harness  # noqa: E402
import proxy as proxies  # noqa: E402
from cluster import Cluster, Failed, ISSUER, NODE, REGION  # noqa: E402,F401
from harness import ACCOUNT, CLUSTER  # noqa: E402,F401

ARN = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/{CLUSTER}"
ROLE_ARN = "eks.amazonaws.com/role-arn"
VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


def variables_of(cluster, endpoint=None):
    """moto's environment."""
    return {"MOTO_MORE_CLUSTERS": json.dumps({CLUSTER: {
        "issuer": cluster.issuer, "endpoint": endpoint or cluster.server,
        "ca": base64.b64encode(cluster.authority.pem).decode()}})}


class KubeProxy(proxies.Proxy):
    """In front of the API server: its calls have the verb and resource of RBAC as action ("list pods",
    "patch serviceaccounts"), `service` is "kube". Client certificates end here: log in by token."""

    def __init__(self, cluster, folder):
        self.cluster = cluster
        certificate, key = cluster.authority.issue("kube-apiserver", server=True)
        files = pathlib.Path(folder) / "proxy.pem", pathlib.Path(folder) / "proxy.key"
        for path, data in zip(files, (certificate, key)):
            path.write_bytes(data)
        self.context = ssl.create_default_context(cadata=cluster.authority.pem.decode())
        super().__init__(cluster.port, tuple(map(str, files)))

    def connect(self):
        return http.client.HTTPSConnection("127.0.0.1", self.moto_port, context=self.context)

    def begin(self, handler, body):
        path, _, query = handler.path.partition("?")
        found = re.fullmatch(r"/(?:api|apis/[^/]+)/[^/]+(?:/namespaces/(?P<space>[^/]+)(?=/))?"
                             r"/(?P<resource>[^/]+)(?:/(?P<name>[^/]+))?(?:/(?P<sub>[^/]+))?", path)
        verb = VERBS.get(handler.command, handler.command)
        action = f"{verb} {path}"
        if found:
            if verb == "get" and not found["name"]:
                verb = "list"
            action = f"{verb} {found['resource']}" + (f"/{found['sub']}" if found["sub"] else "")
        with self.lock:
            call = proxies.Call(len(self.calls) + 1, handler.command, "kube", action,
                                {"path": path, "query": query}, "", time.monotonic())
            self.calls.append(call)
            if self.raw is not None:
                self.raw.append((handler.command, handler.path, handler.headers.items(), body))
            rule = next((rule for rule in self.rules if rule.takes(call)), None)
            if rule:
                call.fault = rule.fault.__name__
        return call, rule and rule.fault

    def actions(self):
        return [call.action for call in self.calls]


def status(code, reason, message="planted fault", headers=(), **details):
    """An error as the API server answers it (kind Status)."""
    body = json.dumps({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                       "message": message, "reason": reason, "code": code, **details}).encode()

    def answer(exchange):
        exchange.answer(code, [("Content-Type", "application/json"), *headers], body)
    return proxies.named(f"status_{code}", answer)


class KubeTest(harness.LiveTest):
    controllers = False
    kwok = False
    cluster_issuer = ISSUER
    number = itertools.count(1)

    @classmethod
    def setUpClass(cls):
        cls.kube = Cluster(cls.controllers, cls.kwok, issuer=cls.cluster_issuer)
        cls.addClassCleanup(cls.kube.stop)
        cls.variables = variables_of(cls.kube)
        super().setUpClass()
        folder = tempfile.mkdtemp(dir=cls.kube.folder)
        cls.kube_proxy = KubeProxy(cls.kube, folder)
        cls.addClassCleanup(cls.kube_proxy.stop)
        cls.kube.hooks.hosts |= {f"127.0.0.1:{cls.proxy.port}"}

    def setUp(self):
        self.kube.hooks.keys.clear()
        super().setUp()
        self.kube_proxy.reset()
        self.secrets |= set(self.kube.tokens.values())
        self.namespace = f"shop-{next(self.number)}"
        self.kube.namespace(self.namespace)
        self.kubeconfig = self.config("admin")

    def user(self, name, statements):
        keys = super().user(name, statements)
        self.kube.hooks.keys[keys[0]] = (keys[1], f"arn:aws:iam::{ACCOUNT}:user/{name}")
        return keys

    def config(self, user, name="kubeconfig", proxied=False, **settings):
        """A kubeconfig as `aws eks update-kubeconfig` names things; user: whose token, or the entry."""
        entry = {"token": self.kube.token(user)} if isinstance(user, str) else user
        if proxied:
            settings.setdefault("server", self.kube_proxy.url)
        settings.setdefault("context", ARN)
        return self.kube.kubeconfig(self.home / name, entry, **settings)

    def environment(self, keys=None, **more):
        more.setdefault("KUBECONFIG", self.kubeconfig)
        return super().environment(keys, **more)

    def selection(self):
        return ["--cluster", CLUSTER, "-n", self.namespace, "-s", "api"]

    def trust(self, namespace=None, account="api", **different):
        return super().trust(namespace or self.namespace, account, **different)

    def healthy(self, account=True, provider=True, name="shop-api"):
        """The AWS half that works, and the annotated account; the role's ARN."""
        with self.unchecked():
            if provider:
                self.provider()
            arn = self.role(name)
        if account:
            self.kube.account(self.namespace, "api", arn)
        return arn

    def role_arn_of(self, account="api", namespace=None):
        found = self.kube.read_account(namespace or self.namespace, account)
        return found["metadata"].get("annotations", {}).get(ROLE_ARN)

    def pod_variables(self, pod, container=0):
        """The environment that a container got."""
        return {one["name"]: one.get("value")
                for one in pod["spec"]["containers"][container].get("env", [])}

    def use_proxy(self, user="admin"):
        """From now on through the recording proxy."""
        self.kubeconfig = self.config(user, proxied=True)


class ByHand:
    """moto with a provider-less account beside a cluster that runs by hand."""

    def __init__(self, cluster):
        self.moto = harness.Moto(**variables_of(cluster))
        eks, iam = harness.client(self.moto, "eks"), harness.client(self.moto, "iam")
        eks.create_cluster(name=CLUSTER, roleArn=f"arn:aws:iam::{ACCOUNT}:role/eks-cluster",
                           resourcesVpcConfig={"subnetIds": ["subnet-1"]})
        iam.create_user(UserName="admin")
        iam.put_user_policy(UserName="admin", PolicyName="own", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
        key = iam.create_access_key(UserName="admin")["AccessKey"]
        arn = f"arn:aws:iam::{ACCOUNT}:user/admin"
        cluster.hooks.keys[key["AccessKeyId"]] = (key["SecretAccessKey"], arn)
        cluster.hooks.hosts.add(f"127.0.0.1:{self.moto.port}")
        cluster.create({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
                        "metadata": {"name": "eks-admin"},
                        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                                    "name": "cluster-admin"},
                        "subjects": [{"kind": "User", "name": arn,
                                      "apiGroup": "rbac.authorization.k8s.io"}]})
        self.moto.checks(True)
        self.exports = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_REGION": REGION,
                        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
                        "AWS_ENDPOINT_URL": self.moto.url, "AWS_EC2_METADATA_DISABLED": "true"}

    def stop(self):
        self.moto.stop()


moto_of = ByHand
main = harness.main
