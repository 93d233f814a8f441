#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `explain --from-log` makes of logs: from_log.py BINARY

 - the JSON answer for every log of the suite symptom is as docs/symptoms.schema.json has it, from a
   file and from standard input alike, and names codes that there are; the exit status is 0
 - logs whose name begins with none- give nothing, and the text says so
 - no secret planted in a log is in any output, text or JSON, whatever stands around it
 - a log of 64 MB, with and without line ends, is read in a few MB of memory
"""
import json
import pathlib
import resource
import subprocess
import sys

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUITE = ROOT / "tests/suites/symptom"
SCHEMA = jsonschema.Draft202012Validator(
    json.loads((ROOT / "docs/symptoms.schema.json").read_text()))
SECRETS = [
    "eyJhbGciOiJSUzI1NiIsImtpZCI6IjM2ODM5OTU2In0.eyJhdWQiOlsic3RzLmFtYXpvbmF3cy5jb20iXX0.c2lnbmF0dXJl",
    "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "IQoJb3JpZ2luX2VjEJr" + "aXdhMEUCIQDx7" * 12 + "==",
]
NAMED = ["aws_secret_access_key = %s", "AWS_SESSION_TOKEN=%s", '"SecretAccessKey": "%s"',
         "Authorization: Bearer %s", "X-Amz-Security-Token: %s", "password=%s",
         "https://sts.amazonaws.com/?X-Amz-Signature=%s&x=y", "<SessionToken>%s</SessionToken>",
         "WebIdentityToken=%s"]
PLACES = [
    "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity %s",
    "%s AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity",
    "User: arn:aws:sts::111122223333:assumed-role/app/%s is not authorized to perform: s3:GetObject",
    'User: arn:aws:sts::111122223333:assumed-role/app/s is not authorized to perform: s3:GetObject '
    'on resource: "arn:aws:s3:::bucket/%s"',
    "User: arn:aws:iam::111122223333:user/%s is not authorized to perform: s3:GetObject",
    "No OpenIDConnect provider found in your account for https://example.com/%s",
    "WebIdentityErr: failed to retrieve credentials\\ncaused by: %s",
    '{"error":"Unable to locate credentials \\"%s\\""}',
]
problems = []


def run(binary, *arguments, **options):
    return subprocess.run([binary, "explain", "--from-log", *arguments], capture_output=True,
                          check=False, **options)


def check_suite(binary):
    count = 0
    codes = {check["code"] for check in json.loads(subprocess.check_output(
        [binary, "explain", "--list", "--format", "json"]))}
    for folder in sorted(path for path in SUITE.iterdir() if path.is_dir()):
        log = folder / "log.txt"
        done = run(binary, str(log), "--format", "json")
        piped = run(binary, "-", "--format", "json", input=log.read_bytes())
        if done.returncode != 0 or done.stderr:
            problems.append(f"{folder.name}: exit {done.returncode}: {done.stderr!r}")
            continue
        answer = json.loads(done.stdout)
        for error in SCHEMA.iter_errors(answer):
            problems.append(f"{folder.name}: {error.json_path}: {error.message}")
        if {**json.loads(piped.stdout), "source": str(log)} != answer:
            problems.append(f"{folder.name}: standard input says something else than the file")
        for match in answer["matches"]:
            for cause in match["causes"]:
                if cause["code"] not in codes:
                    problems.append(f"{folder.name}: there is no {cause['code']}")
        if folder.name.startswith("none-") == bool(answer["matches"]):
            problems.append(f"{folder.name}: {len(answer['matches'])} messages were found")
        text = run(binary, str(log)).stdout.decode()
        if ("no message that points to IRSA was found" in text) == bool(answer["matches"]):
            problems.append(f"{folder.name}: the text says: {text}")
        count += 1
    if count < 75:
        problems.append(f"the suite has {count} logs")
    return count


def check_secrets(binary):
    for place in PLACES:
        for secret in SECRETS + ["hunter2hunter2"]:
            planted = [name % secret for name in NAMED]
            planted += [secret] if secret != "hunter2hunter2" else []
            log = "".join("2026-03-01 10:00:00 " + place.replace("%s", what) + "\n"
                          for what in planted)
            for arguments in (["--verbose"], ["--format", "json"]):
                out = run(binary, "-", *arguments, input=log.encode())
                if secret.encode() in out.stdout + out.stderr:
                    problems.append(f"a secret is shown: {secret[:20]} in: {place}")


def check_memory(binary):
    line = b"2026-03-01 10:00:00 INFO nothing to see, credentials are fine, not authorized users 0\n"
    for piece in (line * 700, line.replace(b"\n", b" ") * 700):
        with subprocess.Popen([binary, "explain", "--from-log", "-"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as child:
            for _ in range(64 * 1024 * 1024 // len(piece)):
                child.stdin.write(piece)
            child.stdin.close()
            out = child.stdout.read()
        if child.returncode != 0 or b"no message that points to IRSA" not in out:
            problems.append(f"64 MB: exit {child.returncode}: {out[:200]!r}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    # What an address sanitizer keeps is not the program's.
    if peak > 32 and b"__asan" not in pathlib.Path(binary).read_bytes():
        problems.append(f"{peak} MB of memory for 64 MB of log")
    return peak


def main():
    binary = sys.argv[1]
    count = check_suite(binary)
    check_secrets(binary)
    peak = check_memory(binary)
    print("\n".join(problems) or f"{count} logs, {peak} MB at most: nothing to say")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
