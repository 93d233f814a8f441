# SPDX-License-Identifier: Apache-2.0
"""--thumbprint, for an issuer that is not EKS's: a provider gets it, new or old, and rollback takes it out; with
exactly the permissions that are printed."""
import hashlib
import pathlib
import socket
import ssl
import subprocess
import threading

import harness
import test_permissions
import test_rollback

NEW = "0123456789abcdef0123456789abcdef01234567"
OLD = "89abcdef0123456789abcdef0123456789abcdef"
ISSUER = "issuer.example.com/shop"
NO_ROLE = ("--role", "shop-api")


class Host:
    """A TLS server with a certificate of its own."""

    def __init__(self, folder):
        pathlib.Path(folder).mkdir()
        key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        der = ssl.PEM_cert_to_DER_cert(pathlib.Path(certificate).read_text())
        self.thumbprint = hashlib.sha1(der).hexdigest()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.issuer = f"localhost:{self.listener.getsockname()[1]}/shop"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            try:
                self.context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    def stop(self):
        if self.listener.fileno() >= 0:
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Thumbprint(test_rollback.Undo, test_permissions.Permissions):
    def set_up(self, issuer=ISSUER, **provider):
        self.issuer = issuer
        (self.work / "irsa-fix.ini").write_text(f"[cluster]\nissuer = https://{issuer}\n")
        with self.unchecked():
            if provider:
                self.provider(**provider)
            self.role()

    def thumbprints(self):
        with self.unchecked():
            return self.iam.get_open_id_connect_provider(
                OpenIDConnectProviderArn=self.provider_arn)["ThumbprintList"]

    def test_is_added_and_taken_out(self):
        self.set_up(thumbprints=[OLD])
        options = ["--manifests", self.manifests(), *NO_ROLE]
        self.plan(*options, expect=0)  # nobody asked for one
        options += ["--thumbprint", NEW.upper()]
        planned = self.plan(*options, expect=2)
        self.assertEqual(["IRSA018"], planned.codes(), planned)
        self.assertEqual([("update", "oidc-provider")], planned.changes())
        self.assertIn(f'+        "{NEW}"', planned.json["changes"][0]["diff"])
        before, files = self.state(), self.files()
        selected = [*self.selection(), *options]
        policy = self.printed("apply", *selected)
        few = self.without(policy, "iam:UpdateOpenIDConnectProviderThumbprint")
        self.assertNotEqual(policy, few)
        self.assertEqual(few, self.printed("apply", *self.selection(), *options[:-2]))
        refused = self.apply(*options, env=self.environment(self.holder("few", few)))
        self.assertIn("iam:UpdateOpenIDConnectProviderThumbprint", refused.out + refused.err)
        self.assertEqual(before, self.state())
        self.apply(*options, env=self.environment(self.holder("enough", policy)), expect=0)
        self.assertEqual([OLD, NEW], self.thumbprints())
        self.plan(*options, expect=0)
        self.undone(before, files, allow=())

    def test_what_somebody_adds_meanwhile_stays(self):
        self.set_up(thumbprints=[OLD])
        other = "f" * 40

        def meanwhile(exchange):
            with self.unchecked():
                self.iam.update_open_id_connect_provider_thumbprint(
                    OpenIDConnectProviderArn=self.provider_arn, ThumbprintList=[OLD, other])
            exchange.answer(*exchange.forward())
        options = ["--manifests", self.manifests(), *NO_ROLE, "--thumbprint", NEW]
        self.plan(*options, "--save", "plan.json", expect=2)
        with self.unchecked():
            self.iam.update_open_id_connect_provider_thumbprint(
                OpenIDConnectProviderArn=self.provider_arn, ThumbprintList=[other])
        moved = self.irsa("apply", "plan.json", "--yes")
        self.assertNotEqual(0, moved.status, moved)
        self.assertEqual([other], self.thumbprints())
        with self.unchecked():
            self.iam.update_open_id_connect_provider_thumbprint(
                OpenIDConnectProviderArn=self.provider_arn, ThumbprintList=[OLD])
        self.proxy.fault(meanwhile, action="GetOpenIDConnectProvider", after=1, times=1)
        self.apply(*options, expect=0)
        self.assertEqual([OLD, other, NEW], self.thumbprints())

    def test_the_last_one_is_not_taken_out(self):
        """IAM takes no empty list: that is said, and nothing is done."""
        self.set_up(thumbprints=[])
        self.apply("--manifests", self.manifests(), *NO_ROLE, "--thumbprint", NEW, expect=0)
        refused = self.rollback("--yes")
        self.assertNotIn(refused.status, (0, 2), refused)
        self.assertIn("no empty list", refused.out + refused.err, refused)
        self.assertEqual(([], [NEW]), (self.written(), self.thumbprints()))

    def test_of_a_new_provider(self):
        self.set_up()
        self.apply("--manifests", self.manifests(), *NO_ROLE, "--thumbprint", NEW, expect=0)
        self.assertEqual([NEW], self.thumbprints())

    def test_auto_asks_the_issuer(self):
        host = Host(self.work / "host")
        self.addCleanup(host.stop)
        self.set_up(issuer=host.issuer)
        options = ["--manifests", self.manifests(), *NO_ROLE, "--thumbprint", "auto"]
        planned = self.plan(*options, expect=3)  # IAM takes no issuer with a port, and 443 is not ours
        self.assertEqual(["IRSA004", "IRSA010"], planned.codes())
        self.assertIn(host.thumbprint, planned.json["changes"][0]["diff"])
        host.stop()
        nobody = self.plan(*options, "--timeout", "2", expect=1)
        self.assertIn("--thumbprint HEX", nobody.err)

    def test_eks_needs_none(self):
        with self.unchecked():
            self.provider()
            self.role()
        for wanted in (NEW, "auto"):
            self.plan("--manifests", self.manifests(), *NO_ROLE, "--thumbprint", wanted, expect=0)


for inherited in [name for name in dir(Thumbprint) if name.startswith("test_") and name not in vars(Thumbprint)]:
    setattr(Thumbprint, inherited, None)  # it runs where it stands


if __name__ == "__main__":
    harness.main()
