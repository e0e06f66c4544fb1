"""The server under siege: a demo on free ports, its memory and its share of the processors."""
import os
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "interop"))
from demo import Demo  # noqa: E402

tick = os.sysconf("SC_CLK_TCK")


def cpu_of(pid):
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / tick


def cpu_of_machine():
    """Seconds that all processors were busy."""
    user, nice, system, _, _, irq, softirq, *_ = (int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system + irq + softirq) / tick


class Server:
    """Per-address limits bind loopback here: honest clients come from 127.0/16, attackers from other addresses of 127/8."""

    def __init__(self, accounts, settings=()):
        arguments = ["--accounts", str(accounts)]
        for setting in ("limits.loopback=true", "auth.plaintext=true", *settings):
            arguments += ["--set", setting]
        self.demo = Demo(*arguments)
        self.pid = self.demo.process.pid
        self.ports, self.passwords = self.demo.ports, self.demo.passwords
        self.peak_sampled = 0
        self.stopping = threading.Event()
        self.sampler = threading.Thread(target=self.sample, daemon=True)
        self.sampler.start()

    def memory(self, field):
        """VmRSS or VmHWM in MB."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
        return 0.0

    def reset_peak(self):
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        self.peak_sampled = 0

    def peak(self):
        return max(self.memory("VmHWM"), self.peak_sampled)

    def sample(self):
        while not self.stopping.wait(0.05):
            try:
                self.peak_sampled = max(self.peak_sampled, self.memory("VmRSS"))
            except (FileNotFoundError, ProcessLookupError):
                return

    def cpu(self):
        return cpu_of(self.pid)

    def is_alive(self):
        return self.demo.process.poll() is None

    def log(self):
        return (self.demo.work / "server.log").read_text(errors="replace")

    def close(self):
        self.stopping.set()
        if self.is_alive():
            self.demo.kill()
        self.demo.close()
