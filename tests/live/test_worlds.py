# SPDX-License-Identifier: Apache-2.0
"""Accounts as they are: many roles and clusters, paths, names with all that IAM allows, providers that differ
little, answers that lag; and random ones, which a run mends and a rollback makes as they were."""
import json
import random
import re

import harness
from harness import ACCOUNT, CLUSTER
from test_bootstrap import POLICY
from test_rollback import Undo

NAME = "a+b=c,d.e@f-g_h"


class Worlds(Undo):
    def test_three_clusters_and_300_roles(self):
        with self.unchecked():
            issuers = {name: self.issuer if name == CLUSTER else self.cluster(name)
                       for name in (CLUSTER, "stage", "dev")}
            for name in (CLUSTER, "stage"):
                self.provider(host=issuers[name])
            for number, issuer in enumerate(list(issuers.values()) * 100):
                self.role(f"r-{number}", self.trust(f"ns-{number % 7}", f"sa-{number}", issuer=issuer),
                          policies=False, Path=("/", "/team/x/")[number % 2])
        for name in issuers:
            plan = self.irsa("plan", "--format", "json", "--cluster", name, "--no-kubernetes")
            self.assertEqual(100, len(plan.json["bindings"]), plan)
            self.assertEqual([("create", "oidc-provider")] if name == "dev" else [], plan.changes(), plan)
            self.assertLessEqual(len(self.proxy.calls), 10, self.proxy.names())
        which = self.irsa("plan", expect=1)
        self.assertIn("dev, prod and stage", which.err, which)

    def test_providers_that_differ_little(self):
        """The right one is there too: nothing to do, and nobody's provider is in the way."""
        for change in (str.lower, str.upper, lambda issuer: issuer + "/"):
            self.setUp()
            with self.unchecked():
                self.provider(host=change(self.issuer))
                self.provider()
                self.role()
            plan = self.plan("--manifests", self.manifests(), "--allow", "delete", expect=0)
            self.assertEqual(([], []), (plan.codes(), plan.json["changes"]), plan)

    def test_a_path_that_the_annotation_lacks(self):
        """The annotation names nothing that there is, so nobody loses anything: no --allow is needed."""
        for wish in ((), ("--role", "shop-api"), ("--role", f"arn:aws:iam::{ACCOUNT}:role/team/shop-api")):
            with self.subTest(wish=wish):
                self.setUp()
                with self.unchecked():
                    self.provider()
                    arn = self.role(Path="/team/")
                done = self.apply("--manifests", self.manifests(), *wish, expect=0)
                self.assertEqual(["service-account"], [one["kind"] for one in done.json["changes"]], done)
                self.assertIn(arn, (self.work / "manifests" / "api.yaml").read_text())

    def test_names_that_have_to_be_escaped(self):
        (self.work / f"{NAME}.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/<&>%20\"+ \u00fc/*"}]}))
        with self.unchecked():
            self.provider()
            self.role(NAME, self.trust("shop", "apis"), policies=False, Path="/a+b=c,d.e@f/")
        self.manifests()
        path = self.work / "manifests" / "api.yaml"
        path.write_text(path.read_text().replace("role/shop-api", f"role/a+b=c,d.e@f/{NAME}"))
        options = ["--manifests", "manifests", "--role", NAME, "--policy-file", f"{NAME}.json"]
        before, files = self.state(), self.files()
        done = self.apply(*options, expect=0)
        self.assertEqual({"done"}, {one["result"] for one in done.json["changes"]}, done)
        self.plan(*options, expect=0)
        with self.unchecked():
            written = self.iam.get_role_policy(RoleName=NAME, PolicyName=NAME)["PolicyDocument"]
        self.assertEqual(json.loads((self.work / f"{NAME}.json").read_text()), written)
        self.undone(before, files)

    def test_roles_without_their_trust_policies(self):
        def strip(exchange):
            status, headers, body = exchange.forward()
            exchange.answer(status, headers, re.sub(
                rb"(?s)<AssumeRolePolicyDocument>.*?</AssumeRolePolicyDocument>", b"", body))
        with self.unchecked():
            self.provider()
            self.role()
        for action in ("ListRoles", "GetRole", "GetAccountAuthorizationDetails"):
            self.proxy.fault(strip, action=action)
        for wish in ([], ["--role", "shop-api"], ["--need", "s3:GetObject arn:aws:s3:::shop/x"]):
            plan = self.plan("--manifests", self.manifests(), *wish, expect=3)
            self.assertEqual([None], [one["works"] for one in plan.json["bindings"]], plan)
            self.assertEqual([], plan.json["changes"], plan)

    def test_changed_between_plan_and_write(self):
        with self.unchecked():
            self.provider()
            self.role(trust=self.trust("shop", "apis"))
        theirs = self.trust("shop", "theirs")

        def sooner(exchange):
            with self.unchecked():
                self.iam.update_assume_role_policy(RoleName="shop-api", PolicyDocument=json.dumps(theirs))
            exchange.answer(*exchange.forward())
        self.proxy.fault(sooner, action="GetRole", times=1)
        done = self.apply("--manifests", self.manifests(), expect=2)
        self.assertEqual([], self.written(), done)
        self.assertIn("its trust policy was changed", done.out, done)
        with self.unchecked():
            self.assertEqual(theirs, self.trust_of())

    def test_what_is_read_lags(self):
        """The trust policy of before is still shown for a while: waited for, and written once."""
        with self.unchecked():
            self.provider()
            self.role(trust=self.trust("shop", "apis"))
        before = []

        def lag(exchange):
            before.append(before[0] if before else exchange.forward())
            exchange.answer(*before[0])
        self.proxy.fault(lag, action="GetRole", times=5)
        done = self.apply("--manifests", self.manifests(), expect=0)
        self.assertEqual(["iam:UpdateAssumeRolePolicy"], self.written(), done)
        self.assertGreaterEqual(self.proxy.names().count("iam:GetRole"), 6, done)

    def test_what_is_listed_lags(self):
        """The new provider is there, and the lists do not have it yet: they are read again."""
        with self.unchecked():
            self.role()

        def without_it(exchange):
            status, headers, body = exchange.forward()
            exchange.answer(status, headers, re.sub(rb"(?s)<member>.*</member>", b"", body))
        self.proxy.fault(without_it, action="ListOpenIDConnectProviders", times=3)
        done = self.apply("--manifests", self.manifests(), expect=0)
        self.assertEqual(1, done.json["applied"]["verified"], done)
        self.assertIn("waiting for IAM", done.err, done)

    # --- random ones -----------------------------------------------------------------------------

    def random_trust(self, chance, account):
        """None: there is no role."""
        subject = f"system:serviceaccount:shop:{account}"
        issuer = self.issuer
        right = self.trust(account=account)
        kind = chance.randrange(9)
        if kind == 0:
            return None
        if kind in (1, 2):
            return right
        if kind == 3:
            return self.trust(sub=chance.choice([subject + "s", subject.upper(), f" {subject}", "system:*"]))
        if kind == 4:
            return self.trust(account=account, federated=chance.choice([
                issuer, f"arn:aws:iam::{ACCOUNT}:oidc-provider/https://{issuer}",
                f"arn:aws:iam::222222222222:oidc-provider/{issuer}"]))
        if kind == 5:
            return self.trust(account=account, action=chance.choice(["sts:AssumeRole", "sts:AssumeRoleWithSAML"]))
        if kind == 6:
            return self.trust(account=account, aud=chance.choice(["sts", "sts.amazonaws.com.cn"]))
        if kind == 7:
            right["Statement"].insert(0, {"Sid": "Old", **self.trust(account="other")["Statement"][0]})
            right["Statement"][1]["Condition"]["StringEquals"].pop(f"{issuer}:aud")
            return right
        return self.trust(condition={"StringLike": {f"{issuer}:sub": [
            chance.choice(["system:serviceaccount:shop:*", "system:serviceaccount:s*:x", subject])]}})

    def random_world(self, chance):
        accounts = ["api", "web", "job"][:chance.randint(1, 3)]
        with self.unchecked():
            chance.choice([lambda: None, self.provider, lambda: self.provider(clients=("other",)),
                           lambda: self.provider(host=self.issuer.lower())])()
            for account in accounts:
                trust = self.random_trust(chance, account)
                if trust:
                    self.role(f"shop-{account}", trust, policies=chance.random() < 0.5,
                              Path=chance.choice(["/", "/team/"]))
        for account in accounts:
            self.manifests(chance.choice([f"shop-{account}", f"shop-{account}", None]), account=account)
        lines = [f'[serviceaccount "shop/{account}"]\nrole = shop-{account}\npolicy-file = bucket.json\n'
                 for account in accounts]
        (self.work / "irsa-fix.ini").write_text("".join(lines))
        (self.work / "bucket.json").write_text(json.dumps(POLICY))
        return ["--cluster", CLUSTER, "-n", "shop", "--manifests", "manifests"]

    def test_random(self):
        for seed in range(25):
            with self.subTest(seed=seed):
                self.setUp()
                options = self.random_world(random.Random(seed))
                before, files = self.state(), self.files()
                plan = self.irsa("plan", "--format", "json", *options)
                self.assertIn(plan.status, (0, 2, 3), plan)
                done = self.irsa("apply", "--yes", "--format", "json", *options)
                self.assertIn(done.status, (0, 3), done)
                again = self.irsa("plan", "--format", "json", *options)
                self.assertEqual([], again.changes(), again)
                if done.status == 0:
                    self.assertEqual({True}, {one["works"] for one in again.json["bindings"]}, again)
                if plan.changes():
                    self.undone(before, files)
                else:
                    self.assertEqual((before, files), (self.state(), self.files()), done)


if __name__ == "__main__":
    harness.main()
