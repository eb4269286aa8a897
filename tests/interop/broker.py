# SPDX-License-Identifier: Apache-2.0
"""A real broker for tests in Python, on a store of its own and a port that the system chooses. Importing this makes the
protocol's modules from proto/ and lets `import client` find them; the build directory is the program's first argument."""
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1]).resolve()
WORK = pathlib.Path(tempfile.mkdtemp(prefix="vouch-python-"))

PROTO = ROOT / "proto"
FILES = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
subprocess.run(["protoc", f"-I{PROTO}", f"--python_out={WORK}", *FILES], check=True)
sys.path[:0] = [str(WORK), str(ROOT / "tests/interop")]

import client as vouch  # noqa: E402  (the generated modules must be there first)


class Broker:
    """vouchd, started; `options` are further arguments of vouchd run."""

    def __init__(self, *options, zone="UTC", clock="system"):
        self.environment = os.environ | {"XDG_CONFIG_HOME": str(WORK / "config"), "PATH": "/usr/bin:/bin",
                                         "HOME": str(WORK)}
        where = ["--data", str(WORK / "data"), "--listen", "tcp://127.0.0.1:*", "--clock", clock]
        subprocess.run([BUILD / "bin/vouchd", "init", *where, "--company", "Acme", "--admin", "Ada Admin", "--zone", zone],
                       env=self.environment, check=True, capture_output=True)
        ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)  # as systemd would be told
        ready.bind(str(WORK / "ready"))
        ready.settimeout(1)
        with open(WORK / "log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([BUILD / "bin/vouchd", "run", *where, *options], stderr=log,
                                            env=self.environment | {"NOTIFY_SOCKET": str(WORK / "ready")})
        self.endpoint = self.await_endpoint(ready).split("tcp://")[1].split()[0]
        ready.close()
        fields = dict(line.split(None, 1) for line in (WORK / "config/vouch/default.key").read_text().splitlines()
                      if line and not line.startswith("#"))
        self.server_key = vouch.key_bytes(fields["server-key"])
        self.admin = vouch.Pair(vouch.key_bytes(fields["secret-key"]))

    def await_endpoint(self, ready):
        while self.process.poll() is None:
            try:
                return ready.recv(4096).decode()
            except TimeoutError:
                continue
        raise AssertionError("the broker did not start: " + (WORK / "log").read_text())

    def client(self, pair):
        return vouch.Client(self.endpoint, self.server_key, pair)

    def stop(self):
        """Its exit code."""
        self.process.terminate()
        return self.process.wait(60)

    def vouchd(self, verb):
        """What `vouchd check` and the like say of the store."""
        return subprocess.run([BUILD / "bin/vouchd", verb, "--data", str(WORK / "data")], env=self.environment, check=True,
                              capture_output=True, text=True).stdout


def told(tell, broker):
    """Runs the test; where it fails, shows what the broker said and keeps its directory."""
    try:
        tell(broker)
    except BaseException:
        broker.process.kill()
        print((WORK / "log").read_text(encoding="utf-8")[-4000:])
        print(f"kept: {WORK}")
        raise
    shutil.rmtree(WORK)
