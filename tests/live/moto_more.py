#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""moto_server with what it lacks and these tests need: moto_more.py -H HOST -p PORT

 - Add- and RemoveClientID of OIDC providers, SimulatePrincipalPolicy (moto_simulate.py), the Pod Identity associations of EKS: read
   and answered by moto's own parser and serializer after botocore's service models, so the shapes are
   the published ones
 - permission checks against the resource of each action, after the tables of
   https://docs.aws.amazon.com/service-authorization/latest/reference/list_iam.html and list_amazonelastickubernetesservice.html
   (moto itself checks the action alone)
 - AssumeRoleWithWebIdentity while the checks are on: issuer, audience and subject of the token against
   the providers and the role's trust policy; the token's signature is not verified
 - an issuer of its own for every EKS cluster, with an id of 32 hexadecimal digits, another one for each
   cluster made anew under an old name; or what MOTO_MORE_CLUSTERS says, JSON by the cluster's name with
   issuer, endpoint and ca (base64)
"""
import base64
import binascii
import fnmatch
import hashlib
import io
import itertools
import json
import os
import re

import moto.server
import moto_quick  # noqa: F401
import moto_simulate  # noqa: F401
from moto.core import exceptions as core_exceptions
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.eks import models as eks_models
from moto.eks import urls as eks_urls
from moto.eks.responses import EKSResponse
from moto.iam.access_control import IAMRequestBase
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.sts.responses import TokenResponse


class Refused(ServiceException):
    """Refused(CODE, MESSAGE): the status comes from the service's model."""


class NotAuthorized(core_exceptions._RESTError):
    """The same for a code that the model lacks."""
    code = 403


# IAM and STS answer ErrorResponse/Error; moto's older errors have an element of EC2's in between.
make_error = core_exceptions._RESTError.__init__


def make_error_as_iam(self, *arguments, **named):
    make_error(self, *arguments, **named)
    self.description = re.sub("</?Errors>", "", self.description)


core_exceptions._RESTError.__init__ = make_error_as_iam


# Signatures are over the body as it was sent; moto itself takes the form that it parsed, written anew.
BODY = "moto_more.body"
make_request = IAMRequestBase._create_aws_request
answer_request = DomainDispatcherApplication.__call__


def make_request_as_sent(self):
    parsed = self._body, self._data
    self._body, self._data = self._headers.environ[BODY], b""
    try:
        return make_request(self)
    finally:
        self._body, self._data = parsed


def answer_keeping_the_body(self, environ, start_response):
    environ[BODY] = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(environ[BODY])
    return answer_request(self, environ, start_response)


IAMRequestBase._create_aws_request = make_request_as_sent
DomainDispatcherApplication.__call__ = answer_keeping_the_body


def method_of(cls):
    """Makes the function a method of cls, in place of one of that name."""
    def put(function):
        setattr(cls, function.__name__, function)
        return function
    return put


def parameter(response, name):
    value = response.querystring.get(name)
    return value[0] if isinstance(value, list) else value


# --- what an action is allowed on ----------------------------------------------------------------

ON_POLICY = {"GetPolicy", "GetPolicyVersion", "ListPolicyVersions"}


def _determine_resource(self):
    action = self._get_action()
    partition, account = self.partition, self.current_account
    if parameter(self, "RoleName"):
        name = parameter(self, "RoleName")
        for role in self.backend.get_roles():
            if role.name == name:
                return role.arn
        path = parameter(self, "Path") or "/"
        return f"arn:{partition}:iam::{account}:role{path}{name}"
    if parameter(self, "OpenIDConnectProviderArn"):
        return parameter(self, "OpenIDConnectProviderArn")
    if action == "CreateOpenIDConnectProvider":
        host = re.sub("^https?://", "", parameter(self, "Url") or "")
        return f"arn:{partition}:iam::{account}:oidc-provider/{host}"
    if action == "SimulatePrincipalPolicy":
        return parameter(self, "PolicySourceArn")
    if action in ON_POLICY:
        return parameter(self, "PolicyArn")
    return "*"


IamResponse._determine_resource = _determine_resource

# Creating with tags needs the right to tag as well
# (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html).
TAGGED = {"CreateRole": "TagRole", "CreateOpenIDConnectProvider": "TagOpenIDConnectProvider"}
checks_iam = IamResponse._authenticate_and_authorize_normal_action


def _checks_iam_and_tags(self, resource="*"):
    checks_iam(self, resource)
    action = self._get_action()
    if action in TAGGED and parameter(self, "Tags.member.1.Key"):
        self._get_action = lambda: TAGGED[action]
        try:
            checks_iam(self, resource)
        finally:
            del self._get_action


IamResponse._authenticate_and_authorize_normal_action = _checks_iam_and_tags


def _determine_eks_resource(self):
    where = re.match(r"/clusters/([^/?]+)(?:/pod-identity-associations/([^/?]+))?", self.raw_path)
    if not where or (self.method == "POST" and self.raw_path == "/clusters"):
        return "*"
    own = f"arn:{self.partition}:eks:{self.region}:{self.current_account}:"
    if where[2]:
        return f"{own}podidentityassociation/{where[1]}/{where[2]}"
    return f"{own}cluster/{where[1]}"


EKSResponse._determine_resource = _determine_eks_resource

# What refuses a request before EKS sees it answers in EKS's protocol, with the names of that protocol
# (https://docs.aws.amazon.com/eks/latest/APIReference/CommonErrors.html).
JSON_CODES = {"AccessDenied": "AccessDeniedException",
              "SignatureDoesNotMatch": "InvalidSignatureException",
              "InvalidClientTokenId": "UnrecognizedClientException"}
checks_eks = EKSResponse._authenticate_and_authorize_normal_action


def _checks_eks_in_json(self, resource="*"):
    try:
        checks_eks(self, resource)
    except core_exceptions._RESTError as error:
        self.response_headers["x-amzn-ErrorType"] = JSON_CODES[error.error_type]
        self.response_headers["Content-Type"] = "application/json"
        error.description = json.dumps({"message": error.message})
        raise


EKSResponse._authenticate_and_authorize_normal_action = _checks_eks_in_json


# --- IAM -----------------------------------------------------------------------------------------


@method_of(IamResponse)
def add_client_id_to_open_id_connect_provider(self):
    provider = self.backend.get_open_id_connect_provider(
        self._get_param("OpenIDConnectProviderArn"))
    client = self._get_param("ClientID")
    if client not in provider.client_id_list:
        if len(provider.client_id_list) >= 100:
            raise Refused("LimitExceeded",
                          "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
        provider.client_id_list = [*provider.client_id_list, client]
    return EmptyResult()


@method_of(IamResponse)
def remove_client_id_from_open_id_connect_provider(self):
    provider = self.backend.get_open_id_connect_provider(
        self._get_param("OpenIDConnectProviderArn"))
    client = self._get_param("ClientID")
    provider.client_id_list = [one for one in provider.client_id_list if one != client]
    return EmptyResult()


# --- STS -----------------------------------------------------------------------------------------

NOT_AUTHORIZED = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
checks_signed = TokenResponse._authenticate_and_authorize_normal_action


@method_of(TokenResponse)
def _authenticate_and_authorize_normal_action(self, resource="*"):
    if self._get_action() != "AssumeRoleWithWebIdentity":
        checks_signed(self, resource)


def claims_of(token):
    try:
        payload = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error) as error:
        raise Refused("InvalidIdentityToken",
                      "The ID Token provided is not a valid JWT. (You may see this error if you "
                      "sent an Access Token)") from error


def listed(value):
    return value if isinstance(value, list) else [value]


def trusts(statement, provider, context):
    principal = statement.get("Principal")
    if (statement.get("Effect") != "Allow" or not isinstance(principal, dict)
            or provider.arn not in listed(principal.get("Federated", []))
            or "sts:AssumeRoleWithWebIdentity" not in listed(statement.get("Action", []))):
        return False
    for operator, keys in statement.get("Condition", {}).items():
        match = {"StringEquals": str.__eq__, "StringLike": fnmatch.fnmatchcase}.get(operator)
        if match is None:
            return False
        for key, wanted in keys.items():
            found = context.get(key.lower())
            if found is None or not any(match(found, one) for one in listed(wanted)):
                return False
    return True


assume_by_token = TokenResponse.assume_role_with_web_identity


@method_of(TokenResponse)
def assume_role_with_web_identity(self):
    claims = claims_of(self._get_param("WebIdentityToken"))
    arn = self._get_param("RoleArn")
    partition, account = arn.split(":")[1], arn.split(":")[4]
    backend = iam_backends[account][partition]
    host = re.sub("^https://", "", claims.get("iss", ""))
    provider = next((one for one in backend.open_id_providers.values() if one.url == host), None)
    if provider is None:
        raise Refused("InvalidIdentityToken", f"No OpenIDConnect provider found in your account "
                                              f"for https://{host}")
    audience = listed(claims.get("aud", []))
    if not set(audience) & set(provider.client_id_list):
        raise Refused("InvalidIdentityToken", "Incorrect token audience")
    role = next((role for role in backend.get_roles() if role.arn == arn), None)
    context = {f"{host}:sub".lower(): claims.get("sub"), f"{host}:aud".lower(): audience[0]}
    statements = json.loads(role.assume_role_policy_document)["Statement"] if role else []
    if not any(trusts(one, provider, context) for one in listed(statements)):
        raise NotAuthorized("AccessDenied", NOT_AUTHORIZED)
    return assume_by_token(self)


# --- EKS -----------------------------------------------------------------------------------------

cluster_number = itertools.count(1)
make_cluster = eks_models.Cluster.__init__


@method_of(eks_models.Cluster)
def __init__(self, **settings):
    make_cluster(self, **settings)
    number = hashlib.sha256(f"{self.arn} {next(cluster_number)}".encode()).hexdigest()[:32].upper()
    region = settings["region_name"]
    domain = "amazonaws.com.cn" if settings["aws_partition"] == "aws-cn" else "amazonaws.com"
    own = json.loads(os.environ.get("MOTO_MORE_CLUSTERS", "{}")).get(self.name, {})
    self.identity = {"oidc": {"issuer": own.get(
        "issuer", f"https://oidc.eks.{region}.{domain}/id/{number}")}}
    self.endpoint = own.get("endpoint", self.endpoint)
    if "ca" in own:
        self.certificate_authority = {"data": own["ca"]}
    self.pod_identity_associations = {}


def cluster_named(response, name):
    cluster = response.eks_backend.clusters.get(name)
    if cluster is None:
        raise Refused("ResourceNotFoundException", f"No cluster found for name: {name}.")
    return cluster


@method_of(EKSResponse)
def create_pod_identity_association(self):
    cluster = cluster_named(self, parameter_of_path(self, 1))
    number = f"a-{len(cluster.pod_identity_associations):017x}"
    now = utcnow()
    association = {
        "clusterName": cluster.name, "namespace": self._get_param("namespace"),
        "serviceAccount": self._get_param("serviceAccount"), "roleArn": self._get_param("roleArn"),
        "associationArn": cluster.arn.replace(":cluster/", ":podidentityassociation/")
                          + f"/{number}",
        "associationId": number, "tags": {}, "createdAt": now, "modifiedAt": now}
    cluster.pod_identity_associations[number] = association
    return ActionResult({"association": association})


@method_of(EKSResponse)
def list_pod_identity_associations(self):
    cluster = cluster_named(self, parameter_of_path(self, 1))
    namespace, account = self._get_param("namespace"), self._get_param("serviceAccount")
    found = [one for one in cluster.pod_identity_associations.values()
             if namespace in (None, one["namespace"]) and account in (None, one["serviceAccount"])]
    begin = int(self._get_param("nextToken") or 0)
    end = begin + int(self._get_param("maxResults") or 100)
    summary = ("clusterName", "namespace", "serviceAccount", "associationArn", "associationId")
    answer = {"associations": [{key: one[key] for key in summary} for one in found[begin:end]]}
    if end < len(found):
        answer["nextToken"] = str(end)
    return ActionResult(answer)


@method_of(EKSResponse)
def describe_pod_identity_association(self):
    cluster = cluster_named(self, parameter_of_path(self, 1))
    number = parameter_of_path(self, 2)
    if number not in cluster.pod_identity_associations:
        raise Refused("ResourceNotFoundException",
                      "The specified podIdentityAssociation is not found")
    return ActionResult({"association": cluster.pod_identity_associations[number]})


def parameter_of_path(response, number):
    return re.match(r"/clusters/([^/?]+)/pod-identity-associations/?([^/?]*)",
                    response.raw_path)[number]


for ending in ("", "/(?P<associationId>[^/]+)"):
    eks_urls.url_paths["{0}/clusters/(?P<name>[^/]+)/pod-identity-associations" + ending + "$"] = \
        eks_urls.response.dispatch

if __name__ == "__main__":
    moto.server.main()
