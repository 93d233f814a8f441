# SPDX-License-Identifier: Apache-2.0
"""Compares the reading of kubeconfigs with the Python client's, over random files.

    kubeconfig_oracle.py DUMP SUITE [COUNT [SEED]]

DUMP is the program made from kubeconfig_dump.c here, SUITE the folder tests/suites/kubeconfig, whose cases
are compared too where both sides take them. The Python client judges less than kubectl does: what it takes
and we refuse must be one of REFUSED. It lets the last current-context of several files win, where client-go
has the first: only one file of a list has one here; and it prefers `token` to `tokenFile`.
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import yaml
from kubernetes.client import Configuration
from kubernetes.config import kube_config

# What kubectl refuses too (client-go's validation.go), by our words for it.
REFUSED = ("are both specified for", "more than one authentication method", "without impersonating a user",
           "was not found for context", "insecure flag is not allowed", "does not match public key",
           "duplicate name", "was not specified for context", "does not conform", "must be specified",
           "unable to load root certificates", "failed to find any PEM", "unsupported scheme",
           "a kubeconfig has", "must be a string", "duplicate key", "no server found", "holds a line break",
           "No such file or directory", "has to begin with https://", "must not hold a user name",
           "percent-encoded", "invalid apiVersion", "invalid interactiveMode", "no Auth Provider",
           "authProvider cannot", "illegal base64", "must be a list", "--cluster names", "it is encrypted",
           "must be true or false", "is not set", "invalid 'proxy-url'")


def entry(rng, kind):
    if kind == "cluster":
        value = {"server": rng.choice(["https://a.example.com", "https://b:6443/", "https://c/base/"])}
        if rng.random() < 0.3:
            value["insecure-skip-tls-verify"] = rng.choice([True, False])
        if rng.random() < 0.3:
            value["tls-server-name"] = rng.choice(["x.example.com", "y"])
        if rng.random() < 0.2:
            value["proxy-url"] = "http://proxy:3128"
    elif kind == "user":
        value = rng.choice([{"token": "t" + str(rng.randrange(9))}, {"tokenFile": "token"}, {},
                            {"username": "me", "password": "p" + str(rng.randrange(9))}])
    else:
        value = {"cluster": rng.choice("kl"), "user": rng.choice("uv")}
        if rng.random() < 0.4:
            value["namespace"] = rng.choice(["app", "web"])
    return value


def make_file(rng, with_context):
    config = {"apiVersion": "v1", "kind": "Config"}
    for kind, names in (("cluster", "kl"), ("user", "uv"), ("context", "cd")):
        chosen = rng.sample(names, rng.randrange(1, 3))
        config[kind + "s"] = [{"name": name, kind: entry(rng, kind)} for name in chosen]
    if with_context:
        config["current-context"] = rng.choice("cd")
    return config


def make_case(rng, folder):
    """Writes up to three files; returns a request."""
    count = rng.randrange(1, 4)
    current = rng.randrange(count)
    paths = []
    for at in range(count):
        place = folder / rng.choice(["", f"sub{at}"])
        place.mkdir(exist_ok=True)
        (place / "token").write_text(f"file-{place.name}\n")
        path = place / f"config{at}"
        path.write_text(yaml.safe_dump(make_file(rng, at == current)))
        paths.append(str(path))
    request = {"environment": {"KUBECONFIG": ":".join(paths), "HOME": str(folder)}}
    if rng.random() < 0.3:
        request["context"] = rng.choice("cde")
    return request


def theirs(request):
    """What the Python client makes of it, in the form of ours; None where it refuses."""
    environment = request.get("environment", {})
    files = request.get("kubeconfig") or environment.get("KUBECONFIG")
    if not files:
        files = os.path.join(environment.get("HOME", "."), ".kube/config")
    config = Configuration()
    try:
        loader = kube_config._get_kube_config_loader(filename=files,
                                                     active_context=request.get("context"))
        loader.load_and_set(config)
        context = loader.current_context
    except Exception:  # whatever it raises is a refusal
        return None
    authorization = (config.api_key or {}).get("BearerToken")
    return {
        "context": context["name"],
        "server": config.host.partition("?")[0].rstrip("/"),
        "namespace": context["context"].get("namespace", "default"),
        "authorization": authorization and authorization.strip(),
        "insecure": not config.verify_ssl,
        "ca": bool(config.ssl_ca_cert),
        "certificate": bool(config.cert_file),
        "server_name": config.tls_server_name,
        "proxy": config.proxy,
    }


def reduced(ours):
    """Ours, with what a log-in by file would send."""
    authorization = ours.get("authorization")
    if ours["login"] == "file":
        authorization = "Bearer " + pathlib.Path(ours["token_file"]).read_text().strip()
    return {
        "context": ours["context"],
        "server": ours["server"],
        "namespace": ours["namespace"],
        "authorization": authorization,
        "insecure": ours["insecure"],
        "ca": bool(ours["ca"]),
        "certificate": bool(ours["certificate"]),
        "server_name": ours.get("server_name"),
        "proxy": ours.get("proxy", "").replace("socks5h:", "socks5:") or None,
    }


def compare(request, ours, expected):
    if "error" in ours:
        if expected is not None and not any(words in ours["error"] for words in REFUSED) \
                and "does not exist" not in ours["error"] and "was not found" not in ours["error"]:
            return f"we refuse: {ours['error']}"
        return None
    if expected is None or ours["login"] in ("exec", "native") or ours["plain_http"]:
        return None
    mine = reduced(ours)
    if mine != expected:
        return f"ours {mine}\ntheirs {expected}"
    return None


def suite_requests(folder):
    for case in sorted(path for path in folder.iterdir() if (path / "case.json").exists()):
        request = json.loads((case / "case.json").read_text())
        if "pod" in request or "eks" in request or case.name == "token-file-wins" \
                or case.name.startswith(("eks", "exec", "cluster-")):
            continue
        yield case, request


def main():
    dump, suite = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1500
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 6
    rng = random.Random(seed)
    wrong = compared = 0
    with tempfile.TemporaryDirectory() as folder:
        cases = [(folder, make_case(rng, pathlib.Path(tempfile.mkdtemp(dir=folder)))) for _ in range(count)]
        cases += list(suite_requests(suite))
        for where, request in cases:
            os.chdir(where)
            run = subprocess.run([dump], input=json.dumps(request) + "\n", text=True, capture_output=True,
                                 check=True)
            expected = theirs(request)
            try:
                problem = compare(request, json.loads(run.stdout), expected)
            except FileNotFoundError:  # a token file of the suite that is not there
                continue
            compared += expected is not None
            if problem:
                wrong += 1
                print(f"{where} {json.dumps(request)}\n{problem}\n")
        os.chdir("/")
    print(f"{len(cases)} cases, {compared} compared (seed {seed}), {wrong} differ")
    sys.exit(1 if wrong or compared < count // 3 else 0)


if __name__ == "__main__":
    main()
