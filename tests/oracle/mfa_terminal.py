# SPDX-License-Identifier: Apache-2.0
"""The question for an MFA code on a real terminal.

    mfa_terminal.py DUMP

DUMP is the program made from chain_dump.c here. The code is asked for on the controlling terminal while stdin and
stdout are files, it is not echoed, and Ctrl-C and SIGTERM end the program with the terminal as it was.
"""
import json
import os
import pathlib
import pty
import select
import signal
import sys
import tempfile
import termios
import time

QUESTION = b"Enter MFA code for arn:aws:iam::1:mfa/x: "


def read_until(terminal, text):
    seen = b""
    end = time.monotonic() + 30
    while text not in seen:
        assert time.monotonic() < end, seen
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 1024)
    return seen


def run(dump, folder, typed):
    child, terminal = pty.fork()
    if child == 0:
        os.dup2(os.open(folder / "question", os.O_RDONLY), 0)
        os.dup2(os.open(folder / "answer", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.execv(dump, [dump])
    assert read_until(terminal, QUESTION) == QUESTION
    if isinstance(typed, bytes):
        os.write(terminal, typed)
    else:
        os.kill(child, typed)
    assert read_until(terminal, b"\n") == b"\r\n"
    _, status = os.waitpid(child, 0)
    flags = termios.tcgetattr(terminal)[3]
    assert flags & termios.ECHO and flags & termios.ISIG and flags & termios.ICANON
    os.close(terminal)
    return status, (folder / "answer").read_text()


def main():
    dump = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / ".aws").mkdir()
        (folder / ".aws/credentials").write_text("[default]\naws_access_key_id = A\naws_secret_access_key = B\n")
        (folder / ".aws/config").write_text(
            "[profile m]\nrole_arn = arn:aws:iam::1:role/m\nsource_profile = default\n"
            "mfa_serial = arn:aws:iam::1:mfa/x\n")
        (folder / "question").write_text(
            json.dumps({"home": name, "environment": {}, "profile": "m"}) + "\n")
        status, answer = run(dump, folder, b"123456\r")
        assert status == 0 and "TokenCode=123456" in answer, (status, answer)
        status, answer = run(dump, folder, b"12\x03")
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT, (status, answer)
        status, answer = run(dump, folder, signal.SIGTERM)
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGTERM, (status, answer)
    print("asked, answered, interrupted")


if __name__ == "__main__":
    main()
