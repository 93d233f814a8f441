#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What apply leaves behind: outcome.py BINARY [PART]: all worlds, or those with PART in their name

For every world of examples/ and of the suites plan and diagnose, on a copy:
 - the plan and apply's answer, as JSON, are as docs/plan.schema.json has them, and the exit status
   is the `outcome` in them
 - planning changes nothing; the same input gives the same bytes
 - after `apply --yes` a plan has nothing to do, but what is held back, and no finding is new that
   is an error
 - files that no change named are as they were, to the byte; a world with nothing to do is untouched
 - with every class allowed, a plan after that apply has nothing to do either
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/plan.schema.json").read_text()))
CLASSES = "narrow,pattern,overwrite,restart,delete,owned"
SINGLE = {"cluster": "--cluster", "audience": "--audience", "repoint": "--repoint", "role": "--role",
          "thumbprint": "--thumbprint"}
FLAGS = {"strict": "--strict", "keep_old": "--keep-old", "prune": "--prune"}
# Examples that need an option, and what else there is to be done with them.
EXAMPLES = {"blue-green": [["--cluster", "shop-green", *more] for more in (
    [], ["--repoint", "shop-blue", "--keep-old"], ["--repoint", "shop-blue"],
    ["--repoint", "stale"], ["--prune"], ["--repoint", "stale", "--prune"])]}
MANY = {"namespaces": "-n", "service_accounts": "-s", "allow": "--allow"}


class Problem(Exception):
    pass


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()}


def arguments_of(case):
    """The command line that a suite's args.json stands for, or None where there is none."""
    arguments = []
    config = case / "irsa-fix.ini"
    arguments += ["--config", str(config)] if config.exists() else ["--no-config"]
    if (case / "templates").is_dir():
        arguments += ["--template-dir", str(case / "templates")]
    path = case / "args.json"
    if not path.exists():
        return arguments
    given = json.loads(path.read_text())
    if set(given) - set(SINGLE) - set(MANY) - set(FLAGS):
        return None
    for key, option in SINGLE.items():
        if key in given:
            arguments += [option, given[key]]
    for key, option in MANY.items():
        for value in given.get(key, []):
            arguments += [option, value]
    return arguments + [option for key, option in FLAGS.items() if given.get(key)]


class World:
    def __init__(self, binary, directory, arguments):
        self.binary, self.directory, self.arguments = binary, directory, arguments
        self.seen = set()  # commands whose answer was held against the schema, which takes long

    def run(self, command, *extra):
        result = subprocess.run(
            [self.binary, command, "--from", str(self.directory), "--format", "json",
             *self.arguments, *extra],
            cwd=self.directory.parent, stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
            check=False, env={**os.environ, "LC_ALL": "C.UTF-8",
                              "XDG_STATE_HOME": str(self.directory.parent / "state")})
        if result.returncode not in (0, 2, 3):
            raise Problem(f"{command}: exit status {result.returncode}: "
                          f"{result.stderr.decode(errors='replace')}")
        if result.stderr:
            raise Problem(f"{command}: on stderr: {result.stderr.decode(errors='replace')}")
        answer = json.loads(result.stdout)
        for error in SCHEMA.iter_errors(answer) if command not in self.seen else ():
            where = "/".join(map(str, error.absolute_path))
            raise Problem(f"{command}: not as the schema has it: {where}: {error.message}")
        self.seen.add(command)
        if answer["outcome"] != result.returncode:
            raise Problem(f"{command}: outcome {answer['outcome']}, exit status {result.returncode}")
        return answer, result.stdout


def words(target):
    """Names by which a change's target may stand in a file: the last parts of ARNs and NS/NAME."""
    return {re.split(r"[/:]", part)[-1] for part in target.split(" ")}


def check_files(before, after, changes):
    names = set().union(*(words(change["target"]) for change in changes)) if changes else set()
    for name in sorted(set(before) | set(after)):
        if before.get(name) == after.get(name):
            continue
        if name not in after and not any(change["action"] == "delete" for change in changes):
            raise Problem(f"{name}: gone")
        text = name + "".join(side.get(name, b"").decode(errors="replace")
                              for side in (before, after))
        if not any(word in text for word in names):
            raise Problem(f"{name}: changed, but no change is about it")


def to_do(plan):
    return [f"{change['id']} {change['kind']} {change['target']}"
            for change in plan["changes"] if not change["held_back"]]


def errors_of(plan):
    return {(finding["code"], json.dumps(finding["subject"], sort_keys=True))
            for finding in plan["findings"] if finding["severity"] == "error"}


def check(binary, source, arguments):
    with tempfile.TemporaryDirectory(prefix="irsa-fix-outcome.") as name:
        directory = pathlib.Path(name) / "world"
        shutil.copytree(source, directory, symlinks=True)
        before = files_of(directory)
        world = World(binary, directory, arguments)
        plan, text = world.run("plan")
        if world.run("plan")[1] != text:
            raise Problem("plan: not the same bytes the second time")
        if files_of(directory) != before:
            raise Problem("plan: changed files")
        made = [change for change in plan["changes"] if not change["held_back"]]
        world.run("apply", "--yes")
        after = files_of(directory)
        check_files(before, after, made)
        if not made and after != before:
            raise Problem("apply: nothing was to be done, and files changed")
        second = world.run("plan")[0]
        if to_do(second):
            raise Problem(f"plan after apply: {', '.join(to_do(second))}")
        new = errors_of(second) - errors_of(plan)
        if "repoint" in plan:  # of the checks' findings some concern several roles, then fewer
            new = {error for error in new if error[0].startswith("IRSA13")}
        if new:
            raise Problem(f"apply: new errors: {sorted(new)}")
        world.run("apply", "--yes", "--allow", CLASSES)
        rest = to_do(world.run("plan", "--allow", CLASSES)[0])
        if rest:
            raise Problem(f"plan after apply with everything allowed: {', '.join(rest)}")


def cases():
    for folder in sorted((ROOT / "examples").iterdir()):
        if folder.is_dir() and folder.name != "configuration":
            for more in EXAMPLES.get(folder.name, [[]]):
                yield folder, ["--no-config", *more]
    for area in ("plan", "diagnose"):
        for folder in sorted((ROOT / "tests/suites" / area).glob("*/world")):
            expected = folder.parent / "expected.json"
            arguments = arguments_of(folder.parent)
            if not expected.exists() or arguments is None:
                continue
            if "error" not in json.loads(expected.read_text()):
                yield folder, arguments


def try_case(binary, case):
    try:
        check(binary, *case)
    except (Problem, ValueError, subprocess.TimeoutExpired) as problem:
        return f"{case[0].relative_to(ROOT)}: {problem}"
    return None


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    part = sys.argv[2] if len(sys.argv) > 2 else ""
    chosen = [case for case in cases() if part in str(case[0])]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        problems = [p for p in pool.map(lambda case: try_case(binary, case), chosen) if p]
    for problem in problems:
        print(problem)
    print(f"{len(chosen)} worlds, {len(problems)} with problems")
    return 1 if problems or not chosen else 0


sys.exit(main())
