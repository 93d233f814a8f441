#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a captured world of any size, as kubectl and the AWS CLI print it.

The same arguments give the same bytes. Some service accounts (--broken, in percent) lack their annotation,
as many roles trust another namespace than their service account's: there is something to find and to
plan.
"""
import argparse
import json
import os
import random

ACCOUNT = "111122223333"
REGION = "eu-west-1"
ISSUER = f"oidc.eks.{REGION}.amazonaws.com/id/D5E0B6F1A2C34D5E8F90A1B2C3D4E5F6"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"
MOUNT = "/var/run/secrets/eks.amazonaws.com/serviceaccount"
TIME = "2026-02-01T08:00:00Z"


def uid(rng):
    text = f"{rng.getrandbits(128):032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def namespace_of(i, args):
    return f"team-{i % args.namespaces:03d}"


def is_broken(i, args):
    return i % 100 >= 100 - args.broken


def role_arn(i):
    return f"arn:aws:iam::{ACCOUNT}:role/app-{i:05d}"


def role(i, args):
    # Each role serves the service accounts i, i + roles, i + 2 * roles, ...
    subjects = []
    for k in range(i, args.service_accounts, args.roles):
        namespace = "elsewhere" if is_broken(i + 50, args) else namespace_of(k, args)
        subjects.append(f"system:serviceaccount:{namespace}:app-{k:05d}")
    return {
        "Path": "/",
        "RoleName": f"app-{i:05d}",
        "RoleId": f"AROAEXAMPLE{i:010d}",
        "Arn": role_arn(i),
        "CreateDate": "2026-01-10T09:00:00+00:00",
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": PROVIDER},
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Condition": {
                        "StringEquals": {
                            f"{ISSUER}:sub": subjects[0] if len(subjects) == 1 else subjects,
                            f"{ISSUER}:aud": "sts.amazonaws.com",
                        }
                    },
                }
            ],
        },
        "Description": f"Permissions of app-{i:05d}",
        "MaxSessionDuration": 3600,
    }


def service_account(i, args, rng):
    annotations = {}
    if not is_broken(i, args):
        annotations["eks.amazonaws.com/role-arn"] = role_arn(i % args.roles)
    metadata = {
        "creationTimestamp": TIME,
        "labels": {"app.kubernetes.io/name": f"app-{i:05d}", "team": f"t{i % 40}"},
        "name": f"app-{i:05d}",
        "namespace": namespace_of(i, args),
        "resourceVersion": str(rng.randrange(10**6, 10**9)),
        "uid": uid(rng),
    }
    if annotations:
        metadata = {"annotations": annotations, **metadata}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def pod(i, args, rng):
    account = i % args.service_accounts
    name = f"app-{account:05d}"
    injected = not is_broken(account, args)
    suffix = f"{rng.getrandbits(40):010x}"
    env = [{"name": "LOG_LEVEL", "value": "info"}, {"name": "PORT", "value": "8080"}]
    mounts = [
        {
            "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
            "name": f"kube-api-access-{suffix[:5]}",
            "readOnly": True,
        }
    ]
    volumes = [
        {
            "name": f"kube-api-access-{suffix[:5]}",
            "projected": {
                "defaultMode": 420,
                "sources": [
                    {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                    {
                        "configMap": {
                            "items": [{"key": "ca.crt", "path": "ca.crt"}],
                            "name": "kube-root-ca.crt",
                        }
                    },
                ],
            },
        }
    ]
    if injected:
        env += [
            {"name": "AWS_STS_REGIONAL_ENDPOINTS", "value": "regional"},
            {"name": "AWS_DEFAULT_REGION", "value": REGION},
            {"name": "AWS_REGION", "value": REGION},
            {"name": "AWS_ROLE_ARN", "value": role_arn(account % args.roles)},
            {"name": "AWS_WEB_IDENTITY_TOKEN_FILE", "value": f"{MOUNT}/token"},
        ]
        mounts.append({"mountPath": MOUNT, "name": "aws-iam-token", "readOnly": True})
        token = {"audience": "sts.amazonaws.com", "expirationSeconds": 86400, "path": "token"}
        volumes.insert(
            0,
            {
                "name": "aws-iam-token",
                "projected": {"defaultMode": 420, "sources": [{"serviceAccountToken": token}]},
            },
        )
    conditions = [
        {"lastProbeTime": None, "lastTransitionTime": TIME, "status": "True", "type": kind}
        for kind in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    ]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "creationTimestamp": "2026-03-01T10:00:00Z",
            "generateName": f"{name}-{suffix[:9]}-",
            "labels": {"app.kubernetes.io/name": name, "pod-template-hash": suffix[:9]},
            "name": f"{name}-{suffix[:9]}-{i:05d}",
            "namespace": namespace_of(account, args),
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "blockOwnerDeletion": True,
                    "controller": True,
                    "kind": "ReplicaSet",
                    "name": f"{name}-{suffix[:9]}",
                    "uid": uid(rng),
                }
            ],
            "resourceVersion": str(rng.randrange(10**6, 10**9)),
            "uid": uid(rng),
        },
        "spec": {
            "containers": [
                {
                    "env": env,
                    "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}:1.4.{i % 90}",
                    "imagePullPolicy": "IfNotPresent",
                    "name": "app",
                    "ports": [{"containerPort": 8080, "protocol": "TCP"}],
                    "resources": {
                        "limits": {"memory": "512Mi"},
                        "requests": {"cpu": "100m", "memory": "256Mi"},
                    },
                    "terminationMessagePath": "/dev/termination-log",
                    "terminationMessagePolicy": "File",
                    "volumeMounts": mounts,
                }
            ],
            "dnsPolicy": "ClusterFirst",
            "enableServiceLinks": True,
            "nodeName": f"ip-10-0-{i % 250}-{i % 240}.{REGION}.compute.internal",
            "preemptionPolicy": "PreemptLowerPriority",
            "priority": 0,
            "restartPolicy": "Always",
            "schedulerName": "default-scheduler",
            "securityContext": {"fsGroup": 65534},
            "serviceAccount": name,
            "serviceAccountName": name,
            "terminationGracePeriodSeconds": 30,
            "tolerations": [
                {
                    "effect": "NoExecute",
                    "key": f"node.kubernetes.io/{key}",
                    "operator": "Exists",
                    "tolerationSeconds": 300,
                }
                for key in ("not-ready", "unreachable")
            ],
            "volumes": volumes,
        },
        "status": {
            "conditions": conditions,
            "containerStatuses": [
                {
                    "containerID": f"containerd://{rng.getrandbits(256):064x}",
                    "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}:1.4.{i % 90}",
                    "imageID": f"sha256:{rng.getrandbits(256):064x}",
                    "lastState": {},
                    "name": "app",
                    "ready": True,
                    "restartCount": 0,
                    "started": True,
                    "state": {"running": {"startedAt": "2026-03-01T10:00:05Z"}},
                }
            ],
            "hostIP": f"10.0.{i % 250}.{i % 240}",
            "phase": "Running",
            "podIP": f"10.1.{i % 250}.{i % 240}",
            "qosClass": "Burstable",
            "startTime": "2026-03-01T10:00:00Z",
        },
    }


# --- YAML as kubectl prints it ------------------------------------------------------------------


def scalar(value):
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    plain = value and value[0].isalpha() and all(c.isalnum() or c in "-_./:" for c in value)
    if plain and ": " not in value and value.lower() not in ("true", "false", "null", "yes", "no", "on", "off", "y", "n"):
        return value
    return json.dumps(value)


def yaml_lines(value, indent, out):
    pad = "  " * indent
    for key, item in value.items():
        if isinstance(item, dict) and item:
            out.append(f"{pad}{key}:\n")
            yaml_lines(item, indent + 1, out)
        elif isinstance(item, list) and item:
            out.append(f"{pad}{key}:\n")
            yaml_items(item, indent, out)
        else:
            text = "{}" if item == {} else "[]" if item == [] else scalar(item)
            out.append(f"{pad}{key}: {text}\n")


def yaml_items(items, indent, out):
    pad = "  " * indent
    for item in items:
        if not isinstance(item, dict):
            out.append(f"{pad}- {scalar(item)}\n")
            continue
        lines = []
        yaml_lines(item, indent + 1, lines)
        out.append(f"{pad}- {lines[0][len(pad) + 2:]}")
        out.extend(lines[1:])


# --- files ---------------------------------------------------------------------------------------


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=4)
        file.write("\n")


def write_list(directory, name, items, form):
    """kubectl get -o json|yaml, written element by element."""
    path = os.path.join(directory, f"{name}.{form}")
    with open(path, "w", encoding="utf-8") as file:
        if form == "json":
            file.write('{\n    "apiVersion": "v1",\n    "items": [\n')
            for i, item in enumerate(items):
                text = json.dumps(item, indent=4).replace("\n", "\n        ")
                file.write(f"{',' + chr(10) if i else ''}        {text}")
            file.write('\n    ],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n')
            return
        file.write("apiVersion: v1\nitems:\n")
        for item in items:
            lines = []
            yaml_items([item], 0, lines)
            file.writelines(lines)
        file.write('kind: List\nmetadata:\n  resourceVersion: ""\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory")
    parser.add_argument("--service-accounts", type=int, default=10000)
    parser.add_argument("--roles", type=int, default=2000)
    parser.add_argument("--pods", type=int, default=20000)
    parser.add_argument("--namespaces", type=int, default=100)
    parser.add_argument("--broken", type=int, default=2, help="percent of accounts and of roles")
    parser.add_argument("--format", choices=("json", "yaml"), default="json", help="of the Kubernetes lists")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    directory = args.directory
    os.makedirs(directory, exist_ok=True)
    write_json(
        os.path.join(directory, "cluster.json"),
        {
            "cluster": {
                "name": "bench",
                "arn": f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/bench",
                "version": "1.34",
                "identity": {"oidc": {"issuer": f"https://{ISSUER}"}},
            }
        },
    )
    write_json(
        os.path.join(directory, "provider.json"),
        {"Url": ISSUER, "ClientIDList": ["sts.amazonaws.com"], "ThumbprintList": []},
    )
    write_json(
        os.path.join(directory, "providers.json"), {"OpenIDConnectProviderList": [{"Arn": PROVIDER}]}
    )
    write_json(os.path.join(directory, "roles.json"), {"Roles": [role(i, args) for i in range(args.roles)]})
    accounts = (service_account(i, args, rng) for i in range(args.service_accounts))
    write_list(directory, "serviceaccounts", accounts, args.format)
    write_list(directory, "pods", (pod(i, args, rng) for i in range(args.pods)), args.format)


if __name__ == "__main__":
    main()
