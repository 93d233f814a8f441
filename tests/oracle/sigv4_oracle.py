# SPDX-License-Identifier: Apache-2.0
"""Compares the signing of requests with botocore's, stage by stage, over random requests.

    sigv4_oracle.py SIGN [COUNT [SEED]]

SIGN is the program made from sign.c here. Half are signed by header, half presigned.
"""
import datetime
import json
import random
import subprocess
import sys
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

HOSTS = ["iam.amazonaws.com", "sts.eu-west-1.amazonaws.com", "EKS.eu-west-1.amazonaws.com",
         "localhost:5000", "sts.amazonaws.com:443", "sts.amazonaws.com:80", "[fd00:ec2::23]",
         "[::1]:8080", "user:word@vpce-1.example"]
SEGMENTS = ["clusters", "a", "..", ".", "", "%2F", "a%20b", "caf\u00e9", "x y", "arn:aws:iam::1:role",
            "~t-_.", "+", "a=b&c", "@$!*'()", "...", "%25", "\u65e5\u672c"]
NAMES = ["X-Amz-Target", "x-a", "X-A", "X-B", "Content-Type", "x-k8s-aws-id", "My-Header1",
         "Accept", "User-Agent", "Expect", "X-Amzn-Trace-Id", "Connection", "X-A-B", "Te"]
VALUES = ["", "a", "  a  ", "a  b   c", "\ta\t b", "\"a   b\"", "application/json", "x,y", "z;q=1",
          "caf\u00e9", " "]
BODIES = ["", "Action=GetRole&Version=2010-05-08", "{}", "\u65e5\u672c\n", "x" * 5000]


def token(rng, length):
    return "".join(rng.choice("ABCDEFGHabcdefgh0123456789/+=") for _ in range(length))


def wire_query(rng):
    """As it may stand in a URL: repeated keys, empty ones, no value."""
    keys = ["a", "b", "A", "a%20b", "Action", "x-y", "x", "%E2%82%AC", "a.b", "_", "~"]
    pairs = []
    for _ in range(rng.randrange(6)):
        key = rng.choice(keys)
        pairs.append(rng.choice([key, key + "=", f"{key}={quote(token(rng, 4), safe='')}",
                                 f"{key}=%2F=", "", "=v"]))
    return "&".join(pairs)


def plain_query(rng):
    """What the oracle can presign: it takes the query apart and keeps one value a key."""
    keys = rng.sample(["Action", "Version", "a b", "\u20ac", "x-y", "x", "X", "a/b"], rng.randrange(5))
    return "&".join(f"{quote(key, safe='-._~')}={quote(token(rng, 5), safe='-._~')}" for key in keys)


def question(rng):
    form = rng.choice(["header", "query"])
    verbatim = rng.random() < 0.2
    unsigned = verbatim if form == "query" else rng.random() < 0.2
    scheme = "https" if unsigned else rng.choice(["https", "http"])
    path = "".join("/" + rng.choice(SEGMENTS) for _ in range(rng.randrange(6)))
    if verbatim and not path:
        path = "/"
    query = wire_query(rng) if form == "header" else plain_query(rng)
    headers = [f"{rng.choice(NAMES)}:{rng.choice(VALUES)}" for _ in range(rng.randrange(6))]
    return {
        "form": form, "method": rng.choice(["GET", "POST", "PUT", "DELETE", "HEAD"]),
        "url": f"{scheme}://{rng.choice(HOSTS)}{path}" + ("?" + query if query else ""),
        "headers": headers, "body": "" if form == "query" else rng.choice(BODIES),
        "access_key": "AKIA" + token(rng, 8), "secret_key": token(rng, 40),
        "token": token(rng, rng.choice([20, 2000])) if rng.random() < 0.5 else None,
        "service": rng.choice(["sts", "iam", "eks"]), "region": rng.choice(["us-east-1", "cn-north-1"]),
        "now": rng.randrange(0, 4102444800), "unsigned": unsigned, "verbatim": verbatim,
        "expires": rng.choice([60, 900, 604800]),
    }


class Recorded:
    """Keeps what is signed."""

    def string_to_sign(self, request, canonical_request):
        self.canonical_request = canonical_request
        self.signed_text = super().string_to_sign(request, canonical_request)
        return self.signed_text

    def signature(self, string_to_sign, request):
        self.signed = super().signature(string_to_sign, request)
        return self.signed


class Verbatim:
    def _normalize_url_path(self, path):
        return path


class Header(Recorded, botocore.auth.SigV4Auth):
    pass


class VerbatimHeader(Recorded, Verbatim, botocore.auth.SigV4Auth):
    pass


class Query(Recorded, botocore.auth.SigV4QueryAuth):
    pass


class VerbatimQuery(Recorded, botocore.auth.S3SigV4QueryAuth):
    pass


def expected(asked):
    now = datetime.datetime.fromtimestamp(asked["now"], datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: now
    request = AWSRequest(method=asked["method"], url=asked["url"], data=asked["body"].encode())
    for line in asked["headers"]:
        name, _, value = line.partition(":")
        request.headers.add_header(name, value)
    request.context["payload_signing_enabled"] = not asked["unsigned"]
    credentials = Credentials(asked["access_key"], asked["secret_key"], asked["token"])
    arguments = [credentials, asked["service"], asked["region"]]
    if asked["form"] == "header":
        auth = (VerbatimHeader if asked["verbatim"] else Header)(*arguments)
        auth.add_auth(request)
        result = "Authorization: " + request.headers["Authorization"]
    else:
        auth = (VerbatimQuery if asked["verbatim"] else Query)(*arguments, expires=asked["expires"])
        auth.add_auth(request)
        result = request.url
    return {"canonical_request": auth.canonical_request, "string_to_sign": auth.signed_text,
            "signature": auth.signed, "result": result}


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 4000
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 20150830)
    questions = [question(rng) for _ in range(count)]
    run = subprocess.run([program], input="".join(json.dumps(q) + "\n" for q in questions),
                         capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == count, f"{len(answers)} answers to {count} questions"
    for asked, answer in zip(questions, answers):
        wanted = expected(asked)
        for stage, text in wanted.items():
            if answer.get(stage) != text:
                print(f"{json.dumps(asked)}\n{stage}\n  botocore: {text!r}\n  here:     "
                      f"{answer.get(stage)!r}")
                return 1
    print(f"{count} requests signed alike")
    return 0


if __name__ == "__main__":
    sys.exit(main())
