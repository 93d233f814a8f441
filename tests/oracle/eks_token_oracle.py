# SPDX-License-Identifier: Apache-2.0
"""Compares EKS's bearer token with what the AWS CLI's get-token makes with botocore
(awscli/customizations/eks/get_token.py: STSClientFactory, TokenGenerator).

    eks_token_oracle.py EKS_TOKEN

EKS_TOKEN is the program made from eks_token.c here.
"""
import base64
import datetime
import subprocess
import sys
import time
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import botocore.auth
import botocore.session

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "AWS_REGION": "eu-west-1", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true", "PATH": "/usr/bin:/bin", "HOME": "/nowhere"}


def theirs(cluster, region, token, when):
    """The URL that botocore presigns at that time."""
    session = botocore.session.Session()
    session.set_credentials(KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"], token)
    client = session.create_client("sts", region_name=region)

    def set_header(request, **_):
        request.headers["x-k8s-aws-id"] = cluster

    client.meta.events.register("before-sign.sts.GetCallerIdentity", set_header)
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=when):
        return client.generate_presigned_url("get_caller_identity", Params={}, ExpiresIn=60, HttpMethod="GET")


def check(program, cluster, region, token):
    environment = dict(KEYS, **({"AWS_SESSION_TOKEN": token} if token else {}))
    out = subprocess.run([program, cluster, region], env=environment, check=True, text=True,
                         capture_output=True).stdout.split()
    text, expiry = out[0], int(out[1])
    assert text.startswith("k8s-aws-v1."), text[:20]
    body = text.removeprefix("k8s-aws-v1.")
    assert "=" not in body and "+" not in body and "/" not in body
    url = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    query = parse_qs(urlsplit(url).query)
    when = datetime.datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ")
    expected = theirs(cluster, region or KEYS["AWS_REGION"], token, when)
    assert urlsplit(url)[:3] == urlsplit(expected)[:3], (url, expected)
    assert query == parse_qs(urlsplit(expected).query), (query, expected)
    assert 13 * 60 < expiry - time.time() <= 14 * 60, expiry


def main():
    cases = [("shop", "", None), ("shop", "us-east-1", None), ("a_B-9", "cn-north-1", None),
             ("x" * 100, "us-gov-west-1", None), ("shop", "eu-west-1", "IQoJb3JpZ2lu//////////wEaCXVz+LWVhc3Q=")]
    for cluster, region, token in cases:
        check(sys.argv[1], cluster, region, token)
    print(f"{len(cases)} tokens as botocore signs them")


if __name__ == "__main__":
    main()
