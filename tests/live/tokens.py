# SPDX-License-Identifier: Apache-2.0
"""Tokens as a cluster signs them for its service accounts; the signature is none, nobody here verifies it."""
import base64
import json


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def token(issuer, subject="system:serviceaccount:shop:api", audience="sts.amazonaws.com"):
    return ".".join((part({"alg": "RS256", "kid": "1"}),
                     part({"iss": f"https://{issuer}", "sub": subject, "aud": [audience],
                           "exp": 4102444800, "iat": 1700000000}), "c2ln"))
