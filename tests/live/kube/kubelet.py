# SPDX-License-Identifier: Apache-2.0
"""A node's kubelet, small and real: pods of its cluster are bound to it, their script is run here with the
environment that they were given, and their logs are served to the API server, over TLS as a kubelet does.

    kubelet = Kubelet(cluster, aws)     # aws: path of the program that stands for the AWS CLI in pods
    kubelet.fates["shop-1"] = "pending" # what becomes of pods of a namespace; "run" where nothing is said

Fates: run; pending (no node takes it), pull (ErrImagePull, then ImagePullBackOff), name (InvalidImageName),
config (CreateContainerConfigError), mount (stays at ContainerCreating, with an event), evicted, hang (runs
without end), node (runs, but without what the webhook gave), mute (ends without a word).
"""
import base64
import http.server
import json
import os
import pathlib
import re
import ssl
import subprocess
import tempfile
import threading
import time

from cluster import Failed

NODE = "node-real"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        found = re.match(r"/containerLogs/([^/]+)/([^/]+)/([^/?]+)", self.path)
        log = self.server.kubelet.logs.get((found[1], found[2])) if found else None
        data = log if log is not None else b"no such container"
        self.send_response(200 if log is not None else 404)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


class Kubelet:
    def __init__(self, cluster, variables):
        """variables(namespace, pod): what else is in the environment of a container."""
        self.cluster, self.variables = cluster, variables
        self.fates, self.logs, self.seen, self.tokens = {}, {}, {}, set()
        self.folder = tempfile.TemporaryDirectory(prefix="irsa-fix-kubelet.")
        self.path = pathlib.Path(self.folder.name)
        certificate, key = cluster.authority.issue("kubelet", server=True)
        (self.path / "tls.pem").write_bytes(certificate + key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path / "tls.pem")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.kubelet = self
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.register()
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.live, daemon=True)
        self.thread.start()

    def stop(self):
        self.stopped.set()
        self.thread.join(20)
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def register(self):
        self.cluster.create({"apiVersion": "v1", "kind": "Node", "metadata": {
            "name": NODE, "labels": {"kubernetes.io/os": "linux", "disk": "fast"}}})
        self.cluster.patch(f"/api/v1/nodes/{NODE}", {"spec": {"taints": None}})
        self.cluster.patch(f"/api/v1/nodes/{NODE}/status", {"status": {
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": self.server.server_address[1]}},
            "conditions": [{"type": "Ready", "status": "True"}]}})

    # --- the life of pods ------------------------------------------------------------------------------

    def ask(self, method, path, body=None):
        """With a connection of its own: the cluster's is not for two threads."""
        return self.cluster.call(method, path, body, token=self.cluster.token("admin"),
                                 content="application/merge-patch+json" if method == "PATCH"
                                 else "application/json")

    def live(self):
        while not self.stopped.wait(0.1):
            try:
                for pod in self.ask("GET", "/api/v1/pods?labelSelector=app.kubernetes.io%2Fmanaged-by%3D"
                                    "irsa-fix")["items"]:
                    self.tend(pod)
            except (Failed, OSError, KeyError):
                pass  # it goes away, or the cluster does

    def tend(self, pod):
        meta = pod["metadata"]
        key = meta["namespace"], meta["name"]
        if key in self.seen:
            if isinstance(self.seen[key], float) and time.monotonic() - self.seen[key] > 2:
                self.seen[key] = "backed off"
                self.waiting(pod, "ImagePullBackOff", "Back-off pulling image")
            return
        fate = self.fates.get(meta["namespace"], "run")
        self.seen[key] = time.monotonic() if fate == "pull" else "seen"
        if fate == "pending":
            self.status(pod, phase="Pending", conditions=[{
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                "message": "0/3 nodes are available: 3 node(s) had untolerated taint {dedicated: batch}"}])
            return
        self.ask("POST", f"{self.where(pod)}/binding", {
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": meta["name"]},
            "target": {"apiVersion": "v1", "kind": "Node", "name": NODE}})
        pod = self.ask("GET", self.where(pod))
        getattr(self, "do_" + fate)(pod)

    @staticmethod
    def where(pod):
        return f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"

    def status(self, pod, **status):
        self.ask("PATCH", self.where(pod) + "/status", {"status": status})

    def container(self, pod, **state):
        spec = pod["spec"]["containers"][0]
        return [{"name": spec["name"], "image": spec["image"], "imageID": "", "ready": False,
                 "restartCount": 0, "state": state}]

    def waiting(self, pod, reason, message=None):
        self.status(pod, phase="Pending", containerStatuses=self.container(
            pod, waiting={"reason": reason, **({"message": message} if message else {})}))

    def do_pull(self, pod):
        image = pod["spec"]["containers"][0]["image"]
        self.waiting(pod, "ErrImagePull", f'failed to pull and unpack image "{image}": not found')

    def do_name(self, pod):
        self.waiting(pod, "InvalidImageName", "couldn't parse image name")

    def do_config(self, pod):
        self.waiting(pod, "CreateContainerConfigError",
                     "container has runAsNonRoot and image will run as root")

    def do_mount(self, pod):
        self.waiting(pod, "ContainerCreating")
        meta = pod["metadata"]
        self.ask("POST", f"/api/v1/namespaces/{meta['namespace']}/events", {
            "apiVersion": "v1", "kind": "Event", "metadata": {"name": meta["name"] + ".1"},
            "involvedObject": {"kind": "Pod", "namespace": meta["namespace"], "name": meta["name"]},
            "type": "Warning", "reason": "FailedMount",
            "message": 'MountVolume.SetUp failed for volume "aws-iam-token"'})

    def do_evicted(self, pod):
        self.status(pod, phase="Failed", reason="Evicted", message="The node was low on memory")

    def do_hang(self, pod):
        self.status(pod, phase="Running", containerStatuses=self.container(
            pod, running={"startedAt": None}))

    def do_mute(self, pod):
        self.end(pod, 127, b"/bin/sh: aws: command not found\n")

    def do_node(self, pod):
        self.run(pod, injected=False)

    def do_run(self, pod):
        self.run(pod, injected=True)

    # --- running ---------------------------------------------------------------------------------------

    def run(self, pod, injected):
        meta, spec = pod["metadata"], pod["spec"]["containers"][0]
        files = self.mount(pod) if injected else {}
        variables = {one["name"]: one.get("value", "") for one in spec.get("env", [])
                     if injected or not one["name"].startswith("AWS_")}
        if variables.get("AWS_WEB_IDENTITY_TOKEN_FILE") in files:
            variables["POD_TOKEN_FILE"] = files[variables["AWS_WEB_IDENTITY_TOKEN_FILE"]]
            # The path is the pod's; here it is the host's.
            real = pathlib.Path(variables["POD_TOKEN_FILE"])
            variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = str(real)
        more = self.variables(meta["namespace"], pod)
        done = subprocess.run(spec["command"] + spec.get("args", []), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False,
                              env={"PATH": f"{more.pop('PATH')}:/usr/bin:/bin", **variables, **more})
        text = done.stdout
        for inside, outside in files.items():
            text = text.replace(outside.encode(), inside.encode())
        self.end(pod, done.returncode, text)

    def mount(self, pod):
        """The projected tokens: {path in the pod: file here}, each by a TokenRequest."""
        meta, spec = pod["metadata"], pod["spec"]
        files = {}
        for volume in spec.get("volumes", []):
            for source in volume.get("projected", {}).get("sources", []):
                wish = source.get("serviceAccountToken")
                if not wish or not wish.get("audience"):
                    continue
                token = self.ask("POST", f"/api/v1/namespaces/{meta['namespace']}/serviceaccounts/"
                                 f"{spec['serviceAccountName']}/token", {
                                     "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                                     "spec": {"audiences": [wish["audience"]],
                                              "expirationSeconds": wish["expirationSeconds"]}})
                self.tokens.add(token["status"]["token"])
                mounts = [one["mountPath"] for one in spec["containers"][0]["volumeMounts"]
                          if one["name"] == volume["name"]]
                path = self.path / f"{meta['name']}.token"
                path.write_text(token["status"]["token"])
                files.update({f"{mount}/{wish['path']}": str(path) for mount in mounts})
        return files

    def end(self, pod, code, text):
        self.logs[pod["metadata"]["namespace"], pod["metadata"]["name"]] = text
        self.status(pod, phase="Failed" if code else "Succeeded", containerStatuses=self.container(
            pod, terminated={"exitCode": code, "reason": "Error" if code else "Completed"}))
