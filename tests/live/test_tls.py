# SPDX-License-Identifier: Apache-2.0
"""TLS to an endpoint of one's own: verified always, with AWS_CA_BUNDLE or ca_bundle; and through a proxy."""
import datetime
import ipaddress
import pathlib
import socket
import socketserver
import tempfile
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import harness


def certificates(folder, addresses=("127.0.0.1",), days=1):
    """An authority and a server's certificate: (file of the authority, chain, key)."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def make(name, key, issuer, issuer_key, authority):
        builder = (x509.CertificateBuilder().subject_name(name).issuer_name(issuer)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now - datetime.timedelta(days=2))
                   .not_valid_after(now + datetime.timedelta(days=days))
                   .add_extension(x509.BasicConstraints(ca=authority, path_length=None), True))
        if not authority:
            builder = builder.add_extension(x509.SubjectAlternativeName(
                [x509.IPAddress(ipaddress.ip_address(one)) for one in addresses]), False)
        return builder.sign(issuer_key, hashes.SHA256())

    def named(text):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = make(named("test authority"), authority_key, named("test authority"), authority_key,
                     True)
    server = make(named("test server"), key, named("test authority"), authority_key, False)
    pem = serialization.Encoding.PEM
    files = [folder / "ca.pem", folder / "chain.pem", folder / "key.pem"]
    files[0].write_bytes(authority.public_bytes(pem))
    files[1].write_bytes(server.public_bytes(pem) + authority.public_bytes(pem))
    files[2].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8,
                                           serialization.NoEncryption()))
    return [str(file) for file in files]


class Tunnel(socketserver.ThreadingTCPServer):
    """An HTTP proxy that knows CONNECT; `hosts` are those it was asked for."""
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        self.hosts = []
        super().__init__(("127.0.0.1", 0), TunnelHandler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass


class TunnelHandler(socketserver.StreamRequestHandler):
    def handle(self):
        words = self.rfile.readline().decode().split()
        while self.rfile.readline().strip():
            pass
        self.server.hosts.append(words[1])
        host, port = words[1].rsplit(":", 1)
        there = socket.create_connection((host, int(port)))
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

        def copy(source, target):
            try:
                while data := source.recv(65536):
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        back = threading.Thread(target=copy, args=(there, self.connection), daemon=True)
        back.start()
        copy(self.connection, there)
        back.join()
        there.close()


class Tls(harness.LiveTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.authority, *cls.certificate = certificates(pathlib.Path(folder.name))
        super().setUpClass()

    def setUp(self):
        super().setUp()
        with self.unchecked():
            self.provider()
            self.role()

    def run_plan(self, status, *words, **variables):
        result = self.plan("--manifests", self.manifests(), env=self.environment(**variables))
        self.assertEqual(status, result.status, result)
        for word in words:
            self.assertIn(word, result.err, result)
        return result

    def test_verified(self):
        self.assertTrue(self.proxy.url.startswith("https://"))
        self.run_plan(1, "certificate", "127.0.0.1", "hint: ", "AWS_CA_BUNDLE")
        self.run_plan(0, AWS_CA_BUNDLE=self.authority)
        self.aws_file("config", f"[default]\nca_bundle = {self.authority}\n")
        self.run_plan(0)
        self.run_plan(1, "AWS_CA_BUNDLE: ", "nowhere.pem", AWS_CA_BUNDLE="/nowhere.pem")

    def test_proxy(self):
        tunnel = Tunnel()
        self.addCleanup(tunnel.server_close)
        self.addCleanup(tunnel.shutdown)
        self.run_plan(0, AWS_CA_BUNDLE=self.authority, HTTPS_PROXY=tunnel.url)
        self.assertEqual({f"127.0.0.1:{self.proxy.port}"}, set(tunnel.hosts))
        tunnel.hosts.clear()
        self.run_plan(0, AWS_CA_BUNDLE=self.authority, HTTPS_PROXY=tunnel.url, NO_PROXY="127.0.0.1")
        self.assertEqual([], tunnel.hosts)
        self.secrets.add("planted-proxy-LIMA")
        self.run_plan(1, "HTTPS_PROXY", AWS_CA_BUNDLE=self.authority, HTTPS_PROXY="ftp://u:planted-proxy-LIMA@127.0.0.1:9")
        self.run_plan(1, "nowhere.invalid", "HTTPS_PROXY", AWS_CA_BUNDLE=self.authority,
                      HTTPS_PROXY="http://u:planted-proxy-LIMA@nowhere.invalid:3128")


class OtherName(harness.LiveTest):
    """A certificate of another host."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.authority, *cls.certificate = certificates(pathlib.Path(folder.name), ("127.0.0.2",))
        super().setUpClass()

    def test_refused(self):
        result = self.plan(env=self.environment(AWS_CA_BUNDLE=self.authority))
        self.assertEqual(1, result.status, result)
        self.assertIn("127.0.0.1", result.err)
        self.assertEqual([], self.proxy.calls)


class Expired(harness.LiveTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.authority, *cls.certificate = certificates(pathlib.Path(folder.name), days=-1)
        super().setUpClass()

    def test_refused(self):
        result = self.plan(env=self.environment(AWS_CA_BUNDLE=self.authority))
        self.assertEqual(1, result.status, result)
        self.assertIn("expired", result.err)


if __name__ == "__main__":
    harness.main()
