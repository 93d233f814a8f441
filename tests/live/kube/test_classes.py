# SPDX-License-Identifier: Apache-2.0
"""Every scene of kubescenes.py, set up in the cluster: plan finds it, apply mends it, then a plan is empty; and
the live plan says what a plan over a capture of both halves says."""
import json

import kubescenes
import kubetest

KINDS = ["/api/v1/namespaces/{}/serviceaccounts", "/api/v1/namespaces/{}/pods",
         *(f"/apis/apps/v1/namespaces/{{}}/{kind}" for kind in (
             "deployments", "statefulsets", "daemonsets", "replicasets")),
         *(f"/apis/batch/v1/namespaces/{{}}/{kind}" for kind in ("jobs", "cronjobs")),
         "/api/v1/namespaces", "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"]


class Classes(kubetest.KubeTest):
    controllers = kwok = True

    def capture_both(self):
        """A folder with what the AWS CLI and kubectl would print."""
        folder = self.work / "captured"
        folder.mkdir()
        with self.unchecked():
            self.capture(folder)
        (folder / "api.yaml").unlink()  # the account of capture()'s manifests
        for number, path in enumerate(KINDS):
            (folder / f"k{number}.json").write_text(json.dumps(
                self.kube.get(path.format(self.namespace))))
        return str(folder)

    def compare_with_capture(self, plan, scene):
        captured = self.irsa("plan", "--format", "json", "--from", self.capture_both(),
                             *self.selection(), *scene.more)
        self.assertEqual(captured.codes(), plan.codes(), f"{captured}\n{plan}")
        self.assertEqual([(change["action"], change["kind"], bool(change.get("held_back")))
                          for change in captured.json["changes"]],
                         [(change["action"], change["kind"], bool(change.get("held_back")))
                          for change in plan.json["changes"]], f"{captured}\n{plan}")

    def written(self):
        return ([call.action for call in self.kube_proxy.calls if call.method != "GET"]
                + [call.name for call in self.proxy.calls if call.writes])

    def run_scene(self, scene):
        self.use_proxy()
        scene.make(self)
        plan = self.watched("plan", *scene.more)
        self.assertEqual([], self.written(), plan)
        codes = scene.code if isinstance(scene.code, tuple) else (scene.code,)
        if scene.code is None:
            self.assertEqual([], plan.codes(), plan)
            self.assertEqual(0, plan.status, plan)
        else:
            self.assertTrue(set(codes) & set(plan.codes()), plan)
        for words in scene.says:
            self.assertIn(words.lower(), (plan.out + plan.err).lower(), plan)
        self.compare_with_capture(plan, scene)
        options = list(scene.more)
        if scene.end != "fixed":
            self.assertEqual([], plan.changes(), plan)
            self.watched("apply", "--yes", *options, expect=plan.status)
            self.assertEqual([], self.written())
        if scene.code is None or scene.end == "reported":
            return
        if scene.end == "allowed":
            options += ["--allow", scene.allow]
        else:
            self.assertEqual(2, plan.status, plan)
        done = self.watched("apply", "--yes", *options, expect=scene.status)
        self.assertTrue(self.written(), done)
        again = self.watched("plan", *scene.more, expect=scene.status)
        self.assertEqual([], again.changes(), again)
        self.assertFalse(set(codes) & set(again.codes()), again)
        self.assertIs(True, again.json["bindings"][0]["works"], again)
        if scene.pods:
            self.assertEqual({kubescenes.ARN}, {self.pod_variables(pod).get("AWS_ROLE_ARN")
                                                for pod in self.kube.running(self.namespace)})

    def watched(self, command, *arguments, **named):
        self.kube_proxy.calls.clear()
        return self.irsa(command, "--format", "json", *self.selection(), *arguments, **named)


def add(name, scene):
    def test(self):
        self.run_scene(scene)
    test.__name__ = f"test_{name}"
    setattr(Classes, test.__name__, test)


for name_, scene_ in kubescenes.SCENES:
    add(name_, scene_)

if __name__ == "__main__":
    kubetest.main()
