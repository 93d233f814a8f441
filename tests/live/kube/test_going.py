# SPDX-License-Identifier: Apache-2.0
"""What is still there and goes, as the API server holds it up; and what a plan over all namespaces does not
look at."""
import kubetest
from kubetest import NODE


class Going(kubetest.KubeTest):
    controllers = kwok = True

    def held(self, path):
        """Deleted, and held up by a finalizer until the test ends."""
        self.kube.patch(path, {"metadata": {"finalizers": ["example.com/wait"]}})
        self.kube.delete(path)
        self.addCleanup(self.kube.patch, path, {"metadata": {"finalizers": None}})

    def test_an_account_that_is_being_deleted(self):
        self.healthy()
        self.held(f"/api/v1/namespaces/{self.namespace}/serviceaccounts/api")
        plan = self.plan(expect=3)
        self.assertEqual(["IRSA006"], plan.codes(), plan)
        self.assertIsNone(plan.json["bindings"][0]["works"], plan)
        self.assertEqual([], plan.changes(), plan)
        self.irsa("snapshot", "snap", *self.selection(), expect=0)
        again = self.irsa("plan", "--format", "json", "--from", "snap", *self.selection(), expect=3)
        self.assertEqual(plan.json["bindings"], again.json["bindings"])

    def test_a_namespace_that_is_being_deleted(self):
        """No pod can be created there: the API server's own word, and ours."""
        self.healthy()
        path = f"/api/v1/namespaces/{self.namespace}"
        self.held(f"{path}/serviceaccounts/api")
        self.kube.delete(path)
        self.kube.wait(lambda: self.kube.get(path)["status"]["phase"] == "Terminating", "it does not end", 10)
        with self.assertRaises(kubetest.Failed) as refused:
            self.kube.pod(self.namespace, "web", "api")
        self.assertEqual(403, refused.exception.status)
        plan = self.plan(expect=3)
        self.assertEqual(["IRSA006"], plan.codes(), plan)
        self.assertIs(False, plan.json["bindings"][0]["works"], plan)
        self.assertEqual([], plan.changes(), plan)

    def skipped(self, plan, code):
        return [one["reason"] for one in plan.json["checks"]["skipped"] if one["code"] == code]

    def test_automount_over_all_namespaces(self):
        """The accounts come as metadata: pods show it, or it is said that nothing does."""
        arn = self.healthy(account=False)
        self.kube.create({"apiVersion": "v1", "kind": "ServiceAccount", "automountServiceAccountToken": False,
                          "metadata": {"name": "api", "namespace": self.namespace,
                                       "annotations": {kubetest.ROLE_ARN: arn}}})
        everywhere = ["plan", "--format", "json", "--cluster", kubetest.CLUSTER, "-A"]
        self.assertEqual(["IRSA059"], self.plan(expect=0).codes())
        plan = self.irsa(*everywhere)
        self.assertNotIn("IRSA059", plan.codes(), plan)
        reason, = self.skipped(plan, "IRSA059")
        self.assertIn("metadata only", reason)
        self.kube.pod(self.namespace, "web", "api", node=NODE)
        plan = self.irsa(*everywhere)
        found, = [one for one in plan.json["findings"] if one["code"] == "IRSA059"]
        self.assertEqual(("inferred", "api"), (found["evidence"]["certainty"], found["subject"]["name"]), plan)
        self.assertEqual([], self.skipped(plan, "IRSA059"))


if __name__ == "__main__":
    kubetest.main()
