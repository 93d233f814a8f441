# SPDX-License-Identifier: Apache-2.0
"""RBAC: what is refused becomes unknown and is named by verb and resource; exactly what
`irsa-fix permissions` prints suffices."""
import copy
import json

import yaml

import kubetest
import proxy
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

    def missed(self, roles, begin, act):
        """Each right that is taken away alone is missed: act() is not as with all of them."""
        for number, place, verb, what in self.rules(roles):
            with self.subTest(without=f"{verb} {what}"):
                rule = roles[number]["rules"][place]
                begin()
                self.grant(self.without(roles, number, place, verb, what),
                           (roles[number]["metadata"].get("namespace"), rule, verb, what))
                less = act()
                for word in (verb, what):
                    self.assertIn(word, less.out + less.err, less)

    def test_each_right_to_apply_is_needed(self):
        """One account to annotate, which somebody else writes to meanwhile, one to create."""
        def trusts(account):
            return self.trust(account=account)

        def begin():
            for name in ("api", "new"):
                self.kube.delete(f"/api/v1/namespaces/{self.namespace}/serviceaccounts/{name}",
                                 may_be_gone=True)
            self.kube.account(self.namespace, "api")
            meanwhile[0] = 1

        def sooner(exchange):
            if meanwhile[0]:
                meanwhile[0] = 0
                self.kube.annotate(self.namespace, "api", note="theirs")
            exchange.answer(*exchange.forward())

        def act():
            return self.irsa("apply", "--yes", "--format", "json", *wish)
        meanwhile = [0]
        with self.unchecked():
            self.provider()
            self.role("shop-api", trust=trusts("api"))
            self.role("new", trust=trusts("new"))
        wish = ["--cluster", kubetest.CLUSTER, "-s", f"{self.namespace}/api", "-s", f"{self.namespace}/new"]
        self.use_proxy("few")
        self.kube_proxy.fault(proxy.named("sooner", sooner), action="patch serviceaccounts")
        roles = self.printed("apply", *wish)
        self.scoped(roles, writes=True)
        begin()
        self.grant(roles)
        done = act()
        self.assertEqual(0, done.status, done)
        self.assertEqual(0, meanwhile[0])
        self.missed(roles, begin, act)

    def test_each_right_to_bootstrap_is_needed(self):
        self.namespace += "-new"
        wish = [*self.selection(), "--role", "shop-api", "--policy-file", "bucket.json", "--create-namespace"]
        roles = [one for one in self.printed("bootstrap", *wish)
                 if one["metadata"].get("namespace") is None]
        self.kubeconfig = self.config("few")
        # a Role can't be before its namespace is: the namespaced half is granted everywhere
        rules = [rule for one in self.printed("bootstrap", *wish) if one["metadata"].get("namespace")
                 for rule in one.get("rules", [])]
        self.kube.allow("few", rules)
        self.grant(roles)

        def begin():
            self.kube.delete(f"/api/v1/namespaces/{self.namespace}", may_be_gone=True)
            self.kube.wait(lambda: not self.kube.exists(f"/api/v1/namespaces/{self.namespace}"),
                           "the namespace does not go", 30)

        def act():
            return self.irsa("bootstrap", "--yes", "--format", "json", *wish)
        done = act()
        self.assertEqual(0, done.status, done)
        self.missed(roles, begin, act)

    def test_an_issuer_that_is_not_told(self):
        """Who may not read the discovery document hears that nothing was compared."""
        self.healthy()
        roles = self.printed("plan", *self.selection())
        self.kubeconfig = self.config("few")
        self.grant(roles)
        self.assertNotIn("issuer", self.plan(expect=0).err)
        less = [{**one, "rules": [rule for rule in one["rules"] if "nonResourceURLs" not in rule]}
                if "rules" in one else one for one in roles]
        gone = {"nonResourceURLs": ["/.well-known/openid-configuration"]}
        self.grant(less, (None, gone, "get", gone["nonResourceURLs"][0]))
        found = self.plan(expect=0)
        line, = found.err.splitlines()
        for words in ("/.well-known/openid-configuration", "denied", "issuer", "not compared"):
            self.assertIn(words, line, found)

    def test_refusals_are_told_in_few_lines(self):
        """One for each verb and place."""
        self.healthy()
        self.kubeconfig = self.config("nobody")
        found = self.plan()
        warnings = [line for line in found.err.splitlines() if "denied" in line]
        self.assertEqual(len(found.err.splitlines()), len(warnings), found)
        self.assertLessEqual(len(warnings), 5, found)
        listed, = [line for line in warnings if f"in namespace {self.namespace}" in line
                   and " list " in line]
        for what in ("serviceaccounts", "pods", "deployments.apps", "cronjobs.batch"):
            self.assertIn(what, listed)
        everywhere = self.irsa("plan", "--cluster", kubetest.CLUSTER, "-A")
        self.assertLessEqual(len(everywhere.err.splitlines()), 3, everywhere)

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
