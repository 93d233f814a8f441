# SPDX-License-Identifier: Apache-2.0
"""What `snapshot DIR` writes is the world as it was read: a plan over it is the live plan."""
import json
import re

import harness
import scenes
from harness import ACCOUNT, CLUSTER

# Patterns are taken apart into names, which then do not match as they did.
PATTERNS = ("healthy_pattern", "subject_pattern_that_does_not_match", "healthy_arrays")


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
        """Of each scene; and with names replaced, but for these."""
        for name, scene in scenes.SCENES:
            with self.subTest(scene=name):
                self.setUp()
                with self.unchecked():
                    scene.make(self)
                more = scene.more if "--role" in scene.more else ("--role", "shop-api", *scene.more)
                options = [*self.selection(), *more]
                live = self.irsa("plan", "--format", "json", *options)
                self.irsa("snapshot", "snap", *options, expect=0)
                self.proxy.calls.clear()
                again = self.irsa("plan", "--format", "json", "--from", "snap", *options)
                self.assertEqual([], self.proxy.calls)
                self.assertEqual((live.status, without_sources(live.json)),
                                 (again.status, without_sources(again.json)), again)
                self.redacted(name)

    def redacted(self, name):
        """Of everything, since nobody knows the names."""
        live = self.irsa("plan", "--format", "json", "--cluster", CLUSTER)
        self.irsa("snapshot", "redacted", "--redact", "--cluster", CLUSTER, expect=0)
        again = self.irsa("plan", "--format", "json", "--from", "redacted")
        self.nothing_of("redacted", ACCOUNT, self.issuer.split("/")[-1], "shop", "bucket", "AKIA")
        if name not in PATTERNS:
            self.assertEqual((live.status, live.codes(), live.changes()),
                             (again.status, again.codes(), again.changes()), again)

    def nothing_of(self, folder, *words):
        """In names of files and in files, in any case."""
        for path in (self.work / folder).rglob("*"):
            text = str(path.relative_to(self.work / folder)).lower()
            text += path.read_text().lower() if path.is_file() else ""
            for word in words:
                self.assertNotIn(word.lower(), text, path)

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

    def test_redact_leaves_nothing(self):
        """All that a name, an id, an address or a tag of somebody's can stand in."""
        with self.unchecked():
            self.owned_by("quasar")
            cluster = self.eks.describe_cluster(name=CLUSTER)["cluster"]
        for options in ([], [*self.selection()[2:], "--role", "shop-api"]):
            with self.subTest(options=options):
                folder = f"snap-{len(options)}"
                live = self.irsa("plan", "--format", "json", "--cluster", CLUSTER, *options)
                self.irsa("snapshot", folder, "--redact", "--cluster", CLUSTER, *options, expect=0)
                self.nothing_of(folder, "quasar", ACCOUNT, "444444444444", self.issuer.split("/")[-1], "shop",
                                self.keys[0], "198.51.100", "2001:db8", cluster["endpoint"], "subnet-1",
                                "eks-cluster", "admin", CLUSTER)
                again = self.irsa("plan", "--format", "json", "--from", folder)
                self.assertEqual((live.status, live.changes()), (again.status, again.changes()), again)
                self.assertEqual(live.codes() if not options else None, again.codes() if not options else None)

    def owned_by(self, word):
        """Everything is called that, and tagged, and about it."""
        other = f"token.{word}.example/{word}"

        def document(*statements):
            return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        self.provider()
        self.iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=self.provider_arn,
                                              Tags=[{"Key": f"{word}-owner", "Value": word}])
        self.provider(host=f"oidc.{word}.example/{word}", clients=(word, "sts.amazonaws.com"))
        trust = self.trust()
        trust["Statement"] += [
            {"Sid": f"{word}Trust", "Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"AWS": [f"arn:aws:iam::444444444444:role/{word}", f"AIDA{word.upper()}{word.upper()}"]},
             "Condition": {"StringEquals": {"sts:ExternalId": f"{word}-id"},
                           "StringLike": {"aws:PrincipalOrgID": f"o-{word}"}}},
            {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
             "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{other}"},
             "Condition": {"StringLike": {f"{other}:sub": f"repo:{word}/{word}:*"}}}]
        bound = self.iam.create_policy(PolicyName=f"{word}-bound", PolicyDocument=document(
            {"Effect": "Allow", "Action": "*", "Resource": "*"}))["Policy"]["Arn"]
        self.role(trust=trust, Path=f"/{word}/", Description=f"of {word}", PermissionsBoundary=bound,
                  Tags=[{"Key": word, "Value": word}])
        self.iam.put_role_policy(RoleName="shop-api", PolicyName=word, PolicyDocument=document({
            "Sid": word, "Effect": "Allow", "Action": ["s3:GetObject", "dynamodb:Query"],
            "Resource": [f"arn:aws:s3:::{word}/${{aws:PrincipalTag/{word}}}/*",
                         f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{word}"],
            "Condition": {"StringEquals": {f"aws:PrincipalTag/{word}": word, "aws:SourceVpce": f"vpce-{word}"},
                          "IpAddress": {"aws:SourceIp": ["198.51.100.0/24", "2001:db8::7/128"]},
                          "Bool": {"aws:SecureTransport": "true"}}}))
        self.iam.attach_role_policy(RoleName="shop-api", PolicyArn=self.iam.create_policy(
            PolicyName=f"{word}-policy", Path=f"/{word}/", Description=word, PolicyDocument=document(
                {"Effect": "Allow", "Action": "sqs:*", "NotResource": f"arn:aws:sqs:*:{ACCOUNT}:{word}"}))[
                    "Policy"]["Arn"])
        self.role(f"{word}-other", self.trust(word, word))
        self.eks.create_pod_identity_association(
            clusterName=CLUSTER, namespace=word, serviceAccount=word,
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/{word}-other", tags={word: word})

    def test_redact_words_of_the_formats(self):
        """Who is called as fields, keys and variables are takes nothing of those away."""
        names = ["sub", "aud", "name", "metadata", "spec", "cluster", "Role", "Statement", "username", "identity",
                 "StringEquals", "SourceIp", "role-arn"]
        with self.unchecked():
            self.provider()
            for name in names:
                self.role(name, self.trust(name.lower(), name.lower()))
        live = self.irsa("plan", "--format", "json", "--cluster", CLUSTER)
        self.irsa("snapshot", "snap", "--redact", "--cluster", CLUSTER, expect=0)
        again = self.irsa("plan", "--format", "json", "--from", "snap")
        self.assertEqual((live.status, live.codes(), len(live.json["bindings"])),
                         (again.status, again.codes(), len(again.json["bindings"])), again)
        self.assertEqual([one["works"] for one in live.json["bindings"]],
                         [one["works"] for one in again.json["bindings"]])


if __name__ == "__main__":
    harness.main()
