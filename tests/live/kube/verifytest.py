# SPDX-License-Identifier: Apache-2.0
"""What the tests of verify share: STS verifies what is asked of it (sts.py), beside a real API server."""
import json
import pathlib

import boto3
import jsonschema
import yaml
from botocore.config import Config

import kubetest  # it adds the folder of the next two
import sts
import harness
from kubetest import ACCOUNT, REGION

SCHEMA = jsonschema.Draft202012Validator(json.loads(
    (pathlib.Path(harness.ROOT) / "docs/verify.schema.json").read_text()))


class VerifyTest(kubetest.KubeTest):
    def setUp(self):
        super().setUp()
        session = boto3.session.Session(self.keys[0], self.keys[1], region_name=REGION)
        self.reader = session.client("iam", endpoint_url=self.moto.url,
                                     config=Config(retries={"total_max_attempts": 1}))
        self.verifier = sts.Verifier(self.reader, ACCOUNT,
                                     (self.kube.folder / "accounts.pub").read_bytes(), self.secrets)
        self.proxy.fault(self.verifier, action="AssumeRoleWithWebIdentity")

    def refuse(self, *error, **where):
        """STS' own refusal, before the verifier is asked."""
        self.proxy.rules.insert(0, harness.proxies.Rule(
            harness.proxies.status(*error), action="AssumeRoleWithWebIdentity", **where))

    def verify(self, *arguments, expect=None, **named):
        result = self.irsa("verify", "--format", "json", *self.selection(), *arguments, **named)
        if expect is not None:
            self.assertEqual(expect, result.status, result)
        if result.out:
            SCHEMA.validate(result.json)
            self.assertEqual(result.status, result.json["outcome"], result)
        return result

    def only_printed(self, *arguments):
        """From now on as somebody who may do what `permissions verify` prints, and no more; the environment."""
        chosen = [*self.selection(), *arguments]
        self.addCleanup(self.kube.disallow, "irsa-fix")
        rules = []
        for one in yaml.safe_load_all(self.irsa("permissions", "verify", "--rbac", *chosen, expect=0).out):
            self.kube.create(one)
            rules += [(one["metadata"].get("namespace"), rule) for rule in one.get("rules", [])]
        statements = self.irsa("permissions", "verify", *chosen, expect=0).json["Statement"]
        for _, rule in rules:
            self.assertFalse("*" in json.dumps(rule), rule)
        self.assertNotIn("AssumeRoleWithWebIdentity", json.dumps(statements))
        with self.unchecked():
            keys = self.user("few", statements)
        self.kubeconfig = self.config("few")
        self.kube.wait(lambda: all(self.may(*one) for one in rules), "RBAC does not see the roles", 10)
        return self.environment(keys)

    def may(self, namespace, rule):
        spec = {"user": "few", "groups": ["irsa-fix"]}
        if "nonResourceURLs" in rule:
            spec["nonResourceAttributes"] = {"path": rule["nonResourceURLs"][-1], "verb": "get"}
        else:
            resource, _, sub = rule["resources"][-1].partition("/")
            spec["resourceAttributes"] = {"namespace": namespace, "verb": rule["verbs"][-1],
                                          "resource": resource, "subresource": sub,
                                          "group": rule["apiGroups"][0],
                                          "name": rule.get("resourceNames", [""])[0]}
        return self.kube.call("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
            "spec": spec})["status"]["allowed"]

    def steps(self, result, binding=0):
        return {step["step"]: step for step in result.json["bindings"][binding]["steps"]}

    def states(self, result, binding=0):
        return {name: step["state"] for name, step in self.steps(result, binding).items()}

    def refused(self, code, *arguments, step="assume-role", words=(), **named):
        """verify says no, at that step and by that code; the step."""
        result = self.verify(*arguments, expect=3, **named)
        found = self.steps(result)[step]
        self.assertEqual(("failed", code), (found["state"], found["code"]), result)
        self.assertIs(False, result.json["bindings"][0]["proven"], result)
        text = json.dumps(found)
        for word in words:
            self.assertIn(word, text, result)
        return found


main = kubetest.main
