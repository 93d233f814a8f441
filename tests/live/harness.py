# SPDX-License-Identifier: Apache-2.0
"""What the live tests share: moto, the proxy in front of it, a home of one's own, the program.

A test file is a unittest module run as `test_NAME.py BINARY` (ctest live.NAME). Its tests inherit from
LiveTest: moto and the proxy run once a file, and every test begins with an empty account that has one
administrator and one cluster, with signature and permission checks on. Nothing of the user's is read or
written: HOME, the AWS files and the working directory are temporary.
"""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import boto3
from botocore.config import Config

import proxy as proxies

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ACCOUNT = "123456789012"
OTHER_ACCOUNT = "222222222222"
REGION = "eu-west-1"
CLUSTER = "prod"

BINARY = None
SHIM = None  # the built redirect.c


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Moto:
    """moto_more.py on a free loopback port, stopped by its process id."""

    def __init__(self, **variables):
        """variables: more of its environment."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = tempfile.TemporaryFile()
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
                       "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
                       "INITIAL_NO_AUTH_ACTION_COUNT": "inf", **variables}
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "moto_more.py"), "-H", "127.0.0.1", "-p", str(self.port)],
            env=environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        for _ in range(300):
            with contextlib.suppress(OSError):
                self.post("reset")
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        self.stop()
        raise RuntimeError("moto does not start:\n" + self.tail())

    def post(self, what, body=b""):
        request = urllib.request.Request(f"{self.url}/moto-api/{what}", body, {"Content-Type": "text/plain"},
                                         method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def checks(self, on):
        """Signature and permission checks."""
        self.post("reset-auth", b"0" if on else b"inf")

    def tail(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-4000:]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


clients = {}


def client(moto, service, region=REGION, keys=("unchecked", "unchecked", None)):
    """A boto3 client straight to moto; one each is made only once, that is slow."""
    key = (moto.port, service, region, keys)
    if key not in clients:
        session = boto3.session.Session(keys[0], keys[1], keys[2], region_name=region)
        clients[key] = session.client(service, endpoint_url=moto.url,
                                      config=Config(retries={"total_max_attempts": 1}))
    return clients[key]


class Result:
    """What a run of the program came to."""

    def __init__(self, arguments, status, out, err, seconds):
        self.arguments, self.status, self.out, self.err = arguments, status, out, err
        self.seconds = seconds

    def __str__(self):
        return (f"irsa-fix {' '.join(self.arguments)}\nexit status {self.status} after "
                f"{self.seconds:.2f} s\n--- stdout\n{self.brief()}\n--- stderr\n{self.err}")

    def brief(self):
        """A plan's JSON is long: what matters of it."""
        try:
            plan = self.json
            lines = [f"{one['code']}: {one['message']} | {one['help']} | {one['notes']} | "
                     f"{one['evidence']}" for one in plan["findings"]]
            lines += [f"change: {one['action']} {one['kind']} {one['target']} {one.get('result')} "
                      f"{one.get('message')} | {one.get('hint')} {one['diff']}"
                      for one in plan["changes"]]
            lines += [f"{key}: {value}" for key, value in plan.items()
                      if key not in ("findings", "changes", "checks", "recheck")]
            return "\n".join(lines)
        except (ValueError, KeyError, TypeError):
            return self.out

    @property
    def json(self):
        return json.loads(self.out)

    def codes(self):
        return sorted({finding["code"] for finding in self.json["findings"]})

    def changes(self):
        """(action, kind) of what is to be done."""
        return [(change["action"], change["kind"]) for change in self.json["changes"]
                if not change.get("held_back")]


class LiveTest(unittest.TestCase):
    maxDiff = None
    certificate = None  # (chain, key) where the proxy shall speak TLS
    variables = {}      # moto's

    @classmethod
    def setUpClass(cls):
        cls.moto = Moto(**cls.variables)
        cls.addClassCleanup(cls.moto.stop)
        cls.proxy = proxies.Proxy(cls.moto.port, cls.certificate)
        cls.addClassCleanup(cls.proxy.stop)

    def setUp(self):
        self.moto.checks(False)
        self.moto.post("reset")
        self.proxy.reset()
        self.secrets = self.proxy.secrets = set()
        self.home = pathlib.Path(self.enterContext(
            tempfile.TemporaryDirectory(prefix="irsa-fix-live.")))
        self.work = self.home / "work"
        self.work.mkdir()
        (self.home / ".aws").mkdir()
        self.iam = client(self.moto, "iam")
        self.eks = client(self.moto, "eks")
        self.sts = client(self.moto, "sts")
        self.keys = self.user("admin", [{"Effect": "Allow", "Action": "*", "Resource": "*"}])
        self.issuer = self.cluster(CLUSTER)
        self.moto.checks(True)

    @contextlib.contextmanager
    def unchecked(self):
        """For setting things up with boto3."""
        self.moto.checks(False)
        try:
            yield
        finally:
            self.moto.checks(True)

    # --- what is in the account ------------------------------------------------------------------

    def user(self, name, statements):
        """A user with these permissions; its keys."""
        self.iam.create_user(UserName=name)
        self.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": statements}))
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        self.secrets.add(key["SecretAccessKey"])
        return (key["AccessKeyId"], key["SecretAccessKey"], None)

    def cluster(self, name):
        """An EKS cluster; its issuer, without the scheme."""
        made = self.eks.create_cluster(
            name=name, roleArn=f"arn:aws:iam::{ACCOUNT}:role/eks-cluster",
            resourcesVpcConfig={"subnetIds": ["subnet-1"]})["cluster"]
        return made["identity"]["oidc"]["issuer"].removeprefix("https://")

    @property
    def provider_arn(self):
        return f"arn:aws:iam::{ACCOUNT}:oidc-provider/{self.issuer}"

    def provider(self, host=None, clients=("sts.amazonaws.com",), thumbprints=()):
        """Registers the issuer (or another); the provider's ARN."""
        return self.iam.create_open_id_connect_provider(
            Url=f"https://{host or self.issuer}", ClientIDList=list(clients),
            ThumbprintList=list(thumbprints))["OpenIDConnectProviderArn"]

    def trust(self, namespace="shop", account="api", **different):
        """A trust policy that works for the account, but for what is different."""
        issuer = different.get("issuer", self.issuer)
        policy = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": different.get(
                "federated", f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}")},
            "Action": different.get("action", "sts:AssumeRoleWithWebIdentity"),
            "Condition": different.get("condition", {"StringEquals": {
                f"{issuer}:sub": different.get("sub", f"system:serviceaccount:{namespace}:{account}"),
                f"{issuer}:aud": different.get("aud", "sts.amazonaws.com")}})}]}
        return policy

    def role(self, name="shop-api", trust=None, policies=True, **more):
        """A role with a permission of its own; its ARN."""
        arn = self.iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps(trust or self.trust()),
            **more)["Role"]["Arn"]
        if policies:
            self.iam.put_role_policy(RoleName=name, PolicyName="bucket", PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}]}))
        return arn

    def other_account(self):
        """IAM of OTHER_ACCOUNT, where the role remote-admin may do everything and trusts ACCOUNT."""
        made = self.sts.assume_role(RoleArn=f"arn:aws:iam::{OTHER_ACCOUNT}:role/any",
                                    RoleSessionName="set-up")["Credentials"]
        there = client(self.moto, "iam", keys=(
            made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]))
        there.create_role(RoleName="remote-admin", AssumeRolePolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "sts:AssumeRole"}]}))
        there.put_role_policy(RoleName="remote-admin", PolicyName="all", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
        return there

    def trust_of(self, name="shop-api"):
        return self.iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]

    def manifests(self, role="shop-api", namespace="shop", account="api", folder=None):
        """A folder with the ServiceAccount, annotated; its name."""
        folder = folder or self.work / "manifests"
        folder.mkdir(exist_ok=True)
        lines = ["apiVersion: v1", "kind: ServiceAccount", "metadata:", f"  name: {account}",
                 f"  namespace: {namespace}"]
        if role:
            lines += ["  annotations:",
                      f"    eks.amazonaws.com/role-arn: arn:aws:iam::{ACCOUNT}:role/{role}"]
        (folder / f"{account}.yaml").write_text("\n".join(lines) + "\n")
        return str(folder)

    def capture(self, folder):
        """The account as the AWS CLI would print it, through boto3: a captured world."""
        def write(name, answer):
            answer.pop("ResponseMetadata", None)
            (folder / f"{name}.json").write_text(json.dumps(answer, default=str, indent=2))
        write("identity", self.sts.get_caller_identity())
        clusters = self.eks.list_clusters()["clusters"]
        for name in clusters:
            write(f"cluster-{name}", self.eks.describe_cluster(name=name))
        write("associations", self.eks.list_pod_identity_associations(clusterName=CLUSTER))
        providers = self.iam.list_open_id_connect_providers()
        for number, one in enumerate(providers["OpenIDConnectProviderList"]):
            write(f"provider-{number}", self.iam.get_open_id_connect_provider(
                OpenIDConnectProviderArn=one["Arn"]))
        write("providers", providers)
        write("details", self.iam.get_account_authorization_details())
        self.manifests(folder=folder)
        return str(folder)

    # --- the program -----------------------------------------------------------------------------

    def environment(self, keys=None, **more):
        """None for a name leaves it out."""
        keys = keys or self.keys
        base = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8",
                "AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1],
                "AWS_SESSION_TOKEN": keys[2], "AWS_REGION": REGION,
                "AWS_ENDPOINT_URL": self.proxy.url, "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_MAX_ATTEMPTS": "1", "KUBECONFIG": "/nonexistent/kubeconfig",
                **{name: value for name, value in os.environ.items()
                   if name.startswith(("ASAN_", "UBSAN_", "LSAN_"))}, **more}
        return {name: value for name, value in base.items() if value is not None}

    def irsa(self, *arguments, env=None, timeout=60, expect=None, stdin=None):
        """Runs the program. Planted secrets must be in nothing that comes out of it."""
        self.proxy.calls.clear()
        begin = time.monotonic()
        done = subprocess.run([BINARY, *arguments], cwd=self.work, env=env or self.environment(),
                              input=stdin, stdin=None if stdin else subprocess.DEVNULL,
                              capture_output=True, timeout=timeout, check=False)
        result = Result(arguments, done.returncode, done.stdout.decode(errors="surrogateescape"),
                        done.stderr.decode(errors="surrogateescape"), time.monotonic() - begin)
        self.assertNotIn(done.returncode, (-6, -11, 99), result)
        self.assertNotIn("Sanitizer", result.err, result)
        self.no_secret_in(result)
        if expect is not None:
            self.assertEqual(expect, result.status, result)
        return result

    def no_secret_in(self, result):
        places = {"stdout": result.out, "stderr": result.err}
        for path in (*self.work.rglob("*"), *(self.home / ".local").rglob("*")):  # the journal too
            if path.is_file():
                places[str(path)] = path.read_bytes().decode(errors="surrogateescape")
        for secret in self.secrets | self.proxy.secrets:
            for place, text in places.items():
                self.assertFalse(secret in text, f"a secret is in {place}: {result}")

    def aws_file(self, name, text):
        (self.home / ".aws" / name).write_text(text)

    def selection(self):
        return ["--cluster", CLUSTER, "-n", "shop", "-s", "api"]

    def plan(self, *arguments, **named):
        return self.irsa("plan", "--format", "json", *self.selection(), *arguments, **named)

    def apply(self, *arguments, **named):
        return self.irsa("apply", "--yes", "--format", "json", *self.selection(), *arguments,
                         **named)


def main():
    global BINARY, SHIM
    BINARY = os.environ.get("IRSAFIX_BINARY")
    SHIM = os.environ.get("IRSAFIX_REDIRECT")
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-") and os.path.exists(sys.argv[1]):
        BINARY = sys.argv.pop(1)
    if not BINARY:
        sys.exit(f"usage: {sys.argv[0]} BINARY [unittest's options] (or IRSAFIX_BINARY)")
    BINARY = str(pathlib.Path(BINARY).resolve())
    unittest.main()
