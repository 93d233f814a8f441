# SPDX-License-Identifier: Apache-2.0
"""Re-pointing: every role of the account from one issuer to another, many at once."""
import json
import os
import signal
import subprocess
import threading
import time

import harness
import proxy as proxies
from harness import ACCOUNT, CLUSTER, OTHER_ACCOUNT

OLD = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
GITHUB = "token.actions.githubusercontent.com"
MANY = 500


def only(role, fault):
    """The fault, for calls about that role alone."""
    def chosen(exchange):
        if exchange.call.parameters.get("RoleName") == role:
            fault(exchange)
        else:
            exchange.answer(*exchange.forward())
    return proxies.named(f"only_{role}_{fault.__name__}", chosen)


class Repoint(harness.LiveTest):
    def old_trust(self, number):
        """Not two of them alike: exact names, patterns, further statements and conditions."""
        trust = self.trust(namespace="shop", account=f"app-{number}", issuer=OLD)
        statement = trust["Statement"][0]
        if number % 5 == 1:
            statement["Sid"] = f"App{number}"
        if number % 5 == 2:
            statement["Condition"] = {
                "StringLike": {f"{OLD}:sub": [f"system:serviceaccount:team-{number}-*:worker",
                                              f"system:serviceaccount:jobs:{number}-*"]},
                "StringEquals": {f"{OLD}:aud": ["sts.amazonaws.com"]},
                "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
        if number % 5 == 3:
            trust["Statement"].insert(0, {
                "Sid": "Operators", "Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}})
        if number % 5 == 4:
            trust["Statement"].append({
                "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"},
                "Condition": {"StringLike": {f"{GITHUB}:sub": f"repo:example/{number}:*"}}})
        return trust

    def roles(self, count, iam=None, account=ACCOUNT):
        """That many roles that trust OLD; {name: trust policy}."""
        made = {}
        with self.unchecked():
            for number in range(count):
                text = json.dumps(self.old_trust(number)).replace(ACCOUNT, account)
                (iam or self.iam).create_role(RoleName=f"app-{number:03}",
                                              AssumeRolePolicyDocument=text)
                made[f"app-{number:03}"] = json.loads(text)
        return made

    def trusts(self, iam=None):
        with self.unchecked():
            pages = (iam or self.iam).get_paginator("list_roles").paginate()
            return {role["RoleName"]: role["AssumeRolePolicyDocument"]
                    for page in pages for role in page["Roles"]}

    def repointed(self, trusts):
        """As they shall be: one issuer's name in the place of the other's, nothing else."""
        return json.loads(json.dumps(trusts).replace(OLD, self.issuer))

    def repoint(self, *arguments, command="apply", **named):
        yes = ["--yes"] if command == "apply" else []
        return self.irsa(command, *yes, "--format", "json", "--cluster", CLUSTER, "--repoint",
                         *arguments, **named)

    def providers(self, iam=None):
        with self.unchecked():
            return [one["Arn"].split("/", 1)[1] for one in (
                iam or self.iam).list_open_id_connect_providers()["OpenIDConnectProviderList"]]


class Many(Repoint):
    def test_all_in_one_run(self):
        before = self.roles(MANY)
        result = self.repoint("stale", expect=0, timeout=300)
        self.assertEqual(self.repointed(before), self.trusts())
        self.assertEqual([self.issuer], self.providers())
        self.assertEqual(MANY + 1, result.json["applied"]["done"])
        self.assertEqual(MANY + 1, result.json["applied"]["verified"])
        print(f"\n{MANY} roles re-pointed in {result.seconds:.1f} s, {len(self.proxy.calls)} calls",
              flush=True)
        begun = [(call.begin, 1) for call in self.proxy.calls if call.writes]
        ended = [(call.end, -1) for call in self.proxy.calls if call.writes]
        running = most = 0
        for _, step in sorted(begun + ended):
            running += step
            most = max(most, running)
        self.assertGreater(most, 2)
        self.assertLessEqual(most, 8)
        again = self.repoint("stale", expect=0)
        self.assertEqual([], again.json["changes"])
        text = self.irsa("plan", "--cluster", CLUSTER, "--repoint", OLD, expect=0)
        self.assertIn("no role's trust policy names such an issuer", text.out)

    def test_text_of_many_is_short(self):
        self.roles(MANY)
        text = self.irsa("plan", "--cluster", CLUSTER, "--repoint", "stale", expect=2)
        self.assertLess(len(text.out.splitlines()), 250, text)
        self.assertIn("trust policies of account", text.out)

    def killed(self, after, *arguments):
        """Runs it, and kills it when that many trust policies were written."""
        started = threading.Event()
        process = None

        def kill(exchange):
            started.wait(10)
            process.send_signal(signal.SIGKILL)
            process.wait()
            exchange.hang_up()

        self.proxy.fault(proxies.named("kill", kill), action="UpdateAssumeRolePolicy", times=1,
                         after=after)
        process = subprocess.Popen(
            [harness.BINARY, "apply", "--yes", "--cluster", CLUSTER, *arguments], cwd=self.work,
            env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        started.set()
        self.assertEqual(-signal.SIGKILL, process.wait(120))
        self.proxy.reset()

    def rollback(self, *arguments):
        return self.irsa("rollback", "--yes", "--format", "json", *arguments, timeout=300)

    def test_killed_half_way_resumed_and_rolled_back(self):
        before = self.roles(MANY)
        self.killed(MANY // 2, "--repoint", "stale")
        half = self.trusts()
        done = sum(half[name] != before[name] for name in before)
        self.assertGreater(done, MANY // 4)
        self.assertLess(done, MANY * 3 // 4)
        result = self.repoint("stale", expect=0, timeout=300)
        self.assertEqual(self.repointed(before), self.trusts())
        self.assertEqual([self.issuer], self.providers())
        back = self.rollback("--allow", "delete")
        self.assertEqual(0, back.status, back.err)
        self.assertEqual(before, self.trusts())
        self.assertEqual([], self.providers())
        print(f"\n{done} of {MANY} at the kill, the rest in {result.seconds:.1f} s, "
              f"all of it rolled back in {back.seconds:.1f} s", flush=True)


class Some(Repoint):
    def test_live_issuer_is_held_back(self):
        before = self.roles(10)
        with self.unchecked():
            self.provider(host=OLD)
        plan = self.repoint(OLD, command="plan", expect=3)
        self.assertEqual([("create", "oidc-provider")], plan.changes())
        self.assertEqual(["overwrite"], sorted({change["class"] for change in plan.json["changes"]
                                                if change["held_back"]}))
        self.repoint(f"arn:aws:iam::{ACCOUNT}:oidc-provider/{OLD}", "--keep-old", expect=0)
        for name, trust in self.trusts().items():
            old = json.dumps(before[name]["Statement"])
            left = [one for one in trust["Statement"] if json.dumps(one) in old]
            self.assertEqual(before[name]["Statement"], left)
            self.assertEqual(len(before[name]["Statement"]) + 1, len(trust["Statement"]))
            self.assertIn(f"oidc-provider/{self.issuer}", json.dumps(trust))
        self.assertEqual([], self.repoint(OLD, "--keep-old", expect=0).json["changes"])
        self.repoint(OLD, "--allow", "overwrite", expect=0)
        self.assertNotIn(OLD, json.dumps(self.trusts()))
        self.assertEqual(json.dumps(self.repointed(before)).count(self.issuer),
                         json.dumps(self.trusts()).count(self.issuer))

    def test_old_cluster_by_name(self):
        with self.unchecked():
            blue = self.cluster("blue")
            self.provider(host=blue)
            self.role(trust=self.trust(issuer=blue), policies=False)
        # of two clusters the one that is re-pointed from is not the one meant
        result = self.irsa("apply", "--yes", "--format", "json", "--repoint", "blue", "--keep-old",
                           expect=0)
        self.assertEqual(f"https://{self.issuer}", result.json["cluster"]["issuer"])
        with self.unchecked():
            self.assertEqual(2, len(self.trust_of()["Statement"]))
        gone = self.irsa("plan", "--cluster", CLUSTER, "--repoint", "green", expect=1)
        self.assertIn('cluster "green" was not seen', gone.err)
        self.assertIn(blue, gone.err)

    def test_throttled(self):
        before = self.roles(60)
        self.proxy.fault(proxies.throttled_400, action="UpdateAssumeRolePolicy", times=25)
        self.proxy.fault(proxies.slow_down_503, action="GetRole", times=10)
        result = self.repoint("stale", env=self.environment(AWS_MAX_ATTEMPTS="8"), expect=0,
                              timeout=120)
        self.assertEqual(self.repointed(before), self.trusts())
        print(f"\n60 roles under throttling in {result.seconds:.1f} s", flush=True)

    def test_throttled_for_good(self):
        """What is refused too often fails by role; the next run has only those left."""
        before = self.roles(20)
        self.proxy.fault(only("app-007", proxies.throttled_400), action="UpdateAssumeRolePolicy")
        result = self.repoint("stale", expect=5)
        self.assertEqual(["app-007"], self.failed(result))
        self.proxy.reset()
        again = self.repoint("stale", expect=0)
        self.assertEqual(1, again.json["applied"]["done"])
        self.assertEqual(self.repointed(before), self.trusts())

    def failed(self, result):
        return [change["target"].rsplit("/", 1)[1] for change in result.json["changes"]
                if change["result"] == "failed"]

    def test_answers_are_lost(self):
        before = self.roles(20)
        self.proxy.fault(only("app-003", proxies.lost_answer), action="UpdateAssumeRolePolicy",
                         times=4)
        self.repoint("stale", expect=0)
        self.assertEqual(self.repointed(before), self.trusts())

    def test_one_role_denied(self):
        before = self.roles(20)
        self.proxy.fault(only("app-011", proxies.forbidden), action="UpdateAssumeRolePolicy")
        result = self.repoint("stale", expect=5)
        self.assertEqual(["app-011"], self.failed(result))
        self.assertEqual(20, result.json["applied"]["done"])
        now = self.trusts()
        self.assertEqual(before.pop("app-011"), now.pop("app-011"))
        self.assertEqual(self.repointed(before), now)
        self.proxy.reset()
        self.proxy.fault(only("app-011", proxies.forbidden), action="UpdateAssumeRolePolicy")
        text = self.irsa("apply", "--yes", "--cluster", CLUSTER, "--repoint", "stale")
        self.assertIn("role/app-011: failed", text.out)

    def test_provider_denied(self):
        """Trust in a live cluster gives way to nothing less than the new provider."""
        before = self.roles(5)
        with self.unchecked():
            self.provider(host=OLD)
        self.proxy.fault(proxies.forbidden, action="CreateOpenIDConnectProvider")
        result = self.repoint(OLD, "--allow", "overwrite")
        self.assertEqual({"failed": 1, "skipped": 5}, {
            key: result.json["applied"][key] for key in ("failed", "skipped")}, result)
        self.assertEqual(before, self.trusts())

    def test_changed_meanwhile(self):
        before = self.roles(20)

        def meanwhile(exchange):
            if exchange.call.parameters.get("RoleName") == "app-004":
                with self.unchecked():
                    self.iam.update_assume_role_policy(
                        RoleName="app-004", PolicyDocument=json.dumps(self.trust()))
            exchange.answer(*exchange.forward())

        self.proxy.fault(meanwhile, action="GetRole")
        result = self.repoint("stale", expect=5)
        self.assertEqual(["app-004"], self.failed(result))
        now = self.trusts()
        self.assertEqual(self.trust(), now.pop("app-004"))
        before.pop("app-004")
        self.assertEqual(self.repointed(before), now)

    def test_with_the_rights_that_are_printed(self):
        before = self.roles(12)
        policy = self.irsa("permissions", "apply", "--cluster", CLUSTER, "--region",
                           harness.REGION, "--repoint", "stale", expect=0).json
        with self.unchecked():
            keys = self.user("operator", policy["Statement"])
        self.repoint("stale", env=self.environment(keys), expect=0)
        self.assertEqual(self.repointed(before), self.trusts())
        self.assertFalse([call for call in self.proxy.calls if call.status == 403])

    def test_progress(self):
        """A bar on a terminal, which is gone at the end; nothing of it elsewhere."""
        self.roles(40)
        parent, child = os.openpty()
        arguments = [harness.BINARY, "apply", "--yes", "--no-kubernetes", "--cluster", CLUSTER,
                     "--repoint", "stale"]
        process = subprocess.Popen(arguments, cwd=self.work, stdin=subprocess.DEVNULL,
                                   env=self.environment(TERM="xterm"), stdout=subprocess.DEVNULL,
                                   stderr=child)
        os.close(child)
        shown = b""
        while True:
            try:
                piece = os.read(parent, 4096)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        os.close(parent)
        self.assertEqual(0, process.wait(60))
        self.assertIn(b"\r", shown)
        self.assertRegex(shown.decode(), r"\d+ of 41")
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown[-80:])
        self.assertNotIn(b"\n", shown)


class Prune(Repoint):
    def prune(self, *arguments, command="apply", **named):
        yes = ["--yes"] if command == "apply" else []
        return self.irsa(command, *yes, "--format", "json", "--cluster", CLUSTER, "--prune",
                         *arguments, **named)

    def test_trust_and_providers(self):
        """What is gone goes, on request; what is alive, or may be, stays."""
        gone = OLD.replace("0123", "FEDC")
        with self.unchecked():
            alive = self.cluster("alive")
            for host in (self.issuer, alive, gone, GITHUB, OLD.replace("eu-west-1", "us-east-1")):
                self.provider(host=host)
            trust = self.trust()
            trust["Statement"] += self.trust(issuer=OLD)["Statement"]
            self.role(trust=trust, policies=False)
            self.role("alone", trust=self.trust(issuer=OLD), policies=False)
            self.role("other", trust=self.trust(issuer=alive), policies=False)
        plan = self.prune(command="plan", expect=0)
        self.assertEqual([], plan.changes())
        self.assertEqual({"trust-policy", "oidc-provider"},
                         {change["kind"] for change in plan.json["changes"]})
        self.assertEqual(["IRSA132", "IRSA133", "IRSA134", "IRSA135"],
                         [code for code in plan.codes() if code >= "IRSA13"])
        self.prune("--allow", "delete", expect=0)
        now = self.trusts()
        self.assertEqual(self.trust(), now["shop-api"])
        self.assertEqual(self.trust(issuer=OLD), now["alone"])
        self.assertEqual(self.trust(issuer=alive), now["other"])
        self.assertEqual(sorted([self.issuer, alive, GITHUB,
                                 OLD.replace("eu-west-1", "us-east-1")]), sorted(self.providers()))

    def test_clusters_that_may_not_be_listed(self):
        with self.unchecked():
            self.provider()
            self.provider(host=OLD)
        self.proxy.fault(proxies.forbidden, action="ListClusters")
        plan = self.prune("--allow", "delete", command="plan", expect=0)
        self.assertEqual([], plan.json["changes"])
        self.assertIn("IRSA135", plan.codes())


class OtherAccounts(Repoint):
    def setUp(self):
        super().setUp()
        with self.unchecked():
            self.there = self.other_account()
        (self.work / "irsa-fix.ini").write_text(
            f'[account "{OTHER_ACCOUNT}"]\n'
            f"role-arn = arn:aws:iam::{OTHER_ACCOUNT}:role/remote-admin\n")

    def test_both(self):
        here = self.roles(15)
        there = self.roles(15, self.there, OTHER_ACCOUNT)
        result = self.repoint("stale", expect=0)
        self.assertEqual(32, result.json["applied"]["done"])
        self.assertEqual(self.repointed(here), self.trusts())
        now = self.trusts(self.there)
        now.pop("remote-admin")
        self.assertEqual(self.repointed(there), now)
        self.assertEqual([self.issuer], self.providers())
        self.assertEqual([self.issuer], self.providers(self.there))
        groups = result.json["repoint"]["issuers"]
        self.assertEqual({ACCOUNT: 15, OTHER_ACCOUNT: 15},
                         {one["account_id"]: one["changes"] for one in groups})

    def test_issuer_that_lives_in_one_is_stale_in_none(self):
        self.roles(3)
        there = self.roles(3, self.there, OTHER_ACCOUNT)
        with self.unchecked():
            self.there.create_open_id_connect_provider(Url=f"https://{OLD}",
                                                       ClientIDList=["sts.amazonaws.com"])
        plan = self.repoint("stale", command="plan", expect=0)
        self.assertEqual([], plan.json["changes"])
        self.repoint(OLD, expect=3)
        now = self.trusts(self.there)
        now.pop("remote-admin")
        self.assertEqual(there, now)


if __name__ == "__main__":
    harness.main()
