# SPDX-License-Identifier: Apache-2.0
"""What apply did rollback takes back, in the cluster too: bootstrap from nothing and to nothing, every scene of
kubescenes.py that is mended, what somebody changed meanwhile, and with exactly the RBAC that is printed."""
import json

import kubescenes
import kubetest
import test_rights
from kubetest import ACCOUNT, CLUSTER
from test_path import POLICY

ARN = f"arn:aws:iam::{ACCOUNT}:role/shop-api"
KINDS = ["/api/v1/namespaces/{}/serviceaccounts",
         *(f"/apis/apps/v1/namespaces/{{}}/{kind}" for kind in ("deployments", "statefulsets", "daemonsets")),
         *(f"/apis/batch/v1/namespaces/{{}}/{kind}" for kind in ("jobs", "cronjobs"))]
RESTARTED = "kubectl.kubernetes.io/restartedAt"


class Undo(kubetest.KubeTest):
    controllers = kwok = True

    def objects(self):
        """What a run can change in the namespace, without what every write changes, and without restarts."""
        found = {}
        for path in KINDS:
            for item in self.kube.get(path.format(self.namespace)).get("items", []):
                meta, spec = item["metadata"], item.get("spec", {})
                template = spec.get("jobTemplate", {}).get("spec", spec).get("template", {})
                notes = dict(template.get("metadata", {}).get("annotations", {}))
                notes.pop(RESTARTED, None)
                found[path.rsplit("/", 1)[1], meta["name"]] = (
                    {key: value for key, value in meta.get("annotations", {}).items()
                     if not key.startswith(("deployment.kubernetes.io/", "deprecated.daemonset."))},
                    meta.get("labels", {}), notes, template.get("spec", {}).get("serviceAccountName"))
        return found

    def account_state(self):
        with self.unchecked():
            details = self.iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
            providers = self.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
            return (sorted(one["Arn"] for one in providers),
                    {one["Arn"]: (one["AssumeRolePolicyDocument"], one["RolePolicyList"],
                                  one["AttachedManagedPolicies"]) for one in details})

    def rollback(self, *arguments, **named):
        self.kube_proxy.calls.clear()
        return self.irsa("rollback", "--format", "json", *arguments, **named)

    def written(self):
        return ([call.action for call in self.kube_proxy.calls if call.method != "GET"]
                + [call.name for call in self.proxy.calls if call.writes])


class Classes(Undo):
    def run_scene(self, scene):
        self.use_proxy()
        scene.make(self)
        options = list(scene.more) + (["--allow", scene.allow] if scene.end == "allowed" else [])
        before = self.objects(), self.account_state()
        self.apply(*options, expect=scene.status)
        dry = self.rollback("--allow", "delete")
        self.assertEqual([], self.written(), dry)
        restarts = [note for note in dry.json["rollback"]["notes"] if "restarted" in note]
        done = self.rollback("--yes", "--allow", "delete", expect=0)
        self.assertEqual(before, (self.objects(), self.account_state()), done)
        self.assertTrue(restarts or done.json["changes"], done)
        again = self.rollback("--yes", expect=0)
        self.assertEqual([], self.written(), again)


def add(name, scene):
    def test(self):
        self.run_scene(scene)
    test.__name__ = f"test_{name}"
    setattr(Classes, test.__name__, test)


for name_, scene_ in kubescenes.SCENES:
    if scene_.code and scene_.end != "reported":
        add(name_, scene_)


class Bootstrap(Undo):
    printed, grant, may = (test_rights.Rights.printed, test_rights.Rights.grant, test_rights.Rights.may)

    def setUp(self):
        super().setUp()
        (self.work / "bucket.json").write_text(json.dumps(POLICY))
        self.use_proxy()

    def bootstrap(self, *arguments, **named):
        return self.irsa("bootstrap", "--yes", "--format", "json", *self.selection(), "--role", "shop-api",
                         "--policy-file", "bucket.json", *arguments, **named)

    def gone(self, namespace):
        """Deleted, or on its way."""
        path = f"/api/v1/namespaces/{namespace}"
        return (not self.kube.exists(path)
                or "deletionTimestamp" in self.kube.get(path)["metadata"])

    def test_from_nothing_to_nothing(self):
        self.namespace += "-new"
        before = self.account_state()
        self.bootstrap("--create-namespace", expect=0)
        self.rollback("--yes", expect=0)
        self.assertEqual(before, self.account_state())
        self.assertTrue(self.gone(self.namespace))
        again = self.rollback(expect=0)
        self.assertIn("rolled back by", again.json["rollback"]["notes"][0], again)

    def test_what_was_there_before_stays(self):
        self.kube.account(self.namespace, "api", labels={"team": "shop"}, annotations={"note": "kept"})
        before = self.objects(), self.account_state()
        self.bootstrap(expect=0)
        self.rollback("--yes", expect=0)
        self.assertEqual(before, (self.objects(), self.account_state()))

    def test_a_namespace_that_somebody_lives_in_stays(self):
        self.namespace += "-new"
        self.bootstrap("--create-namespace", expect=0)
        self.kube.account(self.namespace, "theirs")
        held = self.rollback("--yes", expect=3)
        space, = [one for one in held.json["changes"] if one["kind"] == "namespace"]
        self.assertEqual(("delete", "held-back"), (space["class"], space["result"]), held)
        self.assertIn("service account theirs is in it", " ".join(space["notes"]), held)
        self.assertFalse(self.gone(self.namespace))
        self.rollback("--yes", "--allow", "delete", expect=0)
        self.assertTrue(self.gone(self.namespace))

    def test_a_namespace_with_what_no_plan_reads_stays(self):
        """Secrets and the like are looked for right before it is deleted."""
        self.namespace += "-new"
        self.bootstrap("--create-namespace", expect=0)
        self.kube.call("POST", f"/api/v1/namespaces/{self.namespace}/secrets", {
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "theirs"}})
        done = self.rollback("--yes", expect=5)
        space, = [one for one in done.json["changes"] if one["kind"] == "namespace"]
        self.assertEqual("failed", space["result"], done)
        self.assertIn("secret theirs is in it", space["message"], done)
        self.assertFalse(self.gone(self.namespace))

    def test_what_somebody_changed_is_held_back(self):
        self.bootstrap(expect=0)
        path = f"/api/v1/namespaces/{self.namespace}/serviceaccounts/api"
        theirs = ARN.replace("shop-api", "theirs")
        account = self.kube.get(path)
        account["metadata"]["annotations"][kubetest.ROLE_ARN] = theirs
        self.kube.call("PUT", path, account)
        held = self.rollback("--yes", expect=3)
        change, = [one for one in held.json["changes"] if one["kind"] == "service-account"]
        self.assertEqual(("overwrite", "held-back"), (change["class"], change["result"]), held)
        self.assertIn(theirs, " ".join(change["notes"]), held)
        self.assertEqual(theirs, self.role_arn_of())
        self.rollback("--yes", "--allow", "overwrite,delete", expect=0)
        self.assertFalse(self.kube.exists(path))

    def test_with_exactly_the_printed_rights(self):
        self.bootstrap(expect=0)
        self.addCleanup(self.kube.disallow, test_rights.GROUP)
        self.grant(self.printed("rollback", "--cluster", CLUSTER, "-n", self.namespace))
        self.kubeconfig = self.config("few", proxied=True)
        done = self.rollback("--yes", expect=0)
        self.assertFalse(self.kube.exists(f"/api/v1/namespaces/{self.namespace}/serviceaccounts/api"), done)

    def test_a_restart_stays(self):
        self.kube.workload("Deployment", self.namespace, "web", "api", node=kubetest.NODE)
        self.bootstrap("--allow", "restart")
        dry = self.rollback("--allow", "delete")
        self.assertNotIn("workload", [one["kind"] for one in dry.json["changes"]], dry)


if __name__ == "__main__":
    kubetest.main()
