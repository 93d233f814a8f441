# SPDX-License-Identifier: Apache-2.0
"""The account's alias stands beside its id where a person decides, and nothing depends on it."""
import harness
import proxy
from harness import ACCOUNT, CLUSTER

ALIAS = "shop-production"
HEAD = f"Cluster {CLUSTER}, account {ACCOUNT} ({ALIAS}), region eu-west-1"


class Aliases(harness.LiveTest):
    def setUp(self):
        super().setUp()
        with self.unchecked():
            self.iam.create_account_alias(AccountAlias=ALIAS)
            self.role()

    def text(self, *arguments, **named):
        return self.irsa(*arguments, *self.selection(), "--role", "shop-api", "--manifests",
                         self.manifests(), **named)

    def asked(self):
        return self.proxy.names().count("iam:ListAccountAliases")

    def test_plan_and_apply(self):
        plan = self.text("plan", expect=2)
        self.assertTrue(plan.out.startswith(HEAD), plan)
        self.assertEqual(1, self.asked())
        dry = self.text("apply", expect=2)
        self.assertTrue(dry.out.startswith(HEAD), dry)
        done = self.text("apply", "--yes", expect=0)
        self.assertTrue(done.out.startswith(HEAD), done)
        back = self.irsa("rollback")
        self.assertTrue(back.out.startswith(HEAD), back)
        again = self.irsa("rollback", "--yes", "--allow", "delete", "--format", "json", expect=0)
        self.assertEqual(ALIAS, again.json["cluster"]["account_alias"], again)

    def test_json_and_saved_plan(self):
        live = self.text("plan", "--format", "json", "--save", "saved.json", expect=2)
        self.assertEqual(ALIAS, live.json["cluster"]["account_alias"], live)
        shown = self.irsa("show", "saved.json")
        self.assertTrue(shown.out.startswith(HEAD), shown)

    def test_another_alias_is_no_other_world(self):
        """A saved plan is applied whatever the account is called by now."""
        self.text("plan", "--save", "saved.json", expect=2)
        with self.unchecked():
            self.iam.delete_account_alias(AccountAlias=ALIAS)
        done = self.irsa("apply", "--yes", "saved.json", expect=0)
        self.assertNotIn(ALIAS, done.out.splitlines()[0], done)

    def test_none(self):
        with self.unchecked():
            self.iam.delete_account_alias(AccountAlias=ALIAS)
        live = self.text("plan", "--format", "json", expect=2)
        self.assertNotIn("account_alias", live.json["cluster"], live)

    def test_nobody_needs_it(self):
        """Denied or broken: the same plan without the name, and not a word unless one asks for it."""
        healthy = self.text("plan", expect=2)
        few = self.user_without("iam:ListAccountAliases")
        wanted = healthy.out.replace(f" ({ALIAS})", "")
        denied = self.text("plan", env=self.environment(few), expect=2)
        self.assertEqual((wanted, healthy.err), (denied.out, denied.err), denied)
        told = self.text("plan", "--verbose", env=self.environment(few), expect=2)
        self.assertIn("iam:ListAccountAliases", told.err, told)
        for fault in (proxy.internal_500, proxy.reset, proxy.cut_off, proxy.html):
            with self.subTest(fault=fault.__name__):
                self.proxy.rules.clear()
                self.proxy.fault(fault, action="ListAccountAliases", times=1)
                broken = self.text("plan", expect=2)
                self.assertIn(broken.out, (wanted, healthy.out), broken)
                self.assertEqual(healthy.err, broken.err, broken)

    def user_without(self, action):
        with self.unchecked():
            return self.user("few", [{"Effect": "Allow", "Action": "*", "Resource": "*"},
                                     {"Effect": "Deny", "Action": action, "Resource": "*"}])

    def test_snapshot(self):
        live = self.text("plan")
        self.irsa("snapshot", "snap", *self.selection(), "--role", "shop-api", expect=0)
        again = self.irsa("plan", "--from", "snap", *self.selection(), "--role", "shop-api")
        self.assertEqual(live.out.splitlines()[0], again.out.splitlines()[0], again)
        self.irsa("snapshot", "redacted", "--redact", *self.selection(), "--role", "shop-api",
                  expect=0)
        for path in (self.work / "redacted").rglob("*.json"):
            self.assertNotIn(ALIAS, path.read_text(), path)


if __name__ == "__main__":
    harness.main()
