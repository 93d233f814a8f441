# SPDX-License-Identifier: Apache-2.0
"""A bootstrap of eight changes, against moto and the real API server, is killed before and after every
write request, and before and in the middle of every record of its journal; SIGTERM and SIGINT come at
every write request. Run again it comes to what it comes to undisturbed, and rolled back to the
beginning. The same over files is tests/kill."""
import collections
import contextlib
import json
import os
import re
import signal
import subprocess

import kubetest
from cluster import Failed
from kubetest import ACCOUNT, CLUSTER, harness

POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}]}
SHIM = os.environ["IRSAFIX_KILL_AT"]
VOLATILE = ("uid", "resourceVersion", "creationTimestamp", "managedFields")
Point = collections.namedtuple("Point", "number when sign")


class Striker:
    """Sends the signal at the n-th write request, whichever of the two servers gets it."""

    def __init__(self, point=None):
        self.point, self.seen, self.process = point, [], None
        self.__name__ = "strike"

    def is_write(self, call):
        if call.service == "kube":
            return call.action.split()[0] not in ("get", "list", "watch")
        return call.writes

    def __call__(self, exchange):
        due = ""
        if self.is_write(exchange.call):
            self.seen.append(exchange.call.name)
            if self.point and len(self.seen) == self.point.number:
                due = self.point.when
        if due == "before":
            self.strike()
            if self.point.sign == signal.SIGKILL:
                exchange.hang_up()
                return
        answer = exchange.forward()
        if due == "after":
            self.strike()
        exchange.answer(*answer)

    def strike(self):
        self.process.send_signal(self.point.sign)
        if self.point.sign == signal.SIGKILL:
            self.process.wait(10)


class Kill(kubetest.KubeTest):
    def setUp(self):
        super().setUp()
        for name in ("one", "two"):
            (self.work / f"{name}.json").write_text(json.dumps(POLICY))

    def fresh(self):
        """An account and a namespace's name in which nothing is."""
        self.moto.checks(False)
        self.moto.post("reset")
        self.proxy.reset()
        self.kube_proxy.reset()
        self.keys = self.user("admin", [{"Effect": "Allow", "Action": "*", "Resource": "*"}])
        self.issuer = self.cluster(CLUSTER)
        for name in ("queue", "read"):
            self.iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(POLICY))
        self.moto.checks(True)
        self.namespace = f"kill-{next(self.number)}"
        self.state_home = self.home / f"state-{self.namespace}"

    def back(self):
        """Takes back what was made, newest first, and compares with the beginning."""
        told = []
        for path in sorted((self.state_home / "irsa-fix/runs").glob("*.jsonl"), reverse=True):
            if b"\n" not in path.read_bytes():  # killed before it said what it was: nothing was made
                continue
            done = self.irsa("rollback", path.stem, "--yes", "--allow", "delete,overwrite", env=self.environment(
                XDG_STATE_HOME=str(self.state_home), AWS_ENDPOINT_URL=self.moto.url))
            told.append(str(done))
            self.assertEqual(0, done.status, done)
        self.kube.wait(lambda: self.state() == self.before, "\n".join(told), 10)
        self.assertEqual(self.before, self.state(), "\n".join(told))

    def bootstrap(self, striker=None, **shim):
        """Through the proxies where somebody strikes there."""
        proxied = striker is not None
        variables = {"XDG_STATE_HOME": str(self.state_home),
                     "KUBECONFIG": self.config("admin", proxied=proxied)}
        if striker:
            self.proxy.fault(striker)
            self.kube_proxy.fault(striker)
        else:
            variables["AWS_ENDPOINT_URL"] = self.moto.url
        if shim:
            options = os.environ.get("ASAN_OPTIONS", "")
            variables |= {"LD_PRELOAD": SHIM, "ASAN_OPTIONS": f"verify_asan_link_order=0:{options}",
                          **{f"IRSA_KILL_{key}": str(value) for key, value in shim.items()}}
        process = subprocess.Popen(
            [harness.BINARY, "bootstrap", "--yes", "--cluster", CLUSTER, "-n", self.namespace, "-s",
             "api", "--role", "shop-api", "--create-namespace", "--policy-file", "one.json",
             "--policy-file", "two.json", "--policy-arn", f"arn:aws:iam::{ACCOUNT}:policy/queue",
             "--policy-arn", f"arn:aws:iam::{ACCOUNT}:policy/read"],
            cwd=self.work, env=self.environment(**variables), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if striker:
            striker.process = process
        out, err = process.communicate(timeout=120)
        return harness.Result(["bootstrap"], process.returncode, out, err, 0)

    # --- what is there ---------------------------------------------------------------------------

    def role_state(self, role):
        name = role["RoleName"]
        inline = self.iam.list_role_policies(RoleName=name)["PolicyNames"]
        whole = {key: value for key, value in self.iam.get_role(RoleName=name)["Role"].items()
                 if key not in ("CreateDate", "RoleId", "RoleLastUsed")}
        whole["Attached"] = self.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        whole["Inline"] = {one: self.iam.get_role_policy(RoleName=name, PolicyName=one)[
            "PolicyDocument"] for one in inline}
        return whole

    def object_state(self, path):
        with contextlib.suppress(Failed):
            found = self.kube.get(path)
            if "deletionTimestamp" in found["metadata"]:
                return None  # its end is the controllers', which do not run here
            found["metadata"] = {key: value for key, value in found["metadata"].items()
                                 if key not in VOLATILE}
            return found
        return None

    def state(self):
        """All that IAM and the API server have of it, as text."""
        with self.unchecked():
            providers = []
            for one in self.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
                whole = self.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=one["Arn"])
                providers.append({"Arn": one["Arn"], **{
                    key: value for key, value in whole.items()
                    if key not in ("CreateDate", "ResponseMetadata")}})
            roles = [self.role_state(role) for role in self.iam.list_roles()["Roles"]]
        space = f"/api/v1/namespaces/{self.namespace}"
        whole = {"providers": providers, "roles": roles, "namespace": self.object_state(space),
                 "account": self.object_state(f"{space}/serviceaccounts/api")}
        return json.dumps(whole, indent=1, sort_keys=True).replace(
            self.namespace, "NAMESPACE").replace(self.issuer, "ISSUER")

    def journals(self):
        runs = {}
        for path in sorted((self.state_home / "irsa-fix/runs").glob("*.jsonl")):
            runs[path.stem] = [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]
        return [journal for journal in runs.values() if journal]

    def kept(self):
        """Everything in the state's directory."""
        return b"".join(path.read_bytes() for path in self.state_home.rglob("*") if path.is_file())

    # --- undisturbed, and not --------------------------------------------------------------------

    def undisturbed(self):
        self.fresh()
        self.before = self.state()
        striker = Striker()
        log = self.home / "events"
        done = self.bootstrap(striker, LOG=log)
        self.assertEqual(0, done.status, done)
        self.assertIn("Applied 8 of 8", done.out)
        self.whole = self.state()
        self.assertIn(f"arn:aws:iam::{ACCOUNT}:role/shop-api", self.whole)
        self.writes = striker.seen
        self.events = [line.split(" ", 2) for line in log.read_text().splitlines()]

    def check_again(self, point, killed):
        journals = self.journals()
        pending = bool(journals) and not any(one["record"] == "end" for one in journals[0])
        begun = [one for journal in journals for one in journal if one["record"] == "change"]
        again = self.bootstrap()
        told = f"{point}\n{killed}\n{again}"
        self.assertEqual(0, again.status, told)
        self.assertEqual(self.whole, self.state(), told)
        self.assertEqual(pending, "was killed: of 8 changes" in again.err, told)
        self.assertEqual(pending, "this run finishes it" in again.err, told)
        last = [journal for journal in self.journals()]
        self.assertTrue(all(any(one["record"] in ("end", "settled") for one in journal)
                            for journal in last), told)
        for secret in self.secrets:
            self.assertNotIn(secret.encode(), self.kept())
        return pending, begun

    def points_of_writes(self):
        for number in range(1, len(self.writes) + 1):
            yield Point(number, "before", signal.SIGKILL)
            yield Point(number, "after", signal.SIGKILL)

    def test_killed_at_every_write(self):
        self.undisturbed()
        doubtful = 0
        for point in self.points_of_writes():
            self.fresh()
            killed = self.bootstrap(Striker(point))
            self.assertEqual(-9, killed.status, f"{point} {killed}")
            pending, begun = self.check_again(point, killed)
            self.assertTrue(pending and begun, point)
            settled, = [one for one in self.journals()[0] if one["record"] == "settled"]
            holds = [one["holds"] for one in settled["changes"]]
            self.assertTrue(holds and None not in holds, f"{point}: {holds}")
            doubtful += len(holds)
            self.back()
        self.assertGreaterEqual(doubtful, 16)

    def test_interrupted_at_every_write(self):
        """The change under way is finished, the next one not begun, the journal ended."""
        self.undisturbed()
        for number in range(1, len(self.writes) + 1):
            sign = (signal.SIGTERM, signal.SIGINT)[number % 2]
            point = Point(number, ("before", "after")[number // 2 % 2], sign)
            self.fresh()
            stopped = self.bootstrap(Striker(point))
            self.assertEqual(130, stopped.status, f"{point} {stopped}")
            end = self.journals()[0][-1]
            self.assertEqual(("end", 130), (end["record"], end["outcome"]), f"{point} {stopped}")
            self.assertNotIn("nothing was changed", stopped.err)
            self.assertEqual((number, 0), (end["done"], end["failed"]), f"{point} {stopped}")
            self.assertNotIn("could not be read again", stopped.out)
            pending, _ = self.check_again(point, stopped)
            self.assertFalse(pending)
            self.back()

    def test_killed_at_every_record(self):
        self.undisturbed()
        for number, name, path in self.events:
            if name != "write" or not re.search(r"/runs/.*\.jsonl$", path):
                continue
            for when in ("before", "half"):
                self.fresh()
                killed = self.bootstrap(AT=number, WHEN=when, SIGNAL=9)
                self.assertEqual(-9, killed.status, f"{number} {when} {killed}")
                self.check_again(f"{when} {number} {path}", killed)
                self.back()


if __name__ == "__main__":
    kubetest.main()
