# SPDX-License-Identifier: Apache-2.0
"""Several at one cluster: two irsa-fix at once, others who write meanwhile, a snapshot of both halves, owners,
restarts that do not end."""
import contextlib
import fcntl
import json
import os
import pathlib
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time

import kubetest
from kubetest import ACCOUNT, CLUSTER, NODE, ROLE_ARN, harness

ARN = f"arn:aws:iam::{ACCOUNT}:role/shop-api"
POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}]}


class Together(kubetest.KubeTest):
    controllers = kwok = True

    def unannotated(self, **metadata):
        self.healthy(account=False)
        self.kube.account(self.namespace, "api", **metadata)

    def meanwhile(self, act, action="patch serviceaccounts", times=1):
        """act() just before the API server sees that write."""
        def sooner(exchange):
            act()
            exchange.answer(*exchange.forward())
        self.use_proxy()
        self.kube_proxy.fault(sooner, action=action, times=times)

    def test_two_at_once(self):
        """On the same account, from nothing: both end right."""
        (self.work / "bucket.json").write_text(json.dumps(POLICY))
        command = [harness.BINARY, "bootstrap", "--yes", *self.selection(), "--role", "shop-api",
                   "--policy-file", "bucket.json"]
        runs = [subprocess.Popen(command, cwd=self.work, env=self.environment(), text=True,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT) for _ in range(2)]
        ends = [(run.communicate(timeout=120)[0], run.returncode) for run in runs]
        self.assertEqual([0, 0], [code for _, code in ends], "\n".join(text for text, _ in ends))
        self.assertEqual(ARN, self.role_arn_of())
        self.assertEqual([], self.plan(expect=0).codes())

    def test_somebody_else_annotates_the_same(self):
        self.unannotated()
        self.meanwhile(lambda: self.kube.annotate(self.namespace, "api", **{ROLE_ARN: ARN}))
        self.apply(expect=0)
        self.assertEqual(ARN, self.role_arn_of())

    def test_somebody_else_changes_what_does_not_matter(self):
        """A conflict on resourceVersion: planned again, the same comes out, and is done."""
        self.unannotated()
        self.meanwhile(lambda: self.kube.annotate(self.namespace, "api", note="theirs"))
        self.apply(expect=0)
        notes = self.kube.read_account(self.namespace, "api")["metadata"]["annotations"]
        self.assertEqual({ROLE_ARN: ARN, "note": "theirs"}, notes)

    def test_somebody_else_annotates_another_role(self):
        """A conflict after which another plan would be made: it stops, and theirs stays."""
        self.unannotated()
        with self.unchecked():
            self.role("their-api")
        theirs = ARN.replace("shop-api", "their-api")
        self.meanwhile(lambda: self.kube.annotate(self.namespace, "api", **{ROLE_ARN: theirs}))
        done = self.apply("--role", "shop-api")
        self.assertNotEqual(0, done.status, done)
        self.assertEqual(theirs, self.role_arn_of(), done)

    def created_meanwhile(self, role, **metadata):
        """Somebody else is first with the account that was to be created; the end of it."""
        self.healthy(account=False)
        self.meanwhile(lambda: self.kube.account(self.namespace, "api", role, **metadata),
                       action="create serviceaccounts")
        return self.apply("--role", "shop-api")

    def test_somebody_else_creates_the_same(self):
        """As it was wanted, though another hand made it: that is done."""
        done = self.created_meanwhile(ARN, labels={"app.kubernetes.io/managed-by": "them"})
        self.assertEqual(0, done.status, done)
        self.assertEqual(["done"], [change["result"] for change in done.json["changes"]], done)
        labels = self.kube.read_account(self.namespace, "api")["metadata"]["labels"]
        self.assertEqual({"app.kubernetes.io/managed-by": "them"}, labels)
        self.assertEqual([], self.plan(expect=0).codes())

    def test_somebody_else_creates_another(self):
        """With another role, or none: another plan would be made, so it stops; theirs stays."""
        theirs = ARN.replace("shop-api", "their-api")
        for role in (theirs, None):
            with self.subTest(role=role):
                self.setUp()
                with self.unchecked():
                    self.role("their-api")
                done = self.created_meanwhile(role)
                self.assertIn(done.status, (2, 3), done)
                self.assertEqual(["failed"], [change["result"] for change in done.json["changes"]], done)
                self.assertIn("not as the plan saw it", done.json["changes"][0]["message"], done)
                self.assertEqual(role, self.role_arn_of(), done)

    def test_somebody_else_takes_it_over(self):
        """Helm's since it was read: planned again, the change would be held back."""
        def take_over():
            self.kube.patch(f"/api/v1/namespaces/{self.namespace}/serviceaccounts/api", {"metadata": {
                "labels": {"app.kubernetes.io/managed-by": "Helm"},
                "annotations": {"meta.helm.sh/release-name": "their-release"}}})
        self.unannotated()
        self.meanwhile(take_over)
        done = self.apply()
        self.assertIn(done.status, (2, 3), done)
        self.assertIn("their-release", done.json["changes"][0]["message"], done)
        self.assertIsNone(self.role_arn_of())

    def test_only_that_binding_stops(self):
        """Of two accounts one is changed meanwhile: the other is written."""
        self.unannotated()
        self.kube.account(self.namespace, "web")
        with self.unchecked():
            self.role("web", trust=self.trust(account="web"))
        theirs = ARN.replace("shop-api", "their-api")
        self.meanwhile(lambda: self.kube.annotate(self.namespace, "api", **{ROLE_ARN: theirs}),
                       action="patch serviceaccounts", times=1)
        done = self.irsa("apply", "--yes", "--format", "json", "--cluster", kubetest.CLUSTER, "-n",
                         self.namespace)
        self.assertEqual(5, done.status, done)
        self.assertEqual(["done", "failed"], sorted(change["result"] for change in done.json["changes"]), done)
        self.assertEqual(theirs, self.role_arn_of())
        self.assertEqual(ARN.replace("shop-api", "web"), self.role_arn_of("web"))

    def test_only_that_annotation_is_touched(self):
        self.unannotated(labels={"team": "shop"}, annotations={"note": "kept"})
        self.apply(expect=0)
        meta = self.kube.read_account(self.namespace, "api")["metadata"]
        self.assertEqual(({"team": "shop"}, {"note": "kept", ROLE_ARN: ARN}),
                         (meta["labels"], meta["annotations"]))
        own, = [one for one in meta["managedFields"] if one["manager"] == "irsa-fix"]
        self.assertEqual({"f:metadata": {"f:annotations": {f"f:{ROLE_ARN}": {}}}},
                         self.without_dots(own["fieldsV1"]))

    def without_dots(self, fields):
        return {name: self.without_dots(value) for name, value in fields.items() if name != "."}

    def test_an_owned_account_is_left_alone(self):
        """Helm's: who, and what to set there; nothing is written before --allow owned."""
        self.unannotated(labels={"app.kubernetes.io/managed-by": "Helm"}, annotations={
            "meta.helm.sh/release-name": "shop-release", "meta.helm.sh/release-namespace": "shop"})
        done = self.irsa("apply", "--yes", *self.selection())
        text = done.out + done.err
        for words in ("Helm", "shop-release", "serviceAccount.annotations", "--allow owned"):
            self.assertIn(words, text, done)
        self.assertIsNone(self.role_arn_of())
        self.apply("--allow", "owned", expect=0)
        self.assertEqual(ARN, self.role_arn_of())

    def test_a_redacted_snapshot(self):
        """Of Kubernetes no name is left, in labels, annotations, images, paths or variables; the findings are."""
        role = f"arn:aws:iam::{ACCOUNT}:role/quasar-role"
        with self.unchecked():
            self.provider()
            self.role("quasar-role", self.trust("quasar", "quasar"))
        account = {"metadata": {"name": "quasar", "namespace": "quasar",
                                "labels": {"quasar.example/l": "quasar", "app.kubernetes.io/managed-by": "Helm"},
                                "annotations": {ROLE_ARN: role, "quasar.example/team": "of quasar",
                                                "meta.helm.sh/release-name": "quasar-release",
                                                "eks.amazonaws.com/audience": "quasar-aud"}}}
        variables = {"QUASAR": "quasar", "AWS_PROFILE": "quasar", "AWS_ROLE_ARN": role,
                     "AWS_ACCESS_KEY_ID": "AKIAQUASARQUASAR0001", "HTTPS_PROXY": "http://quasar.example:3128"}
        pod = {"serviceAccountName": "quasar", "nodeSelector": {"quasar": "quasar", "kubernetes.io/os": "windows"},
               "volumes": [{"name": "quasar", "hostPath": {"path": "/quasar"}}],
               "containers": [{
                   "name": "quasar", "args": ["--quasar"],
                   "image": "333344445555.dkr.ecr.eu-west-1.amazonaws.com/quasar/app:quasar",
                   "env": [{"name": name, "value": value} for name, value in variables.items()],
                   "volumeMounts": [{"name": "quasar", "mountPath": "/quasar/.aws"}]}]}
        self.kube.create({"apiVersion": "v1", "kind": "Namespace",
                          "metadata": {"name": "quasar", "labels": {"quasar": "quasar"}}})
        self.addCleanup(self.kube.call, "DELETE", "/api/v1/namespaces/quasar")
        self.kube.create({"apiVersion": "v1", "kind": "ServiceAccount", **account})
        self.kube.create({"apiVersion": "apps/v1", "kind": "Deployment",
                          "metadata": {"name": "quasar", "namespace": "quasar", "labels": {"quasar": "quasar"}},
                          "spec": {"selector": {"matchLabels": {"quasar": "quasar"}}, "template": {
                              "metadata": {"labels": {"quasar": "quasar"}}, "spec": pod}}})
        options = ["--cluster", CLUSTER, "-n", "quasar", "-s", "quasar"]
        live = self.irsa("plan", "--format", "json", *options)
        self.irsa("snapshot", "snap", "--redact", *options, expect=0)
        for path in (self.work / "snap").rglob("*"):
            text = (str(path.relative_to(self.work / "snap")) + (path.read_text() if path.is_file() else "")).lower()
            for word in ("quasar", "333344445555", ACCOUNT, "akia"):
                self.assertNotIn(word, text, path)
        again = self.irsa("plan", "--format", "json", "--from", "snap")
        self.assertGreater(len(live.codes()), 3, live)
        self.assertEqual((live.status, live.codes(), live.changes()),
                         (again.status, again.codes(), again.changes()), again)

    def test_a_snapshot_of_both_halves(self):
        self.unannotated()
        self.kube.workload("Deployment", self.namespace, "web", "api", node=NODE)
        self.kube.running(self.namespace, 1)
        live = self.plan(expect=2)
        self.irsa("snapshot", "snap", *self.selection(), expect=0)
        self.use_proxy()
        again = self.irsa("plan", "--format", "json", "--from", "snap", *self.selection(), expect=2)
        self.assertEqual(([], []), (self.kube_proxy.calls, self.proxy.calls))
        for part in ("bindings", "changes", "cluster", "summary"):
            self.assertEqual(live.json[part], again.json[part], part)
        self.assertEqual(live.codes(), again.codes())
        kept = "".join(path.read_text() for path in pathlib.Path(self.work / "snap").rglob("*")
                       if path.is_file())
        self.assertIn("ServiceAccount", kept)

    def test_a_restart_that_does_not_end(self):
        """Pods that never run: said at the deadline, with what was waited for."""
        self.unannotated()
        self.kube.workload("Deployment", self.namespace, "web", "api")  # no node: pending for ever
        self.kube.wait(lambda: self.kube.pods(self.namespace), "no pod is made", 30)
        threading.Event().wait(1.1)
        self.kube.annotate(self.namespace, "api", **{ROLE_ARN: ARN})
        done = self.apply("--allow", "restart", "--timeout", "3", timeout=90)
        self.assertNotEqual(0, done.status, done)
        self.assertIn("web", done.out + done.err)
        self.assertLess(done.seconds, 60, done)

    def stuck(self):
        """A workload whose pods never run, and a plan that restarts it."""
        self.unannotated()
        self.kube.workload("Deployment", self.namespace, "web-with-a-name-that-is-longer-than-a-line", "api")
        self.kube.wait(lambda: self.kube.pods(self.namespace), "no pod is made", 30)
        threading.Event().wait(1.1)
        self.kube.annotate(self.namespace, "api", **{ROLE_ARN: ARN})
        return [harness.BINARY, "apply", "--yes", *self.selection(), "--allow", "restart"]

    def on_terminal(self, command, columns, until=None, **variables):
        """Runs it with a terminal of so many columns as stderr, Ctrl-C when `until` is seen; what a
        person saw, stdout, and the exit status."""
        own, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        run = subprocess.Popen(command, cwd=self.work, env=self.environment(TERM="xterm", **variables),
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs, text=True)
        os.close(theirs)
        seen = b""
        with contextlib.suppress(OSError):  # EIO: the other side is closed
            while chunk := os.read(own, 4096):
                seen += chunk
                if until and until in seen:
                    until = None
                    run.send_signal(signal.SIGINT)
        os.close(own)
        out, _ = run.communicate(timeout=60)
        return seen.decode(), out, run.returncode

    def screen(self, seen, columns):
        """The lines that stand at the end; nothing may have wrapped."""
        lines = [""]
        for part in re.split("(\r\x1b\\[K|\r\n)", seen):
            if part == "\r\x1b[K":
                lines[-1] = ""
            elif part == "\r\n":
                lines.append("")
            else:
                self.assertNotIn("\x1b", part)
                self.assertNotIn("\r", part)
                lines[-1] += part
                if "restarted; " in part:
                    self.assertLess(len(part), columns)
        return [line for line in lines if line]

    def test_progress_on_a_terminal(self):
        command = self.stuck()
        seen, out, status = self.on_terminal([*command, "--timeout", "3"], 60)
        self.assertIn("0 of 1 restarted; ", seen)
        for line in self.screen(seen, 60):
            self.assertNotIn("restarted; ", line, seen)
        self.assertNotEqual(0, status, out)
        self.assertNotIn("\x1b[K", out)

    def test_no_progress_into_a_file(self):
        done = self.irsa(*self.stuck()[1:], "--timeout", "3", env=self.environment(TERM="xterm"))
        self.assertNotIn("\x1b", done.err)
        self.assertNotIn("\r", done.err)
        self.assertEqual(1, done.err.count("waiting for the pods"), done)

    def test_ctrl_c_while_pods_are_watched(self):
        """The watching ends at once, what was done is told, and the line is gone."""
        command = self.stuck()
        begin = time.monotonic()
        seen, out, status = self.on_terminal(command, 60, until=b"0 of 1 restarted; ")
        self.assertLess(time.monotonic() - begin, 30)
        self.assertEqual(130, status, out)
        lines = self.screen(seen, 60)
        self.assertTrue(any(line.startswith("irsa-fix: interrupted") for line in lines), lines)
        for line in lines:
            self.assertNotIn("restarted; ", line, seen)
        self.assertIn("when watching ended", out)

    def test_bare_pods_are_never_deleted(self):
        self.unannotated()
        self.kube.pod(self.namespace, "lonely", "api", node=NODE)
        pod, = self.kube.running(self.namespace, 1)
        threading.Event().wait(1.1)
        self.kube.annotate(self.namespace, "api", **{ROLE_ARN: ARN})
        done = self.apply("--allow", "restart,delete,overwrite,owned")
        self.assertIn("lonely", done.out + done.err, done)
        now, = self.kube.pods(self.namespace)
        self.assertEqual(pod["metadata"]["uid"], now["metadata"]["uid"])


if __name__ == "__main__":
    kubetest.main()
