#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""completion.py BINARY: bash completes what the program takes: after each command just the options that its --help
names, the words of their values, and names of files where files are meant."""
import pathlib
import re
import subprocess
import sys
import tempfile

BINARY = sys.argv[1]
SCRIPT = r"""
irsa-fix() { "$BINARY" "$@"; }
source <("$BINARY" completion bash)
while IFS= read -r line; do
    read -ra COMP_WORDS <<<"$line"
    [[ $line == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _irsa_fix
    (IFS=$'\t'; echo "${COMPREPLY[*]}")
done
"""


def program(*words):
    return subprocess.run([BINARY, *words], capture_output=True, text=True, check=True).stdout


def complete(folder, lines):
    """[candidates of each line]; words are separated as bash does it, `=` too."""
    done = subprocess.run(["bash", "-c", SCRIPT], input="".join(line + "\n" for line in lines), cwd=folder, text=True,
                          capture_output=True, env={"PATH": "/usr/bin:/bin", "BINARY": BINARY}, check=True)
    if done.stderr:
        raise AssertionError(done.stderr)
    return [sorted(filter(None, answer.split("\t"))) for answer in done.stdout.split("\n")[:-1]]


def commands():
    text = program("--help")
    return re.findall(r"^  (\w+) {2,}", text[text.index("Commands:"):text.index("\nOptions:")], re.M)


def expectations(folder):
    names = commands()
    (folder / "my world").mkdir()
    (folder / "plans").mkdir()
    (folder / "fix.plan").touch()
    folders, everything = ["my world", "plans"], ["fix.plan", "my world", "plans"]
    yield "irsa-fix ", names
    yield "irsa-fix pl", ["plan"]
    for name in names:
        text = program(name, "--help").split("\nExamples:")[0]
        options = re.findall(r"^(?:  -\w, |      )(--[\w-]+)", text, re.M)
        yield f"irsa-fix {name} --", options
        yield f"irsa-fix {name} --he", ["--help"]
    yield "irsa-fix --fro", ["--from"]
    classes = ["delete", "narrow", "overwrite", "owned", "pattern", "restart"]
    yield "irsa-fix apply --from world --allow ", classes
    yield "irsa-fix apply --allow o", ["overwrite", "owned"]
    yield "irsa-fix plan --format ", ["json", "text"]
    yield "irsa-fix plan --format = j", ["json"]
    yield "irsa-fix plan --format =", ["json", "text"]
    yield "irsa-fix plan --from ", folders
    yield "irsa-fix plan --from = p", ["plans"]
    yield "irsa-fix plan --save ", everything
    yield "irsa-fix show ", everything
    yield "irsa-fix apply f", ["fix.plan"]
    yield "irsa-fix plan -n ", []
    yield "irsa-fix plan --role ", []
    yield "irsa-fix explain IRSA02", [f"IRSA02{n}" for n in range(10)]
    yield "irsa-fix help ", [*names, "environment", "exit-status", "files", "man"]
    yield "irsa-fix permissions ", ["apply", "bootstrap", "plan", "rollback", "verify"]
    yield "irsa-fix templates trust", ["trust-policy.json"]
    yield "irsa-fix completion ", ["bash"]


def main():
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="irsa-fix-completion.") as name:
        folder = pathlib.Path(name)
        cases = list(expectations(folder))
        for (line, expected), found in zip(cases, complete(folder, [line for line, _ in cases]), strict=True):
            if found != sorted(expected):
                wrong += 1
                print(f"{line!r}: expected {sorted(expected)}, found {found}")
    print(f"{len(cases)} lines, {wrong} completed otherwise")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
