# SPDX-License-Identifier: Apache-2.0
"""Accounts in which IRSA is broken, one each, made with boto3: the AWS side of what people report.

SCENES holds (name, Scene). make(test) sets it up in an account with one cluster; the wanted binding is
always shop/api with the role shop-api, and its ServiceAccount carries the annotation.
"""
import copy
import dataclasses
import json

ACCOUNT = "123456789012"
OTHER = "222222222222"
OLD = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"


@dataclasses.dataclass
class Scene:
    make: object
    code: str = None        # that a plan must name; None: nothing is wrong
    end: str = "fixed"      # by apply --yes: "fixed"; "reported": nothing is to be changed;
    #                         "allowed": only with --allow
    allow: str = None
    more: tuple = ()        # further arguments of plan and apply
    remains: tuple = ()     # codes that may stay afterwards
    status: int = 0         # exit status when all is done


SCENES = []


def scene(code=None, **settings):
    def put(make):
        SCENES.append((make.__name__, Scene(make, code, **settings)))
        return make
    return put


def arn(host, account=ACCOUNT, partition="aws"):
    return f"arn:{partition}:iam::{account}:oidc-provider/{host}"


# --- the provider ---------------------------------------------------------------------------------


def provider(name, code, host=None, **how):
    settings = how.pop("settings", {})

    def make(test):
        test.provider(host=host and host(test.issuer), **how)
        test.role()
    make.__name__ = name
    scene(code, **settings)(make)


@scene("IRSA010")
def provider_is_missing(test):
    test.role()


def with_region(region):
    return lambda issuer: issuer.replace("eu-west-1", region)


# the registered one stays: it may be another cluster's
provider("provider_of_another_id", "IRSA010", lambda issuer: OLD)
provider("provider_of_another_region", "IRSA014", with_region("us-east-1"))
provider("provider_with_dual_stack_host", "IRSA013",
         lambda issuer: issuer.replace("oidc.eks.eu-west-1.amazonaws.com", "oidc-eks.eu-west-1.api.aws"))
provider("provider_in_lower_case", "IRSA012", lambda issuer: issuer.lower())
provider("provider_with_trailing_slash", "IRSA012", lambda issuer: issuer + "/")
provider("provider_with_port", "IRSA012", lambda issuer: issuer.replace("/id/", ":443/id/", 1))
provider("provider_without_audience", "IRSA011", clients=())
provider("provider_with_another_audience", "IRSA011", clients=("https://kubernetes.default.svc",))
provider("provider_with_misspelt_audience", "IRSA011", clients=("sts.amazonaws.com.",))
provider("provider_with_old_thumbprint", "IRSA017", thumbprints=("ab" * 20,),
         settings={"end": "reported"})


@scene("IRSA016", end="allowed", allow="delete")
def provider_of_a_deleted_cluster_beside(test):
    test.provider()
    test.provider(host=OLD)
    test.role()


# --- the trust policy -----------------------------------------------------------------------------


def trust(name, code, change, **settings):
    """change(policy, statement, issuer) spoils a policy that works; None: as it is."""
    def make(test):
        test.provider()
        policy = copy.deepcopy(test.trust())
        change(policy, policy["Statement"][0], test.issuer)
        test.role(trust=policy)
    make.__name__ = name
    scene(code, **settings)(make)


def federated(value):
    def change(policy, statement, issuer):
        statement["Principal"] = {"Federated": value(issuer)}
    return change


def condition(value):
    def change(policy, statement, issuer):
        statement["Condition"] = value(issuer)
    return change


def equals(key, value, issuer, operator="StringEquals"):
    return {operator: {key: value, f"{issuer}:aud": "sts.amazonaws.com"}}


SUB = "system:serviceaccount:shop:api"


def sub(value, operator="StringEquals"):
    return condition(lambda issuer: equals(f"{issuer}:sub", value, issuer, operator))


def statement_of(**parts):
    return lambda policy, statement, issuer: statement.update(parts)


trust("federated_is_a_url", "IRSA027", federated(lambda issuer: arn("https://" + issuer)))
trust("federated_of_another_account", "IRSA028", federated(lambda issuer: arn(issuer, OTHER)))
trust("federated_of_another_partition", "IRSA028",
      federated(lambda issuer: arn(issuer, partition="aws-cn")))
trust("federated_of_another_region", ("IRSA022", "IRSA023", "IRSA027", "IRSA029"),
      federated(lambda issuer: arn(issuer.replace("eu-west-1", "eu-west-2"))))
trust("federated_is_a_role", "IRSA027",
      federated(lambda issuer: f"arn:aws:iam::{ACCOUNT}:role/shop-api"))
trust("federated_is_the_cluster", "IRSA027",
      federated(lambda issuer: f"arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/prod"))
trust("federated_is_the_host", "IRSA027", federated(lambda issuer: issuer))
trust("federated_in_wrong_order", "IRSA027",
      federated(lambda issuer: arn(issuer.replace("oidc.eks.eu-west-1", "eks.oidc.eu-west-1"))))
trust("federated_ends_in_a_slash", "IRSA027", federated(lambda issuer: arn(issuer + "/")))

trust("key_is_the_arn", "IRSA030",
      condition(lambda issuer: equals(f"{arn(issuer)}:sub", SUB, issuer)))
trust("key_begins_with_https", "IRSA030",
      condition(lambda issuer: equals(f"https://{issuer}:sub", SUB, issuer)))
trust("key_lacks_its_suffix", "IRSA030",
      condition(lambda issuer: equals(issuer, SUB, issuer)))
trust("key_lacks_the_id", ("IRSA030", "IRSA031"),
      condition(lambda issuer: equals(issuer.split("/id/")[0] + ":sub", SUB, issuer)))
trust("key_of_another_issuer", "IRSA031",
      condition(lambda issuer: {"StringEquals": {f"{OLD}:sub": SUB, f"{OLD}:aud": "sts.amazonaws.com"}}))
trust("keys_mixed_up", "IRSA032",
      condition(lambda issuer: {"StringEquals": {f"{issuer}:aud": SUB,
                                                 f"{issuer}:sub": "sts.amazonaws.com"}}))
trust("keys_in_another_case", None,
      condition(lambda issuer: equals(f"{issuer.lower()}:SUB", SUB, issuer)))

trust("subject_of_another_namespace", "IRSA024", sub("system:serviceaccount:shops:api"))
trust("subject_of_another_name", "IRSA024", sub("system:serviceaccount:shop:apis"))
trust("subject_in_plural", "IRSA025", sub("system:serviceaccounts:shop:api"))
trust("subject_with_slashes", "IRSA025", sub("serviceaccount/shop/api"))
trust("subject_without_namespace", "IRSA025", sub("system:serviceaccount:api"))
trust("subject_with_spaces", "IRSA025", sub(" system:serviceaccount:shop:api "))
trust("subject_pattern_taken_literally", "IRSA026", sub("system:serviceaccount:shop:*"))
trust("subject_pattern_that_does_not_match", "IRSA024",
      sub("system:serviceaccount:shop:web-*", "StringLike"))

trust("audience_is_wrong", "IRSA021", condition(
    lambda issuer: {"StringEquals": {f"{issuer}:sub": SUB, f"{issuer}:aud": "sts.amazonaws.com.cn"}}))
trust("audience_is_not_checked", "IRSA103",
      condition(lambda issuer: {"StringEquals": {f"{issuer}:sub": SUB}}), end="reported")

trust("action_is_assume_role", "IRSA033", statement_of(Action="sts:AssumeRole"))
trust("action_is_for_saml", "IRSA033", statement_of(Action="sts:AssumeRoleWithSAML"))
trust("principal_is_a_service", "IRSA034",
      statement_of(Principal={"Service": "ec2.amazonaws.com"}, Action="sts:AssumeRole"))
trust("principal_is_an_account", "IRSA034", statement_of(
    Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
trust("no_statement_for_it", ("IRSA020", "IRSA034"), lambda policy, statement, issuer: policy.update(
    Statement=[{"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"},
                "Action": ["sts:AssumeRole", "sts:TagSession"]}]))
trust("deny_in_the_way", "IRSA037", lambda policy, statement, issuer: policy["Statement"].append(
    {"Sid": "Stop", "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity"}),
      end="reported", status=3)
trust("open_to_the_cluster", "IRSA100", sub("system:serviceaccount:*:*", "StringLike"),
      end="allowed", allow="narrow")
trust("lets_requests_without_the_key_in", "IRSA102", condition(
    lambda issuer: {"ForAllValues:StringEquals": {f"{issuer}:sub": [SUB]},
                    "StringEquals": {f"{issuer}:aud": "sts.amazonaws.com"}}), end="reported")
trust("condition_that_nobody_knows", "IRSA095", lambda policy, statement, issuer: statement[
    "Condition"].update({"StringLike": {"aws:SourceVpc": "vpc-0a1"}}), end="reported", status=3)


@scene("IRSA023")
def cluster_made_anew(test):
    """All of its roles still trust the issuer that it had before."""
    old = test.issuer
    test.eks.delete_cluster(name="prod")
    test.issuer = test.cluster("prod")
    test.role(trust=test.trust(issuer=old))


@scene("IRSA022")
def trusts_another_cluster(test):
    other = test.cluster("staging")
    test.provider()
    test.provider(host=other)
    test.role(trust=test.trust(issuer=other))


# --- healthy: must stay as it is ------------------------------------------------------------------

trust("healthy", None, lambda policy, statement, issuer: None)
trust("healthy_pattern", None, sub("system:serviceaccount:shop*:a?i", "StringLike"))
trust("healthy_arrays", None, lambda policy, statement, issuer: statement.update(
    Action=["sts:TagSession", "sts:AssumeRoleWithWebIdentity"],
    Condition={"StringEquals": {f"{issuer}:sub": ["system:serviceaccount:x:y", SUB]},
               "StringLike": {f"{issuer}:aud": ["sts.*"]}}))


@scene()
def healthy_with_others(test):
    test.provider()
    other = test.cluster("staging")
    test.provider(host=other)
    policy = test.trust(issuer=other)
    policy["Statement"] += test.trust()["Statement"]
    policy["Statement"].append({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
                                "Action": "sts:AssumeRole"})
    test.role(trust=policy)


# --- the role -------------------------------------------------------------------------------------


@scene("IRSA040", end="reported", status=3)
def role_is_missing(test):
    test.provider()


@scene("IRSA040", more=("--policy-arn", f"arn:aws:iam::{ACCOUNT}:policy/shop"))
def role_is_missing_with_permissions_declared(test):
    test.provider()
    managed(test)


def managed(test, action="s3:GetObject"):
    return test.iam.create_policy(PolicyName="shop", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": action, "Resource": "*"}]}))["Policy"]["Arn"]


@scene("IRSA044", end="reported", more=("--role", "shop-api"))
def role_without_permissions(test):
    test.provider()
    test.role(policies=False)


@scene("IRSA045", more=("--policy-arn", f"arn:aws:iam::{ACCOUNT}:policy/shop"))
def policy_is_not_attached(test):
    test.provider()
    test.role()
    managed(test)


@scene("IRSA046", end="reported", status=3, more=("--need", "s3:PutObject arn:aws:s3:::shop/x"))
def needed_action_is_not_allowed(test):
    test.provider()
    test.role()


@scene("IRSA046", end="reported", status=3, more=("--need", "s3:GetObject arn:aws:s3:::shop/x"))
def boundary_forbids_what_is_needed(test):
    test.provider()
    test.role(PermissionsBoundary=managed(test, "sqs:*"))


@scene(more=("--need", "s3:GetObject arn:aws:s3:::shop/x"))
def boundary_allows_what_is_needed(test):
    test.provider()
    test.role(PermissionsBoundary=managed(test, "s3:*"))


@scene("IRSA074", end="reported")
def pod_identity_association_as_well(test):
    test.provider()
    role = test.role()
    test.eks.create_pod_identity_association(clusterName="prod", namespace="shop",
                                             serviceAccount="api", roleArn=role)
