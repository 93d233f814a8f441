# SPDX-License-Identifier: Apache-2.0
"""A denied read leaves the plan going, and the JSON names the action: in a finding, or as the reason why a
check was not made. Each read of several plans is denied in turn, then each is the only one that is not."""
import json

import harness
import proxy
import scenes
from harness import CLUSTER

NEED = ("--need", "s3:GetObject arn:aws:s3:::shop/x")
OF_STS = {"GetCallerIdentity"}  # needs no permission
OPTIONAL = {"ListAccountAliases"}  # without it nothing changes


class Denied(harness.LiveTest):
    def setUp(self):
        super().setUp()
        with self.unchecked():
            self.provider()
            self.role(PermissionsBoundary=scenes.managed(self, "s3:*"))
            self.eks.create_pod_identity_association(
                clusterName=CLUSTER, namespace="shop", serviceAccount="other",
                roleArn=f"arn:aws:iam::{harness.ACCOUNT}:role/shop-api")
            self.iam.attach_role_policy(RoleName="shop-api",
                                        PolicyArn=f"arn:aws:iam::{harness.ACCOUNT}:policy/shop")

    def plans(self):
        """Each asks in another way."""
        files = ("--manifests", self.manifests())
        (self.work / "irsa-fix.ini").write_text(
            '[serviceaccount "shop/api"]\nneeds = s3:GetObject arn:aws:s3:::shop/x\n')
        (self.work / "none.ini").write_text("# nothing\n")
        none = ("--config", "none.ini")
        return {
            "role": (*self.selection(), "--role", "shop-api", *none, *files),
            "needs": (*self.selection(), "--role", "shop-api", *NEED, *none, *files),
            "annotation": (*self.selection(), *none, *files),
            "annotation and needs": (*self.selection(), *NEED, *none, *files),
            "everything": ("--cluster", CLUSTER, *none, *files),
            "everything and needs": ("--cluster", CLUSTER, *files),
            "the only cluster": (*none, *files),
        }

    def told(self, plan):
        """What the JSON says of actions."""
        reasons = [one["reason"] for one in plan["checks"]["skipped"]]
        findings = [text for one in plan["findings"]
                    for text in (one["evidence"]["observed"], *one["notes"]) if text]
        return "\n".join(reasons + findings)

    def deny(self, actions):
        self.proxy.rules.clear()
        for action in actions:
            self.proxy.fault(proxy.forbidden, action=action)

    def check(self, arguments, denied):
        self.deny(denied)
        result = self.irsa("plan", "--format", "json", *arguments)
        asked = {call.action: call.name for call in self.proxy.calls if call.fault}
        self.assertTrue(asked, result)
        if result.status == 4:  # nothing at all could be read
            for name in asked.values():
                self.assertIn(name, result.err, result)
            return
        self.assertIn(result.status, (0, 2, 3), result)
        told = self.told(result.json)
        for name in asked.values():
            self.assertIn(f"{name} was denied", told, json.dumps(result.json["checks"]["skipped"])
                          + str(result))

    def test_each_in_turn(self):
        for name, arguments in self.plans().items():
            self.proxy.rules.clear()
            self.irsa("plan", "--format", "json", *arguments, expect=0)
            actions = sorted({call.action for call in self.proxy.calls} - OF_STS - OPTIONAL)
            for action in actions:
                with self.subTest(plan=name, denied=action):
                    self.check(arguments, [action])
                with self.subTest(plan=name, allowed=action):
                    self.check(arguments, [one for one in actions if one != action])

    def test_listed_and_not_described(self):
        """A cluster that is being deleted: the plan goes on without what it would tell."""
        self.proxy.fault(proxy.status(404, "ResourceNotFoundException"), action="DescribeCluster")
        result = self.plan("--role", "shop-api", "--manifests", self.manifests())
        self.assertEqual(3, result.status, result)
        self.assertIn("eks:ListClusters names cluster", result.err, result)
        self.assertNotIn("did you mean", result.err, result)
        unseen = next(one for one in result.json["findings"] if one["code"] == "IRSA090")
        self.assertIn("eks:DescribeCluster does not find it", unseen["evidence"]["observed"], result)
        self.assertIn("being deleted", unseen["help"], result)
        (self.work / "irsa-fix.ini").write_text(f"[cluster]\nissuer = https://{self.issuer}\n")
        self.plan("--role", "shop-api", "--manifests", self.manifests(), expect=0)

    def test_policies_that_were_not_read(self):
        """Listings of roles show none: IRSA044 says so."""
        result = self.irsa("plan", "--format", "json", "--cluster", CLUSTER, "--manifests",
                           self.manifests(), expect=0)
        skipped = {one["code"]: one["reason"] for one in result.json["checks"]["skipped"]}
        self.assertIn("policies of role shop-api were not read", skipped["IRSA044"], result)


if __name__ == "__main__":
    harness.main()
