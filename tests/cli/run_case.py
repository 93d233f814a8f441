#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One golden run of the built program: run_case.py BINARY CASE

A case is a folder with
  cmd        a shell script (sh); `irsa-fix` is the program; it runs in a new directory
  world/     copied there as world/; or `world`, a file that names a folder of examples/
  files/     optional: copied there, beside world/
  stdout, stderr, exit
             what must come out; an empty file may be missing, exit is then 0
  after/     optional: files that must be there afterwards, to the byte (after/world/...)
  unchanged  optional, empty: every file of world/ must be as it was, to the byte
  unprivileged
             optional, empty: run as nobody where the tests run as root, who may write anywhere

The directory's name and the version are masked as @TMP@ and @VERSION@, ids of runs, locks and times
of today as @RUN@, @LOCK@ and @NOW@. With IRSA_BLESS=1 in the
environment stdout, stderr, exit and the files below after/ are written instead of compared.
"""
import datetime
import difflib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOBODY = 65534


def files_of(folder):
    """{relative name: bytes} of all files."""
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()}


def set_up(case, work, binary):
    (work / "bin").mkdir()
    shutil.copy(binary, work / "bin" / "irsa-fix")
    if (case / "world").is_file():
        source = ROOT / "examples" / (case / "world").read_text().strip()
        shutil.copytree(source, work / "world", symlinks=True)
    elif (case / "world").is_dir():
        shutil.copytree(case / "world", work / "world", symlinks=True)
    if (case / "files").is_dir():
        shutil.copytree(case / "files", work, symlinks=True, dirs_exist_ok=True)


def environment(work):
    keep = {name: value for name, value in os.environ.items()
            if name.startswith(("ASAN_", "UBSAN_", "LSAN_"))}
    return {"PATH": f"{work}/bin:{os.environ['PATH']}", "HOME": str(work), "XDG_STATE_HOME": f"{work}/state", "TERM": "xterm",
            "LC_ALL": "C.UTF-8", "ROOT": str(ROOT), **keep}


def run(case, work):
    user = {}
    if (case / "unprivileged").exists() and os.geteuid() == 0:
        for path in [work, *work.rglob("*")]:
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    # Nothing is read from standard input; Ctrl-C and SIGPIPE as a shell would have them.
    return subprocess.run(["sh", str(case / "cmd")] if not user else ["sh", "-c", (case / "cmd").read_text()],
                          cwd=work, env=environment(work), stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60, check=False, **user)


def mask_now(match):
    """Times of this test's run; those of worlds stay."""
    then = datetime.datetime.strptime(match[0], "%Y-%m-%dT%H:%M:%SZ").replace(
        tzinfo=datetime.timezone.utc)
    age = datetime.datetime.now(datetime.timezone.utc) - then
    return "@NOW@" if abs(age.total_seconds()) < 600 else match[0]


def masked(data, work, version):
    text = data.decode("utf-8", "surrogateescape")
    for name in {str(work), os.path.realpath(work)}:
        text = text.replace(name, "@TMP@")
    text = re.sub(r"\b20\d{6}-\d{6}-[0-9a-f]{8}\b", "@RUN@", text)
    text = re.sub(r"\b[0-9a-f]{32}\.lock\b", "@LOCK@.lock", text)
    text = re.sub(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", mask_now, text)
    text = text.replace(str(ROOT), "@SOURCE@").replace(f"irsa-fix {version}", "irsa-fix @VERSION@")
    return text.replace(f'"irsa_fix_version": "{version}"', '"irsa_fix_version": "@VERSION@"')


def difference(name, expected, found):
    lines = difflib.unified_diff(expected.splitlines(True), found.splitlines(True),
                                 f"expected {name}", f"found {name}")
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def expect_text(case, name, found, bless):
    path = case / name
    default = "0\n" if name == "exit" else ""
    if bless:
        if found == default:
            path.unlink(missing_ok=True)
        else:
            path.write_text(found, encoding="utf-8", errors="surrogateescape")
        return ""
    expected = default
    if path.exists():
        expected = path.read_text(encoding="utf-8", errors="surrogateescape")
    return difference(name, expected, found) if expected != found else ""


def expect_files(case, work, before, bless):
    problems = ""
    for path in sorted((case / "after").rglob("*")) if (case / "after").is_dir() else []:
        if not path.is_file():
            continue
        found = work / path.relative_to(case / "after")
        if bless:
            shutil.copyfile(found, path)
        elif not found.is_file():
            problems += f"{path.relative_to(case / 'after')}: not there afterwards\n"
        elif found.read_bytes() != path.read_bytes():
            problems += difference(str(path.relative_to(case / "after")),
                                   path.read_text(errors="replace"),
                                   found.read_text(errors="replace"))
    if (case / "unchanged").exists():
        after = files_of(work / "world")
        for name in sorted(set(before) | set(after)):
            if before.get(name) != after.get(name):
                problems += f"world/{name}: is not as it was\n"
    left = [str(path) for path in work.rglob(".irsa-fix.*")]
    return problems + "".join(f"{name}: a temporary file is left\n" for name in left)


def main():
    binary, case = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    bless = os.environ.get("IRSA_BLESS") == "1"
    version = subprocess.run([binary, "--version"], capture_output=True, text=True,
                             check=True).stdout.split()[1]
    with tempfile.TemporaryDirectory(prefix="irsa-fix-cli.") as name:
        work = pathlib.Path(name)
        set_up(case, work, binary)
        before = files_of(work / "world") if (work / "world").exists() else {}
        result = run(case, work)
        problems = expect_text(case, "exit", f"{result.returncode}\n", bless)
        problems += expect_text(case, "stdout", masked(result.stdout, work, version), bless)
        problems += expect_text(case, "stderr", masked(result.stderr, work, version), bless)
        problems += expect_files(case, work, before, bless)
    if problems:
        print(f"{case.name}:\n{problems}", end="")
        return 1
    return 0


sys.exit(main())
