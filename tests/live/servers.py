# SPDX-License-Identifier: Apache-2.0
"""Small local servers of credentials, after their documentation.

 - Imds: the instance metadata service, version 2
   (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html)
 - Container: the credentials endpoint of ECS and of EKS Pod Identity
   (https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html)
 - Sso: the portal and the OIDC token endpoint of IAM Identity Center
   (https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html,
   https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html)
 - SignIn: AWS Sign-In, which renews what `aws login` began
   (https://docs.aws.amazon.com/signin/latest/APIReference/API_CreateOAuth2Token.html), and verifies the proof of
   possession (RFC 9449, section 4.3)

Each gives the keys it was made with: (access key, secret, session token).
"""
import base64
import datetime
import http.server
import json
import threading
import time
import urllib.parse

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils


def expiry(minutes=60):
    then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


class Local:
    """A server on a free loopback port; `requests` holds (method, path) in their order."""

    def __init__(self, keys):
        self.keys = keys
        self.requests = []
        local = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def any_method(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = urllib.parse.urlsplit(self.path)
                local.requests.append((self.command, path.path))
                status, content, answer = local.answer(self.command, path.path,
                                                       dict(urllib.parse.parse_qsl(path.query)),
                                                       self.headers, body)
                data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", content)
                self.send_header("Content-Length", str(len(data)))
                for name, value in local.more_headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PUT = do_POST = any_method

            def log_message(self, *arguments):
                pass

        self.more_headers = {}
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Imds(Local):
    TOKEN = "planted-imds-token-QUEBEC=="

    def __init__(self, keys, role="node-role", region="eu-west-1", enabled=True):
        super().__init__(keys)
        self.role, self.region, self.enabled = role, region, enabled

    def answer(self, method, path, query, headers, body):
        text = "text/plain"
        if not self.enabled:  # HttpEndpoint=disabled
            return 403, text, "Forbidden"
        if path == "/latest/api/token":
            if method != "PUT" or not headers.get("X-aws-ec2-metadata-token-ttl-seconds"):
                return 400, text, "Bad Request"
            if headers.get("X-Forwarded-For"):
                return 403, text, "Forbidden"
            self.more_headers = {"X-Aws-Ec2-Metadata-Token-Ttl-Seconds": "21600"}
            return 200, text, self.TOKEN
        if headers.get("X-aws-ec2-metadata-token") != self.TOKEN:
            return 401, text, "Unauthorized"
        if path in ("/latest/meta-data/iam/security-credentials",
                    "/latest/meta-data/iam/security-credentials/"):
            return (200, text, self.role) if self.role else (404, text, "Not Found")
        if path == f"/latest/meta-data/iam/security-credentials/{self.role}":
            return 200, text, {"Code": "Success", "LastUpdated": expiry(0), "Type": "AWS-HMAC",
                               "AccessKeyId": self.keys[0], "SecretAccessKey": self.keys[1],
                               "Token": self.keys[2], "Expiration": expiry()}
        if path == "/latest/meta-data/placement/region":
            return 200, text, self.region
        if path == "/latest/dynamic/instance-identity/document":
            return 200, text, {"region": self.region, "accountId": "123456789012"}
        return 404, text, "Not Found"


class Container(Local):
    def __init__(self, keys, path="/v2/credentials/5a1f", authorization=None):
        super().__init__(keys)
        self.path, self.authorization = path, authorization

    def answer(self, method, path, query, headers, body):
        if path != self.path:
            return 404, "application/json", {"code": "NotFound", "message": "no such path"}
        if self.authorization and headers.get("Authorization") != self.authorization:
            return 401, "application/json", {"code": "Unauthorized", "message": "wrong token"}
        return 200, "application/json", {"AccessKeyId": self.keys[0],
                                         "SecretAccessKey": self.keys[1], "Token": self.keys[2],
                                         "Expiration": expiry()}


class Sso(Local):
    ACCESS = "planted-sso-access-token-ROMEO"
    FRESH = "planted-sso-fresh-token-SIERRA"
    REFRESH = "planted-sso-refresh-token-TANGO"
    CLIENT_SECRET = "planted-sso-client-secret-UNIFORM"

    def __init__(self, keys, account="123456789012", role="Admin"):
        super().__init__(keys)
        self.account, self.role = account, role

    def answer(self, method, path, query, headers, body):
        kind = "application/json"
        if path == "/federation/credentials" and method == "GET":
            if headers.get("x-amz-sso_bearer_token") not in (self.ACCESS, self.FRESH):
                self.more_headers = {"x-amzn-ErrorType": "UnauthorizedException"}
                return 401, kind, {"message": "Session token not found or invalid"}
            if (query.get("account_id"), query.get("role_name")) != (self.account, self.role):
                self.more_headers = {"x-amzn-ErrorType": "ForbiddenException"}
                return 403, kind, {"message": "No access"}
            then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
            return 200, kind, {"roleCredentials": {
                "accessKeyId": self.keys[0], "secretAccessKey": self.keys[1],
                "sessionToken": self.keys[2], "expiration": int(then.timestamp() * 1000)}}
        if path == "/token" and method == "POST":
            asked = json.loads(body)
            if (asked.get("grantType"), asked.get("refreshToken"), asked.get("clientSecret")) != (
                    "refresh_token", self.REFRESH, self.CLIENT_SECRET):
                self.more_headers = {"x-amzn-ErrorType": "InvalidGrantException"}
                return 400, kind, {"error": "invalid_grant",
                                   "error_description": "Invalid refresh token"}
            return 200, kind, {"accessToken": self.FRESH, "tokenType": "Bearer",
                               "expiresIn": 28800, "refreshToken": self.REFRESH}
        return 404, kind, {"message": "no such path"}


class SignIn(Local):
    REFRESH = "planted-login-refresh-token-OSCAR"
    FRESH = "planted-login-fresh-token-PAPA"
    CLIENT = "arn:aws:signin:::devtools/same-device"

    def __init__(self, keys):
        super().__init__(keys)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.refusal = None
        self.proofs = set()

    @property
    def pem(self):
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                                      serialization.NoEncryption()).decode()

    def problem_of(self, proof):
        """What is wrong with a proof, or None."""
        parts = [base64.urlsafe_b64decode(part + "==") for part in proof.split(".")]
        header, claims = json.loads(parts[0]), json.loads(parts[1])
        numbers = self.key.public_key().public_numbers()
        own = [base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()
               for number in (numbers.x, numbers.y)]
        if (header["typ"], header["alg"]) != ("dpop+jwt", "ES256"):
            return "type"
        if header["jwk"] != {"kty": "EC", "crv": "P-256", "x": own[0], "y": own[1]}:
            return "key"
        if (claims["htm"], claims["htu"]) != ("POST", self.url + "/v1/token"):
            return "request"
        if abs(claims["iat"] - time.time()) > 60 or claims["jti"] in self.proofs:
            return "time or id"
        self.proofs.add(claims["jti"])
        pair = [int.from_bytes(part, "big") for part in (parts[2][:32], parts[2][32:])]
        try:
            self.key.public_key().verify(utils.encode_dss_signature(*pair), proof.rpartition(".")[0].encode(),
                                         ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return "signature"
        return None

    def answer(self, method, path, query, headers, body):
        kind = "application/json"
        if (method, path) != ("POST", "/v1/token"):
            return 404, kind, {"message": "no such path"}
        problem = self.refusal or self.problem_of(headers.get("DPoP") or "..")
        if problem:
            self.more_headers = {"x-amzn-ErrorType": "AccessDeniedException"}
            return 403, kind, {"error": problem, "message": f"refused: {problem}"}
        if json.loads(body) != {"clientId": self.CLIENT, "grantType": "refresh_token",
                                "refreshToken": self.REFRESH}:
            return 400, kind, {"error": "INVALID_REQUEST", "message": "Invalid refresh token"}
        return 200, kind, {"accessToken": {"accessKeyId": self.keys[0], "secretAccessKey": self.keys[1],
                                           "sessionToken": self.keys[2]},
                           "tokenType": "aws_sigv4", "expiresIn": 900, "refreshToken": self.FRESH}
