# SPDX-License-Identifier: Apache-2.0
"""moto_more, the proxy and the small servers themselves, with boto3 and urllib as the client."""
import json
import urllib.error
import urllib.request

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

import harness
import proxy
import servers
from harness import ACCOUNT, CLUSTER, REGION
from tokens import token

KEYS = ("ASIAPLANTED", "planted-secret-ALPHA", "planted-token-BRAVO")


class Selftest(harness.LiveTest):
    def through(self, service, keys=None, unsigned=False):
        """A client of the proxy."""
        keys = keys or self.keys
        config = Config(retries={"total_max_attempts": 1}, read_timeout=5)
        if unsigned:
            config = config.merge(Config(signature_version=UNSIGNED))
        return boto3.session.Session(keys[0], keys[1], keys[2], region_name=REGION).client(
            service, endpoint_url=self.proxy.url, config=config)

    def refused(self, code, call, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        self.assertEqual(code, caught.exception.response["Error"]["Code"])
        return caught.exception.response

    def test_signatures_and_permissions_are_checked(self):
        self.assertEqual(f"arn:aws:iam::{ACCOUNT}:user/admin",
                         self.through("sts").get_caller_identity()["Arn"])
        wrong = (self.keys[0], "wrong" * 8, None)
        self.refused("SignatureDoesNotMatch", self.through("iam", wrong).list_roles)
        self.refused("InvalidClientTokenId",
                     self.through("iam", ("AKIAAAAAAAAAAAAAAAAA", "x", None)).list_roles)
        with self.unchecked():
            self.role("mine")
            self.role("other")
            arn = f"arn:aws:iam::{ACCOUNT}:role/mine"
            few = self.user("few", [
                {"Effect": "Allow", "Action": ["iam:GetRole", "iam:CreateRole"], "Resource": arn},
                {"Effect": "Allow", "Action": "eks:DescribeCluster",
                 "Resource": f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/{CLUSTER}"}])
        iam = self.through("iam", few)
        self.assertEqual(arn, iam.get_role(RoleName="mine")["Role"]["Arn"])
        self.refused("AccessDenied", iam.get_role, RoleName="other")
        self.refused("AccessDenied", iam.list_roles)
        eks = self.through("eks", few)
        self.assertEqual("https://" + self.issuer,
                         eks.describe_cluster(name=CLUSTER)["cluster"]["identity"]["oidc"]["issuer"])
        self.refused("AccessDeniedException", eks.list_clusters)

    def test_what_moto_lacks(self):
        iam, eks = self.through("iam"), self.through("eks")
        arn = self.through("iam").create_open_id_connect_provider(
            Url="https://" + self.issuer)["OpenIDConnectProviderArn"]
        for _ in range(2):
            iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn,
                                                          ClientID="sts.amazonaws.com")
        self.assertEqual(["sts.amazonaws.com"], iam.get_open_id_connect_provider(
            OpenIDConnectProviderArn=arn)["ClientIDList"])
        for _ in range(2):
            iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn,
                                                               ClientID="sts.amazonaws.com")
        self.assertEqual([], iam.get_open_id_connect_provider(
            OpenIDConnectProviderArn=arn).get("ClientIDList", []))
        self.refused("NoSuchEntity", iam.add_client_id_to_open_id_connect_provider,
                     OpenIDConnectProviderArn=arn + "x", ClientID="y")
        with self.unchecked():
            role = self.role()
        results = iam.simulate_principal_policy(
            PolicySourceArn=role, ActionNames=["s3:GetObject", "s3:PutObject"],
            ResourceArns=["arn:aws:s3:::shop/x"])["EvaluationResults"]
        self.assertEqual([("s3:GetObject", "allowed"), ("s3:PutObject", "implicitDeny")],
                         [(one["EvalActionName"], one["EvalDecision"]) for one in results])
        self.assertEqual([], eks.list_pod_identity_associations(clusterName=CLUSTER)["associations"])
        made = eks.create_pod_identity_association(
            clusterName=CLUSTER, namespace="shop", serviceAccount="api", roleArn=role)
        listed = eks.list_pod_identity_associations(clusterName=CLUSTER, namespace="shop",
                                                    serviceAccount="api")["associations"]
        self.assertEqual([made["association"]["associationId"]],
                         [one["associationId"] for one in listed])
        self.assertEqual(role, eks.describe_pod_identity_association(
            clusterName=CLUSTER, associationId=listed[0]["associationId"])["association"]["roleArn"])
        self.refused("ResourceNotFoundException", eks.list_pod_identity_associations,
                     clusterName="none")

    def test_web_identity_is_checked(self):
        sts = self.through("sts", unsigned=True)
        right = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/shop-api", "RoleSessionName": "session",
                 "WebIdentityToken": token(self.issuer, "system:serviceaccount:shop:api")}
        self.refused("InvalidIdentityToken", sts.assume_role_with_web_identity, **right)
        with self.unchecked():
            self.provider()
            self.role()
        self.assertIn("Credentials", sts.assume_role_with_web_identity(**right))
        wrong = token(self.issuer, "system:serviceaccount:shop:other")
        answer = self.refused("AccessDenied", sts.assume_role_with_web_identity,
                              **{**right, "WebIdentityToken": wrong})
        self.assertEqual(403, answer["ResponseMetadata"]["HTTPStatusCode"])
        wrong = token(self.issuer, "system:serviceaccount:shop:api", "x")
        self.refused("InvalidIdentityToken", sts.assume_role_with_web_identity,
                     **{**right, "WebIdentityToken": wrong})

    def test_a_cluster_made_anew_has_another_issuer(self):
        with self.unchecked():
            self.eks.delete_cluster(name=CLUSTER)
            self.assertNotEqual(self.issuer, self.cluster(CLUSTER))
        self.assertRegex(self.issuer, rf"^oidc\.eks\.{REGION}\.amazonaws\.com/id/[0-9A-F]{{32}}$")

    def test_the_proxy_records(self):
        self.proxy.latency = 0.02
        iam = self.through("iam")
        iam.list_roles()
        self.through("eks").describe_cluster(name=CLUSTER)
        self.assertEqual(["iam:ListRoles", "eks:DescribeCluster"], self.proxy.names())
        self.assertEqual(2, self.proxy.rounds())
        self.assertEqual([200, 200], [call.status for call in self.proxy.calls])

    def test_the_proxys_faults(self):
        iam, eks = self.through("iam"), self.through("eks")
        for fault in proxy.FAULTS:
            for call in (iam.list_roles, lambda: eks.describe_cluster(name=CLUSTER)):
                with self.subTest(fault=fault.__name__):
                    self.proxy.reset()
                    self.proxy.fault(fault, at=1)
                    if fault is proxy.invalid_utf8 and call != iam.list_roles:
                        continue  # botocore's JSON decoder takes anything
                    with self.assertRaises((BotoCoreError, ClientError, ResponseParserError,
                                            ValueError, RecursionError, AttributeError)):
                        answer = call()
                        if "Roles" not in answer and "cluster" not in answer:
                            raise ValueError("no answer")
        self.proxy.reset()
        self.proxy.fault(proxy.lost_answer, action="CreateRole", times=1)
        with self.assertRaises(BotoCoreError):
            iam.create_role(RoleName="lost", AssumeRolePolicyDocument=json.dumps(self.trust()))
        self.assertEqual("lost", iam.get_role(RoleName="lost")["Role"]["RoleName"])


class Servers(harness.unittest.TestCase):
    def get(self, url, method="GET", body=None, **headers):
        request = urllib.request.Request(
            url, body, {name.replace("_", "-"): value for name, value in headers.items()},
            method=method)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def serve(self, server):
        self.addCleanup(server.stop)
        return server

    def test_imds(self):
        imds = self.serve(servers.Imds(KEYS))
        where = imds.url + "/latest/meta-data/iam/security-credentials/"
        self.assertEqual(401, self.get(where)[0])
        token_ = self.get(imds.url + "/latest/api/token", "PUT",
                          X_aws_ec2_metadata_token_ttl_seconds="60")[1]
        self.assertEqual((200, "node-role"), self.get(where, X_aws_ec2_metadata_token=token_))
        found = json.loads(self.get(where + "node-role", X_aws_ec2_metadata_token=token_)[1])
        self.assertEqual(KEYS[0], found["AccessKeyId"])

    def test_container(self):
        container = self.serve(servers.Container(KEYS, authorization="Bearer x"))
        self.assertEqual(401, self.get(container.url + container.path)[0])
        self.assertEqual(200, self.get(container.url + container.path, Authorization="Bearer x")[0])

    def test_sso_with_boto3(self):
        sso = self.serve(servers.Sso(KEYS))
        config = Config(signature_version=UNSIGNED)
        portal = boto3.client("sso", REGION, endpoint_url=sso.url, config=config)
        found = portal.get_role_credentials(accountId=ACCOUNT, roleName="Admin",
                                            accessToken=sso.ACCESS)["roleCredentials"]
        self.assertEqual(KEYS[1], found["secretAccessKey"])
        with self.assertRaises(ClientError) as caught:
            portal.get_role_credentials(accountId=ACCOUNT, roleName="Admin", accessToken="old")
        self.assertEqual("UnauthorizedException", caught.exception.response["Error"]["Code"])
        oidc = boto3.client("sso-oidc", REGION, endpoint_url=sso.url, config=config)
        self.assertEqual(sso.FRESH, oidc.create_token(
            clientId="c", clientSecret=sso.CLIENT_SECRET, grantType="refresh_token",
            refreshToken=sso.REFRESH)["accessToken"])


if __name__ == "__main__":
    harness.main()
