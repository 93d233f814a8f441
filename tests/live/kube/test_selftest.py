# SPDX-License-Identifier: Apache-2.0
"""The cluster itself, with kubectl, boto3 and plain requests as the client."""
import base64
import os
import subprocess

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.signers import RequestSigner

import kubetest
from cluster import path_of
from kubetest import ACCOUNT, CLUSTER, NODE, REGION, Failed


class Selftest(kubetest.KubeTest):
    controllers = kwok = True

    def kubectl(self, *arguments, config=None):
        done = subprocess.run([str(self.kube.built / "kubectl"), *arguments], cwd=self.work,
                              env={"KUBECONFIG": config or self.kubeconfig, "HOME": str(self.home),
                                   "PATH": os.environ["PATH"]},
                              capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def whoami(self, config):
        code, out = self.kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}",
                                 config=config)
        return out if code == 0 else None

    def test_ways_to_log_in(self):
        self.assertEqual("reader", self.whoami(self.config("reader")))
        self.assertIsNone(self.whoami(self.config({"token": "wrong"})))
        certificate, key = self.kube.authority.issue("jane", ["people"])
        entry = {"client-certificate-data": base64.b64encode(certificate).decode(),
                 "client-key-data": base64.b64encode(key).decode()}
        self.assertEqual("jane", self.whoami(self.config(entry)))
        late, key = self.kube.authority.issue("jane", hours=(-2, -1))
        entry = {"client-certificate-data": base64.b64encode(late).decode(),
                 "client-key-data": base64.b64encode(key).decode()}
        self.assertIsNone(self.whoami(self.config(entry)))
        self.assertEqual("reader", self.whoami(self.config("reader", proxied=True)))

    def eks_token(self, url, cluster=CLUSTER, secret=None, expires=60):
        session = boto3.session.Session(self.keys[0], secret or self.keys[1], region_name=REGION)
        signer = RequestSigner(session.client("sts").meta.service_model.service_id, REGION, "sts", "v4",
                               session.get_credentials(), session.events)
        signed = signer.generate_presigned_url(
            {"method": "GET", "url": url + "?Action=GetCallerIdentity&Version=2011-06-15", "body": {},
             "headers": {"x-k8s-aws-id": cluster}, "context": {}}, region_name=REGION,
            expires_in=expires, operation_name="")
        return "k8s-aws-v1." + base64.urlsafe_b64encode(signed.encode()).decode().rstrip("=")

    def test_eks_tokens(self):
        regional, own = f"https://sts.{REGION}.amazonaws.com/", self.proxy.url + "/"
        for url in (regional, own):
            name = self.whoami(self.config({"token": self.eks_token(url)}))
            self.assertEqual(f"arn:aws:iam::{ACCOUNT}:user/admin", name, self.kube.hooks.refusals)
        for wrong in (self.eks_token(regional, cluster="other"), self.eks_token(regional, expires=901),
                      self.eks_token(regional, secret="x" * 40), self.eks_token(regional) + "=",
                      self.eks_token("https://sts.example.com/")):
            self.assertIsNone(self.whoami(self.config({"token": wrong})))

    def test_rights(self):
        path = f"/api/v1/namespaces/{self.namespace}/serviceaccounts"
        token = self.kube.token("reader")
        self.assertEqual(403, self.kube.request("GET", path, token=token)[0])
        self.kube.allow("reader", [{"apiGroups": [""], "resources": ["serviceaccounts"],
                                    "verbs": ["list"]}], self.namespace)
        self.assertEqual(200, self.kube.request("GET", path, token=token)[0])
        self.assertEqual(403, self.kube.request("GET", path + "/default", token=token)[0])
        self.kube.disallow("reader")
        self.assertEqual(403, self.kube.request("GET", path, token=token)[0])

    def test_webhook_and_workloads(self):
        arn = f"arn:aws:iam::{ACCOUNT}:role/shop-api"
        self.kube.account(self.namespace, "api", arn)
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "Job"):
            self.kube.workload(kind, self.namespace, kind.lower(), "api", node=NODE)
        self.kube.pod(self.namespace, "plain", "default", node=NODE)
        self.kube.wait(lambda: len(self.kube.pods(self.namespace)) == 5, "no pods are made", 30)
        for pod in self.kube.pods(self.namespace):
            self.assertEqual(None if pod["metadata"]["name"] == "plain" else arn,
                             self.pod_variables(pod).get("AWS_ROLE_ARN"), pod["metadata"]["name"])
        code, out = self.kubectl("-n", self.namespace, "rollout", "status", "deployment/deployment",
                                 "--timeout=30s")
        self.assertEqual(0, code, out)
        self.kubectl("-n", self.namespace, "rollout", "restart", "deployment/deployment")
        code, out = self.kubectl("-n", self.namespace, "rollout", "status", "deployment/deployment",
                                 "--timeout=30s")
        self.assertEqual(0, code, out)

    def test_tokens_of_service_accounts_open_the_role(self):
        self.healthy()
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                 "spec": {"audiences": ["sts.amazonaws.com"]}}
        path = f"/api/v1/namespaces/{self.namespace}/serviceaccounts/api/token"
        token = self.kube.call("POST", path, asked)["status"]["token"]
        sts = boto3.client("sts", REGION, endpoint_url=self.moto.url,
                           config=Config(signature_version=UNSIGNED))
        self.assertEqual(f"arn:aws:sts::{ACCOUNT}:assumed-role/shop-api/pod",
                         sts.assume_role_with_web_identity(
                             RoleArn=f"arn:aws:iam::{ACCOUNT}:role/shop-api", RoleSessionName="pod",
                             WebIdentityToken=token)["AssumedRoleUser"]["Arn"])

    def test_the_proxy_names_calls_and_errs(self):
        config = self.config("admin", proxied=True)
        self.kubectl("-n", self.namespace, "get", "serviceaccount", "default", config=config)
        self.assertIn("get serviceaccounts", self.kube_proxy.actions())
        self.kube_proxy.fault(kubetest.status(403, "Forbidden", "planted"), action="list pods")
        code, out = self.kubectl("-n", self.namespace, "get", "pods", config=config)
        self.assertEqual((1, "Error from server (Forbidden): planted\n"), (code, out))

    def test_conflict_on_resource_version(self):
        self.kube.account(self.namespace, "api")
        path = path_of({"apiVersion": "v1", "kind": "ServiceAccount"}, self.namespace) + "/api"
        stale = self.kube.get(path)["metadata"]["resourceVersion"]
        self.kube.annotate(self.namespace, "api", a="b")
        with self.assertRaises(Failed) as caught:
            self.kube.patch(path, {"metadata": {"resourceVersion": stale, "annotations": {"c": "d"}}})
        self.assertEqual(409, caught.exception.status)

    def test_describe_cluster_gives_this_server(self):
        with self.unchecked():
            found = self.eks.describe_cluster(name=CLUSTER)["cluster"]
        self.assertEqual((self.kube.server, self.kube.issuer),
                         (found["endpoint"], found["identity"]["oidc"]["issuer"]))
        self.assertEqual(self.kube.issuer,
                         self.kube.get("/.well-known/openid-configuration")["issuer"])


if __name__ == "__main__":
    kubetest.main()
