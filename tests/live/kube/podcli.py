# SPDX-License-Identifier: Apache-2.0
"""Stands for the AWS CLI in test pods: `aws sts get-caller-identity`, by botocore's own chain of
credentials, with the AWS CLI's words where it fails. PODCLI_NODE names a role that the node would give."""
import json
import os
import sys

import botocore.exceptions
import botocore.session


def main():
    if sys.argv[1:3] != ["sts", "get-caller-identity"]:
        sys.exit(252)
    node = os.environ.pop("PODCLI_NODE", None)
    if node and "AWS_ROLE_ARN" not in os.environ:
        account = node.split(":")[4]
        print(json.dumps({"UserId": "AROAEXAMPLE:i-0123456789abcdef0", "Account": account,
                          "Arn": f"arn:aws:sts::{account}:assumed-role/{node.rsplit('/', 1)[1]}/"
                                 "i-0123456789abcdef0"}, indent=4))
        return
    session = botocore.session.get_session()
    try:
        answer = session.create_client("sts", session.get_config_variable("region") or "eu-west-1").get_caller_identity()
    except botocore.exceptions.NoCredentialsError:
        print('\nUnable to locate credentials. You can configure credentials by running "aws configure".',
              file=sys.stderr)
        sys.exit(253)
    except botocore.exceptions.ClientError as error:
        print(f"\n{error}", file=sys.stderr)
        sys.exit(254)
    print(json.dumps({name: answer[name] for name in ("UserId", "Account", "Arn")}, indent=4))


main()
