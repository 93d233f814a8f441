# SPDX-License-Identifier: Apache-2.0
"""What networks, proxies and a server in distress answer: a clear error, the right exit status, nothing
half-done that is not said. Through the recording proxy, by a token that must never be seen."""
import socket

import kubetest
import proxy
from kubetest import status

READ = "list serviceaccounts"
RETRIED = [  # reads that answer once like that are asked again, and nothing is to be seen of it
    ("reset", proxy.reset), ("cut_off", proxy.cut_off),
    ("500", status(500, "InternalError")), ("503", status(503, "ServiceUnavailable")),
    ("429", status(429, "TooManyRequests", headers=[("Retry-After", "1")]))]
FATAL = [  # (name, fault, exit status, words): not to be had by asking again
    ("401", status(401, "Unauthorized", "Unauthorized"), (4,), ("unauthorized",)),
    ("html", proxy.html, (1, 4), ("html",)),
    ("html_error", proxy.html_error, (1, 4), ("502",)),
    ("no_http", proxy.no_http, (1, 4), ()),
    ("empty", proxy.empty, (1, 4), ()),
    ("reset_always", proxy.reset, (1, 4), ("reset",)),
    ("500_always", status(500, "InternalError", "etcd is gone"), (1, 4), ("etcd is gone",)),
    ("429_always", status(429, "TooManyRequests", "slow down", headers=[("Retry-After", "1")]),
     (1, 4), ("429",)),
    ("bomb", proxy.bomb, (1, 4), ()),
    ("invalid_utf8", proxy.invalid_utf8, (1, 4), ()),
    ("wrong_length", proxy.wrong_length, (1, 4), ())]


class Faults(kubetest.KubeTest):
    def setUp(self):
        super().setUp()
        self.use_proxy()

    def is_clean(self, result):
        """One error line, no crash, no token (irsa() looks), nothing written."""
        self.assertIn("irsa-fix: error:", result.err, result)
        self.assertEqual([], [call.action for call in self.kube_proxy.calls if call.method != "GET"])

    def test_reads_are_asked_again(self):
        self.healthy()
        wanted = self.plan(expect=0)
        for name, fault in RETRIED:
            with self.subTest(fault=name):
                self.kube_proxy.reset()
                self.kube_proxy.fault(fault, action=READ, times=1)
                found = self.plan(expect=0)
                self.assertEqual(wanted.json, found.json, found)
                self.assertEqual(2, self.kube_proxy.actions().count(READ), found)

    def test_retry_after_is_kept(self):
        self.healthy()
        self.kube_proxy.fault(status(429, "TooManyRequests", headers=[("Retry-After", "2")]), action=READ,
                              times=1)
        found = self.plan(expect=0)
        first, second = [call for call in self.kube_proxy.calls if call.action == READ]
        self.assertGreaterEqual(second.begin - first.end, 1.9, found)
        self.assertLess(found.seconds, 10)

    def test_faults_that_stay(self):
        self.healthy()
        for name, fault, statuses, words in FATAL:
            with self.subTest(fault=name):
                self.kube_proxy.reset()
                self.kube_proxy.fault(fault)
                found = self.plan("--timeout", "8", timeout=60)
                self.assertIn(found.status, statuses, found)
                self.is_clean(found)
                for word in words:
                    self.assertIn(word, found.err.lower(), found)

    def test_huge_answers_are_not_kept(self):
        self.healthy()
        for fault in (proxy.huge, proxy.endless):
            with self.subTest(fault=fault.__name__):
                self.kube_proxy.reset()
                self.kube_proxy.fault(fault, action="get namespaces")
                found = self.plan(timeout=120)
                self.assertIn(found.status, (1, 4), found)
                self.is_clean(found)

    def test_nobody_listens(self):
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.kubeconfig = self.config("admin", server=f"https://127.0.0.1:{one.getsockname()[1]}")
            found = self.plan("--timeout", "8")
        self.assertIn(found.status, (1, 4), found)
        self.assertIn("refused", found.err.lower(), found)
        self.assertIn("127.0.0.1", found.err, found)

    def test_wrong_port(self):
        """TLS spoken to what has none."""
        self.kubeconfig = self.config("admin", server=self.moto.url.replace("http://", "https://"))
        found = self.plan("--timeout", "8")
        self.assertIn(found.status, (1, 4), found)
        self.is_clean(found)

    # --- writes ----------------------------------------------------------------------------------

    def unannotated(self):
        self.healthy(account=False)
        self.kube.account(self.namespace, "api")

    def write_is_refused(self, fault, statuses, *words):
        self.kube_proxy.fault(fault, action="patch serviceaccounts")
        done = self.apply("--timeout", "8", timeout=60)
        self.assertIn(done.status, statuses, done)
        text = (done.out + done.err).lower()
        for word in words:
            self.assertIn(word, text, done)
        self.assertIsNone(self.role_arn_of())
        return done

    def test_writes_that_are_refused(self):
        for code, reason, words in ((403, "Forbidden", ("planted fault",)), (404, "NotFound", ()),
                                    (422, "Invalid", ("planted fault",)),
                                    (500, "InternalError", ("planted fault",)),
                                    (401, "Unauthorized", ())):
            with self.subTest(status=code):
                self.setUp()
                self.unannotated()
                done = self.write_is_refused(status(code, reason),
                                             (4,) if code in (401, 403) else (1, 5), *words)
                self.assertEqual("failed", done.json["changes"][0]["result"], done)

    def test_an_answer_is_lost(self):
        """Carried out, but nobody heard: found out by reading again."""
        self.unannotated()
        self.kube_proxy.fault(proxy.lost_answer, action="patch serviceaccounts", times=1)
        self.apply(expect=0)
        self.assertIsNotNone(self.role_arn_of())

    def test_an_answer_to_a_create_is_lost(self):
        self.healthy(account=False)
        self.kube_proxy.fault(proxy.lost_answer, action="create serviceaccounts", times=1)
        self.apply(expect=0)
        self.assertIsNotNone(self.role_arn_of())

    def test_a_namespace_that_is_terminating(self):
        self.healthy(account=False)
        self.kube.patch(f"/api/v1/namespaces/{self.namespace}", {"metadata": {"finalizers": [
            "example.com/wait"]}})
        self.kube.delete(f"/api/v1/namespaces/{self.namespace}")
        try:
            done = self.apply()
            self.assertNotEqual(0, done.status, done)
            self.assertIn("terminat", (done.out + done.err).lower(), done)
        finally:
            self.kube.patch(f"/api/v1/namespaces/{self.namespace}", {"metadata": {"finalizers": None}})

    def test_large_objects_and_long_names(self):
        """At the limits: an annotation of 250 KB, names of 253 characters."""
        self.healthy()
        self.kube.annotate(self.namespace, "api", filler="x" * 250_000)
        long = ".".join(["a" * 63] * 3 + ["a" * 61])
        self.kube.account(self.namespace, long)
        plan = self.plan(expect=0)
        self.assertEqual([], plan.codes(), plan)
        self.assertNotIn("xxxxxxxx", plan.out + plan.err)
        self.irsa("plan", "--cluster", kubetest.CLUSTER, "-n", self.namespace, "-s", long)

    def test_redirects_are_not_followed(self):
        self.healthy()

        def away(exchange):
            exchange.answer(307, [("Location", self.moto.url)], b"")
        self.kube_proxy.fault(away)
        found = self.plan("--timeout", "8")
        self.assertIn(found.status, (1, 4), found)
        self.is_clean(found)


if __name__ == "__main__":
    kubetest.main()
