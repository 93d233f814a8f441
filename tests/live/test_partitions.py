# SPDX-License-Identifier: Apache-2.0
"""China and GovCloud: other ARNs, issuers and STS names, the same audience
(https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html; in China the webhook asks
for sts.amazonaws.com too)."""
import json

import harness
from harness import ACCOUNT, CLUSTER

PARTITIONS = (("aws-cn", "cn-north-1", "amazonaws.com.cn"),
              ("aws-us-gov", "us-gov-west-1", "amazonaws.com"))
POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


class Partitions(harness.LiveTest):
    def prepared(self, region):
        """A cluster there, an empty account, and its administrator."""
        self.setUp()
        with self.unchecked():
            self.iam = harness.client(self.moto, "iam", region)
            self.eks = harness.client(self.moto, "eks", region)
            self.sts = harness.client(self.moto, "sts", region)
            self.keys = self.user("admin-there", [{"Effect": "Allow", "Action": "*", "Resource": "*"}])
            self.issuer = self.cluster(CLUSTER)
        (self.work / "policy.json").write_text(json.dumps(POLICY))
        return self.environment(AWS_REGION=region)

    def files(self, partition):
        folder = self.manifests()
        path = self.work / "manifests" / "api.yaml"
        path.write_text(path.read_text().replace("arn:aws:", f"arn:{partition}:"))
        return folder

    def test_from_nothing(self):
        for partition, region, domain in PARTITIONS:
            with self.subTest(partition=partition):
                env = self.prepared(region)
                files = ["--manifests", self.files(partition)]
                wish = [*self.selection(), "--role", "shop-api", "--policy-file", "policy.json"]
                done = self.irsa("bootstrap", "--yes", "--format", "json", *wish, *files, env=env)
                self.assertEqual(0, done.status, done)
                self.assertEqual((partition, region), tuple(
                    done.json["cluster"][key] for key in ("partition", "region")), done)
                self.assertTrue(self.issuer.startswith(f"oidc.eks.{region}.{domain}/id/"), self.issuer)
                for call in self.proxy.calls:
                    self.assertIn(call.status, (200, 404), call)
                provider = f"arn:{partition}:iam::{ACCOUNT}:oidc-provider/{self.issuer}"
                with self.unchecked():
                    there = self.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider)
                    statement = self.trust_of()["Statement"][0]
                self.assertEqual(["sts.amazonaws.com"], there["ClientIDList"])
                self.assertEqual({"Federated": provider}, statement["Principal"])
                self.assertEqual("sts.amazonaws.com",
                                 statement["Condition"]["StringEquals"][f"{self.issuer}:aud"])
                again = self.irsa("plan", "--format", "json", *wish, *files, env=env, expect=0)
                self.assertEqual(([], [True]), (again.json["changes"], [
                    one["works"] for one in again.json["bindings"]]), again)

    def test_permissions(self):
        for partition, region, _ in PARTITIONS:
            with self.subTest(partition=partition):
                env = self.prepared(region)
                options = [*self.selection(), "--region", region, "--role", "shop-api", "--policy-file",
                           "policy.json", "--manifests", self.files(partition)]
                policy = json.loads(self.irsa("permissions", "bootstrap", *options, expect=0).out)
                with self.unchecked():
                    keys = self.user("few", policy["Statement"])
                self.assertNotIn("arn:aws:", json.dumps(policy))
                done = self.irsa("bootstrap", "--yes", *options,
                                 env={**env, **self.environment(keys, AWS_REGION=region)})
                self.assertEqual(0, done.status, done)

    def test_trust_of_another_partition(self):
        """The policy was copied from the other partition."""
        for partition, region, _ in PARTITIONS:
            with self.subTest(partition=partition):
                env = self.prepared(region)
                with self.unchecked():
                    self.provider()
                    self.role()
                options = [*self.selection(), "--manifests", self.files(partition)]
                done = self.irsa("apply", "--yes", "--format", "json", *options, env=env)
                self.assertEqual(0, done.status, done)
                with self.unchecked():
                    self.assertIn(f"arn:{partition}:iam", json.dumps(self.trust_of()["Statement"]))


if __name__ == "__main__":
    harness.main()
