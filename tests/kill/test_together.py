#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_together.py BINARY SHIM: several at one world. One run is stopped (SIGSTOP) in the middle, and
the others wait, give up, are interrupted, look; killed and stopped runs and what comes after them."""
import json
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

import worlds
from scene import COMMAND, Scene

RUN = r"20\d{6}-\d{6}-[0-9a-f]{8}"
HELD = rf"another irsa-fix \(.+ on .+, pid \d+, run {RUN}, since [0-9TZ:-]+\) is changing these files"


class Together(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(Scene(worlds.new))
        with Scene(worlds.new) as other:
            done = other.irsa(*COMMAND, LOG=other.work / "log")
            self.assertEqual(0, done.returncode, done.stderr)
            self.end = other.world()
            self.events = [line.split(" ", 2)
                           for line in (other.work / "log").read_text().splitlines()]

    def record(self, number):
        """The event in which record `number` of the journal is written."""
        return [int(event) for event, name, path in self.events
                if name == "write" and path.endswith(".jsonl")][number]

    def stopped(self, at):
        """A run that is stopped there, with the lock."""
        process = self.scene.start(*COMMAND, AT=at, WHEN="before", SIGNAL=int(signal.SIGSTOP))
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        for _ in range(600):
            stat = pathlib.Path(f"/proc/{process.pid}/stat").read_text()
            if stat.rsplit(")", 1)[1].split()[0] == "T":
                return process
            time.sleep(0.05)
        self.fail("it does not stop")

    def read_until(self, process, words):
        line = ""
        while words not in line:
            line = process.stderr.readline()
            self.assertTrue(line, f"it ends without: {words}")
        return line

    def test_the_second_waits_and_ends_right(self):
        first = self.stopped(self.record(4))
        second = self.scene.start(*COMMAND)
        line = self.read_until(second, "is changing these files")
        self.assertRegex(line, HELD + ": waiting for it to end")
        self.assertIsNone(second.poll())
        first.send_signal(signal.SIGCONT)
        done = self.scene.finish(second)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertNotIn("waiting", done.stderr)  # said once
        self.assertEqual(0, json.loads(done.stdout)["applied"]["done"])
        self.assertEqual(0, self.scene.finish(first).returncode)
        self.assertEqual(self.end, self.scene.world())
        self.assertEqual(["finished"], [run["state"] for run in self.scene.history()["runs"]])

    def test_the_second_gives_up(self):
        self.stopped(self.record(4))
        before = self.scene.world()
        done = self.scene.irsa(*COMMAND, "--timeout", "1")
        self.assertEqual((1, ""), (done.returncode, done.stdout), done.stderr)
        self.assertRegex(done.stderr, f"error: {HELD}\nhint: nothing was changed")
        self.assertEqual(before, self.scene.world())

    def test_the_wait_is_interrupted(self):
        self.stopped(self.record(4))
        for sign in (signal.SIGINT, signal.SIGTERM):
            before = self.scene.world()
            second = self.scene.start(*COMMAND)
            self.read_until(second, "waiting for it to end")
            second.send_signal(sign)
            done = self.scene.finish(second)
            self.assertEqual(130, done.returncode, done.stderr)
            self.assertIn("interrupted, nothing was changed", done.stderr)
            self.assertEqual(before, self.scene.world())

    def test_the_first_is_killed_while_the_second_waits(self):
        first = self.stopped(self.record(6))
        second = self.scene.start(*COMMAND)
        self.read_until(second, "waiting for it to end")
        first.kill()
        done = self.scene.finish(second)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("was killed: of 8 changes", done.stderr)
        self.assertIn("this run finishes it", done.stderr)
        self.assertEqual(self.end, self.scene.world())

    def test_plan_says_that_somebody_is_at_work(self):
        self.stopped(self.record(4))
        done = self.scene.irsa("plan", "--from", "world")
        self.assertRegex(done.stderr, rf"run {RUN} is changing this at the moment")
        self.assertEqual(["at-work"], [run["state"] for run in self.scene.history()["runs"]])

    def test_another_world_is_free(self):
        self.stopped(self.record(4))
        worlds.new(self.scene.work / "other")
        done = self.scene.irsa("apply", "--from", "other/world", "--yes", "--timeout", "1")
        self.assertNotIn("another irsa-fix", done.stderr)

    # --- after a kill ----------------------------------------------------------------------------

    def killed(self, at):
        done = self.scene.irsa(*COMMAND, AT=at, WHEN="before", SIGNAL=int(signal.SIGKILL))
        self.assertEqual(-9, done.returncode, done.stderr)
        return self.scene.history()["runs"][0]["id"]

    def test_plan_tells_of_a_killed_run(self):
        """What is known, what is in doubt and what the files tell of it, and how to finish it."""
        run = self.killed(self.record(9))
        done = self.scene.irsa("plan", "--from", "world")
        self.assertRegex(done.stderr, rf"warning: run {run} \(bootstrap, started .+ by .+ on .+\) was "
                         r"killed: of 8 changes \d done, 0 failed, [1-4] in doubt, \d not begun")
        self.assertRegex(done.stderr, r"in doubt was c\d \(.+\): it was made")
        command = re.search("to finish it: (irsa-fix bootstrap .*)", done.stderr)[1]
        self.assertIn("--create-namespace", command)
        self.assertEqual("killed", self.scene.history()["runs"][0]["state"])
        # From anywhere: names of files are absolute.
        words = subprocess.run(["sh", "-c", f"set -- {command}; printf '%s\\n' \"$@\""], check=True,
                               capture_output=True, text=True).stdout.split("\n")[1:-1]
        again = self.scene.irsa(*words, "--format", "json")
        self.assertEqual(0, again.returncode, again.stderr)
        self.assertIn("this run finishes it", again.stderr)
        self.assertEqual(self.end, self.scene.world())
        shown = self.scene.irsa("history", run)
        self.assertIn("in doubt; it was made, as a later run saw", shown.stdout)
        self.assertIn("killed, settled by", shown.stdout)

    def test_another_command_leaves_it(self):
        run = self.killed(self.record(9))
        other = self.scene.irsa("bootstrap", "--from", "world", "-n", "default", "-s", "more",
                                "--role", "more", "--yes", "--format", "json")
        self.assertEqual(0, other.returncode, other.stderr)
        self.assertRegex(other.stderr, rf"run {run} .* was killed")
        self.assertRegex(other.stderr, "another one and leaves it; to finish it: irsa-fix bootstrap")
        self.assertEqual(["finished", "killed"], [one["state"] for one in self.scene.history()["runs"]])
        again = self.scene.irsa(*COMMAND)
        self.assertEqual(0, again.returncode, again.stderr)
        self.assertEqual({"finished", "settled"},
                         {one["state"] for one in self.scene.history()["runs"]})
        last = self.scene.irsa(*COMMAND)
        self.assertEqual("", last.stderr)

    def test_killed_with_all_done_is_settled_by_anyone(self):
        """Only the end was not written: there is nothing to finish, and nobody hears of it for long."""
        self.killed(self.record(-1))
        again = self.scene.irsa(*COMMAND)
        self.assertEqual(0, again.returncode, again.stderr)
        self.assertIn("of 8 changes 8 done", again.stderr)
        self.assertEqual("", self.scene.irsa(*COMMAND).stderr)
        self.assertEqual(["settled"], [one["state"] for one in self.scene.history()["runs"]])

    def test_half_a_change_and_plan(self):
        """Two copies of a role, one written: plan can't read that, and says who mends it."""
        self.scene = self.enterContext(Scene(worlds.partly))
        at = None
        done = self.scene.irsa(*COMMAND, LOG=self.scene.work / "log", AT=0)
        self.assertEqual(0, done.returncode, done.stderr)
        for line in (self.scene.work / "log").read_text().splitlines():
            event, name, path = line.split(" ", 2)
            if name == "rename" and path.endswith("roles.json"):
                at = int(event)
                break
        self.scene = self.enterContext(Scene(worlds.partly))
        self.killed(at)
        broken = self.scene.irsa("plan", "--from", "world")
        self.assertEqual(1, broken.returncode, broken.stderr)
        self.assertIn("killed while it wrote these files", broken.stderr)
        other = self.scene.irsa("apply", "--from", "world", "-n", "shop", "--yes")
        self.assertIn("killed between the files of one change", other.stderr)
        self.assertIn(self.scene.irsa("plan", "--from", "world").returncode, (0, 2, 3))

    def test_a_saved_plan(self):
        """It was half applied: the files are not what it was made for, and it is said why."""
        plan = self.scene.irsa("plan", "--from", "world", "-n", "shop", "-s", "api", "--role",
                               "shop-api", "--policy-file", "one.json", "--save", "plan.json")
        self.assertIn(plan.returncode, (2, 3), plan.stderr)
        killed = self.scene.irsa("apply", "plan.json", "--yes", AT=self.record(5), WHEN="before",
                                 SIGNAL=9)
        self.assertEqual(-9, killed.returncode, killed.stderr)
        again = self.scene.irsa("apply", "plan.json", "--yes")
        self.assertEqual(2, again.returncode, again.stderr)
        command = re.search("to finish it: irsa-fix (apply .*)", again.stderr)[1]
        done = self.scene.irsa(*command.split(), "--format", "json")
        self.assertIn("this run finishes it", done.stderr)
        self.assertEqual({"finished", "settled"},
                         {one["state"] for one in self.scene.history()["runs"]})


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
