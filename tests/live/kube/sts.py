# SPDX-License-Identifier: Apache-2.0
"""What STS checks before it gives credentials for a web identity token, and moto does not: a rule for the
proxy in front of moto (proxy.fault(sts.Verifier(...), action="AssumeRoleWithWebIdentity")).

In the order and with the messages that AWS is reported to have: the provider in the role's account, the
audience among its client ids, the signature by the issuer's key, the token's end, then the role and its
trust policy (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html). What
passes is moto's to answer.
"""
import base64
import fnmatch
import json
import time
import urllib.parse

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

DENIED = (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")


class Refused(Exception):
    pass


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def as_list(value):
    return value if isinstance(value, list) else [value]


def claims_of(token):
    return json.loads(decode(token.split(".")[1]))


class Verifier:
    """account: whose roles these are; iam: a client that may read them; key: PEM of the issuer's."""

    __name__ = "verifying_sts"

    def __init__(self, iam, account, key, secrets, now=time.time):
        self.iam, self.account, self.secrets, self.now = iam, account, secrets, now
        self.key = serialization.load_pem_public_key(key)
        self.asked = []

    def __call__(self, exchange):
        form = dict(urllib.parse.parse_qsl(exchange.body.decode()))
        self.secrets.add(form["WebIdentityToken"])
        self.asked.append({name: value for name, value in form.items() if name != "WebIdentityToken"})
        try:
            self.check(form["WebIdentityToken"], form["RoleArn"], int(form.get("DurationSeconds", 3600)))
        except Refused as refused:
            exchange.error(*refused.args)
            return
        exchange.answer(*exchange.forward())

    def check(self, token, role_arn, seconds):
        claims = claims_of(token)
        host = claims["iss"].removeprefix("https://")
        provider_arn = f"arn:aws:iam::{role_arn.split(':')[4]}:oidc-provider/{host}"
        provider = self.provider(provider_arn, claims["iss"])
        audiences = as_list(claims["aud"])
        if not set(audiences) & set(provider["ClientIDList"]):
            raise Refused(400, "InvalidIdentityToken", "Incorrect token audience")
        self.verify(token)
        if claims["exp"] <= self.now():
            raise Refused(400, "ExpiredTokenException", f"Token expired: current date/time {int(self.now())}"
                          f" must be before the expiration date/time {claims['exp']}")
        role = self.role(role_arn)
        if seconds > role["MaxSessionDuration"]:
            raise Refused(400, "ValidationError", "The requested DurationSeconds exceeds the "
                          "MaxSessionDuration set for this role.")
        context = {f"{host}:sub": claims["sub"], f"{host}:aud": audiences[0]}
        if not self.trusts(role["AssumeRolePolicyDocument"], provider_arn, context):
            raise Refused(*DENIED)

    def provider(self, arn, issuer):
        try:
            return self.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
        except self.iam.exceptions.NoSuchEntityException:
            raise Refused(400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account "
                          f"for {issuer}") from None

    def verify(self, token):
        signed, _, signature = token.rpartition(".")
        try:
            self.key.verify(decode(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise Refused(400, "InvalidIdentityToken", "Couldn't retrieve verification key from your "
                          "identity provider,  please reference AssumeRoleWithWebIdentity documentation "
                          "for requirements") from None

    def role(self, arn):
        try:
            found = self.iam.get_role(RoleName=arn.rsplit("/", 1)[1])["Role"]
        except self.iam.exceptions.NoSuchEntityException:
            raise Refused(*DENIED) from None
        if found["Arn"] != arn:
            raise Refused(*DENIED)
        return {"MaxSessionDuration": 3600, **found}

    def trusts(self, policy, provider_arn, context):
        effects = {one["Effect"] for one in as_list(policy["Statement"])
                   if self.matches(one, provider_arn, context)}
        return "Allow" in effects and "Deny" not in effects

    @staticmethod
    def matches(statement, provider_arn, context):
        principal = statement.get("Principal", {})
        federated = "*" if principal == "*" else principal.get("Federated", [])
        if provider_arn not in as_list(federated) and federated != "*":
            return False
        if not any(fnmatch.fnmatchcase("sts:assumerolewithwebidentity", action.lower())
                   for action in as_list(statement.get("Action", []))):
            return False
        lower = {name.lower(): value for name, value in context.items()}
        for operator, tests in statement.get("Condition", {}).items():
            for key, values in tests.items():
                found = lower.get(key.lower())
                if operator == "StringEquals":
                    good = found in as_list(values)
                elif operator == "StringLike":
                    good = found is not None and any(fnmatch.fnmatchcase(found, one)
                                                     for one in as_list(values))
                else:
                    raise ValueError(f"{operator} is not known to this STS")
                if not good:
                    return False
        return True
