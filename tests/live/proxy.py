# SPDX-License-Identifier: Apache-2.0
"""A recording proxy in front of moto that can do what servers and networks do wrong.

    proxy = Proxy(moto_port)
    proxy.fault(reset, action="GetRole", times=1)        # or: at=3 (the third call), or neither (all)
    ... a run with AWS_ENDPOINT_URL=proxy.url ...
    proxy.calls                                          # what was asked, in order
    proxy.rounds()                                       # how many calls had to wait for each other

Recorded are method, service, action, status and times, never a header or a body. A fault is a function
that gets the Exchange and answers it or not, as it likes; the library of them is at the end.
"""
import contextlib
import dataclasses
import http.client
import http.server
import re
import socket
import ssl
import struct
import threading
import time
import urllib.parse

SECRET = re.compile(rb"<(SecretAccessKey|SessionToken)>([^<]+)<")


@dataclasses.dataclass
class Call:
    order: int
    method: str
    service: str
    action: str
    parameters: dict
    key: str    # the access key's id, which is no secret; "": unsigned
    begin: float
    end: float = 0.0
    status: int = 0
    fault: str = ""
    round: int = 0

    @property
    def name(self):
        return f"{self.service}:{self.action}"

    @property
    def writes(self):
        return not self.action.startswith(("Get", "List", "Describe", "Simulate", "AssumeRole"))


class Exchange:
    """One request, and the means to answer it."""

    def __init__(self, handler, call, body):
        self.handler, self.call, self.body = handler, call, body
        self.proxy = handler.server.proxy

    def forward(self):
        """(status, headers, body) of moto."""
        headers = {name: value for name, value in self.handler.headers.items()
                   if name.lower() not in ("connection", "accept-encoding")}
        upstream = self.handler.upstream()
        upstream.request(self.handler.command, self.handler.path, self.body, headers)
        response = upstream.getresponse()
        data = response.read()
        for _, secret in SECRET.findall(data):
            self.proxy.secrets.add(secret.decode())
        return response.status, response.getheaders(), data

    def answer(self, status, headers, body, announce=None):
        """announce: the content length to claim, where it is not that of the body."""
        self.call.status = status
        lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in headers
                  if name.lower() not in ("content-length", "connection", "transfer-encoding")]
        lines.append(f"Content-Length: {len(body) if announce is None else announce}")
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def send(self, data):
        self.handler.wfile.write(data)

    def hang_up(self, reset=False):
        self.handler.close_connection = True
        with contextlib.suppress(OSError):
            if reset:
                self.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                                   struct.pack("ii", 1, 0))
                self.handler.connection.close()
            else:
                self.handler.connection.shutdown(socket.SHUT_RDWR)

    @property
    def speaks_json(self):
        return self.call.service == "eks"

    def error(self, status, code, message, headers=()):
        """An error as this service's protocol has it."""
        request = f"planted-request-{self.call.order}"
        if self.speaks_json:
            body = f'{{"message": "{message}"}}'.encode()
            extra = [("Content-Type", "application/json"), ("x-amzn-ErrorType", code),
                     ("x-amzn-RequestId", request)]
        else:
            body = (f'<ErrorResponse xmlns="https://{self.call.service}.amazonaws.com/doc/">'
                    f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
                    f"</Error><RequestId>{request}</RequestId></ErrorResponse>").encode()
            extra = [("Content-Type", "text/xml"), ("x-amzn-RequestId", request)]
        self.answer(status, [*extra, *headers], body)


@dataclasses.dataclass
class Rule:
    fault: object
    at: int = None
    action: str = None
    times: int = None
    after: int = 0

    def takes(self, call):
        if self.times == 0:
            return False
        if (self.at is not None and call.order != self.at) or self.action not in (None, call.action):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    connection_to_moto = None

    def upstream(self):
        if self.connection_to_moto is None:
            self.connection_to_moto = self.server.proxy.connect()
        return self.connection_to_moto

    def handle_any(self):
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call, fault = proxy.begin(self, body)
        exchange = Exchange(self, call, body)
        try:
            if proxy.latency:
                time.sleep(proxy.latency)
            if fault:
                fault(exchange)
            else:
                exchange.answer(*exchange.forward())
            self.wfile.flush()
        except OSError:  # the client is gone, or was sent away
            self.close_connection = True
        finally:
            call.end = time.monotonic()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def finish(self):
        with contextlib.suppress(OSError, ValueError):
            super().finish()
        if self.connection_to_moto is not None:
            self.connection_to_moto.close()

    def handle(self):
        with contextlib.suppress(OSError, ValueError):
            super().handle()

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass


class Proxy:
    def __init__(self, moto_port, certificate=None):
        """certificate: (file of the chain, file of the key) to speak TLS."""
        self.moto_port = moto_port
        self.secrets = set()
        self.raw = None  # a list: requests as they came, for benchmarks
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.proxy = self
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
            scheme = "https"
        self.port = self.server.server_address[1]
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.lock = threading.Lock()
        self.reset()
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def reset(self):
        with self.lock:
            self.calls, self.rules, self.latency = [], [], 0.0

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def connect(self):
        """To what is behind it."""
        return http.client.HTTPConnection("127.0.0.1", self.moto_port)

    def fault(self, fault, **where):
        self.rules.append(Rule(fault, **where))

    def begin(self, handler, body):
        scope = re.search(r"Credential=([^/]+)/\d+/[^/]*/([^/]+)/",
                          handler.headers.get("Authorization") or handler.path)
        parameters = {}
        path, _, query = handler.path.partition("?")
        if handler.command == "POST" and b"Action=" in body:
            parameters = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        elif query:
            parameters = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        action = parameters.pop("Action", None)
        service = scope[2] if scope else "sts"
        if service == "eks":
            action = ("DescribePodIdentityAssociation" if "/pod-identity-associations/" in path else
                      "ListPodIdentityAssociations" if path.endswith("/pod-identity-associations")
                      else "ListClusters" if path == "/clusters" else "DescribeCluster")
            parameters["path"] = path
        kept = {name: value for name, value in parameters.items()
                if ("Token" not in name or name == "TokenCode") and not name.startswith("X-Amz")}
        with self.lock:
            call = Call(len(self.calls) + 1, handler.command, service, action or "?", kept,
                        scope[1] if scope else "", time.monotonic())
            self.calls.append(call)
            if self.raw is not None:
                self.raw.append((handler.command, handler.path, handler.headers.items(), body))
            rule = next((rule for rule in self.rules if rule.takes(call)), None)
            if rule:
                call.fault = rule.fault.__name__
        return call, rule and rule.fault

    def names(self):
        return [call.name for call in self.calls]

    def rounds(self):
        """The longest chain of calls of which each began after the one before had been answered."""
        for call in self.calls:
            call.round = 1 + max((other.round for other in self.calls
                                  if other.end and other.end <= call.begin and other is not call),
                                 default=0)
        return max((call.round for call in self.calls), default=0)


# --- faults --------------------------------------------------------------------------------------


def named(name, function):
    function.__name__ = name
    return function


def status(number, code, message="planted fault", headers=()):
    return named(f"status_{number}_{code}",
                 lambda exchange: exchange.error(number, code, message, headers))


def reset(exchange):
    """The request arrives, the connection is reset."""
    exchange.hang_up(reset=True)


def lost_answer(exchange):
    """The request is carried out, but its answer is lost."""
    exchange.forward()
    exchange.hang_up(reset=True)


def cut_off(exchange):
    status_, headers, body = exchange.forward()
    exchange.answer(status_, headers, body[:len(body) // 2], announce=max(len(body), 2))
    exchange.handler.wfile.flush()
    exchange.hang_up()


def wrong_length(exchange):
    """Fewer bytes are announced than come: the answer ends amid an element."""
    status_, headers, body = exchange.forward()
    exchange.answer(status_, headers, body, announce=len(body) // 2)
    exchange.handler.wfile.flush()
    exchange.hang_up()


def html(exchange):
    exchange.answer(200, [("Content-Type", "text/html")],
                    b"<!DOCTYPE html><html><head><title>Sign in</title></head>"
                    b"<body><p>Welcome to the hotel network<br>Accept &nbsp; terms</body></html>")


def html_error(exchange):
    exchange.answer(502, [("Content-Type", "text/html")],
                    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
                    b"<body>\r\n<center><h1>502 Bad Gateway</h1></center></body></html>")


def empty(exchange):
    exchange.answer(200, [], b"")


def bomb(exchange):
    """Nested entities in XML; nesting without end in JSON."""
    if exchange.speaks_json:
        exchange.answer(200, [("Content-Type", "application/json")], b'{"cluster":' * 100000)
        return
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    exchange.answer(200, [("Content-Type", "text/xml")],
                    f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e0 "x">{entities}]>'
                    f"<r>&e11;</r>".encode())


def invalid_utf8(exchange):
    status_, headers, body = exchange.forward()
    at = body.find(b"arn:")
    at = at if at >= 0 else body.find(b"2.") if b"2." in body else len(body) // 2
    exchange.answer(status_, headers, body[:at] + b"\xc3\x28\xff" + body[at:])


def huge(exchange):
    """100 MB that announce themselves."""
    exchange.call.status = 200
    size = 100 << 20
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
                  b"Content-Length: %d\r\n\r\n<a>" % size)
    pump(exchange, size - 3)


def endless(exchange):
    """Chunks without end (stopped after 1 GB)."""
    exchange.call.status = 200
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
                  b"Transfer-Encoding: chunked\r\n\r\n3\r\n<a>\r\n")
    block = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    for _ in range(1 << 14):
        exchange.send(block)
    exchange.hang_up()


def pump(exchange, size):
    block = b" " * 0x10000
    while size > 0:
        exchange.send(block[:size])
        size -= len(block)


def no_http(exchange):
    exchange.send(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
    exchange.handler.wfile.flush()
    exchange.hang_up()


def slow(seconds):
    def wait(exchange):
        time.sleep(seconds)
        exchange.answer(*exchange.forward())
    return named(f"slow_{seconds}", wait)


def forbidden(exchange):
    if exchange.speaks_json:
        exchange.error(403, "AccessDeniedException", "User: arn:aws:iam::123456789012:user/somebody is "
                       f"not authorized to perform: {exchange.call.name}")
    else:
        exchange.error(403, "AccessDenied", "User: arn:aws:iam::123456789012:user/somebody is "
                       f"not authorized to perform: {exchange.call.name} on resource: x")


throttled_400 = status(400, "Throttling", "Rate exceeded")
throttled_429 = status(429, "TooManyRequestsException", "Rate exceeded")
slow_down_503 = status(503, "SlowDown", "Please reduce your request rate.")
expired = status(403, "ExpiredToken", "The security token included in the request is expired")
not_found = status(404, "NoSuchEntity", "planted fault: cannot be found")
conflict = status(409, "ConcurrentModification", "planted fault")
bad_request = status(400, "ValidationError", "planted fault")
internal_500 = status(500, "ServiceFailure", "planted fault")
unavailable_503 = status(503, "ServiceUnavailable", "planted fault")

FAULTS = [reset, cut_off, wrong_length, html, html_error, empty, bomb, invalid_utf8, no_http,
          forbidden, throttled_400, throttled_429, slow_down_503, expired, not_found, conflict,
          bad_request, internal_500, unavailable_503]
