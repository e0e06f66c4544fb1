"""Each kind of change, with each of its calls to the disk failing in turn."""
import imaplib
import itertools
import smtplib
import threading
import time
from collections import Counter

from administrator import Administrator
from clients import Reader, Run, Sender
from faultlib import Faults, changing, forever, started, timed
from inspection import inspect
from model import Mailbox

# What a client must have been told, of whatever the disk refuses.
expected = {
    "smtp": {"full": "452, b'4.3.1", "failing": "451, b'4.3.0"}, "imap": {"full": "[UNAVAILABLE]", "failing": "[UNAVAILABLE]"},
    "pop": {"full": "[SYS/TEMP]", "failing": "[SYS/TEMP]"}, "admin": {"full": "unavailable", "failing": "unavailable"},
}
patience = 10.0


class Onlooker(threading.Thread):
    """Another user's session, which reads all the time: it must neither end nor wait."""

    def __init__(self, demo):
        super().__init__(daemon=True)
        self.demo, self.over, self.slowest, self.problem, self.rounds = demo, threading.Event(), 0.0, None, 0

    def run(self):
        try:
            session = imaplib.IMAP4("127.0.0.1", self.demo.ports["imap"], timeout=30)
            session.login("bob@example.test", self.demo.passwords["bob@example.test"])
            while not self.over.is_set():
                for command in (lambda: session.select("INBOX"), lambda: session.fetch("1", "(BODY.PEEK[])"), session.noop):
                    (status, data), seconds = timed(command)
                    self.slowest = max(self.slowest, seconds)
                    if status != "OK":
                        raise RuntimeError(f"an onlooker was told {status} {data}")
                self.rounds += 1
                self.over.wait(0.05)
            session.shutdown()
        except Exception as problem:  # noqa: BLE001: any is a finding
            self.problem = problem


class Sweep:
    def __init__(self, demo, directory, generator, seed):
        self.demo, self.generator, self.seed = demo, generator, seed
        self.mailbox, self.directory, self.serial = Mailbox("user1@example.test"), directory, itertools.count(1)
        self.faults = Faults(demo.work, demo.directory)
        self.cases, self.tolerated, self.refused, self.slowest, self.problems = 0, Counter(), Counter(), 0.0, []
        self.restarts = 0
        started(demo, self.faults.environment)
        with smtplib.SMTP("127.0.0.1", demo.ports["smtp"]) as session:
            session.sendmail("a@elsewhere.test", ["bob@example.test"], b"Subject: for the onlooker\r\n\r\nText\r\n")
        self.connect()

    def connect(self):
        self.run_ = Run(self.demo, [self.mailbox], self.directory, self.seed, time.monotonic, self.serial)
        self.sender, self.reader = Sender(self.run_, "smtp", False), Reader(self.run_, self.mailbox, 0)
        self.sender.generator = self.reader.generator = self.generator
        # Its messages are the reader's own.
        self.sender.number = 0
        self.administrator = Administrator(self.run_, "socket")
        for client in (self.sender, self.reader, self.administrator):
            client.connect()
        self.onlooker = Onlooker(self.demo)
        self.onlooker.start()

    # The changes: each leaves things such that it can be made again.

    def steps(self):
        # A restart makes new clients, so these are looked up when they are used.
        for size, name in ((2_000, "small"), (400_000, "large"), (6_500_000, "object")):
            yield "smtp", f"deliver {name}", lambda size=size: self.sender.step(size)
            yield "imap", f"append {name}", lambda size=size: self.reader.append(self.reader.own_folders(), size)
        for name in ("flag", "move", "copy", "expunge", "rename"):
            yield "imap", name, lambda name=name: getattr(self.reader, name)(self.reader.own_folders())
        yield "imap", "create", self.create
        yield "imap", "delete", self.delete
        yield "pop", "pop", self.pop
        for name in ("add", "name", "password", "enable", "remove", "alias", "unalias", "purge"):
            yield "admin", f"account {name}", lambda name=name: self.administrator.step(name)

    def prepare(self):
        """Enough of everything that each change finds something to change."""
        while len(self.reader.own_folders()) < 5:
            self.reader.create()
        while len(self.reader.own("INBOX")) < 6:
            self.sender.step(2_000)
        for folder in self.reader.own_folders():
            while len(self.reader.own(folder)) < 1:
                self.reader.append([folder], 2_000)
        while len(self.administrator.own(self.directory.accounts)) < 3:
            self.administrator.step("add")
        while len(self.administrator.own(self.directory.aliases)) < 3:
            self.administrator.step("alias")

    def create(self):
        self.reader.create(limit=100)

    def delete(self):
        self.reader.delete(self.reader.own_folders())

    def pop(self):
        self.reader.ask("unselect")
        self.reader.pop()

    # One case

    def perform(self, action):
        """Whether it succeeded, and what was refused; how long it took."""
        before, refused = self.run_.acknowledged, len(self.run_.refused)
        try:
            _, seconds = timed(action)
        except Exception as problem:  # noqa: BLE001: a refusal outside of a change, or a broken session
            if type(problem).__name__ == "Refused":
                self.run_.refused.append(str(problem))
                seconds = 0.0
            else:
                raise
        return self.run_.acknowledged > before, self.run_.refused[refused:], seconds

    def case(self, protocol, name, action, call, kind, number, error, count, short):
        how = f"{error}{' after a part' if short else ''}{' for a while' if count > 1 else ''}"
        what = f"{name}: {call} {number} of {kind} → {how}"
        self.prepare()
        self.faults.arm([call], [kind], error, skip=number, count=count, short=short)
        try:
            done, refused, seconds = self.perform(action)
        except Exception as problem:  # noqa: BLE001: a session that breaks is a finding
            self.faults.disarm()
            self.problems.append(f"{what}: {problem!r}")
            self.reconnect()
            return
        injected = self.faults.injected
        self.faults.disarm()
        if not injected:
            return
        self.cases += 1
        self.slowest = max(self.slowest, seconds)
        if seconds > patience:
            self.problems.append(f"{what}: took {seconds:.1f} s")
        if refused:
            self.refused[call, kind] += 1
            wanted = [expected[protocol]["full" if error in ("ENOSPC", "EDQUOT") else "failing"]]
            if kind in ("log", "database") and (call != "write" or error == "EDQUOT"):
                # SQLite does not say why.
                wanted.append(expected[protocol]["failing"])
            if not any(text in refused[0] for text in wanted):
                self.problems.append(f"{what}: told {refused[0][:300]}")
            # Whether it is really undone shows when the next process opens what is there now.
            if count == 1 and kind == "log" and (self.is_thorough or self.generator.random() < 0.3):
                self.restart(what)
                return
        else:
            self.tolerated[name.split()[0], call, kind, error] += 1
        # The same sessions, at once.
        for _ in range(2):
            self.prepare()
            done, refused, seconds = self.perform(action)
            if refused:
                self.problems.append(f"{what}: afterwards refused: {refused[0][:300]}")

    def run(self, limit):
        """Every `call` of every change, `limit` places each; without a limit some changes, a place of each call."""
        self.is_thorough = limit is not None
        steps = list(self.steps())
        if not self.is_thorough:
            steps = [steps[0], *self.generator.sample(steps[1:], 5)]
        for protocol, name, action in steps:
            self.prepare()
            before = self.faults.counts()
            self.perform(action)
            after = self.faults.counts()
            for (call, kind), count in after.items():
                count -= before[call, kind]
                if call not in changing or count == 0:
                    continue
                places = sorted({*range(min(count, limit)), count - 1}) if limit else [self.generator.randrange(count)]
                for number in places:
                    for error, length, short in self.errors(call, limit):
                        self.case(protocol, name, action, call, kind, number, error, length, short)
            if self.is_thorough:
                self.restart(name)
            if self.problems[20:]:
                return
        if not self.is_thorough:
            self.restart("sample")

    def errors(self, call, limit):
        if call == "write":
            chosen = [("ENOSPC", 1, False), ("ENOSPC", forever, True), ("EIO", 1, False), ("EDQUOT", forever, False)]
        elif call == "sync":
            chosen = [("EIO", 1, False), ("EIO", forever, False), ("ENOSPC", 1, False), ("EDQUOT", 3, False)]
        else:
            chosen = [("ENOSPC", 1, False), ("EIO", forever, False)]
        return chosen if limit else [self.generator.choice(chosen)]

    def leave(self):
        self.onlooker.over.set()
        self.onlooker.join(60)
        if self.onlooker.problem:
            self.problems.append(f"another session: {self.onlooker.problem!r}")
        if self.onlooker.slowest > patience:
            self.problems.append(f"another session waited {self.onlooker.slowest:.1f} s")
        self.problems += self.run_.complaints
        self.run_.complaints = []
        if self.faults.violation():
            self.problems.append(self.faults.violation())
            self.faults.page.violations = 0

    def reconnect(self):
        self.leave()
        self.connect()

    def restart(self, what):
        """What is there before and after a kill has to be what was acknowledged."""
        self.restarts += 1
        self.leave()
        if "log" not in what:
            self.problems += [f"{what}: alive: {line}" for line in inspect(self.demo, [self.mailbox], self.directory, settle=False)]
        self.demo.kill()
        started(self.demo, self.faults.environment)
        self.problems += [f"{what}: after a kill: {line}" for line in inspect(self.demo, [self.mailbox], self.directory)]
        self.connect()

    def close(self):
        self.onlooker.over.set()
