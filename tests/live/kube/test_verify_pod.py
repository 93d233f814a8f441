# SPDX-License-Identifier: Apache-2.0
"""verify, level 2: test pods that are really admitted, run their script on a node, ask STS, and are deleted."""
import json
import pathlib
import signal
import subprocess
import sys
import time

import verifytest
from kubelet import Kubelet
from kubetest import ACCOUNT, REGION, harness

HERE = pathlib.Path(__file__).resolve().parent
STEPS = ["pod", "pod-environment", "pod-identity"]


class PodTest(verifytest.VerifyTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bin = cls.kube.folder / "pod-bin"
        cls.bin.mkdir()
        program = cls.bin / "aws"
        program.write_text(f"#!/bin/sh\nexec {sys.executable} -B {HERE}/podcli.py \"$@\"\n")
        program.chmod(0o755)
        cls.more = {}
        cls.kubelet = Kubelet(cls.kube, cls.variables_of_pods)
        cls.addClassCleanup(cls.kubelet.stop)

    @classmethod
    def variables_of_pods(cls, namespace, pod):
        return {"PATH": str(cls.bin), "AWS_ENDPOINT_URL": cls.proxy.url, "AWS_EC2_METADATA_DISABLED": "true",
                **cls.more}

    def setUp(self):
        super().setUp()
        self.more.clear()
        self.fate("run")

    def fate(self, fate):
        self.kubelet.fates[self.namespace] = fate

    def verify(self, *arguments, **named):
        result = super().verify("--pod", *arguments, **named)
        self.assertEqual([], self.pods_of_verify(), "a pod is left")
        for token in self.kubelet.tokens:
            self.assertNotIn(token, result.out + result.err)
        return result

    def pods_of_verify(self):
        return [one["metadata"]["name"] for one in self.kube.pods(self.namespace)
                if "irsa-fix/verify" in one["metadata"].get("labels", {})]


class Runs(PodTest):
    def test_proven(self):
        arn = self.healthy()
        result = self.verify("--log-http", expect=0)
        self.assertEqual(dict.fromkeys(STEPS, "ok"),
                         {name: self.states(result)[name] for name in STEPS}, result)
        steps = self.steps(result)
        self.assertIn(f"AWS_ROLE_ARN={arn}", steps["pod-environment"]["evidence"]["observed"])
        self.assertIn("eks.amazonaws.com/serviceaccount/token",
                      steps["pod-environment"]["evidence"]["observed"])
        self.assertIn(f"AWS_REGION={REGION}", steps["pod-environment"]["evidence"]["observed"])
        self.assertIn("assumed-role/shop-api/", steps["pod-identity"]["message"])
        self.assertIn("creating pod", result.err)
        self.assertIn("deleted again", result.err)

    def test_what_is_printed_suffices(self):
        self.healthy()
        result = self.verify(expect=0, env=self.only_printed("--pod"))
        self.assertEqual({"ok"}, set(self.states(result).values()), result)

    def test_shape(self):
        """Flags and a template of one's own; the namespace admits only restricted pods."""
        self.kube.patch(f"/api/v1/namespaces/{self.namespace}", {"metadata": {"labels": {
            "pod-security.kubernetes.io/enforce": "restricted"}}})
        self.healthy()
        seen = []
        self.kubelet.do_shape = lambda pod: (seen.append(pod), self.kubelet.do_run(pod))
        self.fate("shape")
        self.verify("--image", "example.com/mine:1", "--label", "team=shop,cost=1",
                    "--node-selector", "disk=fast", expect=0)
        [pod] = seen
        self.assertEqual("example.com/mine:1", pod["spec"]["containers"][0]["image"])
        self.assertEqual({"disk": "fast"}, pod["spec"]["nodeSelector"])
        self.assertEqual("api", pod["spec"]["serviceAccountName"])
        labels = pod["metadata"]["labels"]
        self.assertEqual(("shop", "1", "irsa-fix"),
                         (labels["team"], labels["cost"], labels["app.kubernetes.io/managed-by"]))

    def test_template(self):
        self.healthy()
        folder = self.work / "templates"
        folder.mkdir()
        text = (harness.ROOT / "templates/test-pod.yaml").read_text()
        (folder / "test-pod.yaml").write_text(text.replace("name: irsa-fix-test", "name: mine").replace(
            "aws sts get", "echo chatter; aws sts get"))
        result = self.verify("--template-dir", "templates", expect=0)
        self.assertIn("/mine-", result.err)

    def test_secrets_in_the_environment(self):
        """They are named, and their values are in no log and no answer."""
        self.healthy()
        self.secrets.add("planted-secret-of-a-pod")
        self.more.update(AWS_ACCESS_KEY_ID="AKIAPLANTEDPLANTED12", AWS_SECRET_ACCESS_KEY="planted-secret-of-a-pod")
        result = self.verify("--log-http")
        self.assertIn("AWS_ACCESS_KEY_ID", json.dumps(self.steps(result)["pod-environment"]))
        self.assertNotIn("AKIAPLANTEDPLANTED12", result.out + result.err)
        self.assertFalse(any(b"planted" in log.lower() for log in self.kubelet.logs.values()))


class Fails(PodTest):
    def pod_says(self, fate, code, *words, step="pod", status=3, arguments=("--timeout", "4s")):
        self.fate(fate)
        result = self.verify(*arguments, expect=status)
        found = self.steps(result)[step]
        self.assertEqual(("failed", code), (found["state"], found["code"]), result)
        for word in words:
            self.assertIn(word, json.dumps(found), result)
        self.assertIs(False, result.json["bindings"][0]["proven"])
        return result

    def test_pods_that_come_to_nothing(self):
        self.healthy()
        for fate, code, words in (
                ("pull", "IRSA118", ("ErrImagePull", "failed to pull", "aws-cli")),
                ("name", "IRSA118", ("InvalidImageName", "parse image name")),
                ("config", "IRSA118", ("CreateContainerConfigError", "runAsNonRoot")),
                ("mount", "IRSA118", ("within 4 s", "FailedMount", "aws-iam-token")),
                ("evicted", "IRSA118", ("Evicted", "low on memory")),
                ("hang", "IRSA118", ("within 4 s", "not ended")),
                ("pending", "IRSA119", ("within 4 s", "untolerated taint"))):
            with self.subTest(fate):
                self.pod_says(fate, code, *words)

    def test_role_of_the_node(self):
        self.healthy()
        self.more["PODCLI_NODE"] = f"arn:aws:iam::{ACCOUNT}:role/eks-node"
        result = self.pod_says("node", "IRSA116", "node", "eks-node", step="pod-identity")
        self.assertEqual("IRSA117", self.steps(result)["pod-environment"]["code"])

    def test_nothing_injected(self):
        self.healthy()
        result = self.pod_says("node", "IRSA117", "AWS_ROLE_ARN", step="pod-environment")
        self.assertEqual("IRSA117", self.steps(result)["pod-identity"]["code"])
        self.assertIn("Unable to locate credentials", self.steps(result)["pod-identity"]["message"])

    def test_another_role(self):
        """The webhook has the annotation of before."""
        self.healthy()
        with self.unchecked():
            self.role("old-api")
        notes = self.kube.hooks.read_account
        self.kube.hooks.read_account = lambda *names: {
            **notes(*names), "eks.amazonaws.com/role-arn": f"arn:aws:iam::{ACCOUNT}:role/old-api"}
        self.addCleanup(setattr, self.kube.hooks, "read_account", notes)
        self.pod_says("run", "IRSA117", "old-api", "shop-api", step="pod-environment")

    def test_refused_in_the_pod(self):
        self.healthy()
        with self.unchecked():
            self.iam.update_assume_role_policy(RoleName="shop-api",
                                               PolicyDocument=json.dumps(self.trust(account="app")))
        self.pod_says("run", "IRSA024", "in the pod", ":app", step="pod-identity")

    def test_no_aws_cli(self):
        self.healthy()
        self.fate("mute")
        result = self.verify("--timeout", "4s", expect=3)
        self.assertIn("command not found", self.steps(result)["pod-identity"]["message"])
        self.assertIn("--image", self.steps(result)["pod-identity"]["help"])
        self.assertIsNot(True, result.json["bindings"][0]["proven"])


class NotAdmitted(Fails):
    """By the API server's own admission."""
    test_pods_that_come_to_nothing = test_role_of_the_node = test_nothing_injected = None
    test_another_role = test_refused_in_the_pod = test_no_aws_cli = None

    def test_quota(self):
        self.healthy()
        path = f"/api/v1/namespaces/{self.namespace}/resourcequotas"
        self.kube.create({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {
            "name": "few", "namespace": self.namespace}, "spec": {"hard": {"pods": "0"}}})
        self.kube.patch(f"{path}/few/status", {"status": {"hard": {"pods": "0"}, "used": {"pods": "0"}}})
        self.pod_says("run", "IRSA120", "exceeded quota", "few")

    def test_pod_security(self):
        self.kube.patch(f"/api/v1/namespaces/{self.namespace}", {"metadata": {"labels": {
            "pod-security.kubernetes.io/enforce": "restricted"}}})
        self.healthy()
        folder = self.work / "templates"
        folder.mkdir()
        text = (harness.ROOT / "templates/test-pod.yaml").read_text()
        (folder / "test-pod.yaml").write_text(text.replace("runAsNonRoot: true", "runAsNonRoot: false"))
        self.pod_says("run", "IRSA120", "PodSecurity", "runAsNonRoot",
                      arguments=("--template-dir", "templates"))

    def test_policy(self):
        self.healthy()
        group = "admissionregistration.k8s.io/v1"
        base = f"/apis/{group}"
        self.kube.call("POST", f"{base}/validatingadmissionpolicies", {
            "apiVersion": group, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "own-images"},
            "spec": {"failurePolicy": "Fail", "matchConstraints": {"resourceRules": [{
                "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]},
                     "validations": [{"expression": "object.spec.containers.all(c, "
                                      "c.image.startsWith('registry.example.com/'))",
                                      "message": "images come from registry.example.com"}]}})
        self.addCleanup(self.kube.delete, f"{base}/validatingadmissionpolicies/own-images")
        self.kube.call("POST", f"{base}/validatingadmissionpolicybindings", {
            "apiVersion": group, "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": "own-images"},
            "spec": {"policyName": "own-images", "validationActions": ["Deny"], "matchResources": {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": self.namespace}}}}})
        self.addCleanup(self.kube.delete, f"{base}/validatingadmissionpolicybindings/own-images")
        dry = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "dry"},
               "spec": {"containers": [{"name": "app", "image": "example.com/app:1"}]}}
        self.kube.wait(lambda: self.kube.request(
            "POST", f"/api/v1/namespaces/{self.namespace}/pods?dryRun=All", dry)[0] == 422,
            "the policy is not seen", 30)
        self.pod_says("run", "IRSA120", "own-images", "images come from registry.example.com")

    def test_rights(self):
        """Ours are no verdict."""
        self.healthy()
        self.kube.allow("few", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"]},
                                {"apiGroups": [""], "resources": ["serviceaccounts/token"],
                                 "verbs": ["create"]}, {"nonResourceURLs": ["*"], "verbs": ["get"]}])
        self.addCleanup(self.kube.disallow, "few")
        self.kubeconfig = self.config("few")
        result = self.verify(expect=4)
        self.assertEqual("unknown", self.states(result)["pod"], result)
        self.assertIsNone(result.json["bindings"][0]["proven"])


class Killed(PodTest):
    def start(self, *arguments):
        process = subprocess.Popen(
            [harness.BINARY, "verify", "--pod", "--format", "json", *self.selection(), *arguments],
            cwd=self.work, env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.kube.wait(self.pods_of_verify, "no pod is made", 20)
        return process

    def test_interrupted(self):
        self.healthy()
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                self.fate("hang")
                process = self.start()
                process.send_signal(number)
                out, err = process.communicate(timeout=20)
                self.assertEqual(130, process.returncode, err)
                self.assertEqual([], self.pods_of_verify(), err)
                self.assertTrue(json.loads(out)["interrupted"])
                self.assertIsNone(json.loads(out)["bindings"][0]["proven"])

    def test_killed(self):
        """What is left is removed by the next run, when its time is over; not before."""
        self.healthy()
        self.fate("hang")
        process = self.start("--timeout", "2s")
        process.kill()
        process.communicate()
        [left] = self.pods_of_verify()
        self.fate("run")
        other = self.irsa("verify", "--pod", *self.selection(), expect=0)
        self.assertNotIn(left, other.err, "its run may still be going on")
        [pod] = [one for one in self.kube.pods(self.namespace) if one["metadata"]["name"] == left]
        time.sleep(pod["spec"]["activeDeadlineSeconds"] + 2)
        result = self.irsa("verify", "--pod", *self.selection(), expect=0)
        self.assertIn(f"removing pod {self.namespace}/{left}", result.err)
        self.assertEqual([], self.pods_of_verify())

    def test_cannot_be_deleted(self):
        self.healthy()
        self.use_proxy()
        self.kube_proxy.fault(harness.proxies.reset, action="delete pods", times=1)
        self.irsa("verify", "--pod", *self.selection(), expect=0)
        self.assertEqual([], self.pods_of_verify(), "a lost deletion is tried again")
        self.kube_proxy.fault(harness.proxies.reset, action="delete pods")
        result = self.irsa("verify", "--pod", *self.selection())
        self.assertIn("could not be deleted", result.err)
        self.assertIn("kubectl delete pod", result.err)

    def test_lost_creation(self):
        """The answer is lost: whether it was made is not known, so it is deleted."""
        self.healthy()
        self.use_proxy()
        self.kube_proxy.fault(harness.proxies.lost_answer, action="create pods", times=1)
        result = self.irsa("verify", "--pod", *self.selection())
        self.assertEqual(1, result.status, result)
        self.assertEqual([], self.pods_of_verify())


if __name__ == "__main__":
    verifytest.main()
