# SPDX-License-Identifier: Apache-2.0
"""Figures of a plan over a real API server: kube.py IRSA-FIX BENCH_LIVE [AWS-CLI]

One API server and one moto, everything in turns, the median of many:
 - a plan of one binding against `kubectl get sa` alone, and against all that somebody types to find out the
   same by hand (with the AWS CLI)
 - 10,000 service accounts and 20,000 pods: a plan over all against the same pages, read by libcurl alone
"""
import concurrent.futures
import os
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "live" / "kube"))
import kubetest  # noqa: E402
from cluster import Cluster, pod_spec  # noqa: E402
from kubetest import CLUSTER, harness  # noqa: E402

SCALE = int(os.environ.get("BENCH_SCALE", "1"))  # divides the large cluster, for a quick look
NAMESPACES, ACCOUNTS, PODS = 100, 10_000 // SCALE, 20_000 // SCALE
BENCH = AWS = None
# What the article has one look at: the cluster's issuer, whether IAM has a provider for it and with which audience,
# the role's trust policy, the account's annotation and what the pods got
# (https://repost.aws/knowledge-center/eks-troubleshoot-oidc-and-irsa).
BY_HAND = """set -e
"$AWS" eks describe-cluster --name "$CLUSTER" --query cluster.identity.oidc.issuer --output text >issuer
"$AWS" iam list-open-id-connect-providers
"$AWS" iam get-open-id-connect-provider --open-id-connect-provider-arn "$PROVIDER"
"$AWS" iam get-role --role-name "$ROLE" --query Role.AssumeRolePolicyDocument
"$AWS" iam list-attached-role-policies --role-name "$ROLE"
"$KUBECTL" -n "$NAMESPACE" get serviceaccount api -o yaml
"$KUBECTL" -n "$NAMESPACE" get pods -o yaml
"$KUBECTL" get mutatingwebhookconfigurations -o yaml
"""


class Bench(kubetest.KubeTest):
    def measured(self, command, status=(0, 2, 3), **variables):
        """(seconds, kilobytes)"""
        done = subprocess.run([BENCH, "measure", *command], cwd=self.work, capture_output=True,
                              env=self.environment(**variables), check=True, text=True)
        spent, memory, ended = done.stderr.split()[-3:]
        if int(ended) not in status:
            raise RuntimeError(f"{command}: {ended}\n{done.stderr}")
        return int(spent) / 1e6, int(memory)

    def several(self, *commands, runs, **variables):
        """Medians of all, taken in turns: [(seconds, kilobytes)]"""
        found = [[] for _ in commands]
        for _ in range(runs):
            for place, command in zip(found, commands):
                place.append(self.measured(command, **variables))
        return [tuple(statistics.median(column) for column in zip(*rows)) for rows in found]

    def recorded(self, command):
        """What irsa-fix asks the API server, for replay without the proxy; the number of requests."""
        direct = self.kubeconfig
        self.use_proxy()
        self.kube_proxy.raw = []
        self.measured(command)
        self.kube_proxy.rounds()
        path = self.work / "requests"
        with path.open("w") as file:
            for call, (method, url, headers, body) in zip(self.kube_proxy.calls, self.kube_proxy.raw):
                file.write(f"R {call.round} {method} {self.kube.server}{url}\n")
                file.writelines(f"H {name}: {value}\n" for name, value in headers
                                if name.lower() not in ("content-length", "host"))
                file.write(f"B {body.hex()}\n" if body else "")
                file.write("E\n")
        self.kube_proxy.raw = None
        self.kubeconfig = direct
        return [BENCH, "replay", str(path)], len(self.kube_proxy.calls)

    def test_1_one_binding(self):
        self.healthy()
        plan = [harness.BINARY, "plan", *self.selection()]
        kubectl = [str(self.kube.built / "kubectl"), "-n", self.namespace, "get", "sa", "api", "-o", "yaml"]
        self.measured(kubectl)  # fills its cache of discovery
        (ours, memory), (theirs, _) = self.several(plan, kubectl, runs=21)
        print(f"\nplan of one binding\n  irsa-fix plan, AWS too   {ours * 1e3:8.1f} ms   peak "
              f"{memory / 1024:.1f} MB\n  kubectl get sa           {theirs * 1e3:8.1f} ms   ratio "
              f"{ours / theirs:.2f}")
        if AWS is None:
            print("  by hand: no AWS CLI was given")
            return
        by_hand = {"AWS": AWS, "CLUSTER": CLUSTER, "NAMESPACE": self.namespace, "ROLE": "shop-api",
                   "AWS_DEFAULT_REGION": kubetest.REGION,
                   "KUBECTL": str(self.kube.built / "kubectl"),
                   "PROVIDER": f"arn:aws:iam::{kubetest.ACCOUNT}:oidc-provider/{self.issuer}"}
        (ours, _), (theirs, _) = self.several(plan, ["bash", "-c", BY_HAND], runs=5, **by_hand)
        print(f"\nthe same by hand, five commands of the AWS CLI and three of kubectl\n  irsa-fix plan            "
              f"{ours * 1e3:8.1f} ms\n  aws and kubectl          {theirs * 1e3:8.1f} ms   ratio {ours / theirs:.3f}")

    def name_of(self, account):
        """One in ten has the role."""
        return f"without-{account}" if account % 10 else f"with-{account}"

    def fill(self):
        def one(number):
            cluster = Cluster.__new__(Cluster)  # the same, with connections of its own
            cluster.__dict__ = {**self.kube.__dict__, "connection": None}
            namespace = f"bench-{number}"
            cluster.namespace(namespace)
            for account in range(ACCOUNTS // NAMESPACES - 1):  # and `default`
                cluster.account(namespace, self.name_of(account), None if account % 10 else self.arn)
            for pod in range(PODS // NAMESPACES):
                cluster.create({"apiVersion": "v1", "kind": "Pod", "metadata": {
                    "name": f"p-{pod}", "namespace": namespace},
                    "spec": pod_spec(self.name_of(pod % (ACCOUNTS // NAMESPACES - 1)))})
            cluster.connection.close()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(one, range(NAMESPACES)))

    def test_2_large(self):
        with self.unchecked():
            self.provider()
            self.arn = self.role(trust=self.trust(condition={
                "StringLike": {f"{self.issuer}:sub": "system:serviceaccount:bench-*:with-*"},
                "StringEquals": {f"{self.issuer}:aud": "sts.amazonaws.com"}}))
        self.fill()
        plan = [harness.BINARY, "plan", "--cluster", CLUSTER, "-A", "--output", os.devnull]
        replay, count = self.recorded(plan)
        (ours, memory), (theirs, _) = self.several(plan, replay, runs=5, BENCH_CA=self.kube.ca)
        pages = (ACCOUNTS + PODS) // 500
        print(f"\nplan over {ACCOUNTS} service accounts and {PODS} pods: {count} requests = {pages} pages + "
              f"{count - pages}\n  irsa-fix plan, AWS too   {ours:8.2f} s   peak {memory / 1024:.1f} MB\n"
              f"  libcurl alone            {theirs:8.2f} s   ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    harness.BINARY, BENCH = sys.argv[1:3]
    AWS = sys.argv[3] if len(sys.argv) > 3 else None
    del sys.argv[1:]
    harness.unittest.main()
