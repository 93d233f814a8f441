# SPDX-License-Identifier: Apache-2.0
"""Every scene of scenes.py: plan finds it, apply mends it, then a plan is empty; and the live plan says what
a plan over a capture by boto3 says."""
import harness
import scenes


def comparable(part):
    """Without what the capture read and a live plan need not: permissions that nobody asks for, the
    audiences of a provider to be deleted."""
    for one in part if isinstance(part, list) else []:
        for link in one.get("links", []):
            if link["link"] == "permissions":
                link["state"] = ""
        if (one.get("action"), one.get("kind")) == ("delete", "oidc-provider"):
            one["before"] = one["diff"] = None
    return part


class Classes(harness.LiveTest):
    def codes_of(self, scene):
        return scene.code if isinstance(scene.code, tuple) else (scene.code,)

    def run_scene(self, scene):
        with self.unchecked():
            scene.make(self)
        options = ["--manifests", self.manifests(), *scene.more]
        plan = self.plan(*options)
        self.assertFalse([call.name for call in self.proxy.calls if call.writes], plan)
        self.compare_with_capture(plan, scene)
        expected = {None: 0, "fixed": 2}.get(scene.code and scene.end, scene.status)
        self.assertEqual(expected, plan.status, plan)
        if scene.code is None:
            self.assertEqual([], plan.codes(), plan)
        else:
            self.assertTrue(set(self.codes_of(scene)) & set(plan.codes()), plan)
        if scene.code is None or scene.end == "reported":
            self.assertEqual([], plan.changes(), plan)
            self.unmoved(options, scene)
            return
        if scene.end == "allowed":
            self.assertEqual([], plan.changes(), plan)
            self.unmoved(options, scene)
            options += ["--allow", scene.allow]
        done = self.apply(*options, expect=scene.status)
        self.assertTrue([call.name for call in self.proxy.calls if call.writes], done)
        again = self.plan(*options, expect=scene.status)
        self.assertEqual([], again.changes(), again)
        self.assertFalse(set(self.codes_of(scene)) & set(again.codes()), again)
        self.assertIs(True, again.json["bindings"][0]["works"], again)

    def unmoved(self, options, scene):
        """Apply has nothing to do, and does nothing."""
        done = self.apply(*options, expect=scene.status if scene.code else 0)
        self.assertFalse([call.name for call in self.proxy.calls if call.writes], done)

    def compare_with_capture(self, plan, scene):
        world = self.work / "captured"
        world.mkdir()
        with self.unchecked():
            self.capture(world)
        captured = self.irsa("plan", "--format", "json", "--from", str(world), *self.selection(),
                             *scene.more)
        if "IRSA093" in captured.codes():
            return  # an empty list of roles tells the captured world nothing
        for part in ("bindings", "changes", "cluster"):
            self.assertEqual(comparable(captured.json[part]),
                             comparable(plan.json[part]), part)
        self.assertEqual(captured.codes(), plan.codes())


def add(name, scene):
    def test(self):
        self.run_scene(scene)
    test.__name__ = f"test_{name}"
    setattr(Classes, test.__name__, test)


for name_, scene_ in scenes.SCENES:
    add(name_, scene_)

if __name__ == "__main__":
    harness.main()
