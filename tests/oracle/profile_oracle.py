# SPDX-License-Identifier: Apache-2.0
"""Compares the reader of the AWS SDKs' shared files with botocore's over random files.

    profile_oracle.py DUMP SUITE [COUNT [SEED]]

DUMP is the program made from profile_dump.c here, SUITE the folder tests/suites/profile, whose files are
compared too. Both sides refuse a file or both say the same of it: profiles (of both files, merged as
botocore's Session does), sso-sessions and services. What the two mean to do differently is named in
DIFFERENCES, and nothing else may differ.
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import botocore.configloader
import botocore.exceptions
import botocore.session

DIFFERENCES = """
 - a byte order mark at the beginning is skipped; botocore refuses the file
 - control characters but tabs are refused; Python takes some of them for white space or line ends
"""
# U+0085, U+2028 and U+2029 end a line of a nested block in Python (str.splitlines), so no file has them
BLANKS = [" ", "  ", "\t", "\u00a0", "\u3000", "\u2003"]
NAMES = ["default", "dev", "prod", "DEFAULT", "Default", "a]b", "ümläut", "x.y-z_1", "a#b"]
KINDS = ["profile ", "profile\t", "profile  ", "profile", "profiles ", "sso-session ", "services ", "", "", " "]
KEYS = ["region", "Region", "output", "aws_access_key_id", "AWS_Secret_Access_Key", "role_arn", "s3", "x-y",
        "endpoint_url", "k" * 60, "mfa serial"]
WORDS = ["eu-west-1", "json", "a=b", "c:d", "#x", ";y", "z # c", "z ; c", "[v]", "'q'", '"', "\\", "é",
         "w" * 210, "https://h/#/", ""]


def pick(rng, *choices):
    return rng.choice(choices)


def blank(rng):
    return "".join(rng.choice(BLANKS) for _ in range(rng.choice([0, 0, 0, 1, 1, 2])))


def section(rng):
    name = rng.choice(NAMES)
    if rng.random() < 0.2:
        name = pick(rng, f'"{name} two"', f"'{name}'", f"{name} b", f"{name}\\ c", f'"{name}', f'"{name}"x')
    tail = rng.choice(["", "", "", " # c", "x", " ]", " ;"])
    return f"{blank(rng) if rng.random() < 0.1 else ''}[{rng.choice(KINDS)}{name}]{tail}"


def value(rng):
    return blank(rng).join(rng.choice(WORDS) for _ in range(rng.choice([0, 1, 1, 1, 2])))


def line(rng):
    roll = rng.random()
    indent = blank(rng) if rng.random() < 0.3 else ""
    if roll < 0.2:
        return section(rng)
    if roll < 0.65:
        return f"{indent}{rng.choice(KEYS)}{blank(rng)}{pick(rng, '=', '=', '=', ':')}{blank(rng)}{value(rng)}{blank(rng)}"
    if roll < 0.75:
        return f"{indent}{pick(rng, '#', ';')}{value(rng)}"
    if roll < 0.85:
        return blank(rng)
    if roll < 0.97:
        return f"{rng.choice([' ', '    ', chr(9)])}{rng.choice(KEYS)}{blank(rng)}={blank(rng)}{value(rng)}"
    return value(rng)


def file(rng):
    if rng.random() < 0.1:
        return None
    first = [] if rng.random() < 0.1 else [section(rng)]
    lines = first + [line(rng) for _ in range(rng.choice([0, 1, 3, 6, 10, 16]))]
    end = rng.choice(["\n", "\n", "\n", "\r\n", "\r"])
    return end.join(lines) + (end if rng.random() < 0.8 else "")


def of_botocore(folder, texts):
    """What a botocore session makes of the two files, or None where it refuses them."""
    paths = {}
    for name in ("config", "credentials"):
        paths[name] = folder / name
        paths[name].unlink(missing_ok=True)
        if texts.get(name) is not None:
            paths[name].write_bytes(texts[name].encode())
    session = botocore.session.Session(include_builtin_handlers=False)
    session.set_config_variable("config_file", str(paths["config"]))
    session.set_config_variable("credentials_file", str(paths["credentials"]))
    try:
        full = session.full_config
    except botocore.exceptions.ConfigParseError:
        return None
    return {"profiles": full["profiles"], "sso_sessions": full.get("sso_sessions", {}),
            "services": full.get("services", {})}


def main():
    dump, suite = sys.argv[1], pathlib.Path(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 3000
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    rng = random.Random(seed)
    questions = []
    for case in sorted(suite.iterdir()):
        texts = {}
        for name in ("config", "credentials"):
            path = case / name
            if path.exists():
                try:
                    texts[name] = path.read_bytes().decode("utf-8")
                except UnicodeDecodeError:
                    texts = None
                    break
        if texts and not any(t.startswith("\ufeff") or "\x00" in t or "\x07" in t for t in texts.values()):
            questions.append(texts)
    fixed = len(questions)
    for _ in range(count):
        texts = {"config": file(rng), "credentials": file(rng)}
        questions.append({name: text for name, text in texts.items() if text is not None})
    asked = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([dump], input=asked.encode(), stdout=subprocess.PIPE, check=True)
    answers = [json.loads(text) for text in done.stdout.decode().splitlines()]
    assert len(answers) == len(questions)
    refused = 0
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for question, answer in zip(questions, answers):
            expected = of_botocore(pathlib.Path(folder), question)
            refused += expected is None
            found = None if "error" in answer else answer
            if found == expected:
                continue
            wrong += 1
            if wrong <= 5:
                print(f"files: {json.dumps(question)}\nbotocore: {json.dumps(expected)}\n"
                      f"here: {json.dumps(answer)}\n", file=sys.stderr)
    print(f"{len(questions)} pairs of files ({fixed} of the suite), {refused} refused by both, {wrong} differ")
    if not 0.1 < refused / len(questions) < 0.9:
        print("the random files are nearly all of one kind", file=sys.stderr)
        return 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
