# SPDX-License-Identifier: Apache-2.0
"""From an empty account to a service account that gets its credentials, as STS (moto_more) sees it."""
import json

import botocore.exceptions
from botocore import UNSIGNED
from botocore.config import Config
import boto3

import harness
import proxy
from harness import ACCOUNT, CLUSTER, REGION
from tokens import token

POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}]}
WRITES = ["CreateOpenIDConnectProvider", "CreateRole", "PutRolePolicy"]


class Bootstrap(harness.LiveTest):
    def setUp(self):
        super().setUp()
        (self.work / "bucket.json").write_text(json.dumps(POLICY))

    def bootstrap(self, *arguments, **named):
        return self.irsa("bootstrap", "--format", "json", "--cluster", CLUSTER, "-n", "shop",
                         "-s", "api", "--role", "shop-api", "--policy-file", "bucket.json",
                         *arguments, **named)

    def assume(self, subject="system:serviceaccount:shop:api", audience="sts.amazonaws.com"):
        sts = boto3.client("sts", REGION, endpoint_url=self.moto.url,
                           config=Config(signature_version=UNSIGNED))
        return sts.assume_role_with_web_identity(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/shop-api", RoleSessionName="a-pod",
            WebIdentityToken=token(self.issuer, subject, audience))["AssumedRoleUser"]["Arn"]

    def works(self):
        self.assertEqual(f"arn:aws:sts::{ACCOUNT}:assumed-role/shop-api/a-pod", self.assume())
        for wrong in ({"subject": "system:serviceaccount:shop:web"},
                      {"subject": "system:serviceaccount:shops:api"}, {"audience": "other"}):
            with self.assertRaises(botocore.exceptions.ClientError):
                self.assume(**wrong)
        with self.unchecked():
            self.assertEqual(POLICY, self.iam.get_role_policy(
                RoleName="shop-api", PolicyName="bucket")["PolicyDocument"])
        again = self.plan("--manifests", self.manifests(), "--policy-file", "bucket.json", expect=0)
        self.assertEqual(([], []), (again.json["changes"], again.codes()), again)

    def written(self):
        return [call.action for call in self.proxy.calls if call.writes]

    def test_from_nothing(self):
        dry = self.bootstrap(expect=2)
        self.assertEqual([], self.written(), dry)
        done = self.bootstrap("--yes")
        self.assertIn(done.status, (0, 3), done)  # 3: Kubernetes was not asked for the account
        self.assertEqual(WRITES, [name for name in self.written() if not name.startswith("Tag")],
                         done)
        self.works()
        again = self.bootstrap("--yes")
        self.assertIn(again.status, (0, 3), again)
        self.assertEqual([], self.written(), again)

    def test_with_manifests_nothing_is_left(self):
        done = self.bootstrap("--yes", "--manifests", self.manifests(), expect=0)
        self.assertEqual({"done"}, {change["result"] for change in done.json["changes"]}, done)
        self.works()

    def test_managed_policy_and_settings(self):
        with self.unchecked():
            arn = self.iam.create_policy(PolicyName="more", PolicyDocument=json.dumps(POLICY))[
                "Policy"]["Arn"]
        self.bootstrap("--yes", "--policy-arn", arn, "--manifests", self.manifests(), expect=0)
        with self.unchecked():
            attached = self.iam.list_attached_role_policies(RoleName="shop-api")
        self.assertEqual([arn], [one["PolicyArn"] for one in attached["AttachedPolicies"]])
        self.works()

    def test_tags(self):
        """What people approve is what is written."""
        (self.work / "irsa-fix.ini").write_text("[defaults]\ntags = team=web\n")
        dry = self.bootstrap("--manifests", self.manifests(), expect=2)
        planned = {change["kind"]: change for change in dry.json["changes"]}
        self.bootstrap("--yes", "--manifests", self.manifests(), expect=0)
        with self.unchecked():
            role = self.iam.list_role_tags(RoleName="shop-api")["Tags"]
            provider = self.iam.list_open_id_connect_provider_tags(
                OpenIDConnectProviderArn=self.provider_arn)["Tags"]
        for kind, tags in (("role", role), ("oidc-provider", provider)):
            self.assertIn({"Key": "irsa-fix:cluster", "Value": CLUSTER}, tags)
            self.assertIn({"Key": "team", "Value": "web"}, tags)
            self.assertEqual(sorted(planned[kind]["after"]["Tags"], key=str), sorted(tags, key=str))
            self.assertIn("irsa-fix:cluster", planned[kind]["diff"])

    def test_answers_of_writes_are_lost(self):
        """Carried out, but nobody heard: found out by reading again, never done twice."""
        for action in WRITES:
            with self.subTest(action=action):
                self.setUp()
                self.proxy.fault(proxy.lost_answer, action=action, times=1)
                self.bootstrap("--yes", "--manifests", self.manifests(), expect=0,
                               env=self.environment(AWS_MAX_ATTEMPTS="3"))
                self.works()

    def test_somebody_else_was_quicker(self):
        """The provider, the same as is wanted, appears between plan and write."""
        def sooner(exchange):
            with self.unchecked():
                self.provider()
            exchange.answer(*exchange.forward())
        self.proxy.fault(sooner, action="CreateOpenIDConnectProvider", times=1)
        self.bootstrap("--yes", "--manifests", self.manifests(), expect=0)
        self.works()

    def test_a_role_that_is_not_there_yet(self):
        """IAM is eventually consistent: what was just made is not found for a while."""
        self.proxy.fault(proxy.not_found, action="PutRolePolicy", times=2)
        done = self.bootstrap("--yes", "--manifests", self.manifests(), expect=0)
        self.assertEqual(3, self.written().count("PutRolePolicy"), done)
        self.works()


if __name__ == "__main__":
    harness.main()
