# SPDX-License-Identifier: Apache-2.0
"""Needed actions are put to IAM's policy simulator, which knows service control policies (moto_more.py)."""
import json

import harness
import proxy
from harness import ACCOUNT, CLUSTER

ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop-api"
NEED = "s3:GetObject arn:aws:s3:::shop/x"
OTHER_NEED = "s3:GetObject arn:aws:s3:::shop/private"
ALL_BUT_PRIVATE = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"},
    {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::shop/private"}]}


class Simulate(harness.LiveTest):
    def account(self, scp=None):
        with self.unchecked():
            self.provider()
            tags = [{"Key": "test:scp", "Value": json.dumps(scp)}] if scp else []
            self.role(Tags=tags)

    def needs(self, *needs, role=ROLE, **named):
        more = [word for need in needs for word in ("--need", need)]
        return self.plan("--role", role, *more, "--manifests", self.manifests(), **named)

    def reason(self, result):
        return {one["code"]: one["reason"] for one in result.json["checks"]["skipped"]}.get("IRSA099")

    def test_allowed(self):
        self.account()
        result = self.needs(NEED, expect=0)
        self.assertEqual(([], None), (result.codes(), self.reason(result)), result)
        calls = [call for call in self.proxy.calls if call.action == "SimulatePrincipalPolicy"]
        self.assertEqual(1, len(calls))
        self.assertEqual(ROLE, calls[0].parameters["PolicySourceArn"])

    def test_organization(self):
        """The one need that the organization denies is told, the other is fine; no change can mend it."""
        self.account(ALL_BUT_PRIVATE)
        result = self.needs(NEED, OTHER_NEED, expect=0)
        self.assertEqual(["IRSA099"], result.codes(), result)
        found = result.json["findings"][0]
        self.assertIn("shop/private", found["message"], result)
        self.assertIn("service control policy", found["message"], result)
        self.assertEqual("inferred", found["evidence"]["certainty"], result)
        self.assertEqual(([], []), (found["fixed_by"], result.json["changes"]), result)
        self.assertTrue(result.json["bindings"][0]["works"], result)
        strict = self.plan("--role", ROLE, "--need", OTHER_NEED, "--strict", "--manifests",
                           self.manifests())
        self.assertEqual(3, strict.status, strict)

    def test_rounds(self):
        """No round more: beside GetRole where the ARN is given, else beside the policies."""
        self.account()
        with self.unchecked():
            self.iam.create_policy(PolicyName="p", PolicyDocument=json.dumps(ALL_BUT_PRIVATE))
            self.iam.attach_role_policy(RoleName="shop-api",
                                        PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/p")
        self.proxy.latency = 0.05
        for role in (ROLE, "shop-api"):
            with self.subTest(role=role):
                self.needs(NEED, role=role, expect=0)
                self.assertEqual(4, self.proxy.rounds(), self.proxy.names())

    def test_denied(self):
        """It is said what is not known, and that is all."""
        self.account()
        with self.unchecked():
            few = self.user("few", [{"Effect": "Allow", "Action": "*", "Resource": "*"},
                                    {"Effect": "Deny", "Action": "iam:SimulatePrincipalPolicy",
                                     "Resource": "*"}])
        result = self.needs(NEED, expect=0, env=self.environment(few))
        self.assertEqual([], result.codes(), result)
        self.assertEqual("iam:SimulatePrincipalPolicy was denied", self.reason(result), result)

    def test_broken(self):
        self.account()
        for fault in (proxy.status(400, "InvalidInput"), proxy.status(500, "PolicyEvaluation"),
                      proxy.html, proxy.reset):
            with self.subTest(fault=fault.__name__):
                self.proxy.rules.clear()
                self.proxy.fault(fault, action="SimulatePrincipalPolicy", times=3)
                result = self.needs(NEED, expect=0)
                self.assertEqual([], result.codes(), result)
                self.assertIn("iam:SimulatePrincipalPolicy", self.reason(result), result)

    def test_actions_with_wildcards_are_not_asked_about(self):
        self.account()
        result = self.needs("s3:Get* arn:aws:s3:::shop/x")
        self.assertNotIn("iam:SimulatePrincipalPolicy", self.proxy.names(), result)
        self.assertIn("did not say", self.reason(result), result)

    def test_no_needs(self):
        self.account()
        result = self.plan("--role", ROLE, "--manifests", self.manifests(), expect=0)
        self.assertNotIn("iam:SimulatePrincipalPolicy", self.proxy.names(), result)
        self.assertEqual("no needed actions are declared", self.reason(result), result)

    def test_the_role_that_the_account_is_annotated_with(self):
        self.account(ALL_BUT_PRIVATE)
        (self.work / "irsa-fix.ini").write_text(
            f'[serviceaccount "shop/api"]\nneeds = {OTHER_NEED}\n')
        result = self.irsa("plan", "--format", "json", "--cluster", CLUSTER, "--manifests",
                           self.manifests())
        self.assertEqual(["IRSA099"], result.codes(), result)

    def test_snapshot(self):
        self.account(ALL_BUT_PRIVATE)
        more = ["--role", ROLE, "--need", NEED, "--need", OTHER_NEED]
        live = self.plan(*more)
        self.irsa("snapshot", "snap", *self.selection(), *more, expect=0)
        again = self.irsa("plan", "--format", "json", "--from", "snap", *self.selection(), *more)
        self.assertIn("IRSA099", again.codes(), again)
        self.assertEqual([(one["code"], one["message"]) for one in live.json["findings"]],
                         [(one["code"], one["message"]) for one in again.json["findings"]], again)
        self.irsa("snapshot", "red", "--redact", *self.selection(), *more, expect=0)
        text = "".join(path.read_text() for path in (self.work / "red").rglob("*.json"))
        self.assertIn("EvalDecision", text)
        for known in (ACCOUNT, "shop-api", "private"):
            self.assertNotIn(known, text)


if __name__ == "__main__":
    harness.main()
