# SPDX-License-Identifier: Apache-2.0
"""Figures of a plan over live AWS: bench.py IRSA-FIX BENCH_LIVE [AWS]

One moto, one run, everything in turns, the median of many:
 (a) the commands of https://repost.aws/knowledge-center/eks-troubleshoot-oidc-and-irsa by the AWS CLI
 (b) the same requests as irsa-fix sends, in the same rounds, by libcurl alone
once as fast as moto answers, once with 50 ms for every request (answers.c); and 2,000 roles in pages.
"""
import contextlib
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "live"))
import harness  # noqa: E402
import test_requests  # noqa: E402

RUNS = 31
BENCH = AWS = None


class Bench(harness.LiveTest):
    def measured(self, command, status=(0,), **variables):
        """(seconds, kilobytes)"""
        done = subprocess.run([BENCH, "measure", *command], cwd=self.work, capture_output=True,
                              check=True, text=True, env=self.environment(
                                  AWS_DEFAULT_REGION=harness.REGION, **variables))
        spent, memory, ended = done.stderr.split()[-3:]
        if int(ended) not in status:
            raise RuntimeError(f"{command}: {ended}\n{done.stderr}")
        return int(spent) / 1e6, int(memory)

    def several(self, *commands, runs=RUNS, status=(0,), **variables):
        """Medians of all, taken in turns: [(seconds, kilobytes)]"""
        found = [[] for _ in commands]
        for _ in range(runs):
            for place, command in zip(found, commands):
                place.append(self.measured(command, status, **variables))
        return [tuple(statistics.median(column) for column in zip(*rows)) for rows in found]

    def recorded(self):
        """What irsa-fix asked, for replay."""
        self.proxy.raw = []
        self.proxy.latency = 0.05  # so that rounds can be told
        self.measured(self.plan_command)
        rounds = self.proxy.rounds()
        path = self.work / "requests"
        with path.open("w") as file:
            for call, (method, url, headers, body) in zip(self.proxy.calls, self.proxy.raw):
                file.write(f"R {call.round} {method} {self.proxy.url}{url}\n")
                file.writelines(f"H {name}: {value}\n" for name, value in headers
                                if name.lower() not in ("content-length",))
                file.write(f"B {body.hex()}\n" if body else "")
                file.write("E\n")
        self.proxy.raw = None
        self.proxy.latency = 0.0
        return [BENCH, "replay", str(path)], rounds, len(self.proxy.calls)

    @contextlib.contextmanager
    def answered_after(self, milliseconds):
        """The URL of a server with moto's answers. moto takes as long as it likes, and the proxy some
        milliseconds more than it was told: here every answer takes what was added, and nothing else."""
        said = []

        def remember(exchange):
            send = exchange.send
            call = self.proxy.calls[exchange.call.order - 1]
            key = exchange.body or f"{call.method} {exchange.handler.path} ".encode()
            exchange.send = lambda data: (said.append(f"{key.hex()} {data.hex()}\n"), send(data))
            exchange.answer(*exchange.forward())
        self.proxy.calls.clear()
        self.proxy.fault(remember)
        self.measured(self.plan_command)
        self.proxy.rules.clear()
        path = self.work / "answers"
        path.write_text("".join(said))
        with subprocess.Popen([BENCH, "serve", str(path), str(milliseconds)], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
            server.stdin.close()

    def test_one_binding(self):
        with self.unchecked():
            self.provider()
            self.role()
        self.plan_command = [harness.BINARY, "plan", *self.selection(), "--manifests",
                             self.manifests()]
        replay, rounds, count = self.recorded()
        start = [harness.BINARY, "version"]
        print(f"\nplan of one binding: {count} requests in {rounds} rounds")
        (plan, memory), (least, _), (begin, _) = self.several(self.plan_command, replay, start)
        print(f"  irsa-fix plan            {plan * 1e3:8.1f} ms   peak {memory / 1024:.1f} MB")
        print(f"  (b) libcurl alone        {least * 1e3:8.1f} ms   ratio {plan / least:.2f}, less "
              f"process start {(plan - begin) / least:.2f}")
        print(f"  irsa-fix version         {begin * 1e3:8.1f} ms")
        if AWS:
            spent = sum(statistics.median(self.measured([AWS, *command])[0] for _ in range(3))
                        for command in self.article())
            print(f"  (a) the AWS CLI          {spent * 1e3:8.1f} ms   ratio {spent / plan:.1f}")
        with self.answered_after(50) as url:
            path = pathlib.Path(replay[-1])
            path.write_text(path.read_text().replace(self.proxy.url, url))
            (plan, _), (least, _), (begin, _) = self.several(self.plan_command, replay, start,
                                                             AWS_ENDPOINT_URL=url)
        print(f"every request answered after 50 ms\n"
              f"  irsa-fix plan            {plan * 1e3:8.1f} ms   "
              f"{plan / (rounds * 0.05):.2f} of {rounds} rounds\n"
              f"  (b) libcurl alone        {least * 1e3:8.1f} ms   ratio {plan / least:.2f}\n"
              f"  irsa-fix version         {begin * 1e3:8.1f} ms")

    def test_pages(self):
        with self.unchecked():
            self.provider()
            self.role()
        command = [harness.BINARY, "plan", *self.selection(), "--manifests", self.manifests()]
        (few, base), = self.several(command, runs=5)
        for distinct in (False, True):
            self.pages(command, distinct, few, base)

    def pages(self, command, distinct, few, base):
        read = []

        def page(exchange):
            send = exchange.answer
            exchange.answer = lambda status, headers, body: (read.append(len(body)),
                                                             send(status, headers, body))
            test_requests.Requests.page(self, exchange, distinct)
        self.proxy.rules.clear()
        self.proxy.fault(page, action="ListRoles")
        self.proxy.fault(page, action="GetAccountAuthorizationDetails")
        self.proxy.calls.clear()
        self.measured(command, (0, 2, 3))
        requests, size = len(self.proxy.calls), sum(read)
        (many, peak), = self.several(command, runs=5, status=(0, 2, 3))
        print(f"\n{test_requests.PAGES * 100} roles in {test_requests.PAGES} pages, "
              f"{'each trusts another account' if distinct else 'of services'}: {requests} requests, "
              f"{size / 1e6:.1f} MB of answers\n"
              f"  irsa-fix plan            {many * 1e3:8.1f} ms   peak {peak / 1024:.1f} MB, "
              f"{(peak - base) * 1024 / size:.2f} bytes for each byte read\n"
              f"  with one role            {few * 1e3:8.1f} ms   peak {base / 1024:.1f} MB")

    def article(self):
        role = ["--role-name", "shop-api"]
        return [["eks", "describe-cluster", "--name", harness.CLUSTER, "--query",
                 "cluster.identity.oidc.issuer", "--output", "text"],
                ["iam", "list-open-id-connect-providers"],
                ["iam", "get-open-id-connect-provider", "--open-id-connect-provider-arn",
                 self.provider_arn],
                ["iam", "get-role", *role, "--query", "Role.AssumeRolePolicyDocument"],
                ["iam", "list-attached-role-policies", *role],
                ["iam", "list-role-policies", *role],
                ["iam", "get-role-policy", *role, "--policy-name", "bucket"]]


if __name__ == "__main__":
    harness.BINARY, BENCH = sys.argv[1:3]
    AWS = sys.argv[3] if len(sys.argv) > 3 else None
    sys.argv[1:] = []
    harness.unittest.main(argv=sys.argv[:1] + ([f"Bench.{name}" for name in names.split()] if (names := harness.os.environ.get("BENCH_ONLY", "")) else []))
