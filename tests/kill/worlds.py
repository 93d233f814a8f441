# SPDX-License-Identifier: Apache-2.0
"""A captured world in which a bootstrap has eight changes to make: one that is all new, and one in
which most of it exists, in files that hold other things too (a Secret among them)."""
import json

ACCOUNT, REGION, CLUSTER = "111122223333", "eu-west-1", "shop"
HOST = f"oidc.eks.{REGION}.amazonaws.com/id/0F1E2D3C4B5A69788796A5B4C3D2E1F0"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"
SECRETS = ("cGxhbnRlZC1zZWNyZXQ", "planted-in-a-comment", "planted-in-the-list")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop-api"
POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}]}
COMMAND = ["bootstrap", "--from", "world", "-n", "shop", "-s", "api", "--role", "shop-api",
           "--policy-arn", "arn:aws:iam::aws:policy/AmazonSQSFullAccess",
           "--policy-arn", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
           "--policy-file", "one.json", "--policy-file", "two.json", "--create-namespace",
           "--max-session-duration", "2h", "--format", "json"]


def trust(account):
    return {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {
            f"{HOST}:sub": f"system:serviceaccount:shop:{account}",
            f"{HOST}:aud": "sts.amazonaws.com"}}}]}


def role(name, account):
    return {"Path": "/", "RoleName": name, "RoleId": "AROA" + name.upper().replace("-", ""),
            "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}", "CreateDate": "2025-01-01T00:00:00Z",
            "MaxSessionDuration": 3600, "AssumeRolePolicyDocument": trust(account)}


def write(folder, name, value, **form):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value, **form) + "\n")


def common(work):
    world = work / "world"
    for name in ("one.json", "two.json"):
        write(work, name, POLICY)
    write(world, "aws/caller.json", {"UserId": "AIDAX", "Account": ACCOUNT,
                                     "Arn": f"arn:aws:iam::{ACCOUNT}:user/admin"})
    write(world, "aws/cluster.json", {"cluster": {
        "name": CLUSTER, "arn": f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/{CLUSTER}",
        "version": "1.34", "identity": {"oidc": {"issuer": f"https://{HOST}"}}}})
    return world


def new(work):
    """Nothing is there yet: files are made."""
    world = common(work)
    write(world, "aws/providers.json", {"OpenIDConnectProviderList": []})
    write(world, "aws/roles.json", {"Roles": [role("other", "other")]})
    write(world, "kubernetes/namespaces.yaml", "apiVersion: v1\nkind: NamespaceList\nitems:\n"
          "- apiVersion: v1\n  kind: Namespace\n  metadata:\n    name: default\n")
    write(world, "kubernetes/accounts.yaml", "apiVersion: v1\nkind: ServiceAccountList\nitems:\n"
          "- apiVersion: v1\n  kind: ServiceAccount\n  metadata:\n    name: default\n"
          "    namespace: default\n")


def partly(work):
    """Most of it is there, and wrong: files are edited, by few bytes. One is a single line."""
    world = common(work)
    write(world, "aws/providers.json", {"OpenIDConnectProviderList": [{"Arn": PROVIDER}]}, indent=2)
    write(world, "aws/provider.json", {"Url": HOST, "ClientIDList": ["other"], "ThumbprintList": [],
                                       "CreateDate": "2025-01-01T00:00:00Z"}, indent=4)
    write(world, "aws/roles.json", {"Roles": [role("other", "other"), role("shop-api", "wrong")],
                                    "Note": SECRETS[2]}, separators=(",", ":"))
    write(world, "aws/role.json", {"Role": role("shop-api", "wrong")}, indent=1)
    write(world, "aws/attached.json", {"RoleName": "shop-api", "AttachedPolicies": []})
    write(world, "aws/inline.json", {"RoleName": "shop-api", "PolicyNames": []})
    write(world, "kubernetes/all.yaml",
          "# " + SECRETS[1] + "\napiVersion: v1\nkind: List\nitems:\n"
          "- {apiVersion: v1, kind: Secret, metadata: {name: s, namespace: shop}, data: {key: "
          + SECRETS[0] + "}}\n"
          "- apiVersion: v1\n  kind: ServiceAccount   # ours\n  metadata:\n    name: api\n"
          "    namespace: shop\n- apiVersion: v1\n  kind: Namespace\n  metadata:\n    name: shop\n")
