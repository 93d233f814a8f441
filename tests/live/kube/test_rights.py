# SPDX-License-Identifier: Apache-2.0
"""RBAC: what is refused becomes unknown and is named by verb and resource; exactly what
`irsa-fix permissions` prints suffices."""
import copy
import json

import yaml

import kubetest
from kubetest import ACCOUNT, NODE

ARN = f"arn:aws:iam::{ACCOUNT}:role/shop-api"
POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}]}
GROUP = "irsa-fix"


class Rights(kubetest.KubeTest):
    controllers = kwok = True

    def setUp(self):
        super().setUp()
        (self.work / "bucket.json").write_text(json.dumps(POLICY))
        self.addCleanup(self.kube.disallow, GROUP)
        self.addCleanup(self.kube.disallow, "few")

    def printed(self, command, *arguments):
        """The objects that are printed for kubectl apply."""
        result = self.irsa("permissions", command, "--rbac", *arguments, expect=0)
        return list(yaml.safe_load_all(result.out))

    def grant(self, objects, missing=None):
        """Exactly these, and no more: they are bound to the group irsa-fix, in which `few` is."""
        self.kube.disallow(GROUP)
        for one in objects:
            self.kube.create(one)
        rules = [(one["metadata"].get("namespace"), rule, verb, what) for one in objects
                 for rule in one.get("rules", []) for verb in rule["verbs"]
                 for what in rule.get("resources", rule.get("nonResourceURLs"))]
        self.kube.wait(lambda: all(self.may(*one) for one in rules) and not (
            missing and self.may(*missing)), "RBAC does not see the roles", 10)

    def may(self, namespace, rule, verb, what):
        """What the authorizer says, which learns of roles a moment later."""
        spec = {"user": "few", "groups": [GROUP]}
        if "nonResourceURLs" in rule:
            spec["nonResourceAttributes"] = {"path": what, "verb": verb}
        else:
            spec["resourceAttributes"] = {"namespace": namespace, "verb": verb, "resource": what,
                                          "group": rule["apiGroups"][0],
                                          "name": rule.get("resourceNames", [""])[0]}
        return self.kube.call("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
            "spec": spec})["status"]["allowed"]

    def scoped(self, roles, writes):
        """No wildcard; a plan's roles write nothing."""
        for role in roles:
            for rule in role.get("rules", []):
                for part in rule.values():
                    self.assertNotIn("*", part, role)
                if not writes:
                    self.assertFalse(set(rule["verbs"]) - {"get", "list", "watch"}, role)

    def rules(self, roles):
        """Every (role, rule, verb, resource) that is granted."""
        for number, role in enumerate(roles):
            for place, rule in enumerate(role.get("rules", [])):
                for verb in rule["verbs"]:
                    for what in rule.get("resources", rule.get("nonResourceURLs", [])):
                        yield number, place, verb, what

    def without(self, roles, number, place, verb, what):
        roles = copy.deepcopy(roles)
        rule = roles[number]["rules"].pop(place)
        kind = "resources" if "resources" in rule else "nonResourceURLs"
        for one in rule["verbs"]:
            for other in rule[kind]:
                if (one, other) != (verb, what):
                    roles[number]["rules"].append({**rule, "verbs": [one], kind: [other]})
        return roles

    def test_what_plan_needs(self):
        self.healthy()
        self.kube.workload("Deployment", self.namespace, "web", "api", node=NODE)
        self.kube.running(self.namespace, 1)
        roles = self.printed("plan", *self.selection())
        self.scoped(roles, writes=False)
        wanted = self.plan(expect=0)
        self.kubeconfig = self.config("few")
        self.grant(roles)
        found = self.plan()
        self.assertEqual((wanted.status, wanted.json), (found.status, found.json), found)
        for number, place, verb, what in self.rules(roles):
            with self.subTest(without=f"{verb} {what}"):
                rule = roles[number]["rules"][place]
                self.grant(self.without(roles, number, place, verb, what),
                           (roles[number]["metadata"].get("namespace"), rule, verb, what))
                less = self.plan()
                if (verb, what) == ("get", "serviceaccounts"):  # where no list is allowed
                    self.assertEqual(wanted.json, less.json, less)
                    continue
                for word in (verb, what):
                    self.assertIn(word, less.out + less.err, less)
                self.assertFalse(less.changes(), less)

    def test_what_bootstrap_needs(self):
        wish = [*self.selection(), "--role", "shop-api", "--policy-file", "bucket.json"]
        roles = self.printed("bootstrap", *wish)
        self.scoped(roles, writes=True)
        self.kubeconfig = self.config("few")
        self.grant(roles)
        self.irsa("bootstrap", "--yes", *wish, expect=0)
        self.assertEqual(ARN, self.role_arn_of())

    def test_what_a_restart_needs(self):
        self.healthy(account=False)
        self.kube.account(self.namespace, "api")
        self.kube.workload("Deployment", self.namespace, "web", "api", node=NODE)
        self.kube.running(self.namespace, 1)
        wish = [*self.selection(), "--allow", "restart"]
        roles = self.printed("apply", *wish)
        self.scoped(roles, writes=True)
        self.kubeconfig = self.config("few")
        self.grant(roles)
        self.irsa("apply", "--yes", *wish, expect=0)
        self.irsa("apply", "--yes", *wish, expect=0)
        for pod in self.kube.running(self.namespace, 1):
            self.assertEqual(ARN, self.pod_variables(pod).get("AWS_ROLE_ARN"))

    def test_nothing_at_all(self):
        """A log-in that works and may do nothing: facts are unknown, none is absent."""
        self.healthy()
        self.kubeconfig = self.config("nobody")
        plan = self.plan()
        self.assertIn(plan.status, (3, 4), plan)
        self.assertIn("serviceaccounts", plan.out + plan.err)
        self.assertEqual([], plan.changes(), plan)
        self.assertNotIn("IRSA050", plan.codes(), plan)

    def test_a_write_that_is_refused(self):
        self.healthy(account=False)
        self.kube.account(self.namespace, "api")
        self.kubeconfig = self.config("few")
        self.kube.allow("few", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"]},
                                {"nonResourceURLs": ["*"], "verbs": ["get"]}])
        done = self.apply()
        self.assertIn(done.status, (4, 5), done)
        text = done.out + done.err
        self.assertIn("patch", text, done)
        self.assertIn("serviceaccounts", text, done)
        self.assertIsNone(self.role_arn_of())


if __name__ == "__main__":
    kubetest.main()
