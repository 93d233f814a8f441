# SPDX-License-Identifier: Apache-2.0
"""What comes out at full volume: the log of the calls, and no key, token, header or body with one in it."""
import re

import harness
import proxy
from harness import ACCOUNT, CLUSTER, OTHER_ACCOUNT, REGION

LINE = re.compile(r"^irsa-fix: (?:debug: |info: )?(?P<label>(?:sts|iam|eks):\w+)\b.*")


class Output(harness.LiveTest):
    def setUp(self):
        super().setUp()
        with self.unchecked():
            self.provider()
            self.role()
        self.secrets.add("planted-external-id-OSCAR")

    def assumed(self):
        """Keys in files, a role assumed with them: three secrets under way."""
        with self.unchecked():
            self.role("operator", {"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/admin"}}]})
            self.iam.put_role_policy(RoleName="operator", PolicyName="all", PolicyDocument=(
                '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", '
                '"Resource": "*"}]}'))
        self.aws_file("credentials", f"[default]\naws_access_key_id={self.keys[0]}\n"
                                     f"aws_secret_access_key={self.keys[1]}\n")
        self.aws_file("config", f"[profile ops]\nsource_profile=default\n"
                                f"role_arn=arn:aws:iam::{ACCOUNT}:role/operator\n")
        return self.environment(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None,
                                AWS_PROFILE="ops")

    def test_log(self):
        result = self.plan("--manifests", self.manifests(), "--log-http", "--verbose",
                           env=self.assumed(), expect=0)
        self.assertGreaterEqual(len(self.proxy.secrets | self.secrets), 4)
        for call in self.proxy.calls:
            lines = [line for line in result.err.splitlines() if call.name in line
                     and "127.0.0.1" in line and " 200 " in f"{line} "]
            self.assertTrue(lines, f"{call.name}: {result}")
        for word in ("Authorization", "AWS4-HMAC", "Signature=", "X-Amz-Security-Token", "Credential="):
            self.assertNotIn(word.lower(), result.err.lower(), result)

    def test_log_of_faults(self):
        self.proxy.fault(proxy.throttled_400, action="ListRoles", times=1)
        self.proxy.fault(proxy.reset, action="ListOpenIDConnectProviders", times=1)
        result = self.plan("--manifests", self.manifests(), "--log-http",
                           env=self.environment(AWS_MAX_ATTEMPTS="3"), expect=0)
        lines = [line for line in result.err.splitlines() if "iam:ListRoles" in line]
        self.assertEqual(2, len(lines), result)
        self.assertIn("400", lines[0])
        self.assertIn("planted-request-", lines[0])

    def test_saved_plan(self):
        with self.unchecked():
            self.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=self.provider_arn)
        self.plan("--manifests", self.manifests(), "--save", "saved.plan", env=self.assumed(),
                  expect=2)
        self.assertTrue((self.work / "saved.plan").exists())
        shown = self.irsa("show", "saved.plan")
        self.assertEqual(2, shown.status, shown)
        done = self.irsa("apply", "--yes", "saved.plan", env=self.environment())
        self.assertEqual(0, done.status, done)
        self.plan("--manifests", "manifests", expect=0)

    def test_saved_plan_elsewhere(self):
        """It is about the region of then, whichever is set by now; and about that account alone."""
        with self.unchecked():
            self.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=self.provider_arn)
            self.other_account()
            there = self.sts.assume_role(RoleArn=f"arn:aws:iam::{OTHER_ACCOUNT}:role/remote-admin",
                                         RoleSessionName="elsewhere")["Credentials"]
            keys = (there["AccessKeyId"], there["SecretAccessKey"], there["SessionToken"])
            for one in (harness.client(self.moto, "eks", "us-east-1"),
                        harness.client(self.moto, "eks", keys=keys)):
                one.create_cluster(name=CLUSTER, roleArn=f"arn:aws:iam::{ACCOUNT}:role/eks-cluster",
                                   resourcesVpcConfig={"subnetIds": ["subnet-1"]})
        self.plan("--manifests", self.manifests(), "--save", "saved.plan", expect=2)
        moved = self.irsa("apply", "--yes", "saved.plan", env=self.environment(keys), expect=2)
        self.assertIn("caller account has changed", moved.err, moved)
        self.assertFalse([call for call in self.proxy.calls if call.writes], moved)
        refused = self.irsa("apply", "--yes", "saved.plan", env=self.environment(("AKIAGONE", "x" * 40, None)))
        self.assertEqual(4, refused.status, refused)
        done = self.irsa("apply", "--yes", "saved.plan", env=self.environment(AWS_REGION="us-east-1"), expect=0)
        self.assertIn(f"region {REGION}", done.out, done)
        self.plan("--manifests", "manifests", expect=0)

    def test_saved_plan_that_the_world_moved_away_from(self):
        with self.unchecked():
            self.iam.update_assume_role_policy(RoleName="shop-api", PolicyDocument=(
                harness.json.dumps(self.trust("shop", "apis"))))
        self.plan("--manifests", self.manifests(), "--save", "saved.plan", expect=2)
        with self.unchecked():
            self.iam.update_assume_role_policy(RoleName="shop-api", PolicyDocument=(
                harness.json.dumps(self.trust("shop", "web"))))
        done = self.irsa("apply", "--yes", "saved.plan")
        self.assertEqual(2, done.status, done)
        self.assertFalse([call for call in self.proxy.calls if call.writes])

    def test_secrets_in_answers_that_are_wrong(self):
        """A body that cannot be read may hold anything: it is never quoted."""
        self.secrets.add("planted-body-PAPA")

        def leaky(exchange):
            exchange.answer(200, [("Content-Type", "text/xml")],
                            b"<AssumeRoleResponse><AssumeRoleResult><Credentials>"
                            b"<SecretAccessKey>planted-body-PAPA</SecretAccessKey>"
                            b"<SessionToken>planted-body-PAPA</Sess")
        env = self.assumed()
        self.proxy.fault(leaky, action="AssumeRole")
        result = self.plan("--manifests", self.manifests(), "--log-http", "--verbose", env=env)
        self.assertIn(result.status, (1, 4), result)
        self.assertIn("AssumeRole", result.err)

    def test_region_in_the_plan(self):
        result = self.plan("--manifests", self.manifests(), expect=0)
        self.assertEqual((REGION, ACCOUNT, "aws"), tuple(
            result.json["cluster"][part] for part in ("region", "account_id", "partition")))


if __name__ == "__main__":
    harness.main()
