"""Windows of measurement, and the median of several, because a machine has other things to do too."""
import os
import statistics
import time

from server import cpu_of, cpu_of_machine


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


class Window:
    """One stretch of the honest load; times in milliseconds."""

    def __init__(self, samples, foreign, server_cpu):
        latencies = [latency * 1000 for _, latency, _ in samples]
        self.count, self.p50, self.p99 = len(latencies), percentile(latencies, 0.5), percentile(latencies, 0.99)
        self.problems = [f"{kind}: {problem}" for kind, _, problem in samples if problem]
        self.foreign, self.server_cpu = foreign, server_cpu
        self.kinds = {}
        for kind, latency, _ in samples:
            self.kinds.setdefault(kind, []).append(latency * 1000)


class Figures:
    """What several windows say together."""

    def __init__(self, windows):
        self.windows = windows
        self.p50 = statistics.median(window.p50 for window in windows)
        self.p99 = statistics.median(window.p99 for window in windows)
        self.problems = [problem for window in windows for problem in window.problems]
        self.server_cpu = statistics.median(window.server_cpu for window in windows)
        self.foreign = max(window.foreign for window in windows)

    def by_kind(self):
        """Median of p99 for each kind."""
        kinds = {kind for window in self.windows for kind in window.kinds}
        return {kind: statistics.median(percentile(window.kinds.get(kind, []), 0.99) for window in self.windows) for kind in sorted(kinds)}


def measure(server, honest, count, seconds, others=lambda: 0.0, retries=3):
    """`count` windows. One in which processes that are none of ours took more than 0.3 processors is measured again,
    `retries` times at most. `others` tells the processor time of further processes that are ours."""
    windows = []
    spare = retries
    while len(windows) < count:
        def ours():
            return server.cpu() + cpu_of(honest.pid) + cpu_of(os.getpid()) + others()
        start, busy, own, served = time.monotonic(), cpu_of_machine(), ours(), server.cpu()
        time.sleep(seconds)
        end = time.monotonic()
        elapsed = end - start
        foreign = max(0.0, (cpu_of_machine() - busy) - (ours() - own)) / elapsed
        window = Window(honest.between(start, end), foreign, (server.cpu() - served) / elapsed)
        if foreign > 0.3 and spare > 0:
            spare -= 1
            continue
        windows.append(window)
    return Figures(windows)
