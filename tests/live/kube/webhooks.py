# SPDX-License-Identifier: Apache-2.0
"""What EKS puts beside an API server: a TLS server on loopback with

 - /mutate, the effect of the pod identity webhook, after its README
   (https://github.com/aws/amazon-eks-pod-identity-webhook#readme)
 - /reviews, log-in by EKS's bearer tokens: presigned GetCallerIdentity URLs, verified as
   aws-iam-authenticator does, but that the signature is checked here and not by STS
   (https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster).
   `keys` maps access keys to (secret, ARN); the ARN is the user's name.
"""
import base64
import datetime
import hashlib
import hmac
import http.server
import json
import ssl
import tempfile
import threading
import urllib.parse

PREFIX = "eks.amazonaws.com"
CLUSTER_HEADER = "x-k8s-aws-id"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self):
        hooks = self.server.hooks
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = hooks.mutate(asked) if self.path.startswith("/mutate") else hooks.review(asked)
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass


class Hooks:
    def __init__(self, authority, read_account, cluster="prod", region="eu-west-1"):
        """read_account(namespace, name): the annotations of a service account."""
        self.authority, self.read_account = authority, read_account
        self.cluster, self.region = cluster, region
        self.keys = {}
        self.sessions = {}  # access key: session token, of temporary ones
        self.refusals = []
        self.hosts = {f"sts.{region}.amazonaws.com", "sts.amazonaws.com"}  # and those of the tests
        certificate, key = authority.issue("webhook", server=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile() as file:
            file.write(certificate + key)
            file.flush()
            context.load_cert_chain(file.name)
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.hooks = self
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    # --- the pod identity webhook ------------------------------------------------------------------

    def configuration(self, name="pod-identity-webhook", **more):
        """As EKS registers it; `more` changes the webhook."""
        return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
                "metadata": {"name": name}, "webhooks": [{
                    "name": "iam-for-pods.amazonaws.com", "failurePolicy": "Ignore",
                    "clientConfig": {"url": self.url + "/mutate", "caBundle": base64.b64encode(
                        self.authority.pem).decode()},
                    "objectSelector": {"matchExpressions": [
                        {"key": f"{PREFIX}/skip-pod-identity-webhook", "operator": "DoesNotExist"}]},
                    "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"],
                               "resources": ["pods"]}],
                    "sideEffects": "None", "admissionReviewVersions": ["v1"],
                    "reinvocationPolicy": "IfNeeded", **more}]}

    def mutate(self, review):
        request = review["request"]
        answer = {"uid": request["uid"], "allowed": True}
        pod = request["object"]
        notes = self.read_account(request["namespace"], pod["spec"].get("serviceAccountName", "default"))
        if notes.get(f"{PREFIX}/role-arn"):
            patch = json.dumps(self.patch_of(pod, notes)).encode()
            answer.update(patchType="JSONPatch", patch=base64.b64encode(patch).decode())
        return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": answer}

    def patch_of(self, pod, notes):
        spec = pod["spec"]
        skipped = pod["metadata"].get("annotations", {}).get(f"{PREFIX}/skip-containers", "")
        skipped = {one.strip() for one in skipped.split(",")}
        folder = f"/var/run/secrets/{PREFIX}/serviceaccount"
        variables = {"AWS_STS_REGIONAL_ENDPOINTS": "regional", "AWS_DEFAULT_REGION": self.region,
                     "AWS_REGION": self.region, "AWS_ROLE_ARN": notes[f"{PREFIX}/role-arn"],
                     "AWS_WEB_IDENTITY_TOKEN_FILE": f"{folder}/token"}
        volume = {"name": "aws-iam-token", "projected": {"defaultMode": 420, "sources": [
            {"serviceAccountToken": {
                "audience": notes.get(f"{PREFIX}/audience", "sts.amazonaws.com"),
                "expirationSeconds": int(notes.get(f"{PREFIX}/token-expiration", 86400)),
                "path": "token"}}]}}
        patch = []
        if all(one["name"] != volume["name"] for one in spec.get("volumes", [])):
            patch.append({"op": "add", "path": "/spec/volumes",
                          "value": [volume, *spec.get("volumes", [])]})
        for kind in ("containers", "initContainers"):
            for container in spec.get(kind, []):
                self.inject(container, skipped, variables, folder)
            if kind in spec:
                patch.append({"op": "replace", "path": f"/spec/{kind}", "value": spec[kind]})
        return patch

    @staticmethod
    def inject(container, skipped, variables, folder):
        """A container that sets one of the two variables itself is left alone."""
        own = {one["name"] for one in container.get("env", [])}
        if container["name"] in skipped or own & {"AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"}:
            return
        container["env"] = [*container.get("env", []),
                            *({"name": name, "value": value} for name, value in variables.items()
                              if name not in own)]
        mounts = container.setdefault("volumeMounts", [])
        if all(one["name"] != "aws-iam-token" for one in mounts):
            mounts.append({"name": "aws-iam-token", "mountPath": folder, "readOnly": True})

    # --- bearer tokens of EKS ----------------------------------------------------------------------

    def review(self, asked):
        status = {"authenticated": False}
        token = asked["spec"].get("token", "")
        if token.startswith("k8s-aws-v1."):
            try:
                arn = self.verify(token)
                status = {"authenticated": True, "user": {"username": arn, "uid": arn,
                                                          "groups": ["people"]}}
            except (ValueError, KeyError) as error:
                self.refusals.append(str(error))
        return {"apiVersion": asked["apiVersion"], "kind": "TokenReview", "status": status}

    def verify(self, token):
        """The caller's ARN; ValueError says what is wrong."""
        text = token.removeprefix("k8s-aws-v1.")
        if "=" in text or len(token) > 4 * 1024:
            raise ValueError("padded, or too long")
        url = urllib.parse.urlsplit(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
        pairs = urllib.parse.parse_qsl(url.query, keep_blank_values=True)
        query = {name.lower(): value for name, value in pairs}
        allowed = {"action", "version", "x-amz-algorithm", "x-amz-credential", "x-amz-date",
                   "x-amz-expires", "x-amz-security-token", "x-amz-signature", "x-amz-signedheaders"}
        if url.netloc not in self.hosts or url.path != "/" or set(query) - allowed \
                or len(query) != len(pairs):
            raise ValueError(f"host, path or parameters: {url.netloc} {url.path} {sorted(query)}")
        if url.scheme != "https" and not url.netloc.startswith("127.0.0.1:"):
            raise ValueError("scheme")
        if query["action"] != "GetCallerIdentity" or not 0 <= int(query["x-amz-expires"]) <= 900:
            raise ValueError("action or expiry")
        signed = query["x-amz-signedheaders"].split(";")
        if CLUSTER_HEADER not in signed:
            raise ValueError(f"{CLUSTER_HEADER} is not signed")
        made = datetime.datetime.strptime(query["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(
            tzinfo=datetime.timezone.utc)
        age = (datetime.datetime.now(datetime.timezone.utc) - made).total_seconds()
        if not -300 < age < 900:
            raise ValueError("date")
        access_key = query["x-amz-credential"].split("/")[0]
        secret, arn = self.keys[access_key]
        if query.get("x-amz-security-token") != self.sessions.get(access_key):
            raise ValueError("session token")
        headers = {"host": url.netloc, CLUSTER_HEADER: self.cluster}
        if not hmac.compare_digest(signature(secret, url, pairs, signed, headers, query),
                                   query["x-amz-signature"]):
            raise ValueError("signature")
        return arn


def signature(secret, url, pairs, signed, headers, query):
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html, with the hash of
    an empty body."""
    def quote(text):
        return urllib.parse.quote(text, safe="-_.~")
    parameters = "&".join(sorted(f"{quote(name)}={quote(value)}" for name, value in pairs
                                 if name.lower() != "x-amz-signature"))
    canonical = "\n".join(["GET", url.path, parameters,
                           *(f"{name}:{headers[name]}" for name in signed), "", ";".join(signed),
                           hashlib.sha256(b"").hexdigest()])
    scope = query["x-amz-credential"].split("/", 1)[1]
    text = "\n".join(["AWS4-HMAC-SHA256", query["x-amz-date"], scope,
                      hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + secret.encode()
    for part in [*scope.split("/"), text]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()
