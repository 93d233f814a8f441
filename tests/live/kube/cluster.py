# SPDX-License-Identifier: Apache-2.0
"""An EKS cluster's API server on loopback: etcd, kube-apiserver, and on request the controllers and kwok.

    cluster = Cluster(controllers=True, kwok=True)
    cluster.get("/api/v1/namespaces")           # as an administrator
    cluster.kubeconfig(path, user={"token": cluster.token("reader")})
    cluster.stop()

Token, certificate and EKS log-in work, RBAC is on, the issuer is that of an EKS cluster, and the pod
identity webhook's effect is there (webhooks.py). Every process is stopped by its id. By hand:

    cluster.py [--controllers] [--kwok] [--moto] FOLDER     runs until interrupted
"""
import argparse
import base64
import contextlib
import datetime
import http.client
import ipaddress
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import webhooks

HERE = pathlib.Path(__file__).resolve().parent
REGION = "eu-west-1"
ID = "0F1E2D3C4B5A69788796A5B4C3D2E1F0"
ISSUER = f"https://oidc.eks.{REGION}.amazonaws.com/id/{ID}"
NODE = "node-0"


def free_ports(count):
    """All at once, so that they differ."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def pem_of_key(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


class Authority:
    """A certificate authority."""

    def __init__(self, name="kubernetes"):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self.builder(self.name, self.key, (-1, 24))
        self.certificate = builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True).add_extension(
            x509.KeyUsage(False, False, False, False, False, True, True, False, False),
            critical=True).sign(self.key, hashes.SHA256())
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM)

    def builder(self, subject, key, hours):
        now = datetime.datetime.now(datetime.timezone.utc)
        return x509.CertificateBuilder(self.name, subject, key.public_key(), x509.random_serial_number(),
                                       now + datetime.timedelta(hours=hours[0]),
                                       now + datetime.timedelta(hours=hours[1]))

    def issue(self, name, groups=(), server=False, hours=(-1, 24), names=("localhost",)):
        """(certificate, key), both PEM: of a user, or of a server on loopback."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]
                            + [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups])
        use = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = self.builder(subject, key, hours).add_extension(x509.ExtendedKeyUsage([use]), False)
        if server:
            builder = builder.add_extension(x509.SubjectAlternativeName(
                [x509.DNSName(one) for one in names]
                + [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        certificate = builder.sign(self.key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM), pem_of_key(key)


class Failed(Exception):
    """The API server refused."""

    def __init__(self, status, answer):
        super().__init__(f"{status}: {answer}")
        self.status, self.answer = status, answer


def servers():
    """The folder of the built servers; IRSAFIX_SERVERS names another one."""
    if os.environ.get("IRSAFIX_SERVERS"):
        return pathlib.Path(os.environ["IRSAFIX_SERVERS"])
    done = subprocess.run([str(HERE / "build.sh"), sys.executable], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, check=True)
    return pathlib.Path(done.stdout.decode().strip())


class Cluster:
    def __init__(self, controllers=False, kwok=False, issuer=ISSUER, webhook=True, folder=None):
        self.built = servers()
        self.issuer = issuer
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="irsa-fix-cluster."))
        self.folder.mkdir(exist_ok=True)
        self.processes = []
        self.hooks = None
        self.tokens = {}
        self.connection = None
        self.port, self.etcd_port, self.peer_port = free_ports(3)
        self.server = f"https://127.0.0.1:{self.port}"
        try:
            self.start(controllers, kwok, webhook)
        except BaseException:
            self.stop()
            raise

    # --- starting and stopping -------------------------------------------------------------------

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        path.chmod(0o600)
        return str(path)

    def run(self, name, *command):
        log = (self.folder / f"{name}.log").open("wb")
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   env=environment, cwd=self.folder, start_new_session=True)
        process.name = name
        log.close()
        self.processes.append(process)

    def start(self, controllers, kwok, webhook):
        self.authority = Authority()
        self.ca = self.write("ca.pem", self.authority.pem)
        self.make_users()
        self.hooks = webhooks.Hooks(self.authority, self.notes_of)
        self.run("etcd", shutil.which("etcd") or "/usr/bin/etcd", "--data-dir", str(self.folder / "etcd"),
                 "--listen-client-urls", f"http://127.0.0.1:{self.etcd_port}",
                 "--advertise-client-urls", f"http://127.0.0.1:{self.etcd_port}",
                 "--listen-peer-urls", f"http://127.0.0.1:{self.peer_port}",
                 "--initial-advertise-peer-urls", f"http://127.0.0.1:{self.peer_port}",
                 "--initial-cluster", f"default=http://127.0.0.1:{self.peer_port}",
                 "--quota-backend-bytes", str(1 << 31), "--logger", "zap", "--log-level", "warn")
        self.run("apiserver", str(self.built / "kube-apiserver"), *self.flags())
        self.wait(self.is_ready, "the API server does not start")
        if webhook:
            self.register_webhook()
        if controllers:
            self.run("controllers", str(self.built / "kube-controller-manager"), "--kubeconfig",
                     self.admin_kubeconfig, "--leader-elect=false", "--secure-port=0",
                     "--use-service-account-credentials=false", "--root-ca-file", self.ca,
                     "--service-account-private-key-file", str(self.folder / "accounts.key"),
                     "--kube-api-qps=200", "--kube-api-burst=400", "--controllers",
                     "namespace-controller,serviceaccount-controller,deployment-controller,"
                     "replicaset-controller,statefulset-controller,daemonset-controller,job-controller,"
                     "cronjob-controller,garbage-collector-controller")
            self.wait(lambda: self.exists("/api/v1/namespaces/default/serviceaccounts/default"),
                      "the controllers do not start")
        if kwok:
            self.run("kwok", str(self.built / "kwok"), "--kubeconfig", self.admin_kubeconfig,
                     "--manage-all-nodes=true", "--config", str(self.built / "kwok.yaml"),
                     "--server-address", "127.0.0.1:0")
            self.create({"apiVersion": "v1", "kind": "Node", "metadata": {
                "name": NODE, "labels": {"kubernetes.io/hostname": NODE, "kubernetes.io/os": "linux"}}})
            self.wait(lambda: any(one["type"] == "Ready" and one["status"] == "True" for one in self.get(
                f"/api/v1/nodes/{NODE}")["status"].get("conditions", [])), "kwok does not start")
            self.patch(f"/api/v1/nodes/{NODE}", {"spec": {"taints": None}})  # not-ready, of admission

    def make_users(self):
        """Certificates, the token file, the keys of service accounts, the administrator's kubeconfig."""
        accounts = rsa.generate_private_key(65537, 2048)
        self.write("accounts.key", pem_of_key(accounts))
        self.write("accounts.pub", accounts.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        certificate, key = self.authority.issue("kube-apiserver", server=True)
        self.write("server.pem", certificate)
        self.write("server.key", key)
        certificate, key = self.authority.issue("admin", ["system:masters"])
        files = self.write("admin.pem", certificate), self.write("admin.key", key)
        self.context = ssl.create_default_context(cadata=self.authority.pem.decode())
        self.context.load_cert_chain(*files)
        self.tokens = {name: f"planted-token-of-{name}-{base64.b32encode(os.urandom(10)).decode()}"
                       for name in ("admin", "few", "reader", "writer", "nobody")}
        groups = {"admin": "system:masters", "few": "irsa-fix"}
        self.write("tokens.csv", "".join(
            f'{token},{name},{name},"{groups.get(name, "people")}"\n'
            for name, token in self.tokens.items()))
        self.admin_kubeconfig = self.kubeconfig(self.folder / "admin.kubeconfig", {
            "client-certificate": files[0], "client-key": files[1]})

    def flags(self):
        """https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/"""
        own = self.folder
        self.write("reviews.kubeconfig", yaml.safe_dump(self.config_of(
            {}, server=self.hooks.url + "/reviews")))
        return ["--etcd-servers", f"http://127.0.0.1:{self.etcd_port}", "--secure-port", str(self.port),
                "--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1",
                "--endpoint-reconciler-type", "none", "--cert-dir", str(own / "certificates"),
                "--tls-cert-file", str(own / "server.pem"), "--tls-private-key-file",
                str(own / "server.key"), "--client-ca-file", self.ca, "--token-auth-file",
                str(own / "tokens.csv"), "--authentication-token-webhook-config-file",
                str(own / "reviews.kubeconfig"), "--authentication-token-webhook-version", "v1",
                "--authentication-token-webhook-cache-ttl", "0s", "--authorization-mode", "RBAC",
                "--service-account-issuer", self.issuer, "--api-audiences",
                "https://kubernetes.default.svc", "--service-account-signing-key-file",
                str(own / "accounts.key"), "--service-account-key-file", str(own / "accounts.pub"),
                "--service-cluster-ip-range", "10.100.0.0/16",
                "--feature-gates", "WatchList=false"]  # Debian's etcd 3.4 can't serve it

    def is_ready(self):
        self.get("/readyz")
        return True

    def wait(self, condition, what, seconds=120):
        last = None
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            ended = [one for one in self.processes if one.poll() is not None]
            if ended:
                what = f"{ended[0].name} ended with {ended[0].returncode}"
                break
            try:
                if condition():
                    return
            except (OSError, Failed, http.client.HTTPException, KeyError) as error:
                last = error
            time.sleep(0.05)
        raise RuntimeError(f"{what}: {last}\n{self.logs()}")

    def logs(self):
        return "\n".join(f"--- {path.name}\n" + path.read_text(errors="replace")[-3000:]
                         for path in sorted(self.folder.glob("*.log")))

    def stop(self):
        """etcd last: the others complain without it."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM if process.name == "etcd" else signal.SIGKILL)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self.hooks:
            self.hooks.stop()
        if self.connection:
            self.connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- the API, as an administrator ---------------------------------------------------------------

    def request(self, method, path, body=None, content="application/json", token=None, accept=None):
        """(status, answer); with a token as somebody else."""
        headers = {"Content-Type": content, "Accept": accept or "application/json"}
        if token:
            context = ssl.create_default_context(cadata=self.authority.pem.decode())
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=30)
            headers["Authorization"] = f"Bearer {token}"
        else:
            self.connection = connection = self.connection or http.client.HTTPSConnection(
                "127.0.0.1", self.port, context=self.context, timeout=30)
        data = None if body is None else json.dumps(body).encode()
        for attempt in (1, 2):
            try:
                connection.request(method, path, data, headers)
                response = connection.getresponse()
                text = response.read().decode()
                break
            except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLEOFError):
                connection.close()  # one that was kept open too long
                if attempt == 2:
                    raise
            except (OSError, http.client.HTTPException):
                connection.close()
                raise
        if token:
            connection.close()
        is_json = response.getheader("Content-Type", "").startswith("application/json")
        return response.status, json.loads(text) if is_json else text

    def call(self, *arguments, **named):
        status, answer = self.request(*arguments, **named)
        if status >= 300:
            raise Failed(status, answer)
        return answer

    def get(self, path, **named):
        return self.call("GET", path, **named)

    def exists(self, path):
        status, answer = self.request("GET", path)
        if status not in (200, 404):
            raise Failed(status, answer)
        return status == 200

    def create(self, thing, namespace=None, **named):
        """An object whatever its kind."""
        return self.call("POST", path_of(thing, namespace), thing, **named)

    def patch(self, path, change, content="application/merge-patch+json", **named):
        return self.call("PATCH", path, change, content=content, **named)

    def delete(self, path, may_be_gone=False):
        try:
            return self.call("DELETE", path, {"kind": "DeleteOptions", "apiVersion": "v1",
                                              "propagationPolicy": "Background", "gracePeriodSeconds": 0})
        except Failed as error:
            if error.status != 404 or not may_be_gone:
                raise
            return None

    def notes_of(self, namespace, name):
        """The annotations of an account, for the webhook, whose threads need connections of their own."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}")
            return json.loads(connection.getresponse().read()).get("metadata", {}).get("annotations", {})

    # --- common things -------------------------------------------------------------------------------

    def namespace(self, name, **labels):
        """With the account `default`, that pods need: the controllers may not run."""
        thing = self.create({"apiVersion": "v1", "kind": "Namespace",
                             "metadata": {"name": name, "labels": labels}})
        self.account(name, "default", may_exist=True)
        return thing

    def account(self, namespace, name, role_arn=None, may_exist=False, annotations=None, **metadata):
        notes = dict(annotations or {})
        if role_arn is not None:
            notes["eks.amazonaws.com/role-arn"] = role_arn
        if notes:
            metadata["annotations"] = notes
        try:
            return self.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {
                "name": name, "namespace": namespace, **metadata}})
        except Failed as error:
            if error.status != 409 or not may_exist:
                raise
            return None

    def read_account(self, namespace, name):
        return self.get(f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}")

    def annotate(self, namespace, name, **values):
        """Keys with _ for . - and / can't be told from names: full ones by **{...}."""
        return self.patch(f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}",
                          {"metadata": {"annotations": values}})

    def pod(self, namespace, name, account="default", node=None, metadata=None, **spec):
        return self.create({"apiVersion": "v1", "kind": "Pod",
                            "metadata": {"name": name, "namespace": namespace, **(metadata or {})},
                            "spec": pod_spec(account, node, **spec)})

    def workload(self, kind, namespace, name, account="default", node=None, replicas=1,
                 metadata=None, template=None, **spec):
        """A Deployment, StatefulSet, DaemonSet, ReplicaSet, Job or CronJob."""
        labels = {"app": name}
        pod = {"metadata": {"labels": labels, **(template or {})},
               "spec": pod_spec(account, node, **spec)}
        own = {"selector": {"matchLabels": labels}, "template": pod}
        if kind in ("Deployment", "StatefulSet", "ReplicaSet"):
            own["replicas"] = replicas
        if kind == "StatefulSet":
            own["serviceName"] = name
        if kind in ("Job", "CronJob"):
            pod["spec"]["restartPolicy"] = "Never"
            own = {"template": pod}
        if kind == "CronJob":
            own = {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": own}}
        return self.create({"apiVersion": "batch/v1" if "Job" in kind else "apps/v1", "kind": kind,
                            "metadata": {"name": name, "namespace": namespace, **(metadata or {})},
                            "spec": own})

    def pods(self, namespace):
        return self.get(f"/api/v1/namespaces/{namespace}/pods")["items"]

    def running(self, namespace, count=None):
        """Waits until (that many) pods are there and run; returns them."""
        found = []

        def check():
            found[:] = [one for one in self.pods(namespace) if "deletionTimestamp" not in one["metadata"]]
            return found and len(found) == (count or len(found)) and all(
                one["status"].get("phase") == "Running" for one in found)
        self.wait(check, f"pods of {namespace} do not run", 30)
        return found

    def compact(self):
        """etcd forgets all but the latest revision."""
        def etcd(path, **body):
            connection = http.client.HTTPConnection("127.0.0.1", self.etcd_port, timeout=10)
            with contextlib.closing(connection):
                connection.request("POST", path, json.dumps(body))
                return json.loads(connection.getresponse().read())
        revision = etcd("/v3/kv/range", key=base64.b64encode(b"/").decode())["header"]["revision"]
        etcd("/v3/kv/compaction", revision=revision, physical=True)

    def register_webhook(self):
        self.create(self.hooks.configuration())
        self.wait(self.webhook_answers, "the webhook is not called", 30)

    def webhook_answers(self):
        """A new configuration takes a moment to be seen by the API server."""
        namespace = "webhook-probe"
        if not self.exists(f"/api/v1/namespaces/{namespace}"):
            self.namespace(namespace)
        self.account(namespace, "probe", "arn:aws:iam::123456789012:role/probe", may_exist=True)
        dry = self.call("POST", f"/api/v1/namespaces/{namespace}/pods?dryRun=All", {
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe"},
            "spec": pod_spec("probe")})
        if "env" not in dry["spec"]["containers"][0]:
            return False
        self.delete(f"/api/v1/namespaces/{namespace}/serviceaccounts/probe")
        self.delete(f"/api/v1/namespaces/{namespace}")
        return True

    # --- users ---------------------------------------------------------------------------------------

    def token(self, name):
        return self.tokens[name]

    def allow(self, user, rules, namespace=None):
        """RBAC: rules for a user, in one namespace or everywhere."""
        kind = "Role" if namespace else "ClusterRole"
        meta = {"name": "of-" + user.replace("/", "-"), **({"namespace": namespace} if namespace else {})}
        group = "rbac.authorization.k8s.io"
        self.create({"apiVersion": f"{group}/v1", "kind": kind, "metadata": meta, "rules": rules})
        self.create({"apiVersion": f"{group}/v1", "kind": kind + "Binding", "metadata": meta,
                     "roleRef": {"apiGroup": group, "kind": kind, "name": meta["name"]},
                     "subjects": [{"kind": "User", "name": user, "apiGroup": group}]})

    def disallow(self, user):
        """All that allow() and printed roles gave to that user or group."""
        base = "/apis/rbac.authorization.k8s.io/v1"
        for kind in ("clusterrolebindings", "rolebindings"):
            for one in self.get(f"{base}/{kind}")["items"]:
                if any(subject["name"] == user for subject in one.get("subjects", [])):
                    where = one["metadata"].get("namespace")
                    inside = f"/namespaces/{where}" if where else ""
                    role = "roles" if one["roleRef"]["kind"] == "Role" else "clusterroles"
                    self.delete(f"{base}{inside}/{kind}/{one['metadata']['name']}")
                    with contextlib.suppress(Failed):
                        self.delete(f"{base}{inside if role == 'roles' else ''}/{role}/"
                                    f"{one['roleRef']['name']}")

    def config_of(self, user, server=None, cluster=None, context="test", name=None, namespace=None):
        name = name or context
        entry = {"server": server or self.server,
                 "certificate-authority-data": base64.b64encode(self.authority.pem).decode(),
                 **(cluster or {})}
        return {"apiVersion": "v1", "kind": "Config", "current-context": context,
                "clusters": [{"name": name, "cluster": {
                    key: value for key, value in entry.items() if value is not None}}],
                "users": [{"name": "user", "user": user}],
                "contexts": [{"name": context, "context": {
                    "cluster": name, "user": "user",
                    **({"namespace": namespace} if namespace else {})}}]}

    def kubeconfig(self, path, user, **settings):
        """Writes one; the path."""
        path = pathlib.Path(path)
        path.write_text(yaml.safe_dump(self.config_of(user, **settings)))
        path.chmod(0o600)
        return str(path)


PLURALS = {"ReplicaSet": "replicasets"}
CLUSTER_WIDE = {"Namespace", "Node", "ClusterRole", "ClusterRoleBinding", "MutatingWebhookConfiguration"}


def path_of(thing, namespace=None):
    """Where objects of that kind are created."""
    api = thing["apiVersion"]
    base = f"/api/{api}" if "/" not in api else f"/apis/{api}"
    if thing["kind"] not in CLUSTER_WIDE:
        base += f"/namespaces/{namespace or thing['metadata']['namespace']}"
    return f"{base}/{PLURALS.get(thing['kind'], thing['kind'].lower() + 's')}"


def pod_spec(account=None, node=None, **more):
    spec = {"containers": [{"name": "app", "image": "example.com/app:1"}],
            "terminationGracePeriodSeconds": 0, **more}
    if account:
        spec["serviceAccountName"] = account
    if node:
        spec["nodeName"] = node
    return spec


def by_hand():
    parser = argparse.ArgumentParser()
    parser.add_argument("--controllers", action="store_true")
    parser.add_argument("--kwok", action="store_true")
    parser.add_argument("--moto", action="store_true")
    parser.add_argument("folder")
    chosen = parser.parse_args()
    folder = pathlib.Path(chosen.folder).resolve()
    cluster = Cluster(chosen.controllers, chosen.kwok, folder=folder)
    moto = None
    try:
        print(f"export KUBECONFIG={cluster.admin_kubeconfig}\n"
              f"export PATH={cluster.built}:$PATH   # kubectl\n"
              f"# tokens of admin, few (group irsa-fix), reader, writer, nobody: {folder}/tokens.csv; logs: {folder}/*.log\n"
              f"# issuer: {cluster.issuer}; node: {NODE}")
        if chosen.moto:
            sys.path.insert(0, str(HERE.parent))
            import kubetest
            moto = kubetest.moto_of(cluster)
            print("\n".join(f"export {name}={value}" for name, value in moto.exports.items()))
        sys.stdout.flush()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        if moto:
            moto.stop()
        cluster.stop()


if __name__ == "__main__":
    by_hand()
