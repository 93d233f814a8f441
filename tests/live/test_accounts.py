# SPDX-License-Identifier: Apache-2.0
"""Roles of another account than the cluster's."""
import json

import harness
from harness import ACCOUNT, OTHER_ACCOUNT


class OtherAccounts(harness.LiveTest):
    """A role of another account, reached by a profile or by a role; or not at all."""

    def setUp(self):
        super().setUp()
        with self.unchecked():
            self.there = self.other_account()
            arn = f"arn:aws:iam::{OTHER_ACCOUNT}:oidc-provider/{self.issuer}"
            self.there.create_role(RoleName="shop-api", AssumeRolePolicyDocument=json.dumps(
                self.trust(federated=arn)))
            self.there.put_role_policy(RoleName="shop-api", PolicyName="own",
                                       PolicyDocument=json.dumps({
                                           "Version": "2012-10-17", "Statement": [
                                               {"Effect": "Allow", "Action": "s3:GetObject",
                                                "Resource": "*"}]}))
        folder = self.manifests()
        path = self.work / "manifests" / "api.yaml"
        path.write_text(path.read_text().replace(ACCOUNT, OTHER_ACCOUNT))
        self.options = ["--manifests", folder]
        self.remote = f"arn:aws:iam::{OTHER_ACCOUNT}:role/remote-admin"

    def mended(self, *arguments):
        plan = self.plan(*self.options, *arguments, expect=2)
        self.assertIn(plan.codes(), (["IRSA010"], ["IRSA015"]), plan)
        self.apply(*self.options, *arguments, expect=0)
        again = self.plan(*self.options, *arguments, expect=0)
        self.assertEqual([], again.codes(), again)
        with self.unchecked():
            self.assertEqual(["sts.amazonaws.com"], self.there.get_open_id_connect_provider(
                OpenIDConnectProviderArn=f"arn:aws:iam::{OTHER_ACCOUNT}:oidc-provider/"
                                         f"{self.issuer}")["ClientIDList"])

    def test_by_role(self):
        (self.work / "irsa-fix.ini").write_text(
            f'[account "{OTHER_ACCOUNT}"]\nrole-arn = {self.remote}\n')
        self.mended()

    def test_by_profile(self):
        self.aws_file("config", f"[profile remote]\nrole_arn = {self.remote}\n"
                                "credential_source = Environment\n")
        self.mended("--account-profile", f"{OTHER_ACCOUNT}=remote")

    def test_without_access(self):
        """Both ways out are said, and nothing is planned."""
        plan = self.plan(*self.options)
        self.assertEqual(3, plan.status, plan)
        self.assertEqual([], plan.json["changes"], plan)
        self.assertIn("--account-profile", plan.out)
        self.assertIn("chain", plan.out)


if __name__ == "__main__":
    harness.main()
