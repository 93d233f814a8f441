# SPDX-License-Identifier: Apache-2.0
"""Compares the chain of credential sources with botocore's over random environments and files.

    chain_oracle.py DUMP [COUNT [SEED]]

DUMP is the program made from chain_dump.c here. Both sides have the same made-up network; they must find the
same credentials by the same requests (who signed, which action, which parameters), or both find none.
"""
import collections
import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

HOME = pathlib.Path(tempfile.mkdtemp())
for variable in [name for name in os.environ if name.startswith(("AWS_", "BOTO"))]:
    del os.environ[variable]
os.environ["HOME"] = str(HOME)  # botocore makes the cache's folder out when it is imported

import botocore.credentials  # noqa: E402
import botocore.exceptions  # noqa: E402
import botocore.session  # noqa: E402
import botocore.utils  # noqa: E402

# Sessions that need no renewal are loaded without the optional library that signs proofs for one.
botocore.credentials.EC = botocore.credentials.EC or object()

PROFILES = ["default", "a", "b", "c"]
EXPIRY = "2099-01-01T00:00:00Z"
START = "https://corp.awsapps.com/start"


def keys(rng, name):
    """The lines of static keys, now and then a half of them."""
    lines = [f"aws_access_key_id = ID-{name}", f"aws_secret_access_key = KEY-{name}"]
    if rng.random() < 0.4:
        lines.append(f"{rng.choice(['aws_session_token', 'aws_security_token'])} = TOKEN-{name}")
    if rng.random() < 0.08:
        lines.pop(rng.randrange(2))
    return lines


def role(rng, name):
    lines = [f"role_arn = arn:aws:iam::111122223333:role/r-{name}"]
    if rng.random() < 0.8:
        lines.append(f"source_profile = {rng.choice(PROFILES + ['gone'] if rng.random() < 0.1 else PROFILES)}")
    if rng.random() < 0.25:
        lines.append(f"credential_source = {rng.choice(['Environment', 'EcsContainer', 'environment'])}")
    for line in ["external_id = e x/1", "role_session_name = s", "duration_seconds = 1800"]:
        if rng.random() < 0.3:
            lines.append(line)
    return lines


def sso(rng, name):
    lines = [f"sso_role_name = sso-{name}", "sso_account_id = 111122223333"]
    lines += rng.choice([["sso_session = corp"], [f"sso_start_url = {START}", "sso_region = us-east-1"],
                         ["sso_session = corp", "sso_region = us-east-1"], ["sso_session = other"], []])
    if rng.random() < 0.1:
        lines.pop(rng.randrange(len(lines)))
    return lines


def login(name):
    return [f"login_session = arn:aws:iam::111122223333:user/{name}"]


def process(name):
    said = {"Version": 1, "AccessKeyId": f"ID-p-{name}", "SecretAccessKey": f"KEY-p-{name}"}
    return [f"credential_process = echo '{json.dumps(said)}'"]


def section(rng, name, in_config):
    lines = []
    chance = rng.random
    if chance() < (0.2 if in_config else 0.7):
        lines += keys(rng, f"{'config' if in_config else 'file'}-{name}")
    if in_config:
        if chance() < 0.4:
            lines += role(rng, name)
        if chance() < 0.12:
            lines.append(f"web_identity_token_file = {HOME}/{rng.choice(['token', 'token', 'gone'])}")
        if chance() < 0.2:
            lines += sso(rng, name)
        if chance() < 0.1:
            lines += process(name)
        if chance() < 0.15:
            lines += login(name)
    return lines


def files(rng):
    config = ["[sso-session corp]", f"sso_start_url = {START}", "sso_region = eu-west-1"]
    credentials = []
    for name in PROFILES:
        if rng.random() < 0.75:
            config += [f"[{name if name == 'default' else 'profile ' + name}]"] + section(rng, name, True)
        if rng.random() < 0.4:
            credentials += [f"[{name}]"] + section(rng, name, False)
    return "\n".join(config) + "\n", "\n".join(credentials) + "\n"


def environment(rng):
    chance = rng.random
    found = {"AWS_EC2_METADATA_DISABLED": "true", "BOTO_CONFIG": "/nonexistent"}
    if chance() < 0.2:
        found |= {"AWS_ACCESS_KEY_ID": "ID-env", "AWS_SECRET_ACCESS_KEY": "KEY-env"}
        if chance() < 0.1:
            del found[rng.choice(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])]
    for name in ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"):
        if chance() < 0.1:
            found[name] = f"TOKEN-{name}"
    if chance() < 0.2:
        found["AWS_WEB_IDENTITY_TOKEN_FILE"] = f"{HOME}/token"
        if chance() < 0.9:
            found["AWS_ROLE_ARN"] = "arn:aws:iam::111122223333:role/r-env"
    if chance() < 0.1:
        found["AWS_ROLE_SESSION_NAME"] = "s-env"
    if chance() < 0.2:
        found["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1/credentials"
    if chance() < 0.4:
        found["AWS_PROFILE"] = rng.choice(PROFILES)
    return found


class Refused(Exception):
    pass


class Client:
    """STS and the SSO portal of botocore's side."""

    exceptions = type("exceptions", (), {"UnauthorizedException": Refused})

    def __init__(self, requests, signer):
        self.requests = requests
        self.signer = signer

    def answer(self, name):
        return {"AccessKeyId": f"ID-{name}", "SecretAccessKey": f"KEY-{name}", "SessionToken": f"TOKEN-{name}",
                "Expiration": EXPIRY}

    def call(self, action, parameters):
        self.requests.append([self.signer, {"Action": action} | {k: str(v) for k, v in parameters.items()}])
        return {"Credentials": self.answer(parameters["RoleArn"].split("/")[-1])}

    def assume_role(self, **parameters):
        return self.call("AssumeRole", parameters)

    def assume_role_with_web_identity(self, **parameters):
        return self.call("AssumeRoleWithWebIdentity", parameters)

    def get_role_credentials(self, roleName, accountId, accessToken):  # noqa: N803
        self.requests.append(["", {"role_name": roleName, "account_id": accountId}])
        found = self.answer(roleName)
        return {"roleCredentials": {"accessKeyId": found["AccessKeyId"], "secretAccessKey": found["SecretAccessKey"],
                                    "sessionToken": found["SessionToken"], "expiration": 4070908800000}}


def of_botocore(variables, profile):
    requests = []
    botocore.utils.ContainerMetadataFetcher.retrieve_full_uri = lambda self, url, headers=None: (
        requests.append(["", {"url": url}]) or
        {"AccessKeyId": "ID-container", "SecretAccessKey": "KEY-container", "Token": "TOKEN-container",
         "Expiration": EXPIRY})
    os.environ.update(variables)
    try:
        session = botocore.session.Session(profile=profile, include_builtin_handlers=False)
        session.create_client = lambda service, **arguments: Client(
            requests, arguments.get("aws_access_key_id") or "")
        found = session.get_credentials()
        if found is None:
            return None, "nothing"
        method = found.method
        frozen = found.get_frozen_credentials()
        return {"id": frozen.access_key, "key": frozen.secret_key, "token": frozen.token or "",
                "requests": requests}, method
    except (botocore.exceptions.BotoCoreError, OSError) as error:
        return None, type(error).__name__
    finally:
        for name in variables:
            del os.environ[name]


def normal(found):
    """Requests without the names that either side makes up, forms as dictionaries, ours and botocore's."""
    if found is None or "error" in found:
        return None
    requests = []
    for signer, text in found["requests"]:
        if isinstance(text, str):
            query = urllib.parse.urlsplit(text).query if "://" in text.split("=")[0] else text
            parts = dict(urllib.parse.parse_qsl(query)) or {"url": text}
        else:
            parts = dict(text)
        parts.pop("Version", None)
        if parts.get("RoleSessionName", "").startswith(("irsa-fix-", "botocore-session-")):
            del parts["RoleSessionName"]
        requests.append([signer, parts])
    return found | {"requests": requests}


def main():
    dump = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1500
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 5)
    (HOME / ".aws/sso/cache").mkdir(parents=True)
    (HOME / "token").write_text("web-identity-token")
    for key in ("corp", START):
        path = HOME / ".aws/sso/cache" / (hashlib.sha1(key.encode()).hexdigest() + ".json")
        path.write_text(json.dumps({"accessToken": "at", "expiresAt": EXPIRY}))
    (HOME / ".aws/login/cache").mkdir(parents=True)
    for name in PROFILES[:-1]:  # nobody is logged in as c
        session = f"arn:aws:iam::111122223333:user/{name}"
        path = HOME / ".aws/login/cache" / (hashlib.sha256(session.encode()).hexdigest() + ".json")
        path.write_text(json.dumps({
            "accessToken": {"accessKeyId": f"ID-l-{name}", "secretAccessKey": f"KEY-l-{name}",
                            "sessionToken": f"TOKEN-l-{name}", "accountId": "111122223333", "expiresAt": EXPIRY},
            "refreshToken": "rt", "dpopKey": "key", "clientId": "client"}))
    methods = collections.Counter()
    wrong = 0
    with subprocess.Popen([dump], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        for _ in range(count):
            config, credentials = files(rng)
            (HOME / ".aws/config").write_text(config)
            (HOME / ".aws/credentials").write_text(credentials)
            variables = environment(rng)
            profile = rng.choice(PROFILES) if rng.random() < 0.4 else None
            question = {"home": str(HOME), "environment": variables} | ({"profile": profile} if profile else {})
            program.stdin.write(json.dumps(question) + "\n")
            program.stdin.flush()
            told = json.loads(program.stdout.readline())
            expected, method = of_botocore(variables, profile)
            methods[method] += 1
            if normal(told) == normal(expected):
                continue
            wrong += 1
            if wrong <= 5:
                print(f"{config}---\n{credentials}---\n{question}\nbotocore: {method} {normal(expected)}\n"
                      f"here: {told}\n", file=sys.stderr)
        program.stdin.close()
    shutil.rmtree(HOME)
    print(f"{count} questions, {wrong} answered differently: {dict(methods.most_common())}")
    missing = {"env", "assume-role", "assume-role-with-web-identity", "sso", "shared-credentials-file", "login",
               "custom-process", "config-file", "container-role", "InfiniteLoopConfigError"} - set(methods)
    if missing:
        print(f"never asked about: {missing}", file=sys.stderr)
    return 1 if wrong or missing else 0


if __name__ == "__main__":
    sys.exit(main())
