# SPDX-License-Identifier: Apache-2.0
"""Reaching the cluster: ways to log in, TLS and proxies, against the real server; kubectl's verdict on each
kubeconfig of tests/suites/kubeconfig beside ours."""
import base64
import json
import os
import pathlib
import subprocess
import tempfile

from kubetest import ARN, CLUSTER, REGION, KubeTest, main

SUITE = pathlib.Path(__file__).resolve().parents[2] / "suites" / "kubeconfig"
V1 = "client.authentication.k8s.io/v1"
V1BETA1 = "client.authentication.k8s.io/v1beta1"

# Where we judge and kubectl goes on: to localhost:8080, to a server that will refuse it, or to a prompt.
STRICTER = {"comment-only", "empty-file", "list-all-missing", "no-current-context", "server-missing",
            "duplicate-key", "namespace-bad", "server-path-unencoded", "server-with-password"}
# What kubectl finds out when it connects, or asks for a user name (EOF), and so do we, later.
LATER = {"list-parts-in-several", "no-head", "server-other-scheme", "token-file-absolute",
         "token-file-relative", "token-two-lines"}


def encoded(data):
    return base64.b64encode(data).decode()


class Reach(KubeTest):
    def setUp(self):
        super().setUp()
        self.healthy()

    def with_cluster(self, **fields):
        """A kubeconfig whose cluster has these fields besides, or without them where they are None."""
        self.kubeconfig = self.config("admin", cluster=fields)

    def reaches(self):
        return self.plan(expect=0)

    def fails(self, status, *words):
        done = self.plan(expect=status)
        for word in words:
            self.assertIn(word, done.err, done)
        return done

    def plugin(self, text):
        path = self.home / "plugin"
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        return {"apiVersion": V1, "command": "./plugin", "interactiveMode": "Never"}

    def test_certificate(self):
        certificate, key = self.kube.authority.issue("jane", ["system:masters"])
        self.kubeconfig = self.config({"client-certificate-data": encoded(certificate),
                                       "client-key-data": encoded(key)})
        self.reaches()
        late, key = self.kube.authority.issue("jane", ["system:masters"], hours=(-2, -1))
        self.kubeconfig = self.config({"client-certificate-data": encoded(late), "client-key-data": encoded(key)})
        self.fails(4, "Unauthorized", "expired on")

    def test_token_file(self):
        (self.home / "token").write_text(self.kube.token("admin") + "\n")
        self.kubeconfig = self.config({"tokenFile": "token"})
        self.reaches()
        (self.home / "token").write_text("wrong\n")
        self.fails(4, "Unauthorized")

    def test_plugin(self):
        answer = {"apiVersion": V1, "kind": "ExecCredential", "status": {"token": self.kube.token("admin")}}
        self.kubeconfig = self.config({"exec": self.plugin(f"echo '{json.dumps(answer)}'\n")})
        self.reaches()
        self.kubeconfig = self.config({"exec": self.plugin("echo 'log in first' >&2\nexit 7\n")})
        self.fails(4, "failed with exit code 7: log in first")
        certificate, key = self.kube.authority.issue("jane", ["system:masters"])
        answer["status"] = {"clientCertificateData": certificate.decode(), "clientKeyData": key.decode()}
        (self.home / "answer").write_text(json.dumps(answer))
        self.kubeconfig = self.config({"exec": self.plugin('cat "${0%/*}/answer"\n')})
        self.reaches()

    def test_eks_entry_needs_no_program(self):
        user = f"arn:aws:iam::{ARN.split(':')[4]}:user/admin"
        self.kube.allow(user, [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
                               {"nonResourceURLs": ["*"], "verbs": ["get"]}])
        try:
            entry = {"apiVersion": V1BETA1, "command": "aws", "args": [
                "--region", REGION, "eks", "get-token", "--cluster-name", CLUSTER, "--output", "json"]}
            self.kubeconfig = self.config({"exec": entry})
            self.reaches()
            self.assertEqual([], self.kube.hooks.refusals)
        finally:
            self.kube.disallow(user)

    def concluded(self, *arguments, **settings):
        """What --verbose says of a kubeconfig; nothing is reached."""
        settings.setdefault("server", "https://api.example.com")
        cluster = {"proxy-url": "http://127.0.0.1:9"}
        user = settings.pop("user", {"token": "none-of-ours"})
        settings.setdefault("context", ARN)
        self.kubeconfig = self.kube.kubeconfig(self.home / "kubeconfig", user, cluster=cluster, **settings)
        variables = self.environment()
        variables["AWS_REGION"] = "ca-central-1"  # which the context's wins over
        done = self.irsa("plan", "--verbose", "-n", self.namespace, *arguments, env=variables)
        found = [line for line in done.err.splitlines() if line.startswith("irsa-fix: Kubernetes: ")]
        self.assertEqual(f"irsa-fix: Kubernetes: context {settings['context']}, server {settings['server']}", found[0], done)
        words = "irsa-fix: Kubernetes: concluded from the context: "
        return [line.removeprefix(words) for line in found[1:] if line.startswith(words)]

    def test_what_a_context_tells_is_shown(self):
        """By name as `aws eks update-kubeconfig` and eksctl have it, by the log-in, by the host."""
        account = ARN.split(":")[4]
        everything = [f"cluster {CLUSTER}, region {REGION}, account {account}"]
        self.assertEqual(everything, self.concluded())
        self.assertEqual(everything, self.concluded(context="mine", name=ARN))
        self.assertEqual([f"cluster shop, region {REGION}"], self.concluded(
            context=f"jane@shop.{REGION}.eksctl.io", name="x"))
        self.assertEqual([f"cluster shop, region {REGION}"], self.concluded(
            context="mine", name=f"shop.{REGION}.eksctl.io"))
        self.assertEqual(["cluster shop, region us-east-2"], self.concluded(context="mine", user={"exec": {
            "apiVersion": V1BETA1, "command": "aws",
            "args": ["eks", "get-token", "--cluster-name", "shop", "--region", "us-east-2"]}}))
        self.assertEqual(["cluster shop"], self.concluded(context="mine", user={"exec": {
            "apiVersion": V1BETA1, "command": "aws-iam-authenticator", "args": ["token", "-i", "shop"]}}))
        for host in ("0F1E.gr7.eu-central-1.eks.amazonaws.com", "0F1E.gr7.eks-cluster.eu-central-1.api.aws"):
            self.assertEqual(["region eu-central-1"], self.concluded(context="mine", server=f"https://{host}"))
        self.assertEqual([], self.concluded(context="mine"))
        # what is given is not concluded
        self.assertEqual([f"account {account}"], self.concluded("--cluster", CLUSTER, "--region", REGION))
        self.assertEqual([f"region {REGION}, account {account}"], self.concluded("--cluster", CLUSTER))

    def test_tls(self):
        self.with_cluster(**{"tls-server-name": "localhost"})
        self.reaches()
        self.with_cluster(**{"tls-server-name": "elsewhere.example.com"})
        self.fails(1, "TLS failed", "tls-server-name")
        self.with_cluster(**{"certificate-authority-data": None})
        self.fails(1, "TLS failed", "signed by unknown authority")
        self.with_cluster(**{"certificate-authority-data": None, "insecure-skip-tls-verify": True})
        self.assertIn("insecure-skip-tls-verify", self.reaches().err)

    def test_addresses(self):
        self.with_cluster(server=self.kube.server.replace("https:", "http:"))
        self.fails(1, "has to begin with https://")
        self.with_cluster(server="https://127.0.0.1:9")
        self.fails(1, "connection refused", "the right host or port")
        self.with_cluster(**{"proxy-url": "http://127.0.0.1:9"})
        done = self.plan(env=self.environment(NO_PROXY="*", no_proxy="*"), expect=1)
        self.assertIn("proxy", done.err, done)

    def test_two_clusters(self):
        """EKS tells of one cluster, the context leads to another: nothing is planned on both."""
        with self.unchecked():
            issuer = self.cluster("other")
        named = self.irsa("plan", "--cluster", "other", "-n", self.namespace, expect=1)
        self.assertIn(f'context "{ARN}" is of cluster prod, but --cluster names other', named.err)
        self.kubeconfig = self.config("admin", context="tunnel")  # no name that tells
        for arguments in (["plan"], ["apply", "--yes"]):
            done = self.irsa(*arguments, "--cluster", "other", "-n", self.namespace, expect=1)
            for words in ("these are two clusters", self.kube.server, self.kube.issuer,
                          f"EKS cluster other as https://{issuer}", "--context"):
                self.assertIn(words, done.err, done)
            self.assertEqual("", done.out)
        self.reaches()

    def test_kubectl_agrees(self):
        dump = os.environ["IRSAFIX_KUBECONFIG_DUMP"]
        wrong = []
        for case in sorted(path.parent for path in SUITE.glob("*/case.json")):
            request = json.loads((case / "case.json").read_text())
            if case.name.startswith(("pod", "no-kubeconfig", "cluster-", "eks")):
                continue
            ours = json.loads(subprocess.run([dump], cwd=case, input=json.dumps(request) + "\n", text=True,
                                             capture_output=True, check=True).stdout)
            theirs = self.verdict(case, request)
            if case.name in STRICTER:
                agree = "error" in ours and not theirs
            elif case.name in LATER:
                agree = True
            else:
                agree = ("error" in ours) == bool(theirs)
            if not agree:
                wrong.append((case.name, ours.get("error"), theirs))
        self.assertEqual([], wrong)

    def verdict(self, case, request):
        """kubectl's error where it did not come to connecting, else None."""
        options = [f"--{name}={request[name]}" for name in ("kubeconfig", "context") if name in request]
        with tempfile.TemporaryDirectory() as cache:
            done = subprocess.run(
                [str(self.kube.built / "kubectl"), *options, f"--cache-dir={cache}", "get", "--raw", "/version",
                 "--request-timeout=1s"], cwd=case, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                env={"PATH": os.environ["PATH"], **request.get("environment", {})}, timeout=60, check=False)
        said = "\n".join(line for line in done.stderr.splitlines() if not line[:2] in ("E1", "I1", "W1"))
        connecting = ("Unable to connect", "connection to the server", "dial tcp", "lookup ", "deadline",
                      "proxyconnect", "socks connect", "getting credentials")
        return None if any(words in said for words in connecting) else said


if __name__ == "__main__":
    main()
