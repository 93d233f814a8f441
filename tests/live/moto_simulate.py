# SPDX-License-Identifier: Apache-2.0
"""SimulatePrincipalPolicy, which moto lacks, after
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html (see moto_more.py)."""
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.responses import IamResponse


def documents_of(backend, role):
    for name in backend.list_role_policies(role.name):
        yield backend.get_role_policy(role.name, name)[1]
    yield from backend.list_attached_role_policies(role.name)[0]


def decide(documents, action, resource):
    decision = "implicitDeny"
    for document in documents:
        result = IAMPolicy(document).is_action_permitted(action, resource)
        if result == PermissionResult.DENIED:
            return "explicitDeny"
        if result == PermissionResult.PERMITTED:
            decision = "allowed"
    return decision


def simulate_principal_policy(self):
    source = self._get_param("PolicySourceArn")
    role = next((role for role in self.backend.get_roles() if role.arn == source), None)
    if role is None:
        raise ServiceException("NoSuchEntity", f"The entity {source} cannot be found.")
    documents = list(documents_of(self.backend, role))
    boundary = []
    if role.permissions_boundary_arn:
        boundary = [self.backend.get_policy(role.permissions_boundary_arn)]
    resources = self._get_param("ResourceArns", []) or ["*"]
    results = []
    for action in self._get_param("ActionNames", []):
        if any(sign in action for sign in "*?") or ":" not in action:
            raise ServiceException("InvalidInput", f"Invalid Input Action: {action}")
        results.append(simulated(action, resources, documents, boundary, scps_of(role)))
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})


def scps_of(role):
    """moto's IAM knows no organization: the tests put its service control policy into a tag of the role."""
    return [tag["Value"] for tag in role.tags or [] if tag["Key"] == "test:scp"]


def simulated(action, resources, documents, boundary, scps):
    """One result for each action, the most restrictive decision of all resources on top:
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html"""
    hardest = ["explicitDeny", "implicitDeny", "allowed"]
    empty = {"MatchedStatements": [], "MissingContextValues": []}
    each, organization = [], True
    for resource in resources:
        decision = decide(documents, action, resource)
        one = {"EvalResourceName": resource, **empty}
        if boundary:
            within = decide(boundary, action, resource) == "allowed"
            one["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": within}
            if decision == "allowed" and not within:
                decision = "implicitDeny"
        if scps and decide(scps, action, resource) != "allowed":
            decision, organization = decide(scps, action, resource), False
        each.append({**one, "EvalResourceDecision": decision})
    top = {"EvalActionName": action, "EvalResourceName": resources[0], **empty,
           "EvalDecision": min((one["EvalResourceDecision"] for one in each), key=hardest.index),
           "ResourceSpecificResults": each}
    if scps:
        top["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": organization}
    return top


IamResponse.simulate_principal_policy = simulate_principal_policy
