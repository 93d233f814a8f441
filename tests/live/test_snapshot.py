# SPDX-License-Identifier: Apache-2.0
"""What `snapshot DIR` writes is the world as it was read: a plan over it is the live plan."""
import json
import re

import harness
import scenes
from harness import ACCOUNT

SAMPLE = ["provider_is_missing", "provider_with_dual_stack_host", "provider_without_audience",
          "subject_of_another_name", "federated_is_a_url", "cluster_made_anew", "healthy",
          "role_is_missing", "policy_is_not_attached", "boundary_forbids_what_is_needed",
          "pod_identity_association_as_well", "open_to_the_cluster"]


def without_sources(plan):
    """All but where things were read: source names, and the options of suggested commands."""
    plan = json.loads(json.dumps(plan))
    for finding in plan["findings"]:
        finding.get("evidence", {}).pop("source", None)
        if "help" in finding:
            finding["help"] = re.sub(r" --(from|region|profile) \S+", "", finding["help"])
    return plan


class Snapshot(harness.LiveTest):
    def test_plan_of_a_snapshot(self):
        for name in SAMPLE:
            with self.subTest(scene=name):
                self.setUp()
                scene = dict(scenes.SCENES)[name]
                with self.unchecked():
                    scene.make(self)
                live = self.plan("--role", "shop-api", *scene.more)
                self.irsa("snapshot", "snap", *self.selection(), "--role", "shop-api", *scene.more,
                          expect=0)
                self.proxy.calls.clear()
                again = self.irsa("plan", "--format", "json", "--from", "snap", *self.selection(),
                                  "--role", "shop-api", *scene.more)
                self.assertEqual([], self.proxy.calls)
                self.assertEqual((live.status, without_sources(live.json)),
                                 (again.status, without_sources(again.json)), again)

    def test_denied_stays_denied(self):
        with self.unchecked():
            self.provider()
            self.role()
            few = self.user("few", [{"Effect": "Allow", "Resource": "*", "Action": [
                "eks:DescribeCluster", "iam:ListOpenIDConnectProviders",
                "iam:GetOpenIDConnectProvider"]}])
        live = self.plan(env=self.environment(few))
        self.irsa("snapshot", "snap", *self.selection(), env=self.environment(few), expect=0)
        again = self.irsa("plan", "--format", "json", "--from", "snap", *self.selection())
        self.assertEqual((live.status, live.codes()), (again.status, again.codes()), again)

    def test_a_folder_that_is_in_use(self):
        (self.work / "snap").mkdir()
        (self.work / "snap" / "mine.txt").write_text("mine")
        result = self.irsa("snapshot", "snap", *self.selection())
        self.assertEqual(1, result.status, result)
        self.assertEqual(["mine.txt"], [path.name for path in (self.work / "snap").iterdir()])

    def test_redact(self):
        """Nothing recognisable is left, and the plan stays the same but for the names."""
        with self.unchecked():
            dict(scenes.SCENES)["subject_of_another_name"].make(self)
        live = self.irsa("plan", "--format", "json", "--cluster", "prod")
        self.irsa("snapshot", "snap", "--redact", "--cluster", "prod", expect=0)
        text = "".join(path.read_text() for path in (self.work / "snap").rglob("*")
                       if path.is_file())
        for known in (ACCOUNT, self.issuer.split("/")[-1], "shop-api", self.keys[0]):
            self.assertNotIn(known, text)
        again = self.irsa("plan", "--format", "json", "--from", "snap")
        self.assertEqual((live.status, live.codes(), live.changes()),
                         (again.status, again.codes(), again.changes()), again)
        self.assertFalse(re.search(r"AKIA|ASIA", text))


if __name__ == "__main__":
    harness.main()
