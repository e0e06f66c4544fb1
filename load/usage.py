"""What a server takes: CPU, memory and bytes written, of all its processes together."""
import os
from pathlib import Path

ticks = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text[text.rindex(")") + 2:].split()
    # ppid, then own user and system time, then those of children that have ended and were waited for.
    return int(fields[1]), sum(int(field) for field in fields[11:15])


def family(roots):
    """The processes named by `roots` and all their descendants."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (stat := _stat(name)):
            parents[int(name)] = stat[0]
    found = set(roots)
    grown = True
    while grown:
        grown = False
        for pid, parent in parents.items():
            if parent in found and pid not in found:
                found.add(pid)
                grown = True
    return found


class Usage:
    """A moment's sums: CPU seconds since the start, bytes of memory (shared pages divided among their users), bytes written."""

    def __init__(self, roots):
        self.cpu = self.memory = self.written = self.processes = 0
        for pid in family(roots):
            stat = _stat(pid)
            if stat is None:
                continue
            self.processes += 1
            self.cpu += stat[1] / ticks
            try:
                for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        self.memory += int(line.split()[1]) * 1024
                for line in Path(f"/proc/{pid}/io").read_text().splitlines():
                    if line.startswith("write_bytes:"):
                        self.written += int(line.split()[1])
            except OSError:
                continue


def disk_written(folder):
    """Bytes written so far to the disk under `folder`, by whomever; the machine should do nothing else meanwhile."""
    device = os.stat(folder).st_dev
    for line in Path("/proc/diskstats").read_text().splitlines():
        fields = line.split()
        if (int(fields[0]), int(fields[1])) == (os.major(device), os.minor(device)):
            return int(fields[9]) * 512
    return 0
