# SPDX-License-Identifier: Apache-2.0
"""`irsa-fix permissions` prints what is needed: enough, and nothing too much.

A user gets exactly the policy that was printed, and moto_more checks action and resource. Then each action
is taken away in turn, and must be missed.
"""
import copy
import json
import re

import harness
import scenes
from harness import ACCOUNT, CLUSTER

SHOP_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/shop"
NEED = "s3:GetObject arn:aws:s3:::shop/x"
# What irsa-fix is as good without: an alias is only shown.
OPTIONAL = {"iam:ListAccountAliases"}
BUCKET = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}]}


def listed(value):
    return value if isinstance(value, list) else [value]


class Permissions(harness.LiveTest):
    def setUp(self):
        super().setUp()
        (self.work / "bucket.json").write_text(json.dumps(BUCKET))

    def printed(self, command, *arguments):
        result = self.irsa("permissions", command, *arguments, expect=0)
        policy = json.loads(result.out)
        self.assertEqual("2012-10-17", policy["Version"], result)
        return policy

    def holder(self, name, policy):
        """A user with exactly that policy. moto knows no conditions of permissions."""
        statements = copy.deepcopy(policy["Statement"])
        for statement in statements:
            statement.pop("Condition", None)
        with self.unchecked():
            return self.user(name, statements)

    def without(self, policy, action):
        policy = copy.deepcopy(policy)
        for statement in policy["Statement"]:
            statement["Action"] = [one for one in listed(statement["Action"]) if one != action]
        policy["Statement"] = [one for one in policy["Statement"] if one["Action"]]
        return policy

    def actions(self, policy):
        return sorted({action for statement in policy["Statement"]
                       for action in listed(statement["Action"])})

    def scoped(self, policy):
        """Nothing that has a resource is allowed on all, and no action is a pattern."""
        wide = {"iam:ListOpenIDConnectProviders", "iam:ListRoles", "eks:ListClusters",
                "iam:ListAccountAliases", "iam:GetAccountAuthorizationDetails",
                "sts:GetCallerIdentity"}
        for statement in policy["Statement"]:
            for action in listed(statement["Action"]):
                self.assertNotIn("*", action)
                if "*" in listed(statement["Resource"]):
                    self.assertIn(action, wide)

    def compare(self, arguments, keys):
        """The same command as administrator and with the few permissions."""
        wanted = self.irsa(*arguments)
        found = self.irsa(*arguments, env=self.environment(keys))
        self.assertEqual((wanted.status, wanted.json), (found.status, found.json), found)
        return wanted

    # --- plan ------------------------------------------------------------------------------------

    def check_plan(self, *options):
        """Sufficient: the same as the administrator sees. Necessary: without each action it is missed."""
        options = [*options, "--manifests", self.manifests()]
        policy = self.printed("plan", *options)
        self.scoped(policy)
        self.assertFalse([action for action in self.actions(policy)
                          if not action.split(":")[1].startswith(
                              ("Get", "List", "Describe", "Simulate"))], policy)
        arguments = ["plan", "--format", "json", *options]
        self.compare(arguments, self.holder("few", policy))
        for number, action in enumerate(self.actions(policy)):
            with self.subTest(without=action):
                keys = self.holder(f"less-{number}", self.without(policy, action))
                less = self.irsa(*arguments, env=self.environment(keys))
                if action in OPTIONAL:
                    less = self.irsa(*arguments, "--verbose", env=self.environment(keys))
                    self.assertIn(action, less.err, less)
                    continue
                self.assertIn(action, less.out + less.err, less)
                if less.out:
                    self.assertIn(action, self.told(less.json), less)

    def told(self, plan):
        return "\n".join([one["reason"] for one in plan["checks"]["skipped"]]
                         + [f"{one['evidence']['observed']} {one['notes']}" for one in plan["findings"]])

    def account(self, boundary=False):
        """Everything that a plan may ask about."""
        with self.unchecked():
            self.provider()
            managed = scenes.managed(self)
            role = self.role(**({"PermissionsBoundary": managed} if boundary else {}))
            self.iam.attach_role_policy(RoleName="shop-api", PolicyArn=managed)
            self.eks.create_pod_identity_association(
                clusterName=CLUSTER, namespace="shop", serviceAccount="api", roleArn=role)

    def test_plan(self):
        self.account()
        self.check_plan(*self.selection(), "--role", "shop-api")

    def test_plan_with_needs(self):
        self.account(boundary=True)
        self.check_plan(*self.selection(), "--role", "shop-api", "--need", NEED)

    def test_plan_with_policy_file(self):
        self.account()
        self.check_plan(*self.selection(), "--role", "shop-api", "--policy-file", "bucket.json")

    def test_plan_of_the_annotated_role(self):
        self.account()
        self.check_plan(*self.selection())
        policy = self.printed("plan", *self.selection(), "--manifests", self.manifests())
        roles = next(one for one in policy["Statement"] if one["Sid"] == "Roles")
        self.assertEqual(f"arn:aws:iam::{ACCOUNT}:role/shop-api", roles["Resource"])

    def test_plan_of_everything(self):
        self.account()
        self.check_plan("--cluster", CLUSTER)

    def test_plan_of_the_only_cluster(self):
        self.account()
        self.check_plan("--region", "eu-west-1")

    def test_plan_of_everything_with_needs(self):
        """The details of the account bring the documents of its own policies, not of AWS's: as if the
        attached one were of those."""
        def without_documents(exchange):
            status, headers, body = exchange.forward()
            exchange.answer(status, headers, re.sub(rb"(?s)<Policies>.*</Policies>", b"<Policies/>",
                                                    body))
        self.account()
        self.proxy.fault(without_documents, action="GetAccountAuthorizationDetails")
        (self.work / "irsa-fix.ini").write_text(f'[serviceaccount "shop/api"]\nneeds = {NEED}\n')
        self.check_plan("--cluster", CLUSTER)

    def test_plan_with_roles_that_the_manifests_name(self):
        """The wish says one role, the annotation another one."""
        self.account()
        with self.unchecked():
            self.role("shop-old", self.trust("shop", "web"))
        options = [*self.selection(), "--role", "shop-api", "--manifests", self.manifests("shop-old")]
        policy = self.printed("plan", *options)
        self.scoped(policy)
        roles = next(one for one in policy["Statement"] if one["Sid"] == "Roles")["Resource"]
        self.assertIn(f"arn:aws:iam::{ACCOUNT}:role/shop-old", roles)
        done = self.compare(["plan", "--format", "json", *options], self.holder("few", policy))
        self.assertIn("IRSA056", done.codes(), done)

    # --- apply and bootstrap ---------------------------------------------------------------------

    def check_writes(self, command, make, *options):
        """Under the policy all is done; {action that was missed when it was taken away}, {all actions}"""
        def prepared():
            self.setUp()
            with self.unchecked():
                make(self)
            return [command, "--yes", "--format", "json", *options, "--manifests", self.manifests()]
        arguments = prepared()
        policy = self.printed(command, *options, "--manifests", self.manifests())
        self.scoped(policy)
        done = self.irsa(*arguments, env=self.environment(self.holder("few", policy)))
        self.assertEqual(0, done.status, done)
        again = self.irsa(*arguments)
        self.assertEqual([], again.json["changes"], again)
        missed = set()
        for action in self.actions(policy):
            arguments = prepared()
            keys = self.holder("less", self.without(policy, action))
            less = self.irsa(*arguments, env=self.environment(keys))
            said = less.out + less.err
            if action in said:
                missed.add(action)
            else:  # it was not needed here
                self.assertEqual(0, less.status, less)
        return missed, set(self.actions(policy))

    def check_all_needed(self, command, cases):
        missed, granted = set(), set()
        for name, make, options in cases:
            with self.subTest(case=name):
                some, all_ = self.check_writes(command, make, *options)
                missed |= some
                granted |= all_
        self.assertEqual([], sorted(granted - missed - OPTIONAL))

    def test_bootstrap(self):
        wish = ["--cluster", CLUSTER, "-n", "shop", "-s", "api", "--role", "shop-api", "--policy-file",
                "bucket.json"]

        def association(test):
            test.eks.create_pod_identity_association(
                clusterName=CLUSTER, namespace="shop", serviceAccount="api",
                roleArn=f"arn:aws:iam::{ACCOUNT}:role/shop-api")
        self.check_all_needed("bootstrap", [
            ("nothing is there", association, wish),
            ("a managed policy", scenes.managed, [*wish[:-2], "--policy-arn", SHOP_POLICY]),
            ("audience", lambda test: (test.provider(clients=("other",)), test.role()), wish),
            ("trust", lambda test: (test.provider(), test.role(trust=test.trust("x", "y"))), wish),
        ])

    def test_apply(self):
        table = dict(scenes.SCENES)
        cases = [(name, table[name].make, [*self.selection(), "--role", "shop-api", *table[name].more])
                 for name in ("subject_of_another_name", "provider_without_audience",
                              "provider_is_missing", "policy_is_not_attached",
                              "role_is_missing_with_permissions_declared")]

        def settings(test):
            test.provider()
            role = test.role(policies=False)
            test.eks.create_pod_identity_association(clusterName=CLUSTER, namespace="shop",
                                                     serviceAccount="api", roleArn=role)
        ini = (f'[serviceaccount "shop/api"]\nrole = shop-api\nmax-session-duration = 2h\n'
               f'permissions-boundary = {SHOP_POLICY}\npolicy-file = bucket.json\n')

        def with_settings(test):
            settings(test)
            scenes.managed(test)
            (test.work / "irsa-fix.ini").write_text(ini)
        cases += [("settings", with_settings, [*self.selection(), "--allow", "narrow"]),
                  ("spare provider", table["provider_of_a_deleted_cluster_beside"].make,
                   [*self.selection(), "--allow", "delete"])]
        self.check_all_needed("apply", cases)


if __name__ == "__main__":
    harness.main()
