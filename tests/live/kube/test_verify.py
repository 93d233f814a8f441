# SPDX-License-Identifier: Apache-2.0
"""verify, level 1: tokens of a real API server, an STS that verifies them, and each of its refusals."""
import contextlib
import http.server
import json
import os
import pathlib
import ssl
import subprocess
import tempfile
import threading

import cluster
import verifytest
from kubetest import ACCOUNT, CLUSTER, harness

OTHER_ACCOUNT = harness.OTHER_ACCOUNT

ARN = f"arn:aws:iam::{ACCOUNT}:role/shop-api"
LEVEL_1 = ["service-account", "webhook", "token", "claims", "signature", "assume-role",
           "caller-identity"]
DENIED = (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
NO_PROVIDER = (400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for x")


class Proven(verifytest.VerifyTest):
    def test_all_steps(self):
        arn = self.healthy()
        result = self.verify("--log-http", expect=0)
        self.assertEqual(dict.fromkeys(LEVEL_1, "ok"), self.states(result), result)
        binding = result.json["bindings"][0]
        self.assertEqual((True, arn), (binding["proven"], binding["role_arn"]))
        self.assertIn("assumed-role/shop-api/irsa-fix-verify-",
                      self.steps(result)["caller-identity"]["message"])
        self.assertIn("/openid/v1/jwks", self.steps(result)["signature"]["evidence"]["source"])
        [asked] = self.verifier.asked
        self.assertEqual(("900", arn), (asked["DurationSeconds"], asked["RoleArn"]))
        self.assertRegex(asked["RoleSessionName"], r"^irsa-fix-verify-\d+$")
        calls = [call for call in self.proxy.calls if call.action == "AssumeRoleWithWebIdentity"]
        self.assertEqual([""], [call.key for call in calls], "it is not to be signed")
        self.assertTrue(self.secrets & {one for one in self.secrets if one.startswith("ey")},
                        "the token was not planted")

    def test_text(self):
        self.healthy()
        result = self.irsa("verify", *self.selection(), expect=0)
        for word in ("[ok]" if "[ok]" in result.out else "\u2713", f"{self.namespace}/api", "proven",
                     "1 proven, 0 refused, 0 not known", "--pod"):
            self.assertIn(word, result.out, result)

    def test_path_of_the_role(self):
        """It is in the role's ARN, and not in that of who took it on."""
        with self.unchecked():
            self.provider()
            arn = self.role("shop-api", Path="/team/shop/")
        self.kube.account(self.namespace, "api", arn)
        result = self.verify(expect=0)
        self.assertIn("/team/shop/", result.json["bindings"][0]["role_arn"])

    def test_audience_of_the_annotation(self):
        with self.unchecked():
            self.provider(clients=["sts.amazonaws.com", "my-audience"])
            self.role(trust=self.trust(aud="my-audience"))
        self.kube.account(self.namespace, "api", ARN,
                          annotations={"eks.amazonaws.com/audience": "my-audience"})
        result = self.verify(expect=0)
        self.assertEqual("my-audience", result.json["bindings"][0]["audience"])

    def test_many(self):
        self.healthy()
        for name in ("other", "third"):
            with self.unchecked():
                arn = self.role(name, self.trust(account=name))
            self.kube.account(self.namespace, name, arn)
        self.kube.account(self.namespace, "broken", ARN)  # trusted is api alone
        result = self.irsa("verify", "--format", "json", "--cluster", CLUSTER, "-n", self.namespace,
                           expect=3)
        verifytest.SCHEMA.validate(result.json)
        self.assertEqual({"api": True, "broken": False, "other": True, "third": True},
                         {one["service_account"]: one["proven"] for one in result.json["bindings"]})
        self.assertEqual({"proven": 3, "refused": 1, "unknown": 0}, result.json["summary"])

    def test_wrong_usage(self):
        for arguments, word in ((["--from", "x"], "plan --from DIR"), (["--image", "x"], "--pod"),
                                (["--timeout", "0"], "--timeout"), (["--yes"], "--yes"),
                                (["--pod", "--node-selector", "x"], "--node-selector")):
            with self.subTest(arguments):
                result = self.irsa("verify", *arguments, expect=64)
                self.assertIn(word, result.err)


class Refused(verifytest.VerifyTest):
    """Each refusal is STS' own, provoked by what is in IAM."""

    def test_no_provider(self):
        self.healthy(provider=False)
        self.refused("IRSA010", words=("No OpenIDConnect", self.issuer, ACCOUNT))

    def test_no_provider_in_the_other_account(self):
        self.healthy(account=False)
        self.kube.account(self.namespace, "api", ARN.replace(ACCOUNT, OTHER_ACCOUNT))
        result = self.verify(expect=3)
        step = self.steps(result)["assume-role"]
        self.assertIn(step["code"], ("IRSA010", "IRSA015"), result)
        self.assertIn(OTHER_ACCOUNT, step["message"], result)

    def test_audience(self):
        self.healthy(provider=False)
        with self.unchecked():
            self.provider(clients=["another"])
        self.refused("IRSA011", words=("another", "sts.amazonaws.com"))

    def test_trusted_is_another_account(self):
        self.healthy()
        with self.unchecked():
            self.iam.update_assume_role_policy(RoleName="shop-api", PolicyDocument=json.dumps(
                self.trust(account="app")))
        self.refused("IRSA024", words=("Statement[0]", "StringEquals", ":sub", ":app", ":api"))

    def test_trusted_is_another_audience(self):
        self.healthy()
        with self.unchecked():
            self.iam.update_assume_role_policy(RoleName="shop-api", PolicyDocument=json.dumps(
                self.trust(aud="sts.amazonaws.com.")))
        self.refused("IRSA021", words=("Statement[0]", ":aud", "sts.amazonaws.com."))

    def test_trust_denies(self):
        self.healthy()
        policy = self.trust()
        policy["Statement"].append({**policy["Statement"][0], "Effect": "Deny", "Sid": "NotThis"})
        with self.unchecked():
            self.iam.update_assume_role_policy(RoleName="shop-api",
                                               PolicyDocument=json.dumps(policy))
        self.refused("IRSA037", words=("Statement[1]", "NotThis"))

    def test_no_role(self):
        with self.unchecked():
            self.provider()
        self.kube.account(self.namespace, "api", ARN)
        self.refused("IRSA040", words=("shop-api",))

    def test_path_is_wrong(self):
        with self.unchecked():
            self.provider()
            self.role("shop-api", Path="/team/")
        self.kube.account(self.namespace, "api", ARN)
        self.refused("IRSA041", words=("/team/",))

    def test_no_account(self):
        self.healthy(account=False)
        result = self.verify(expect=3)
        steps = self.steps(result)
        self.assertEqual(("failed", "IRSA050"), (steps["token"]["state"], steps["token"]["code"]))
        self.assertEqual("skipped", steps["assume-role"]["state"])
        self.assertIs(False, result.json["bindings"][0]["proven"])

    def test_not_annotated(self):
        """The token would do, but no pod would get it."""
        self.healthy(account=False)
        self.kube.account(self.namespace, "api")
        result = self.verify("--role", "shop-api", expect=3)
        self.assertEqual(("failed", "ok"), (self.states(result)["service-account"],
                                            self.states(result)["caller-identity"]), result)
        self.assertIs(False, result.json["bindings"][0]["proven"])

    def test_no_webhook(self):
        self.healthy()
        path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
        [hook] = self.kube.get(path)["items"]
        self.kube.delete(f"{path}/{hook['metadata']['name']}")
        self.addCleanup(self.kube.create, self.kube.hooks.configuration())
        self.refused("IRSA080", step="webhook")


class Said(verifytest.VerifyTest):
    """Refusals that moto can't be brought to: in AWS' words, by the proxy."""

    def setUp(self):
        super().setUp()
        self.healthy()

    def asked(self):
        return sum(call.action == "AssumeRoleWithWebIdentity" for call in self.proxy.calls)

    def test_each(self):
        for code, error, words in (
                ("IRSA110", (400, "ExpiredTokenException", "Token expired: current date/time 2 must be "
                             "before the expiration date/time 1"), ("current date/time",)),
                ("IRSA111", (400, "InvalidIdentityToken", "Couldn't retrieve verification key from your "
                             "identity provider,  please reference"), ("verification key",)),
                ("IRSA111", (400, "InvalidIdentityToken", "The ID Token provided is not a valid JWT."),
                 ("valid JWT",)),
                ("IRSA111", (400, "IDPRejectedClaim", "claim"), ("IDPRejectedClaim",)),
                ("IRSA112", (403, "RegionDisabledException", "STS is not activated in this region for "
                             "account:123456789012."), ("not activated", "IAM")),
                ("IRSA113", (403, "AccessDenied", "User: x is not authorized to perform: "
                             "sts:AssumeRoleWithWebIdentity on resource: y with an explicit deny in a "
                             "resource control policy"), ("resource control policy",)),
                ("IRSA113", (403, "AccessDenied", "... with an explicit deny in a service control "
                             "policy"), ("service control policy",)),
                ("IRSA114", (400, "ValidationError", "The requested DurationSeconds exceeds the "
                             "MaxSessionDuration set for this role."), ("MaxSessionDuration",)),
                (None, (400, "PackedPolicyTooLarge", "too large"), ("PackedPolicyTooLarge", "too large")),
                (None, (400, "SomethingNew", "of tomorrow"), ("SomethingNew", "of tomorrow"))):
            with self.subTest(error):
                self.proxy.rules.clear()
                self.refuse(*error)
                step = self.refused(code, words=(*words, "planted-request"))
                self.assertEqual(1, self.asked(), "what is certain is not asked again")
                self.assertNotIn("planted", step["message"])

    def test_suspected(self):
        """Everything that can be seen allows it, and STS refuses to the end."""
        self.refuse(*DENIED)
        result = self.verify("--timeout", "5s", expect=3)
        step = self.steps(result)["assume-role"]
        self.assertEqual("IRSA113", step["code"], result)
        self.assertIn("suspected", step["message"])
        self.assertGreater(self.asked(), 1)
        self.assertGreater(result.seconds, 4)
        self.assertIn("not yet", result.err)
        self.assertIn("s left", result.err)

    def test_not_yet(self):
        """IAM spreads a change: refused at first, and then not."""
        for error in (DENIED, NO_PROVIDER, (400, "InvalidIdentityToken", "Incorrect token audience"),
                      (400, "IDPCommunicationError", "could not be reached")):
            with self.subTest(error):
                self.proxy.rules[1:] = []
                self.proxy.rules[:] = [rule for rule in self.proxy.rules if rule.fault is self.verifier]
                self.refuse(*error, times=2)
                result = self.verify(expect=0)
                self.assertIn("not yet", result.err, result)
                self.assertIn("after", self.steps(result)["assume-role"]["message"])

    def test_countdown_on_a_terminal(self):
        """One line that is written over, and gone at the end."""
        self.refuse(*DENIED, times=2)
        leader, follower = os.openpty()
        done = subprocess.run([harness.BINARY, "verify", *self.selection()], cwd=self.work, stderr=follower,
                              env=self.environment(TERM="xterm"), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, timeout=60, check=False)
        os.close(follower)
        shown = ""
        with contextlib.suppress(OSError):  # the end of a terminal
            while data := os.read(leader, 65536):
                shown += data.decode()
        os.close(leader)
        self.assertEqual(0, done.returncode, shown)
        self.assertIn("s left: ", shown)
        self.assertGreater(shown.count("\r\x1b[K"), 2)
        self.assertNotIn("\n", shown)
        self.assertTrue(shown.endswith("\r\x1b[K"), shown)

    def test_not_known(self):
        for fault, status in ((harness.proxies.reset, 1), (harness.proxies.html, 1),
                              (harness.proxies.throttled_400, 1)):
            with self.subTest(fault.__name__):
                self.proxy.rules.clear()
                self.proxy.fault(fault, action="AssumeRoleWithWebIdentity")
                result = self.verify(expect=status)
                self.assertEqual("unknown", self.states(result)["assume-role"], result)
                self.assertIsNone(result.json["bindings"][0]["proven"])

    def test_somebody_else(self):
        def other(exchange):
            status, headers, body = exchange.forward()
            exchange.answer(status, headers, body.replace(b"assumed-role/shop-api", b"assumed-role/shop-web"))
        self.proxy.fault(other, action="GetCallerIdentity")
        self.refused("IRSA116", step="caller-identity", words=("shop-web", "shop-api"))


class Rights(verifytest.VerifyTest):
    """Our own: what is missing is no verdict."""

    def test_no_token(self):
        self.healthy()
        self.kube.allow("few", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"]},
                                {"nonResourceURLs": ["*"], "verbs": ["get"]}])
        self.addCleanup(self.kube.disallow, "few")
        self.kubeconfig = self.config("few")
        result = self.verify(expect=4)
        steps = self.steps(result)
        self.assertEqual(("unknown", "skipped"), (steps["token"]["state"], steps["assume-role"]["state"]))
        self.assertIn("serviceaccounts/token", steps["token"]["message"] + steps["token"]["help"])
        self.assertIsNone(result.json["bindings"][0]["proven"])

    def test_what_is_printed_suffices(self):
        self.healthy()
        result = self.verify(expect=0, env=self.only_printed())
        self.assertEqual(dict.fromkeys(LEVEL_1, "ok"), self.states(result), result)

    def test_no_cluster(self):
        self.healthy()
        result = self.irsa("verify", "-n", self.namespace, env=self.environment(KUBECONFIG="/nonexistent"))
        self.assertEqual(1, result.status, result)
        self.assertIn("--kubeconfig", result.err)


class Issuer(verifytest.VerifyTest):
    """An issuer that can be reached, as STS would reach it: over TLS, discovery first."""

    @classmethod
    def setUpClass(cls):
        cls.documents = {}
        cls.authority = cluster.Authority("issuer")
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        certificate, key = cls.authority.issue("oidc", server=True)
        (folder / "issuer.pem").write_bytes(certificate + key)
        cls.bundle = folder / "bundle.pem"
        cls.bundle.write_bytes(cls.authority.pem)
        documents = cls.documents

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                data = json.dumps(documents.get(self.path, {})).encode()
                self.send_response(200 if self.path in documents else 404)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "issuer.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        cls.url = cls.cluster_issuer = f"https://localhost:{server.server_address[1]}/id/1"
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.healthy()
        self.keys_of_cluster = self.kube.get("/openid/v1/jwks", accept="application/jwk-set+json")
        if isinstance(self.keys_of_cluster, str):
            self.keys_of_cluster = json.loads(self.keys_of_cluster)
        self.documents.clear()
        self.documents["/id/1/.well-known/openid-configuration"] = {
            "issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        self.documents["/id/1/keys"] = self.keys_of_cluster

    def environment(self, keys=None, **more):
        return super().environment(keys, AWS_CA_BUNDLE=str(self.bundle), **more)

    def test_reached(self):
        result = self.verify(expect=0)
        step = self.steps(result)["signature"]
        self.assertEqual(("ok", f"{self.url}/keys"), (step["state"], step["evidence"]["source"]), result)

    def test_keys_are_old(self):
        """The bucket was not renewed after the signing key was."""
        [key] = self.keys_of_cluster["keys"]
        self.documents["/id/1/keys"] = {"keys": [{**key, "kid": "old"}]}
        self.refused("IRSA111", step="signature", words=("not among", key["kid"]))

    def test_another_key(self):
        [key] = self.keys_of_cluster["keys"]
        swapped = key["n"][:-8] + ("A" * 8)
        self.documents["/id/1/keys"] = {"keys": [{**key, "n": swapped}]}
        self.refused("IRSA111", step="signature", words=("is not by", key["kid"]))

    def test_busy(self):
        """STS could not fetch the keys, which are there: it is asked again."""
        self.refuse(400, "InvalidIdentityToken", "Couldn't retrieve verification key from your identity "
                    "provider,  please reference", times=1)
        result = self.verify(expect=0)
        self.assertIn("not yet", result.err)

    def test_no_keys(self):
        """What can't be read is said, and the API server's keys stand in."""
        self.documents["/id/1/.well-known/openid-configuration"] = {"issuer": self.url}
        step = self.steps(self.verify(expect=0))["signature"]
        self.assertIn("jwks_uri", step["message"])
        self.assertIn("/openid/v1/jwks", step["evidence"]["source"])


class Applied(verifytest.VerifyTest):
    def test_apply_and_verify(self):
        with self.unchecked():
            self.role()
        self.kube.account(self.namespace, "api")
        self.refuse(*NO_PROVIDER, times=1)  # IAM takes a moment
        result = self.irsa("apply", "--yes", "--verify", "--format", "json", *self.selection(),
                           "--role", "shop-api", expect=0)
        verifytest.SCHEMA.validate(result.json["verify"])
        self.assertIs(True, result.json["verify"]["bindings"][0]["proven"], result)
        self.assertIn("not yet", result.err)

    def test_what_to_run_then(self):
        with self.unchecked():
            self.role()
        self.kube.account(self.namespace, "api")
        result = self.irsa("apply", "--yes", *self.selection(), "--role", "shop-api", expect=0)
        last = result.out.splitlines()[-1]
        self.assertIn("irsa-fix verify", last, result)
        self.assertEqual(0, self.irsa(*last.split("irsa-fix ")[1].split()).status)


if __name__ == "__main__":
    verifytest.main()
