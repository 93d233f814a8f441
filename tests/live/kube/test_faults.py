# SPDX-License-Identifier: Apache-2.0
"""What networks, proxies and a server in distress answer: a clear error, the right exit status, nothing
half-done that is not said. Through the recording proxy, by a token that must never be seen."""
import socket
import threading

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

    def continued(self, fault):
        """That fault where a list goes on behind its first page."""
        def answer(exchange):
            if "continue=" in exchange.call.parameters["query"]:
                fault(exchange)
            else:
                exchange.answer(*exchange.forward())
        return proxy.named(f"continued_{fault.__name__}", answer)

    def two_pages(self):
        """More accounts than a page holds; the plan of them."""
        self.healthy()
        for number in range(501):
            self.kube.account(self.namespace, f"z-{number}")
        return self.plan(expect=0)

    def test_a_list_that_expires(self):
        """410 Gone with nothing to go on by: begun anew, some times."""
        wanted = self.two_pages()
        gone = status(410, "Expired", "the provided continue parameter is too old")
        lists = lambda: self.kube_proxy.actions().count(READ)  # noqa: E731
        for times, calls, ends in ((1, 4, 0), (3, 8, 0), (None, 8, 1)):
            with self.subTest(times=times):
                self.kube_proxy.reset()
                left = [times]

                def some(exchange, left=left):
                    if left[0] == 0:
                        exchange.answer(*exchange.forward())
                        return
                    left[0] = left[0] and left[0] - 1
                    gone(exchange)
                self.kube_proxy.fault(self.continued(proxy.named("some", some)), action=READ)
                found = self.plan(expect=ends)
                self.assertEqual(calls, lists(), found)
                if ends == 0:
                    self.assertEqual(wanted.json, found.json, found)
                else:
                    self.is_clean(found)
                    self.assertIn("too old", found.err, found)

    def test_a_list_that_really_expires(self):
        """etcd forgets the revision that the list is of; the API server's own words for it."""
        wanted = self.two_pages()

        def forget(exchange):
            self.kube.annotate(self.namespace, "z-500", changed="yes")
            self.kube.compact()
            exchange.answer(*exchange.forward())
        self.kube_proxy.fault(self.continued(proxy.named("forget", forget)), action=READ, times=2)
        found = self.plan(expect=0)
        self.assertGreaterEqual(self.kube_proxy.actions().count(READ), 3, found)
        self.assertEqual(wanted.json, found.json, found)

    def test_no_failed_read_is_a_plan(self):
        """Whatever a read answers: never 2 without a plan."""
        self.healthy()
        for code, reason in ((400, "BadRequest"), (405, "MethodNotAllowed"), (406, "NotAcceptable"),
                             (409, "Conflict"), (410, "Expired"), (413, "RequestEntityTooLarge"),
                             (415, "UnsupportedMediaType"), (422, "Invalid"), (504, "Timeout")):
            with self.subTest(status=code):
                self.kube_proxy.reset()
                self.kube_proxy.fault(status(code, reason, "planted words"), action="list pods")
                found = self.plan()
                self.assertEqual(1, found.status, found)
                self.is_clean(found)
                self.assertIn("planted words", found.err, found)

    def test_an_answer_that_does_not_come(self):
        """--timeout bounds each read; a second one is tried, no third."""
        self.healthy()
        stay = threading.Event()
        self.addCleanup(stay.set)
        self.kube_proxy.fault(proxy.named("silent", lambda exchange: stay.wait(30)), action="list pods")
        found = self.plan("--timeout", "1", timeout=25)
        self.assertEqual(1, found.status, found)
        self.is_clean(found)
        self.assertLess(found.seconds, 10, found)
        self.assertEqual(2, self.kube_proxy.actions().count("list pods"), found)
        self.assertIn("list pods", found.err)
        self.assertRegex(found.err, "1 s|1000 ms", found)

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
