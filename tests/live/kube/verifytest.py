# SPDX-License-Identifier: Apache-2.0
"""What the tests of verify share: STS verifies what is asked of it (sts.py), beside a real API server."""
import json
import pathlib

import boto3
import jsonschema
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
