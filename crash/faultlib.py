"""A server whose disk refuses on demand: what faults.c reads and counts."""
import ctypes
import errno
import mmap
import os
import time

from powercut import library

call_names = ["write", "sync", "resize", "create", "open", "link", "rename", "unlink", "mkdir", "read", "map"]
kind_names = ["segment", "log", "database", "shared", "object", "spool", "directory", "other"]
changing = ["write", "sync", "resize", "create", "link", "rename", "unlink", "mkdir"]
forever = 1 << 60


class Page(ctypes.Structure):
    _fields_ = [("calls", ctypes.c_uint32), ("kinds", ctypes.c_uint32), ("error", ctypes.c_int32), ("is_short", ctypes.c_uint32),
                ("skip", ctypes.c_int64), ("count", ctypes.c_int64), ("budget", ctypes.c_int64), ("block", ctypes.c_int64),
                ("injected", ctypes.c_uint64), ("counts", (ctypes.c_uint64 * len(kind_names)) * len(call_names)),
                ("violations", ctypes.c_uint64), ("violation", ctypes.c_char * 256)]


class Faults:
    """`environment` makes a server obey."""

    def __init__(self, work, folder, preload=()):
        path = work / "faults"
        path.write_bytes(bytes(ctypes.sizeof(Page)))
        self.file = open(path, "r+b")
        self.page = Page.from_buffer(mmap.mmap(self.file.fileno(), ctypes.sizeof(Page)))
        self.page.budget, self.page.block = -1, 4096
        libraries = [str(library(work, "faults")), *map(str, preload)]
        self.environment = {"LD_PRELOAD": ":".join(libraries), "FAULTS_CONTROL": str(path), "FAULTS_FOLDER": str(folder)}

    def arm(self, calls, kinds, error, skip=0, count=1, short=False):
        """Lets `count` calls fail after `skip` more of them."""
        self.page.calls = 0
        self.page.kinds = sum(1 << kind_names.index(kind) for kind in kinds)
        self.page.error, self.page.is_short = getattr(errno, error), int(short)
        self.page.skip, self.page.count, self.page.injected = skip, count, 0
        self.page.calls = sum(1 << call_names.index(call) for call in calls)

    def disarm(self):
        self.page.calls = 0

    @property
    def injected(self):
        return self.page.injected

    def counts(self):
        """{(call, kind): how often so far}."""
        return {(call, kind): self.page.counts[number][place] for number, call in enumerate(call_names)
                for place, kind in enumerate(kind_names)}

    def violation(self):
        """A call that should never have been made."""
        return f"{self.page.violations} × {self.page.violation.decode()}" if self.page.violations else None


def started(demo, environment):
    """Starts a server with these variables, which its commands do not get."""
    os.environ |= environment
    try:
        demo.start()
    finally:
        for name in environment:
            os.environ.pop(name, None)


def timed(action):
    before = time.monotonic()
    return action(), time.monotonic() - before
