# SPDX-License-Identifier: Apache-2.0
"""What apply did rollback takes back: every scene of scenes.py that is mended ends as it began, the account and
the manifests, these to the byte; with exactly the permissions that are printed."""
import json
import pathlib

import harness
import scenes
from harness import ACCOUNT, CLUSTER
from test_bootstrap import POLICY

QUEUE = f"arn:aws:iam::{ACCOUNT}:policy/shop"


class Undo(harness.LiveTest):
    def state(self):
        """All of the account that a run can change."""
        with self.unchecked():
            details = self.iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
            providers = self.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
            return {
                "providers": {one["Arn"]: self.lists(one["Arn"]) for one in providers},
                "roles": {one["Arn"]: {
                    "trust": one["AssumeRolePolicyDocument"],
                    "inline": {policy["PolicyName"]: policy["PolicyDocument"]
                               for policy in one["RolePolicyList"]},
                    "attached": sorted(policy["PolicyArn"] for policy in one["AttachedManagedPolicies"]),
                    "boundary": one.get("PermissionsBoundary"),
                    "session": self.iam.get_role(RoleName=one["RoleName"])["Role"]["MaxSessionDuration"],
                } for one in details}}

    def lists(self, arn):
        provider = self.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
        return sorted(provider["ClientIDList"]), sorted(provider["ThumbprintList"])

    def files(self):
        return {str(path): path.read_bytes() for path in (self.work / "manifests").rglob("*")
                if path.is_file()} if (self.work / "manifests").exists() else {}

    def written(self):
        return [call.name for call in self.proxy.calls if call.writes]

    def rollback(self, *arguments, **named):
        return self.irsa("rollback", "--format", "json", *arguments, **named)

    def undone(self, before, files, allow=("--allow", "delete"), **named):
        """A dry run writes nothing; then all is as it was, and a second time there is nothing to do."""
        dry = self.rollback(*allow, **named)
        self.assertEqual(([], 2), (self.written(), dry.status), dry)
        done = self.rollback("--yes", *allow, expect=0, **named)
        self.assertEqual({"done"}, {change["result"] for change in done.json["changes"]}, done)
        self.assertEqual(len(done.json["changes"]), done.json["applied"]["verified"], done)
        self.assertEqual((before, files), (self.state(), self.files()), done)
        again = self.rollback("--yes", expect=0, **named)
        self.assertEqual([], self.written(), again)
        self.assertIn("rolled back by", again.json["rollback"]["notes"][0], again)
        return done


class Classes(Undo):
    def run_scene(self, scene):
        with self.unchecked():
            scene.make(self)
        options = ["--manifests", self.manifests(), *scene.more]
        if scene.end == "allowed":
            options += ["--allow", scene.allow]
        before, files = self.state(), self.files()
        self.apply(*options, expect=scene.status)
        self.assertNotEqual(before, self.state())
        self.undone(before, files)


def add(name, scene):
    def test(self):
        self.run_scene(scene)
    test.__name__ = f"test_{name}"
    setattr(Classes, test.__name__, test)


for name_, scene_ in scenes.SCENES:
    if scene_.code and scene_.end != "reported":
        add(name_, scene_)


class Bootstrap(Undo):
    def setUp(self):
        super().setUp()
        (self.work / "bucket.json").write_text(json.dumps(POLICY))
        with self.unchecked():
            scenes.managed(self)

    def bootstrap(self, *arguments, **named):
        return self.irsa("bootstrap", "--yes", "--format", "json", "--cluster", CLUSTER, "-n", "shop", "-s",
                         "api", "--role", "shop-api", "--policy-file", "bucket.json", "--policy-arn", QUEUE,
                         "--manifests", str(self.work / "manifests"), *arguments, **named)

    def made(self, *arguments):
        (self.work / "manifests").mkdir()
        (self.work / "manifests" / "other.yaml").write_text("apiVersion: v1\nkind: Namespace\n"
                                                            "metadata: {name: shop}\n")
        before, files = self.state(), self.files()
        self.bootstrap(*arguments, expect=0)
        return before, files

    def test_from_nothing_to_nothing(self):
        before, files = self.made()
        self.undone(before, files, allow=())
        self.assertEqual(["other.yaml"], [path.name for path in (self.work / "manifests").iterdir()])

    def test_with_the_printed_permissions(self):
        before, files = self.made("--max-session-duration", "2h")
        policy = json.loads(self.irsa("permissions", "rollback", "--cluster", CLUSTER, "--region",
                                      harness.REGION, expect=0).out)
        with self.unchecked():
            keys = self.user("undoer", policy["Statement"])
        self.undone(before, files, allow=(), env=self.environment(keys))

    def test_the_way_back_is_a_run_too(self):
        before, files = self.made()
        made, texts = self.state(), self.files()
        self.rollback("--yes", expect=0)
        run = json.loads(self.irsa("history", "--format", "json").out)["runs"][0]["id"]
        again = self.rollback(run, "--yes", expect=0)
        self.assertEqual((made, texts), (self.state(), self.files()), again)
        notes = [note for change in again.json["changes"] for note in change["notes"]]
        self.assertTrue([note for note in notes if "another unique id" in note], again)
        self.undone(before, files, allow=())

    def test_what_somebody_attached_is_never_detached(self):
        self.made()
        with self.unchecked():
            other = self.iam.create_policy(PolicyName="other", PolicyDocument=json.dumps(POLICY))
            arn = other["Policy"]["Arn"]
            self.iam.attach_role_policy(RoleName="shop-api", PolicyArn=arn)
        done = self.rollback("--yes", "--allow", "delete,overwrite", expect=3)
        role, = [change for change in done.json["changes"] if change["kind"] == "role"]
        self.assertIs(True, role["blocked"], done)
        self.assertIn(arn, role["notes"][0], done)
        self.assertNotIn("DetachRolePolicy " + arn, self.written())
        self.assertEqual([arn], self.state()["roles"][f"arn:aws:iam::{ACCOUNT}:role/shop-api"]["attached"])
        with self.unchecked():
            self.iam.detach_role_policy(RoleName="shop-api", PolicyArn=arn)
        self.rollback("--yes", "--allow", "delete", expect=0)
        self.assertEqual({}, self.state()["roles"])

    def test_what_somebody_changed_is_held_back(self):
        before, files = self.made()
        theirs = self.trust(sub="system:serviceaccount:shop:theirs")
        with self.unchecked():
            self.iam.update_assume_role_policy(RoleName="shop-api", PolicyDocument=json.dumps(theirs))
        held = self.rollback("--yes", expect=3)
        role, = [change for change in held.json["changes"] if change["kind"] == "role"]
        self.assertEqual(("overwrite", "held-back"), (role["class"], role["result"]), held)
        self.assertIn("somebody changed", role["notes"][0], held)
        with self.unchecked():
            self.assertEqual(theirs, self.trust_of())
        self.rollback("--yes", "--allow", "overwrite,delete", expect=0)
        self.assertEqual((before, files), (self.state(), self.files()))

    def test_a_provider_that_others_use_stays(self):
        self.made()
        with self.unchecked():
            self.role("theirs", trust=self.trust(account="theirs"))
        held = self.rollback("--yes", expect=3)
        provider, = [change for change in held.json["changes"] if change["kind"] == "oidc-provider"]
        self.assertEqual(("delete", "held-back"), (provider["class"], provider["result"]), held)
        self.assertIn("role theirs trusts it", provider["notes"][0], held)
        self.assertEqual([self.provider_arn], list(self.state()["providers"]))

    def test_another_account_is_an_error(self):
        self.made()
        runs, = (self.home / ".local/state/irsa-fix/runs").iterdir()
        pathlib.Path(runs).write_text(runs.read_text().replace(f'"account_id":"{ACCOUNT}"',
                                                               '"account_id":"999999999999"'))
        before = self.state()
        refused = self.rollback("--yes")
        self.assertEqual((2, []), (refused.status, self.written()), refused)
        self.assertIn("this is not where the run was made", refused.err, refused)
        self.assertEqual(before, self.state())


if __name__ == "__main__":
    harness.main()
