# SPDX-License-Identifier: Apache-2.0
"""Each fault of proxy.py at each call of plan and of apply in turn.

What must come out: an error that names call, host and code (or a finding that names what was denied), the
right exit status, soon; nothing is done that is not said; and the same command without the fault ends well.
"""
import datetime
import email.utils
import json
import os
import resource
import signal
import subprocess
import time

import harness
import proxy
from harness import CLUSTER

BUCKET = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}]}

# Where a refusal is an answer: the read goes on without it. All else ends the run.
DENIED = {proxy.forbidden}
ABSENT = {proxy.not_found}
AUTH = {proxy.expired}
# What is as good without: the same plan comes out.
OPTIONAL = {"ListAccountAliases"}
# What the plan goes on without, and says so.
ADVICE = {"SimulatePrincipalPolicy"}
TOO_MUCH = (proxy.huge, proxy.endless)


class Faults(harness.LiveTest):
    clean = False  # the account is as setUp made it, and no run is on record

    def setUp(self):
        super().setUp()
        (self.work / "bucket.json").write_text(json.dumps(BUCKET))

    def steps(self):
        """(action, how often it was called before) of the calls just recorded."""
        seen, steps = {}, []
        for call in self.proxy.calls:
            steps.append((call.action, seen.get(call.action, 0), call.writes))
            seen[call.action] = seen.get(call.action, 0) + 1
        return sorted(steps)

    def spoil(self, fault, action, before):
        self.proxy.rules.clear()
        self.proxy.fault(fault, action=action, after=before, times=1)

    def spoilt(self):
        return [call for call in self.proxy.calls if call.fault]

    def clear_error(self, result, fault, action):
        """The first line says what failed and where."""
        self.assertTrue(result.err.startswith(("irsa-fix: error: ", "irsa-fix: warning: ")), result)
        self.assertIn(f":{action}", result.err, result)
        self.assertIn("127.0.0.1", result.err, result)
        answer = fault.__name__.split("_")
        if answer[0] == "status" and not action.startswith(("Describe", "ListPod", "ListCl")):
            self.assertIn(answer[2], result.err, result)
            self.assertIn("planted-request-", result.err, result)
        self.assertLess(result.seconds, 10, result)

    # --- plan ------------------------------------------------------------------------------------

    def plan_arguments(self):
        return ["plan", "--format", "json", *self.selection(), "--role", "shop-api", "--need",
                "s3:GetObject arn:aws:s3:::shop/x", "--manifests", self.manifests()]

    def test_plan(self):
        with self.unchecked():
            self.provider()
            self.role()
        arguments = self.plan_arguments()
        healthy = self.irsa(*arguments, expect=0)
        steps = self.steps()
        self.assertFalse([step for step in steps if step[2]])
        for action, before, _ in steps:
            for fault in proxy.FAULTS:
                with self.subTest(action=action, before=before, fault=fault.__name__):
                    self.spoil(fault, action, before)
                    result = self.irsa(*arguments)
                    self.assertEqual(1, len(self.spoilt()), result)
                    self.judge_plan(result, healthy, fault, action)

    def judge_plan(self, result, healthy, fault, action):
        if action in OPTIONAL:
            self.assertEqual((healthy.status, healthy.out, healthy.err),
                             (result.status, result.out, result.err), result)
            return
        if action in ADVICE and fault not in AUTH:
            self.assertEqual((healthy.status, healthy.codes()), (result.status, result.codes()), result)
            told = [one["reason"] for one in result.json["checks"]["skipped"] if one["code"] == "IRSA099"]
            if fault not in ABSENT and fault is not proxy.reset:
                self.assertIn(action, told[0], result)
            return
        if fault in DENIED | ABSENT and result.status in (0, 2, 3):
            # it went on: then without that fact, and it says so
            if fault in ABSENT:
                self.assertTrue(result.codes() or action == "ListPodIdentityAssociations", result)
            else:
                self.assertIn(action, result.out + result.err, result)
                self.assertEqual([], result.json["changes"], result)
            return
        again = self.proxy.names().count(self.spoilt()[0].name)
        if fault is proxy.reset and again > 1:  # libcurl's own: an idle connection was dead
            self.assertEqual((0, healthy.out), (result.status, result.out), result)
            return
        self.assertEqual(4 if fault in DENIED | AUTH else 1, result.status, result)
        self.assertEqual("", result.out, result)
        if fault not in ABSENT:
            self.clear_error(result, fault, action)

    def little_memory(self):
        if "asan" not in harness.BINARY:
            self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, 100_000)

    def test_too_much(self):
        """An endless body and one of 100 MB, at each call: given up soon, in little memory."""
        with self.unchecked():
            self.provider()
            self.role()
        arguments = self.plan_arguments()
        self.irsa(*arguments, expect=0)
        for action, before, _ in self.steps():
            for fault in TOO_MUCH:
                with self.subTest(fault=fault.__name__, action=action, before=before):
                    self.spoil(fault, action, before)
                    result = self.irsa(*arguments)
                    if action in OPTIONAL | ADVICE:
                        self.assertEqual((0, ""), (result.status, result.err), result)
                        continue
                    self.assertEqual((1, ""), (result.status, result.out), result)
                    self.clear_error(result, fault, action)
        self.little_memory()

    def test_too_much_of_apply(self):
        self.bootstrap(expect=0)
        for action, before, writes in self.steps():
            for fault in TOO_MUCH:
                with self.subTest(fault=fault.__name__, action=action, before=before):
                    self.afresh()
                    self.spoil(fault, action, before)
                    result = self.bootstrap()
                    self.ends_well(self.judge_apply(result, fault, action, writes))
        self.little_memory()

    def test_slow(self):
        """A deadline of one's own; then what was not answered is the error."""
        with self.unchecked():
            self.provider()
            self.role()
        self.spoil(proxy.slow(30), "GetRole", 0)
        result = self.irsa(*self.plan_arguments(), "--timeout", "1s")
        self.assertEqual(1, result.status, result)
        self.clear_error(result, proxy.slow, "GetRole")

    def test_retries(self):
        """Throttled and broken once at each call: nobody notices."""
        with self.unchecked():
            self.provider()
            self.role()
        arguments = self.plan_arguments()
        env = self.environment(AWS_MAX_ATTEMPTS="3")
        healthy = self.irsa(*arguments, expect=0)
        for fault in (proxy.throttled_400, proxy.throttled_429, proxy.slow_down_503,
                      proxy.unavailable_503, proxy.internal_500, proxy.reset):
            with self.subTest(fault=fault.__name__):
                self.proxy.rules.clear()
                for action in {step[0] for step in self.steps()}:
                    self.proxy.fault(fault, action=action, times=1)
                result = self.irsa(*arguments, env=env)
                self.assertEqual((0, healthy.out), (result.status, result.out), result)
                self.irsa(*arguments, expect=0)

    def test_retry_after(self):
        with self.unchecked():
            self.provider()
            self.role()
        self.spoil(proxy.status(503, "SlowDown", headers=[("Retry-After", "2")]), "GetRole", 0)
        result = self.irsa(*self.plan_arguments(), env=self.environment(AWS_MAX_ATTEMPTS="2"))
        self.assertEqual(0, result.status, result)
        self.assertGreater(result.seconds, 1.9, result)

    def test_wrong_clock(self):
        """AWS says that the signature is of another time: the next one is made by AWS's clock."""
        with self.unchecked():
            self.provider()
            self.role()
        signed = []
        later = time.time() + 3600

        def too_early(exchange):
            signed.append(exchange.handler.headers["X-Amz-Date"])
            if len(signed) > 1:
                exchange.answer(*exchange.forward())
                return
            exchange.error(403, "SignatureDoesNotMatch", f"Signature expired: {signed[0]} is now earlier than",
                           [("Date", email.utils.formatdate(later, usegmt=True))])
        self.proxy.fault(too_early, action="GetRole")
        self.irsa(*self.plan_arguments(), env=self.environment(AWS_MAX_ATTEMPTS="2"), expect=0)
        self.assertEqual(2, len(signed))
        second = datetime.datetime.strptime(signed[1] + "+0000", "%Y%m%dT%H%M%SZ%z").timestamp()
        self.assertLess(abs(second - later), 60, signed)

    def test_nobody_there(self):
        nobody = f"http://127.0.0.1:{harness.free_port()}"
        result = self.irsa(*self.plan_arguments(), env=self.environment(AWS_ENDPOINT_URL=nobody))
        self.assertEqual(1, result.status, result)
        self.assertIn(nobody.removeprefix("http://").split(":")[0], result.err)
        result = self.irsa(*self.plan_arguments(), env=self.environment(
            AWS_ENDPOINT_URL="https://nowhere.invalid"))
        self.assertEqual(1, result.status, result)
        self.assertIn("nowhere.invalid", result.err, result)

    def interrupted(self, arguments, action, times=1, **variables):
        """Ctrl-C half a second after that call was made that often: (status, seconds, stdout, stderr)"""
        self.proxy.calls.clear()
        process = subprocess.Popen([harness.BINARY, *arguments], cwd=self.work,
                                   env=self.environment(**variables), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(200):
            if self.proxy.names().count(action) >= times:
                break
            time.sleep(0.05)
        time.sleep(0.5)
        begin = time.monotonic()
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
        return process.returncode, time.monotonic() - begin, out.decode(), err.decode()

    def test_interrupted(self):
        """Amid a call, and while a retry is waited for: 130, at once."""
        with self.unchecked():
            self.provider()
            self.role()
        later = proxy.status(503, "SlowDown", headers=[("Retry-After", "15")])
        for fault in (proxy.slow(20), later):
            with self.subTest(fault=fault.__name__):
                self.proxy.rules.clear()
                self.proxy.fault(fault, action="GetRole")
                status, seconds, out, err = self.interrupted(self.plan_arguments(), "iam:GetRole",
                                                             AWS_MAX_ATTEMPTS="4")
                self.assertEqual((130, ""), (status, out), err)
                self.assertLess(seconds, 3)

    def test_interrupted_while_waiting_for_iam(self):
        """What was written is not waited for much longer; what was not done is said, and done the next time."""
        for action, times, kind in (("GetRole", 3, "role"), ("PutRolePolicy", 2, "role-policy")):
            with self.subTest(action=action):
                self.setUp()
                self.proxy.fault(proxy.not_found, action=action)
                arguments = [one for one in self.bootstrap_arguments() if one not in ("--timeout", "1s")]
                status, seconds, out, err = self.interrupted(arguments, f"iam:{action}", times)
                self.assertEqual(130, status, out + err)
                self.assertLess(seconds, 8, err)
                done = {change["kind"]: change["result"] for change in json.loads(out)["changes"]}
                self.assertEqual("failed", done[kind], out)
                self.assertEqual(130, json.loads(out)["outcome"])
                self.proxy.rules.clear()
                self.bootstrap(expect=0)

    # --- apply -----------------------------------------------------------------------------------

    def bootstrap_arguments(self):
        return ["bootstrap", "--yes", "--format", "json", "--cluster", CLUSTER, "-n", "shop", "-s", "api",
                "--role", "shop-api", "--policy-file", "bucket.json", "--manifests", self.manifests(),
                "--timeout", "1s"]

    def bootstrap(self, **named):
        return self.irsa(*self.bootstrap_arguments(), **named)

    def state(self):
        with self.unchecked():
            providers = self.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
            roles = [role["RoleName"] for role in self.iam.list_roles()["Roles"]]
            policies = (self.iam.list_role_policies(RoleName="shop-api")["PolicyNames"]
                        if "shop-api" in roles else [])
        return {"oidc-provider": bool(providers), "role": "shop-api" in roles,
                "role-policy": bool(policies)}

    def test_apply(self):
        self.bootstrap(expect=0)
        steps = self.steps()
        writes = [step for step in steps if step[2]]
        self.assertGreaterEqual(len(writes), 3)
        for action, before, writes in steps:
            for fault in [*proxy.FAULTS, proxy.lost_answer] if writes else proxy.FAULTS:
                with self.subTest(action=action, before=before, fault=fault.__name__):
                    self.afresh()
                    self.spoil(fault, action, before)
                    result = self.bootstrap()
                    self.ends_well(self.judge_apply(result, fault, action, writes))

    def afresh(self):
        if not self.clean:
            self.setUp()
            self.clean = True

    def ends_well(self, state):
        """The same once more, without the fault. Where nothing was made, and nothing is on record, that is
        how the first run began, and how it ends is known."""
        self.proxy.rules.clear()
        self.clean = not any(state.values()) and not list((self.home / ".local").rglob("*.jsonl"))
        if self.clean:
            return
        self.bootstrap(expect=0)
        self.assertEqual({"oidc-provider": True, "role": True, "role-policy": True}, self.state())

    def test_recheck(self):
        """All is done, and then what holds can't be read: that it was done is said, status 1."""
        with self.unchecked():
            self.role()
        for text in (True, False):
            self.setUp()
            with self.unchecked():
                self.role()
            self.proxy.fault(proxy.internal_500, action="ListOpenIDConnectProviders", after=1)
            options = [] if text else ["--format", "json"]
            done = self.irsa("apply", "--yes", *self.selection(), "--manifests", self.manifests(),
                             *options)
            self.assertEqual(1, done.status, done)
            self.assertIn("1 of 1 changes were made, but what holds now could not be read again: "
                          "iam:ListOpenIDConnectProviders", done.err, done)
            if text:
                self.assertIn("1 change was made, but what holds now could not be read", done.out, done)
                self.assertIn("Applied 1 of 1.", done.out, done)
            else:
                self.assertEqual("done", done.json["changes"][0]["result"], done)
                self.assertIn("iam:ListOpenIDConnectProviders", done.json["applied"]["recheck_error"])
            self.proxy.rules.clear()
            self.plan("--manifests", "manifests", expect=0)

    def judge_apply(self, result, fault, action, writes):
        """What is there."""
        self.assertLess(result.seconds, 10, result)
        state = self.state()
        if result.status == 0:
            self.assertTrue(all(state.values()), result)
            return state
        if writes or fault not in ABSENT:  # that something is not there is an answer to a read
            self.assertIn(f":{action}", result.out + result.err, result)
        self.assertIn(result.status, (1, 2, 3, 4, 5), result)
        if not result.out:
            self.assertFalse(any(state.values()), result)
            self.assertIn(result.status, (1, 4), result)
            return state
        # what was done is said, change by change; what may have been done is said to be that
        said = {change["kind"]: change["result"] for change in result.json["changes"]}
        for kind, there in state.items():
            if there:
                self.assertIn(said.get(kind), ("done", "failed"), result)
            else:
                self.assertNotEqual("done", said.get(kind), result)
        failed = "failed" in said.values()
        if failed and "done" in said.values():
            self.assertEqual(5, result.status, result)
        elif failed:  # 2: somebody else was changing it
            self.assertIn(result.status, (2,) if fault is proxy.conflict else (1, 4), result)
        return state


if __name__ == "__main__":
    harness.main()
