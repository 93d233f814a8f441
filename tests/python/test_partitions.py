# SPDX-License-Identifier: Apache-2.0
"""src/identity/partition.c says about partitions, regions and DNS suffixes what botocore says."""
import json
import pathlib
import re
import sys

import botocore

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "src/identity/partition.c"
ENTRY = re.compile(r'\{\s*"(aws[a-z-]*)",\s*"([^"]+)",\s*"([^"]+)",\s*\{([^}]*)\}\s*\}')


def ours():
    found = {}
    for name, dns, dual, beginnings in ENTRY.findall(SOURCE.read_text(encoding="utf-8")):
        found[name] = (dns, dual, set(re.findall(r'"([^"]+)"', beginnings)))
    return found


def beginnings_of(regex):
    """^(us|eu)\\-\\w+\\-\\d+$ -> {"us-", "eu-"}: the form that the C code has built in."""
    match = re.fullmatch(r"\^(.*?)\\-\\w\+\\-\\d\+\$", regex)
    assert match, f"regionRegex of an unknown form: {regex}"
    parts = [""]
    for piece in re.split(r"(\([^)]*\))", match.group(1).replace("\\-", "-")):
        choices = piece[1:-1].split("|") if piece.startswith("(") else [piece]
        parts = [part + choice for part in parts for choice in choices]
    return {part + "-" for part in parts}


def theirs():
    path = pathlib.Path(botocore.__file__).parent / "data/partitions.json"
    found = {}
    for partition in json.loads(path.read_text(encoding="utf-8"))["partitions"]:
        outputs = partition["outputs"]
        found[partition["id"]] = (outputs["dnsSuffix"], outputs["dualStackDnsSuffix"],
                                  beginnings_of(partition["regionRegex"]))
    return found


def main():
    left, right = ours(), theirs()
    assert len(left) > 5, "the table of partition.c was not found"
    for name in sorted(set(left) | set(right)):
        if left.get(name) != right.get(name):
            print(f"{name}: partition.c has {left.get(name)}, botocore has {right.get(name)}")
    return 0 if left == right else 1


if __name__ == "__main__":
    sys.exit(main())
