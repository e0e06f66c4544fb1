"""Starts a demo server on free ports for the interoperability runs, and finds what it prints."""
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

root = Path(__file__).resolve().parent.parent


def free_offset():
    """A port offset for which the mail ports are free now; below the ports that clients get, and not twice the same for runs
    side by side."""
    for offset in random.sample(range(11000, 31000, 37), 200):
        try:
            for port in (25, 587, 465, 143, 993, 110, 995, 80, 443):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + offset))
            return offset
        except OSError:
            continue
    raise RuntimeError("no free range of ports")


class Demo:
    """A running demo; `stop` and `start` again keep its folder."""

    def __init__(self, *arguments, program=None, starts=True):
        self.program = str(program or os.environ.get("MARTLET") or root / ".build/release/martlet")
        self.work = Path(tempfile.mkdtemp(prefix="martlet-interop-"))
        self.directory = self.work / "data"
        self.arguments = list(arguments)
        self.offset = free_offset()
        if starts:
            self.start()

    def start(self):
        self.begin()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the demo did not start: " + (self.work / "server.log").read_text())
        self.take(line)

    def begin(self):
        """Starts the process without waiting for it."""
        self.log = open(self.work / "server.log", "ab")
        self.process = subprocess.Popen(
            [self.program, "demo", "--json", "--directory", str(self.directory), "--port-offset", str(self.offset)]
            + self.arguments,
            stdout=subprocess.PIPE, stderr=self.log)

    def take(self, line):
        """What a demo prints when it is ready."""
        self.report = json.loads(line)
        self.ports = self.report["endpoints"]
        self.ca = self.report["ca"]
        self.passwords = {account["address"]: account["password"] for account in self.report["accounts"]}

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        self.log.close()
        if status != 0:
            raise RuntimeError(f"the demo ended with status {status}")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def close(self):
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.work, ignore_errors=True)

    def command(self, *arguments):
        """Runs an administrative command and returns its objects."""
        done = subprocess.run(
            [self.program, *arguments, "--json", "--directory", str(self.directory)], capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]


alice, bob = "alice@example.test", "bob@example.test"
