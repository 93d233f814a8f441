# SPDX-License-Identifier: Apache-2.0
"""The path of https://repost.aws/knowledge-center/eks-troubleshoot-oidc-and-irsa from nothing: both halves live."""
import json

import boto3
import botocore.exceptions
from botocore import UNSIGNED
from botocore.config import Config

import kubetest
from kubetest import ACCOUNT, NODE, REGION

POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}]}
ARN = f"arn:aws:iam::{ACCOUNT}:role/shop-api"


class Path(kubetest.KubeTest):
    controllers = kwok = True

    def setUp(self):
        super().setUp()
        (self.work / "bucket.json").write_text(json.dumps(POLICY))

    def bootstrap(self, *arguments, **named):
        return self.irsa("bootstrap", "--format", "json", *self.selection(), "--role", "shop-api",
                         "--policy-file", "bucket.json", *arguments, **named)

    def assume(self, account="api"):
        """As the SDK in a pod does: with a token of the API server's own."""
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                 "spec": {"audiences": ["sts.amazonaws.com"]}}
        path = f"/api/v1/namespaces/{self.namespace}/serviceaccounts/{account}/token"
        sts = boto3.client("sts", REGION, endpoint_url=self.moto.url,
                           config=Config(signature_version=UNSIGNED))
        return sts.assume_role_with_web_identity(
            RoleArn=ARN, RoleSessionName="pod",
            WebIdentityToken=self.kube.call("POST", path, asked)["status"]["token"])

    def works(self):
        self.kube.workload("Deployment", self.namespace, "web", "api", node=NODE)
        pod, = self.kube.running(self.namespace, 1)
        found = self.pod_variables(pod)
        self.assertEqual((ARN, "/var/run/secrets/eks.amazonaws.com/serviceaccount/token"),
                         (found.get("AWS_ROLE_ARN"), found.get("AWS_WEB_IDENTITY_TOKEN_FILE")))
        self.assertIn("AccessKeyId", self.assume()["Credentials"])
        with self.assertRaises(botocore.exceptions.ClientError):
            self.assume("default")
        plan = self.plan(expect=0)
        self.assertEqual(([], []), (plan.json["changes"], plan.codes()), plan)
        self.assertIs(True, plan.json["bindings"][0]["works"], plan)

    def test_from_nothing(self):
        self.use_proxy()
        self.bootstrap(expect=2)
        self.assertEqual([], [call.action for call in self.kube_proxy.calls if call.method != "GET"])
        self.assertEqual([], [call.name for call in self.proxy.calls if call.writes])
        done = self.bootstrap("--yes", expect=0)
        self.assertEqual({"done"}, {change["result"] for change in done.json["changes"]}, done)
        self.assertEqual(ARN, self.role_arn_of())
        account = self.kube.read_account(self.namespace, "api")
        self.assertEqual("irsa-fix", account["metadata"]["labels"]["app.kubernetes.io/managed-by"])
        self.assertEqual({"irsa-fix"}, {one["manager"] for one in account["metadata"]["managedFields"]})
        self.works()
        self.kube_proxy.calls.clear()
        again = self.bootstrap("--yes", expect=0)
        self.assertEqual([], [call.action for call in self.kube_proxy.calls if call.method != "GET"], again)

    def test_an_account_without_annotation_is_completed(self):
        self.kube.account(self.namespace, "api", labels={"team": "shop"}, annotations={"note": "kept"})
        self.bootstrap("--yes", expect=0)
        meta = self.kube.read_account(self.namespace, "api")["metadata"]
        self.assertEqual(({"team": "shop"}, {"note": "kept", kubetest.ROLE_ARN: ARN}),
                         (meta["labels"], meta["annotations"]))
        self.works()

    def test_the_namespace_only_if_asked(self):
        self.namespace += "-new"
        refused = self.bootstrap("--yes")
        self.assertNotEqual(0, refused.status, refused)
        self.assertIn(self.namespace, refused.out + refused.err)
        self.assertFalse(self.kube.exists(f"/api/v1/namespaces/{self.namespace}"))
        self.bootstrap("--yes", "--create-namespace", expect=0)
        self.assertEqual(ARN, self.role_arn_of())
        self.kube.account(self.namespace, "default", may_exist=True)
        self.works()

    def test_two_rounds(self):
        """The annotation is waited for before the second round at AWS, or there would be a third."""
        self.healthy()
        self.proxy.latency = 0.05
        result = self.plan(expect=0)
        self.assertIn("iam:ListRolePolicies", self.proxy.names())
        self.assertEqual(2, self.proxy.rounds(), [(call.name, call.round) for call in self.proxy.calls])
        self.assertEqual(sorted(set(self.proxy.names())), sorted(self.proxy.names()), result)

    def test_without_any_kubeconfig(self):
        """Endpoint and CA from DescribeCluster, the bearer token of irsa-fix's own."""
        self.kube.allow(f"arn:aws:iam::{ACCOUNT}:user/admin", [
            {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
            {"nonResourceURLs": ["*"], "verbs": ["get"]}])
        try:
            self.kubeconfig = "/nonexistent/kubeconfig"
            self.bootstrap("--yes", expect=0)
            self.assertEqual([], self.kube.hooks.refusals)
            self.works()
            self.assertEqual(1, self.proxy.names().count("eks:DescribeCluster"), self.proxy.names())
        finally:
            self.kube.disallow(f"arn:aws:iam::{ACCOUNT}:user/admin")

    def test_text_for_people(self):
        done = self.irsa("bootstrap", "--yes", *self.selection(), "--role", "shop-api", "--policy-file",
                         "bucket.json", expect=0)
        self.assertIn(f"{self.namespace}/api", done.out, done)

    def test_dry_run_at_the_server(self):
        """The API server checks the writes, admission included; nothing is written."""
        self.use_proxy()
        self.kube.account(self.namespace, "api")
        with self.unchecked():
            self.provider()
            self.role()
        before = self.kube.read_account(self.namespace, "api")["metadata"]["resourceVersion"]
        dry = self.irsa("apply", "--dry-run=server", *self.selection())
        writes = [call for call in self.kube_proxy.calls if call.method != "GET"]
        self.assertTrue(writes, dry)
        for call in writes:
            self.assertIn("dryRun=All", call.parameters["query"], dry)
        self.assertEqual(before, self.kube.read_account(self.namespace, "api")["metadata"]["resourceVersion"])
        self.assertEqual([], [call.name for call in self.proxy.calls if call.writes], dry)


if __name__ == "__main__":
    kubetest.main()
