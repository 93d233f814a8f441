# SPDX-License-Identifier: Apache-2.0
"""`irsa-fix permissions` prints what is needed: enough, and nothing too much.

A user gets exactly the policy that was printed, and moto_more checks action and resource. Then each action
is taken away in turn, and must be missed.
"""
import copy
import json

import harness
import scenes
from harness import ACCOUNT, CLUSTER

SHOP_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/shop"
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

    def plan_arguments(self, *more):
        return ["plan", "--format", "json", *self.selection(), "--manifests", self.manifests(), *more]

    def check_plan(self, *more):
        more = ["--role", "shop-api", *more]
        policy = self.printed("plan", *self.selection(), *more)
        self.scoped(policy)
        arguments = self.plan_arguments(*more)
        wanted = self.compare(arguments, self.holder("few", policy))
        self.assertFalse([action for action in self.actions(policy)
                          if not action.split(":")[1].startswith(("Get", "List", "Describe",
                                                                  "Simulate"))], policy)
        for number, action in enumerate(self.actions(policy)):
            with self.subTest(without=action):
                keys = self.holder(f"less-{number}", self.without(policy, action))
                less = self.irsa(*arguments, env=self.environment(keys))
                self.assertIn(action, less.out + less.err, less)

    def test_plan(self):
        with self.unchecked():
            self.provider()
            self.role()
        self.check_plan()

    def test_plan_with_needs(self):
        with self.unchecked():
            self.provider()
            self.role()
            scenes.managed(self)
            self.iam.attach_role_policy(RoleName="shop-api", PolicyArn=SHOP_POLICY)
        self.check_plan("--need", "s3:GetObject arn:aws:s3:::shop/x")

    def test_bootstrap(self):
        wish = ["--cluster", CLUSTER, "-n", "shop", "-s", "api", "--role", "shop-api",
                "--policy-file", "bucket.json"]
        policy = self.printed("bootstrap", *wish)
        self.scoped(policy)
        arguments = [*wish, "--manifests", self.manifests()]
        keys = self.holder("few", policy)
        done = self.irsa("bootstrap", "--yes", *arguments, env=self.environment(keys))
        self.assertEqual(0, done.status, done)
        self.assertEqual([], self.plan("--manifests", self.manifests(), expect=0).codes())
        for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:CreateOpenIDConnectProvider"):
            self.assertIn(action, self.actions(policy))
            with self.subTest(without=action):
                self.setUp()
                arguments[-1] = self.manifests()
                keys = self.holder("less", self.without(policy, action))
                less = self.irsa("bootstrap", "--yes", *arguments, env=self.environment(keys))
                self.assertIn(less.status, (4, 5), less)
                self.assertIn(action, less.out + less.err, less)

    def test_apply(self):
        for name in ("subject_of_another_name", "provider_without_audience",
                     "provider_is_missing", "policy_is_not_attached"):
            with self.subTest(scene=name):
                self.setUp()
                scene = dict(scenes.SCENES)[name]
                with self.unchecked():
                    scene.make(self)
                wish = [*self.selection(), "--role", "shop-api", *scene.more]
                policy = self.printed("apply", *wish)
                self.scoped(policy)
                options = [*wish, "--manifests", self.manifests()]
                done = self.irsa("apply", "--yes", "--format", "json", *options,
                                 env=self.environment(self.holder("few", policy)))
                self.assertEqual(0, done.status, done)
                again = self.irsa("plan", "--format", "json", *options, expect=0)
                self.assertEqual([], again.json["changes"], again)


if __name__ == "__main__":
    harness.main()
