#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""documented.py BINARY: every irsa-fix command line that the documents give is one that the program takes. They run
in an empty directory without network and credentials: what they come to does not matter here, only that it is not
the command line that is at fault."""
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "docs/*.md", "docs/checks/*.md", "examples/**/*.md", "tests/*/README.md"]
FAULTS = re.compile(r"error: (.*unknown (option|command|class)|.*does not (take|go with)|.*takes (no|at most)|"
                    r".*needs a value|.*exclude each other|.*given twice)")


def command_lines(text):
    text = text.replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if re.match(r" +(\S.*\| *)?irsa-fix ", line)]
    lines += re.findall(r"`(irsa-fix [^`]+)`", text)
    for line in lines:
        line = re.sub(r"\s#.*|\s\(.*| \| .*| > .*", "", re.sub(r".*\| *irsa-fix", "irsa-fix", line))
        yield re.sub(r" {2,}[^- ].*", "", line)  # what it does, in a column of its own


def main():
    seen, wrong = set(), 0
    with tempfile.TemporaryDirectory(prefix="irsa-fix-documented.") as folder:
        environment = {"PATH": "/usr/bin:/bin", "HOME": folder, "AWS_EC2_METADATA_DISABLED": "true",
                       "AWS_REGION": "eu-west-1", "LC_ALL": "C.UTF-8"}
        for pattern in DOCUMENTS:
            for path in sorted(ROOT.glob(pattern)):
                for line in command_lines(path.read_text()):
                    if line in seen or "..." in line or "…" in line or "|" in line:
                        continue
                    seen.add(line)
                    done = subprocess.run([sys.argv[1], *shlex.split(line)[1:]], cwd=folder, env=environment, text=True,
                                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
                    if FAULTS.search(done.stderr) or done.returncode < 0:
                        wrong += 1
                        print(f"{path.relative_to(ROOT)}: {line}\n{done.stderr}")
    print(f"{len(seen)} command lines, {wrong} that the program does not take")
    return wrong > 0 or len(seen) < 50


if __name__ == "__main__":
    sys.exit(main())
