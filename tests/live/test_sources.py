# SPDX-License-Identifier: Apache-2.0
"""Every source of credentials, through to a plan: which key signs the calls, and what is said where none does.

In each test the account is healthy; a plan that ends in 0 and whose calls all carry the expected key has
found that source. moto knows every key and token that is given out here, and checks them.
"""
import hashlib
import json
import os
import pathlib
import pty
import signal
import stat
import subprocess
import sys
import termios
import time

import botocore.credentials
import botocore.utils
import harness
import proxy
import servers
from harness import ACCOUNT, REGION
from tokens import token

NO_KEYS = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_SESSION_TOKEN": None}


class Sources(harness.LiveTest):
    def setUp(self):
        super().setUp()
        with self.unchecked():
            self.provider()
            self.role()
            self.operator = self.role("operator", policies=False, trust={
                "Version": "2012-10-17", "Statement": [{
                    "Effect": "Allow", "Principal": {"AWS": [
                        f"arn:aws:iam::{ACCOUNT}:user/admin", f"arn:aws:iam::{ACCOUNT}:user/second",
                        f"arn:aws:sts::{ACCOUNT}:assumed-role/operator/first"]},
                    "Action": "sts:AssumeRole"}]})
            self.iam.put_role_policy(RoleName="operator", PolicyName="all", PolicyDocument=json.dumps(
                {"Version": "2012-10-17",
                 "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
            self.second = self.user("second", [{"Effect": "Allow", "Action": "*", "Resource": "*"}])
            made = self.sts.assume_role(RoleArn=self.operator, RoleSessionName="given")["Credentials"]
        self.temporary = (made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
        self.secrets.update(self.temporary[1:])
        self.folder = self.manifests()

    def serve(self, server):
        self.addCleanup(server.stop)
        return server

    def run_plan(self, *arguments, env, **named):
        return self.plan("--manifests", self.folder, *arguments, env=env, **named)

    def signed_by(self, key, *arguments, env=None, calls=lambda call: True, **more):
        """A plan with these variables is done by the holder of the key (None: of a role just assumed)."""
        result = self.run_plan(*arguments, env=env or self.environment(**{**NO_KEYS, **more}))
        self.assertEqual(0, result.status, result)
        keys = {call.key for call in self.proxy.calls
                if not call.action.startswith("AssumeRole") and calls(call)}
        if key:
            self.assertEqual({key}, keys, result)
        else:
            self.assertEqual(1, len(keys), result)
            self.assertFalse(keys & {self.keys[0], self.second[0], self.temporary[0]}, result)
        return result

    def fails(self, status, *words, arguments=(), env=None, **more):
        result = self.run_plan(*arguments, env=env or self.environment(**{**NO_KEYS, **more}))
        self.assertEqual(status, result.status, result)
        self.assertTrue(result.err.startswith("irsa-fix: error: "), result)
        self.assertEqual("", result.out, result)
        for word in words:
            self.assertIn(word, result.err, result)
        return result

    # --- environment and files -------------------------------------------------------------------

    def test_environment(self):
        self.signed_by(self.keys[0], env=self.environment())
        self.signed_by(self.temporary[0], env=self.environment(self.temporary))

    def test_empty_variables_are_unset(self):
        self.two_profiles()
        self.signed_by(self.second[0], AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="",
                       AWS_SESSION_TOKEN="", AWS_PROFILE="", AWS_CONFIG_FILE="",
                       AWS_DEFAULT_REGION="")

    def two_profiles(self):
        self.aws_file("credentials", f"""# keys
[default]
aws_access_key_id = {self.second[0]}
aws_secret_access_key={self.second[1]}

[temporary]
aws_access_key_id = {self.temporary[0]}
aws_secret_access_key = {self.temporary[1]}
aws_session_token = {self.temporary[2]}
""")

    def test_credentials_file(self):
        self.two_profiles()
        self.signed_by(self.second[0])
        self.signed_by(self.temporary[0], AWS_PROFILE="temporary")
        self.signed_by(self.temporary[0], "--profile", "temporary")

    def test_profile_option_wins_over_the_environment_but_its_variable_does_not(self):
        self.two_profiles()
        self.signed_by(self.temporary[0], "--profile", "temporary", env=self.environment())
        self.signed_by(self.keys[0], env=self.environment(AWS_PROFILE="temporary"))

    def test_files_elsewhere(self):
        self.two_profiles()
        moved = self.home / "else where.ini"
        (self.home / ".aws" / "credentials").rename(moved)
        self.signed_by(self.second[0], AWS_SHARED_CREDENTIALS_FILE=str(moved))
        config = self.home / "config.ini"
        config.write_text(f"[profile x]\naws_access_key_id={self.keys[0]}\n"
                          f"aws_secret_access_key={self.keys[1]}\nregion={REGION}\n")
        self.signed_by(self.keys[0], "--profile", "x", AWS_CONFIG_FILE=str(config),
                       AWS_REGION=None)

    def test_config_file(self):
        self.aws_file("config", f"""[default]
region = {REGION}
aws_access_key_id = {self.second[0]}
aws_secret_access_key = {self.second[1]}
s3 =
    max_concurrent_requests = 20
""")
        self.signed_by(self.second[0], AWS_REGION=None)

    def test_endpoint_of_the_profile(self):
        self.aws_file("config", f"""[default]
services = local
[services local]
iam =
  endpoint_url = {self.proxy.url}
eks =
  endpoint_url = {self.proxy.url}/
sts =
  endpoint_url = {self.proxy.url}
""")
        self.signed_by(self.keys[0], env=self.environment(AWS_ENDPOINT_URL=None))

    # --- roles -----------------------------------------------------------------------------------

    def test_role_of_a_profile(self):
        self.two_profiles()
        self.aws_file("config", f"""[profile ops]
role_arn = {self.operator}
source_profile = default
role_session_name = nightly
duration_seconds = 900
external_id = planted-external
""")
        self.signed_by(None, "--profile", "ops")
        asked = self.proxy.calls[0]
        self.assertEqual(("AssumeRole", self.second[0]), (asked.action, asked.key))
        self.assertEqual((self.operator, "nightly", "900", "planted-external"), tuple(
            asked.parameters.get(name) for name in ("RoleArn", "RoleSessionName",
                                                    "DurationSeconds", "ExternalId")))

    def test_roles_one_after_the_other(self):
        self.two_profiles()
        self.aws_file("config", f"""[profile first]
role_arn = {self.operator}
role_session_name = first
source_profile = default
[profile ops]
role_arn = {self.operator}
source_profile = first
""")
        self.signed_by(None, "--profile", "ops")
        self.assertEqual(["AssumeRole", "AssumeRole"],
                         [call.action for call in self.proxy.calls[:2]])

    def test_source_profile_in_a_circle(self):
        self.aws_file("config", f"[profile a]\nrole_arn={self.operator}\nsource_profile=b\n"
                                f"[profile b]\nrole_arn={self.operator}\nsource_profile=a\n")
        self.fails(1, "source_profile", "circle", arguments=["--profile", "a"])

    def test_credential_source(self):
        self.aws_file("config", f"[profile ops]\nrole_arn={self.operator}\n"
                                "credential_source=Environment\n")
        self.signed_by(None, "--profile", "ops", env=self.environment())
        self.assertEqual(self.keys[0], self.proxy.calls[0].key)
        imds = self.serve(servers.Imds(self.temporary))
        self.aws_file("config", f"[profile ops]\nrole_arn={self.operator}\n"
                                "credential_source=Ec2InstanceMetadata\n")
        with self.unchecked():
            self.trust_session("given")
        self.signed_by(None, "--profile", "ops", AWS_EC2_METADATA_DISABLED=None,
                       AWS_EC2_METADATA_SERVICE_ENDPOINT=imds.url)
        self.assertEqual(self.temporary[0], self.proxy.calls[0].key)

    def trust_session(self, name):
        self.iam.update_assume_role_policy(RoleName="operator", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {
                    "AWS": [f"arn:aws:sts::{ACCOUNT}:assumed-role/operator/{name}"]}}]}))

    def test_role_that_may_not_be_assumed(self):
        self.two_profiles()
        with self.unchecked():
            self.trust_session("nobody")
        self.aws_file("config", f"[profile ops]\nrole_arn={self.operator}\nsource_profile=default\n")
        self.fails(4, "AssumeRole", "AccessDenied", "127.0.0.1", arguments=["--profile", "ops"])

    # --- web identity ----------------------------------------------------------------------------

    def pod_token(self):
        with self.unchecked():
            self.iam.update_assume_role_policy(RoleName="operator", PolicyDocument=json.dumps(
                self.trust("tools", "irsa-fix")))
        text = token(self.issuer, "system:serviceaccount:tools:irsa-fix")
        self.secrets.add(text)
        path = self.home / "token"
        path.write_text(text)
        return str(path)

    def test_web_identity(self):
        path = self.pod_token()
        self.signed_by(None, AWS_ROLE_ARN=self.operator, AWS_WEB_IDENTITY_TOKEN_FILE=path)
        asked = self.proxy.calls[0]
        self.assertEqual(("AssumeRoleWithWebIdentity", ""), (asked.action, asked.key))
        self.aws_file("config", f"[profile pod]\nrole_arn={self.operator}\n"
                                f"web_identity_token_file={path}\nrole_session_name=named\n")
        self.signed_by(None, "--profile", "pod")
        self.assertEqual("named", self.proxy.calls[0].parameters["RoleSessionName"])

    def test_web_identity_refused(self):
        path = self.pod_token()
        with self.unchecked():
            self.iam.update_assume_role_policy(RoleName="operator", PolicyDocument=json.dumps(
                self.trust("tools", "somebody-else")))
        self.fails(4, "AssumeRoleWithWebIdentity", "AccessDenied",
                   AWS_ROLE_ARN=self.operator, AWS_WEB_IDENTITY_TOKEN_FILE=path)
        self.fails(1, "nowhere", AWS_ROLE_ARN=self.operator,
                   AWS_WEB_IDENTITY_TOKEN_FILE="/nowhere/token")

    # --- IAM Identity Center ---------------------------------------------------------------------

    def cached(self, name, **content):
        folder = self.home / ".aws" / "sso" / "cache"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / (hashlib.sha1(name.encode()).hexdigest() + ".json")).write_text(json.dumps(content))

    def sso(self):
        self.secrets.update({servers.Sso.ACCESS, servers.Sso.FRESH, servers.Sso.REFRESH,
                             servers.Sso.CLIENT_SECRET})
        sso = self.serve(servers.Sso(self.temporary))
        self.sso_variables = {"AWS_ENDPOINT_URL_SSO": sso.url, "AWS_ENDPOINT_URL_SSO_OIDC": sso.url}
        self.aws_file("config", f"""[profile new]
sso_session = corp
sso_account_id = {ACCOUNT}
sso_role_name = Admin
[sso-session corp]
sso_region = {REGION}
sso_start_url = https://corp.awsapps.com/start
sso_registration_scopes = sso:account:access
[profile old]
sso_start_url = https://corp.awsapps.com/start
sso_region = {REGION}
sso_account_id = {ACCOUNT}
sso_role_name = Admin
""")
        return sso

    def test_sso(self):
        self.sso()
        for profile, name in (("new", "corp"), ("old", "https://corp.awsapps.com/start")):
            with self.subTest(profile=profile):
                self.cached(name, startUrl="https://corp.awsapps.com/start", region=REGION,
                            accessToken=servers.Sso.ACCESS, expiresAt=servers.expiry())
                self.signed_by(self.temporary[0], "--profile", profile, **self.sso_variables)

    def test_sso_token_is_refreshed(self):
        sso = self.sso()
        self.cached("corp", startUrl="https://corp.awsapps.com/start", region=REGION,
                    accessToken="outdated", expiresAt=servers.expiry(-5),
                    clientId="client", clientSecret=servers.Sso.CLIENT_SECRET,
                    registrationExpiresAt=servers.expiry(6000), refreshToken=servers.Sso.REFRESH)
        self.signed_by(self.temporary[0], "--profile", "new", **self.sso_variables)
        self.assertIn(("POST", "/token"), sso.requests)

    def test_sso_without_a_token(self):
        self.sso()
        self.fails(4, "aws sso login --profile new", arguments=["--profile", "new"],
                   **self.sso_variables)
        self.cached("https://corp.awsapps.com/start", accessToken=servers.Sso.ACCESS, region=REGION,
                    startUrl="https://corp.awsapps.com/start", expiresAt=servers.expiry(-5))
        self.fails(4, "aws sso login --profile old", "expired", arguments=["--profile", "old"],
                   **self.sso_variables)

    # --- aws login -------------------------------------------------------------------------------

    def signed_in(self, sign_in, minutes, **more):
        """A profile l, of a session whose keys end then."""
        session = f"arn:aws:iam::{ACCOUNT}:user/jo"
        self.secrets.update({sign_in.REFRESH, sign_in.FRESH, *sign_in.pem.splitlines()[1:3]})
        self.aws_file("config", f"[profile l]\nlogin_session = {session}\nregion = {REGION}\n")
        folder = self.home / ".aws" / "login" / "cache"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / (hashlib.sha256(session.encode()).hexdigest() + ".json")
        path.write_text(json.dumps({
            "accessToken": {"accessKeyId": self.temporary[0], "secretAccessKey": self.temporary[1],
                            "sessionToken": self.temporary[2], "accountId": ACCOUNT,
                            "expiresAt": servers.expiry(minutes)},
            "tokenType": "aws_sigv4", "refreshToken": sign_in.REFRESH, "clientId": sign_in.CLIENT,
            "dpopKey": sign_in.pem, **more}))
        path.chmod(0o600)
        return path

    def test_login(self):
        sign_in = self.serve(servers.SignIn(self.temporary))
        where = {"AWS_ENDPOINT_URL_SIGNIN": sign_in.url}
        self.signed_in(sign_in, 10)
        self.signed_by(self.temporary[0], "--profile", "l", **where)
        self.assertEqual([], sign_in.requests)
        for minutes in (4, -5):
            path = self.signed_in(sign_in, minutes, signInRegion="us-east-1")
            self.signed_by(self.temporary[0], "--profile", "l", **where)
            self.assertEqual([("POST", "/v1/token")], sign_in.requests)
            sign_in.requests.clear()
            kept = json.loads(path.read_text())
            self.assertEqual((sign_in.FRESH, ACCOUNT, 0o600), (
                kept["refreshToken"], kept["accessToken"]["accountId"], path.stat().st_mode & 0o777))

    def test_login_that_is_over(self):
        sign_in = self.serve(servers.SignIn(self.temporary))
        where = {"AWS_ENDPOINT_URL_SIGNIN": sign_in.url, "arguments": ["--profile", "l"]}
        self.signed_in(sign_in, -5).unlink()
        self.fails(4, "nobody is logged in", "hint: aws login --profile l", **where)
        self.signed_in(sign_in, -5)
        for refusal, words in (("TOKEN_EXPIRED", "hint: aws login --profile l"),
                               ("USER_CREDENTIALS_CHANGED", "hint: aws login --profile l"),
                               ("INSUFFICIENT_PERMISSIONS", "SignInLocalDevelopmentAccess")):
            sign_in.refusal = refusal
            self.fails(4, words, **where)

    # --- a program -------------------------------------------------------------------------------

    def program(self, answer, status=0):
        path = self.home / "a program.py"
        path.write_text(f"#!{sys.executable}\nimport json, sys\n"
                        f"assert sys.argv[1:] == ['--for', 'a b', '$HOME'], sys.argv\n"
                        f"print({answer!r})\nsys.exit({status})\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        self.aws_file("config", f"[default]\ncredential_process = \"{path}\" --for 'a b' $HOME\n")

    def test_process(self):
        self.program(json.dumps({"Version": 1, "AccessKeyId": self.temporary[0],
                                 "SecretAccessKey": self.temporary[1],
                                 "SessionToken": self.temporary[2],
                                 "Expiration": servers.expiry()}))
        self.signed_by(self.temporary[0])

    def test_process_that_fails(self):
        self.program("planted-output-VICTOR", status=3)
        self.secrets.add("planted-output-VICTOR")
        self.fails(4, "credential_process", "3")
        self.program(json.dumps({"Version": 2, "SecretAccessKey": "planted-output-VICTOR"}))
        self.fails(4, "Version")
        self.program("{\"Version\": 1, \"SecretAccessKey\": \"planted-output-VICTOR\"")
        self.fails(4, "JSON")

    def start(self, *arguments, env):
        return subprocess.Popen([harness.BINARY, "plan", *self.selection(), "--manifests", self.folder, *arguments],
                                cwd=self.work, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, start_new_session=True)

    def test_process_is_not_left_behind(self):
        """Ctrl-C or SIGTERM to irsa-fix alone, while the program hangs."""
        note = self.home / "pid"
        path = self.home / "hangs"
        path.write_text(f"#!/bin/sh\necho $$ >'{note}.new'\nmv '{note}.new' '{note}'\nexec sleep 600\n")
        path.chmod(0o755)
        self.aws_file("config", f"[default]\ncredential_process = \"{path}\"\n")
        for number in (signal.SIGINT, signal.SIGTERM):
            note.unlink(missing_ok=True)
            process = self.start(env=self.environment(**NO_KEYS))
            self.until(note.exists)
            process.send_signal(number)
            out, err = process.communicate(timeout=10)
            self.assertEqual((130, b""), (process.returncode, out), err)
            child = pathlib.Path("/proc") / note.read_text().strip()
            self.until(lambda: not child.exists() or "(sleep) Z" in (child / "stat").read_text())

    def until(self, condition):
        for _ in range(200):
            if condition():
                return
            time.sleep(0.05)
        self.fail("it did not come to that")

    # --- a second factor -------------------------------------------------------------------------

    def with_mfa(self):
        self.two_profiles()
        self.serial = f"arn:aws:iam::{ACCOUNT}:mfa/phone"
        self.aws_file("config", f"[profile ops]\nrole_arn = {self.operator}\nsource_profile = default\n"
                                f"mfa_serial = {self.serial}\n")

    def on_a_terminal(self, typed):
        """A plan that asks there, though stdin, stdout and stderr are none: its exit status."""
        self.with_mfa()
        self.proxy.calls.clear()
        arguments = [harness.BINARY, "plan", *self.selection(), "--manifests", self.folder, "--profile", "ops"]
        child, terminal = pty.fork()
        if child == 0:
            os.dup2(0, 9)  # somebody has to hold the terminal open
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            for stream in (1, 2):
                os.dup2(os.open(self.work / f"stream-{stream}", os.O_WRONLY | os.O_CREAT, 0o600), stream)
            os.chdir(self.work)
            os.execve(arguments[0], arguments, self.environment(**NO_KEYS))
        seen = b""
        while b": " not in seen:
            seen += os.read(terminal, 1024)
        self.assertEqual(f"Enter MFA code for {self.serial}: ".encode(), seen)
        os.write(terminal, typed)
        seen = os.read(terminal, 1024)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        flags = termios.tcgetattr(terminal)[3]
        os.close(terminal)
        self.assertEqual(termios.ECHO | termios.ISIG | termios.ICANON,
                         flags & (termios.ECHO | termios.ISIG | termios.ICANON))
        self.assertNotIn(b"12345", seen)
        return status

    def test_mfa_on_a_terminal(self):
        self.assertEqual(0, self.on_a_terminal(b"123456\r"), (self.work / "stream-2").read_text())
        asked = self.proxy.calls[0]
        self.assertEqual(("AssumeRole", self.second[0], self.serial, "123456"), (
            asked.action, asked.key, asked.parameters["SerialNumber"], asked.parameters.get("TokenCode")))
        self.assertEqual(130, self.on_a_terminal(b"12345\x03"))
        self.assertEqual([], self.proxy.calls)

    def test_mfa_without_a_terminal(self):
        self.with_mfa()
        process = self.start("--profile", "ops", env=self.environment(**NO_KEYS))
        err = process.communicate(timeout=10)[1].decode()
        self.assertEqual(4, process.returncode, err)
        self.assertIn("there is no terminal", err)
        self.assertIn("hint: ", err)

    def test_mfa_of_a_session_that_the_cli_keeps(self):
        """Under the name that botocore gives it."""
        self.with_mfa()
        fetcher = botocore.credentials.AssumeRoleCredentialFetcher(
            client_creator=None, source_credentials=None, role_arn=self.operator,
            extra_args={"SerialNumber": self.serial}, cache={})
        folder = self.home / ".aws" / "cli" / "cache"
        folder.mkdir(parents=True)
        keys = dict(zip(("AccessKeyId", "SecretAccessKey", "SessionToken"), self.temporary))
        botocore.utils.JSONFileCache(str(folder))[fetcher._cache_key] = {
            "Credentials": {**keys, "Expiration": servers.expiry()}}
        self.signed_by(self.temporary[0], "--profile", "ops")

    # --- containers and instances ----------------------------------------------------------------

    def test_container_full(self):
        container = self.serve(servers.Container(self.temporary, authorization="planted-auth-WHISKY"))
        self.secrets.add("planted-auth-WHISKY")
        where = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": container.url + container.path}
        self.signed_by(self.temporary[0], AWS_CONTAINER_AUTHORIZATION_TOKEN="planted-auth-WHISKY",
                       **where)
        path = self.home / "auth"
        path.write_text("planted-auth-WHISKY")
        self.signed_by(self.temporary[0], AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(path),
                       AWS_CONTAINER_AUTHORIZATION_TOKEN="outdated", **where)
        self.fails(4, "401", **where)
        self.fails(1, "allowed", AWS_CONTAINER_CREDENTIALS_FULL_URI="http://example.com/creds")

    def link_local(self, server):
        return {"LD_PRELOAD": harness.SHIM, "IRSA_TEST_LINK_LOCAL_PORT": str(server.port),
                "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}

    def test_container_relative(self):
        container = self.serve(servers.Container(self.temporary))
        self.signed_by(self.temporary[0], AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=container.path,
                       **self.link_local(container))

    def test_pod_identity(self):
        """EKS Pod Identity's agent: http at its link-local address is allowed."""
        agent = self.serve(servers.Container(self.temporary, "/v1/credentials", "planted-pod-XRAY"))
        self.secrets.add("planted-pod-XRAY")
        path = self.home / "eks-pod-identity-token"
        path.write_text("planted-pod-XRAY")
        self.signed_by(self.temporary[0],
                       AWS_CONTAINER_CREDENTIALS_FULL_URI="http://169.254.170.23/v1/credentials",
                       AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(path), **self.link_local(agent))

    def test_instance_metadata(self):
        self.secrets.add(servers.Imds.TOKEN)
        imds = self.serve(servers.Imds(self.temporary))
        for ending in ("", "/"):
            with self.subTest(ending=ending):
                self.signed_by(self.temporary[0], AWS_EC2_METADATA_DISABLED=None, AWS_REGION=None,
                               AWS_EC2_METADATA_SERVICE_ENDPOINT=imds.url + ending)
        self.assertEqual(("PUT", "/latest/api/token"), imds.requests[0])
        self.signed_by(self.temporary[0], AWS_EC2_METADATA_DISABLED=None, **self.link_local(imds))
        imds.requests.clear()
        self.fails(4, AWS_EC2_METADATA_DISABLED="TRUE",
                   AWS_EC2_METADATA_SERVICE_ENDPOINT=imds.url)
        self.assertEqual([], imds.requests)

    def test_instance_without_metadata_or_role(self):
        imds = self.serve(servers.Imds(self.temporary, enabled=False))
        self.fails(4, "no AWS credentials", AWS_EC2_METADATA_DISABLED=None,
                   AWS_EC2_METADATA_SERVICE_ENDPOINT=imds.url)
        imds = self.serve(servers.Imds(self.temporary, role=None))
        self.fails(4, "no AWS credentials", AWS_EC2_METADATA_DISABLED=None,
                   AWS_EC2_METADATA_SERVICE_ENDPOINT=imds.url)

    # --- nothing, and what is wrong --------------------------------------------------------------

    def test_nothing_at_all(self):
        self.fails(4, "no AWS credentials", "environment", "credentials file", "container",
                   "metadata", "hint: ")

    def test_wrong_keys(self):
        self.fails(4, "InvalidClientTokenId",
                   env=self.environment(("AKIAIOSFODNN7NOBODY0", self.keys[1], None)))
        self.secrets.add("planted-wrong-secret-YANKEE")
        self.fails(4, "SignatureDoesNotMatch",
                   env=self.environment((self.keys[0], "planted-wrong-secret-YANKEE", None)))

    def test_role_by_a_service_that_fails(self):
        """Which is nobody's credentials' fault."""
        self.two_profiles()
        self.aws_file("config", f"[profile ops]\nrole_arn={self.operator}\nsource_profile=default\n")
        for fault in (proxy.internal_500, proxy.throttled_400, proxy.throttled_429,
                      proxy.status(400, "ValidationError")):
            self.proxy.rules.clear()
            self.proxy.fault(fault, action="AssumeRole")
            self.fails(1, "sts:AssumeRole", arguments=["--profile", "ops"])
        self.proxy.rules.clear()

    def test_region_that_is_not_enabled(self):
        """No permission would help: not a denied read, whichever call learns of it."""
        for action, code, words in (
                ("GetCallerIdentity", "RegionDisabledException", "STS is not active in eu-west-1"),
                ("DescribeCluster", "OptInRequired", "region eu-west-1 is not enabled"),
                ("DescribeCluster", "UnrecognizedClientException", "region eu-west-1 is not enabled")):
            with self.subTest(action=action, code=code):
                self.proxy.rules.clear()
                self.proxy.fault(proxy.status(403, code), action=action)
                self.fails(4, code, "hint: ", words, env=self.environment())
        self.proxy.rules.clear()

    def test_line_break_in_a_key(self):
        self.secrets.add("planted-broken-secret-KILO")
        self.fails(1, "AWS_SECRET_ACCESS_KEY has a line break in it",
                   env=self.environment((self.keys[0], "planted-broken-secret-KILO\n", None)))

    def test_expired(self):
        self.proxy.fault(proxy.expired)
        self.fails(4, "ExpiredToken", "expired", env=self.environment(self.temporary))

    def test_half_of_the_keys(self):
        self.fails(4, "AWS_SECRET_ACCESS_KEY", AWS_ACCESS_KEY_ID=self.keys[0])

    def test_bad_files(self):
        self.fails(1, "nosuch", arguments=["--profile", "nosuch"])
        self.fails(1, "nosuch", AWS_PROFILE="nosuch")
        self.aws_file("config", "[profile x\naws_access_key_id = planted-secret-ZULU\n")
        self.secrets.add("planted-secret-ZULU")
        self.fails(1, ".aws/config", "1", arguments=["--profile", "x"])

    def test_bad_region(self):
        result = self.run_plan("--region", "eu west", env=self.environment())
        self.assertEqual(64, result.status, result)
        self.fails(1, "AWS_REGION: ", "it is written eu-west-1", env=self.environment(AWS_REGION="EU-WEST-1"))
        self.aws_file("config", "[default]\nregion = us-east-1a\n")
        self.fails(1, "region of profile default: ", "availability zone of region us-east-1",
                   env=self.environment(AWS_REGION=None))

    def test_no_region(self):
        self.fails(64, "region", env=self.environment(AWS_REGION=None))

    def test_region_order(self):
        """--region, AWS_REGION, AWS_DEFAULT_REGION, profile."""
        self.aws_file("config", f"[default]\nregion = {REGION}\n")
        self.signed_by(self.keys[0], env=self.environment(AWS_REGION=None))
        self.signed_by(self.keys[0], env=self.environment(AWS_REGION=None,
                                                          AWS_DEFAULT_REGION=REGION))
        self.signed_by(self.keys[0], env=self.environment(AWS_DEFAULT_REGION="us-west-2"))
        self.signed_by(self.keys[0], "--region", REGION, env=self.environment(AWS_REGION="us-west-2"))


if __name__ == "__main__":
    harness.main()
