# SPDX-License-Identifier: Apache-2.0
"""How often and in which order AWS is asked: few rounds, no call twice, never one call a binding."""
import collections
import json
import urllib.parse

import harness
from harness import ACCOUNT, CLUSTER

PAGES = 20


class Requests(harness.LiveTest):
    def once(self, result):
        asked = collections.Counter((call.name, json.dumps(call.parameters, sort_keys=True))
                                    for call in self.proxy.calls)
        self.assertEqual([], [call for call, times in asked.items() if times > 1], result)

    def test_one_binding(self):
        with self.unchecked():
            self.provider()
            self.role()
        self.manifests()
        self.proxy.latency = 0.05
        result = self.plan("--manifests", "manifests", expect=0)
        self.once(result)
        self.assertLessEqual(self.proxy.rounds(), 2, self.proxy.names())
        self.assertLessEqual(len(self.proxy.calls), 9, self.proxy.names())

    def test_no_call_of_another_region_or_host(self):
        with self.unchecked():
            self.provider()
            self.role()
        result = self.plan("--manifests", self.manifests(), expect=0)
        self.assertEqual({200}, {call.status for call in self.proxy.calls}, result)
        self.assertEqual({self.keys[0]}, {call.key for call in self.proxy.calls}, result)

    def many(self, count):
        (self.work / "many").mkdir()
        with self.unchecked():
            self.provider()
            for number in range(count):
                self.role(f"role-{number}", self.trust("shop", f"account-{number}"), policies=False)
                self.manifests(f"role-{number}", account=f"account-{number}",
                               folder=self.work / "many")

    def test_many_bindings(self):
        self.many(60)
        result = self.irsa("plan", "--format", "json", "--cluster", CLUSTER, "--manifests", "many")
        self.assertEqual(60, len(result.json["bindings"]), result)
        self.assertTrue(all(one["works"] for one in result.json["bindings"]), result)
        self.assertLessEqual(len(self.proxy.calls), 10, self.proxy.names())
        self.once(result)

    def test_pages(self):
        """2,000 roles in pages: requests = pages + a constant."""
        with self.unchecked():
            self.provider()
            self.role()
        arguments = ["plan", "--format", "json", "--cluster", CLUSTER, "--manifests", self.manifests()]
        few = self.irsa(*arguments, expect=0)
        constant = len(self.proxy.calls) - 1
        self.proxy.fault(self.page, action="ListRoles")
        self.proxy.fault(self.page, action="GetAccountAuthorizationDetails")
        many = self.irsa(*arguments)
        self.assertEqual((0, few.json["bindings"]), (many.status, many.json["bindings"]), many)
        self.assertEqual(constant + PAGES, len(self.proxy.calls), self.proxy.names())

    def page(self, exchange, distinct=False):
        """One of PAGES with 100 roles each, of services or each with a trust policy of its own; the last
        has our own too."""
        number = int(exchange.call.parameters.get("Marker", "page-0").removeprefix("page-"))
        more = number + 1 < PAGES
        of_ec2 = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "ec2.amazonaws.com"}}]}
        names = [(f"r-{number}-{one}",
                  self.trust("other", f"account-{number}-{one}") if distinct else of_ec2)
                 for one in range(100)]
        if not more:
            names.append(("shop-api", self.trust()))
        members = "".join(
            f"<member><Path>/</Path><RoleName>{name}</RoleName><RoleId>AROA{name}</RoleId>"
            f"<Arn>arn:aws:iam::{ACCOUNT}:role/{name}</Arn>"
            f"<CreateDate>2026-01-01T00:00:00Z</CreateDate><AssumeRolePolicyDocument>"
            f"{urllib.parse.quote(json.dumps(trust))}</AssumeRolePolicyDocument></member>"
            for name, trust in names)
        action = exchange.call.action
        listing = "Roles" if action == "ListRoles" else "RoleDetailList"
        marker = f"<Marker>page-{number + 1}</Marker>" if more else ""
        exchange.answer(200, [("Content-Type", "text/xml")], (
            f'<{action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><{action}Result>'
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{marker}<{listing}>{members}</{listing}>"
            f"</{action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
            f"</{action}Response>").encode())


if __name__ == "__main__":
    harness.main()
