# SPDX-License-Identifier: Apache-2.0
"""Compares the reading of Query protocol answers with botocore's, over random answers of every operation
of IAM and STS, made from the services' models.

    xml_oracle.py READ_ANSWER [ROUNDS [SEED]]

READ_ANSWER is the program made from read_answer.c here. Numbers, booleans and times stay text here.
"""
import base64
import json
import random
import subprocess
import sys
from xml.sax.saxutils import escape

import botocore.session
from botocore.parsers import QueryParser

TEXTS = ["", "a", " two  words ", "<&>\"'", "caf\u00e9 \u65e5\u672c", "%7B%22a%22%3A1%7D", "line\nline",
         "arn:aws:iam::111122223333:role/x", "\U0001f600"]
# Text in one output of IAM and a structure in another: GetServiceLinkedRoleDeletionStatus isn't called.
AMBIGUOUS = {"Reason"}


class Writer:
    def __init__(self, rng):
        self.rng = rng

    def blank(self):
        return self.rng.choice(["", "", "\n  ", " "])

    def element(self, name, shape, depth):
        # No service gives structures without anything in a list, and only the name of the element
        # would tell that they are structures.
        content = self.content(shape, depth, filled=name in ("member", "value"))
        if content == "" and self.rng.random() < 0.5:
            return f"<{name}/>"
        return f"<{name}>{content}</{name}>"

    def content(self, shape, depth, filled=False):
        rng = self.rng
        if shape.type_name == "structure":
            if depth > 5 and not filled:
                return self.blank()
            parts = [self.element(member.serialization.get("name", name), member, depth + 1)
                     for name, member in shape.members.items()
                     if name not in AMBIGUOUS and (filled or rng.random() < 0.7)]
            return self.blank() + "".join(part + self.blank() for part in parts)
        if shape.type_name == "list":
            parts = [self.element("member", shape.member, depth + 1)
                     for _ in range(rng.randrange(3) if depth < 5 else 0)]
            return self.blank() + "".join(part + self.blank() for part in parts)
        if shape.type_name == "map":
            return self.blank() + "".join(
                f"<entry><key>k{i}</key>{self.element('value', shape.value, depth + 1)}</entry>"
                for i in range(rng.randrange(3)))
        if shape.type_name == "boolean":
            return rng.choice(["true", "false"])
        if shape.type_name in ("integer", "long"):
            return str(rng.randrange(100000))
        if shape.type_name == "timestamp":
            return "2026-11-24T03:05:00Z"
        if shape.type_name == "blob":
            return base64.b64encode(b"blob").decode()
        text = rng.choice(TEXTS)
        if text and rng.random() < 0.2:
            return f"<![CDATA[{text}]]>"
        return escape(text)


def as_text(value):
    """botocore's values as the text they were."""
    if isinstance(value, dict):
        return {key: as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_text(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)


def main():
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 2010)
    session = botocore.session.get_session()
    writer = Writer(rng)
    asked = []
    for service in ("iam", "sts"):
        model = session.get_service_model(service)
        for action in model.operation_names:
            shape = model.operation_model(action).output_shape
            for _ in range(rounds):
                result = ""
                if shape is not None:
                    name = shape.serialization["resultWrapper"]
                    result = f"<{name}>{writer.content(shape, 0)}</{name}>"
                text = (f'<?xml version="1.0" encoding="UTF-8"?>\n<{action}Response xmlns="https://'
                        f'{service}.amazonaws.com/doc/x/">{result}<ResponseMetadata><RequestId>id'
                        f'</RequestId></ResponseMetadata></{action}Response>')
                asked.append((action, text, shape, 200))
    for code in ("NoSuchEntity", "AccessDenied", "Throttling"):
        for message in TEXTS[1:]:
            asked.append(("GetRole", '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/x/"><Error>'
                          f"<Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message>"
                          "</Error><RequestId>id</RequestId></ErrorResponse>", None, 400))
    run = subprocess.run([sys.argv[1]], text=True, capture_output=True, check=True,
                         input="".join(json.dumps({"action": action, "text": text}) + "\n"
                                       for action, text, _, _ in asked))
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(asked)
    parser = QueryParser(timestamp_parser=lambda text: text)
    for (action, text, shape, status), answer in zip(asked, answers):
        parsed = parser.parse({"status_code": status, "headers": {}, "body": text.encode()}, shape)
        identifier = parsed.pop("ResponseMetadata")["RequestId"]
        wanted = {"result": as_text(parsed), "request_id": identifier}
        if status != 200:
            wanted = {"code": parsed["Error"]["Code"], "message": parsed["Error"]["Message"],
                      "request_id": identifier}
        if answer != wanted:
            print(f"{action}\n{text}\n  botocore: {wanted}\n  here:     {answer}")
            return 1
    print(f"{len(asked)} answers read alike")
    return 0


if __name__ == "__main__":
    sys.exit(main())
