# SPDX-License-Identifier: Apache-2.0
"""Roles of another account than the cluster's."""
import json

import harness
from test_rollback import Undo
from harness import ACCOUNT, CLUSTER, OTHER_ACCOUNT, REGION


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

    def test_with_the_printed_permissions(self):
        """Each of the two may only what is printed for it; that the other's is another is said."""
        config = f'[account "{OTHER_ACCOUNT}"]\nrole-arn = {self.remote}\n'
        (self.work / "irsa-fix.ini").write_text(config)
        role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/shop-api"
        wish = [*self.selection(), "--role", role, *self.options]
        here = self.irsa("permissions", "apply", *wish, "--region", REGION, expect=0)
        self.assertIn(f"what {self.remote} needs in account {OTHER_ACCOUNT} is not in it", here.err, here)
        there = self.irsa("permissions", "apply", *wish, "--region", REGION, "--no-config", expect=0)
        self.assertEqual("", there.err, there)
        with self.unchecked():
            keys = self.user("few", here.json["Statement"])
            self.there.put_role_policy(RoleName="remote-admin", PolicyName="all", PolicyDocument=there.out)
        done = self.irsa("apply", "--yes", *wish, env=self.environment(keys), expect=0)
        self.assertEqual("", done.err, done)
        self.plan(*self.options, expect=0)

    def test_without_access(self):
        """Both ways out are said, and nothing is planned."""
        plan = self.plan(*self.options)
        self.assertEqual(3, plan.status, plan)
        self.assertEqual([], plan.json["changes"], plan)
        self.assertIn("--account-profile", plan.out)
        self.assertIn("chain", plan.out)


class BothAccounts(Undo):
    """One run mends both accounts, and one takes it back in both."""

    def setUp(self):
        super().setUp()
        with self.unchecked():
            self.there = self.other_account()
            self.role()
            provider = f"arn:aws:iam::{OTHER_ACCOUNT}:oidc-provider/{self.issuer}"
            self.there.create_role(RoleName="shop-web", AssumeRolePolicyDocument=json.dumps(
                self.trust(account="webs", federated=provider)))
        self.manifests()
        self.manifests("shop-web", account="web")
        path = self.work / "manifests" / "web.yaml"
        path.write_text(path.read_text().replace(ACCOUNT, OTHER_ACCOUNT))
        self.aws_file("config", "[profile remote]\ncredential_source = Environment\n"
                                f"role_arn = arn:aws:iam::{OTHER_ACCOUNT}:role/remote-admin\n")
        self.profile = ["--account-profile", f"{OTHER_ACCOUNT}=remote"]

    def state(self):
        home, own = self.iam, super().state()
        self.iam = self.there
        try:
            return {ACCOUNT: own, OTHER_ACCOUNT: super().state()}
        finally:
            self.iam = home

    def mend(self, *arguments):
        before, files = self.state(), self.files()
        done = self.irsa("apply", "--yes", "--format", "json", "--cluster", CLUSTER, "-n", "shop", "-s", "api",
                         "-s", "web", "--manifests", "manifests", *arguments, expect=0)
        changed = {change["target"].split(":")[4] for change in done.json["changes"]}
        self.assertEqual({ACCOUNT, OTHER_ACCOUNT}, changed, done)
        self.assertEqual([True, True], [one["works"] for one in done.json["recheck"]["bindings"]], done)
        return before, files

    def test_by_the_profile_of_then(self):
        before, files = self.mend(*self.profile)
        self.undone(before, files)

    def test_by_another_way_in(self):
        """What the run took is gone; the command line says how it is reached by now."""
        before, files = self.mend(*self.profile)
        path = self.home / ".aws" / "config"
        path.write_text(path.read_text().replace("remote]", "other]"))
        state = self.state()
        lost = self.rollback("--yes", "--allow", "delete")
        self.assertNotEqual(0, lost.status, lost)
        self.assertIn("remote", lost.err + lost.out, lost)
        self.assertEqual(state[OTHER_ACCOUNT], self.state()[OTHER_ACCOUNT], lost)
        self.rollback("--yes", "--allow", "delete", "--account-profile", f"{OTHER_ACCOUNT}=other", expect=0)
        self.assertEqual((before, files), (self.state(), self.files()))

    def test_by_configuration(self):
        (self.work / "irsa-fix.ini").write_text(f'[account "{OTHER_ACCOUNT}"]\nprofile = remote\n')
        before, files = self.mend()
        self.undone(before, files)


if __name__ == "__main__":
    harness.main()
