# SPDX-License-Identifier: Apache-2.0
"""What the tests share: the program in a captured world of its own. BINARY SHIM [options] are the
arguments of every test."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import worlds

BINARY, SHIM = (str(pathlib.Path(name).resolve()) for name in sys.argv[1:3])
COMMAND = [*worlds.COMMAND, "--yes"]


class Scene:
    """A work directory, the program in it, and what is there."""

    def __init__(self, make):
        # In memory where that is possible: thousands of fsyncs.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="irsa-fix-kill.", dir=memory))
        make(self.work)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.work)

    def start(self, *arguments, **kill):
        """kill: IRSA_KILL_AT and so on."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.work), "LC_ALL": "C.UTF-8",
                       "XDG_STATE_HOME": str(self.work / "state")}
        options = os.environ.get("ASAN_OPTIONS", "")
        if kill:
            environment |= {"LD_PRELOAD": SHIM, **{f"IRSA_KILL_{key}": str(value)
                                                   for key, value in kill.items()}}
            options = f"verify_asan_link_order=0:{options}"
        if options:
            environment["ASAN_OPTIONS"] = options
        return subprocess.Popen([BINARY, *arguments], cwd=self.work, env=environment, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def finish(self, process):
        try:
            out, err = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def irsa(self, *arguments, **kill):
        return self.finish(self.start(*arguments, **kill))

    def world(self):
        """{name: bytes}, temporary files too."""
        root = self.work / "world"
        return {str(path.relative_to(root)): path.read_bytes()
                for path in root.rglob("*") if path.is_file()}

    def journals(self):
        """{id: records}, in order; torn lines are left out."""
        runs = {}
        for path in sorted((self.work / "state/irsa-fix/runs").glob("*.jsonl")):
            lines = path.read_bytes().split(b"\n")[:-1]
            runs[path.stem] = [json.loads(line) for line in lines]
        return runs

    def history(self):
        return json.loads(self.irsa("history", "--format", "json").stdout)

    def secrets(self):
        """Those planted in the world that stand in the journal."""
        text = b"".join(path.read_bytes() for path in (self.work / "state").rglob("*")
                        if path.is_file())
        return [secret for secret in worlds.SECRETS if secret.encode() in text]
