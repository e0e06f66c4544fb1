"""What is measured: each work is done by the same client on each server in turn."""
import json
import os
import subprocess
import time
from dataclasses import dataclass
from imaplib import IMAP4
from pathlib import Path

from servers import domain, password
from usage import Usage, disk_written

load = os.environ.get("LOAD") or str(Path(__file__).resolve().parent / ".build/release/load")


@dataclass
class Figures:
    """One round of one work on one server."""
    operations: int
    seconds: float
    cpu: float
    memory: int
    written: int
    p99: float = 0

    @property
    def rate(self):
        return self.operations / self.seconds

    @property
    def cost(self):
        """CPU microseconds of the server per operation."""
        return self.cpu / self.operations * 1e6


def run(command, server, service, *arguments):
    done = subprocess.run([load, command, "--port", str(server.ports[service]), *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{server.name}: {command} {arguments}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def login(number):
    return ["--user", f"user{number}@{domain}", "--password", password]


def client(server, number):
    connection = IMAP4("127.0.0.1", server.ports["imap"])
    connection.login(f"user{number}@{domain}", password)
    return connection


def status(server, number, mailbox="INBOX"):
    """Messages and, where the server tells (RFC 8438), bytes."""
    connection = client(server, number)
    answer = connection.status(mailbox, "(MESSAGES)")[1][0].decode()
    connection.logout()
    return int(answer.rsplit("MESSAGES", 1)[1].split(")")[0].split()[0])


class Measured:
    """Takes a server's usage around a piece of work."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        self.before = Usage(self.server.roots)
        self.disk = disk_written(self.server.work)
        self.began = time.monotonic()
        return self

    def __exit__(self, *_):
        self.seconds = time.monotonic() - self.began
        after = Usage(self.server.roots)
        self.cpu = after.cpu - self.before.cpu
        self.memory = after.memory
        self.written = disk_written(self.server.work) - self.disk

    def figures(self, operations, seconds=None, p99=0):
        return Figures(operations, seconds or self.seconds, max(self.cpu, 1e-9), self.memory, self.written, p99)


class Delivery:
    """From the first connection until every message is readable by IMAP, counted."""

    def __init__(self, size, messages, name, sessions=30, per_connection=1):
        self.size, self.messages, self.name = size, messages, name
        self.sessions, self.per_connection = sessions, per_connection

    def measure(self, server, round):
        before = {number: status(server, number) for number in range(1, server.users + 1)}
        with Measured(server) as measured:
            report = run("deliver", server, "smtp", "--connections", self.sessions, "--messages", self.messages, "--size", self.size,
                         "--per-connection", self.per_connection, "--to", f"user%@{domain}", "--recipients", server.users,
                         "--label", f"{self.name}-{round}".replace(" ", "-"))
            wanted = self.messages
            while True:
                readable = sum(status(server, number) - before[number] for number in before)
                if readable == wanted:
                    break
                if readable > wanted or time.monotonic() - measured.began > 600:
                    raise RuntimeError(f"{server.name}: {wanted} messages were accepted, {readable} are readable")
                time.sleep(0.02)
        return measured.figures(self.messages, p99=report["p99"])


class Append:
    def __init__(self, size, messages, connections=10):
        self.name = f"APPEND of {size // 1024} KB, {connections} connections"
        self.size, self.messages, self.connections = size, messages, connections

    def measure(self, server, round):
        before = sum(status(server, number) for number in range(1, server.users + 1))
        with Measured(server) as measured:
            report = run("append", server, "imap", "--connections", self.connections, "--messages", self.messages, "--size", self.size,
                         "--user", f"user%@{domain}", "--users", server.users, "--password", password)
        after = sum(status(server, number) for number in range(1, server.users + 1))
        if after - before != self.messages:
            raise RuntimeError(f"{server.name}: {self.messages} appended, {after - before} readable")
        return measured.figures(self.messages, report["seconds"], report["p99"])


class Commands:
    """IMAP commands on the large folder. The time is the load's own: connecting and what `setup` does are left out."""

    def __init__(self, name, commands, operations=1, setup=("SELECT Large",), pipeline=1, cold=False, per=1, before=(), number=1,
                 service="imap"):
        self.name, self.commands, self.operations, self.setup = name, commands, operations, setup
        self.pipeline, self.cold, self.per, self.before, self.number, self.service = pipeline, cold, per, before, number, service

    def measure(self, server, round):
        if self.before:
            connection = client(server, self.number)
            for command in self.before:
                name, *rest = command.split(" ", 1)
                connection.xatom(name, *rest) if name != "SELECT" else connection.select(rest[0])
            connection.logout()
        if self.cold:
            server.restart()
        setup = [word for command in self.setup for word in ("--setup", command)]
        tls = ["--tls"] if self.service == "imaps" else []
        with Measured(server) as measured:
            report = run("imap", server, self.service, *tls, *login(self.number), *setup, "--operations", self.operations,
                         "--pipeline", self.pipeline, *self.commands)
        return measured.figures(self.operations * self.per, report["seconds"], report["p99"])


class Retrieve:
    name = "POP3 RETR, pipelined"

    def measure(self, server, round):
        with Measured(server) as measured:
            report = run("retrieve", server, "pop3", *login(2), "--messages", 5000, "--pipeline", 20)
        return measured.figures(5000, report["seconds"], report["p99"])


class Login:
    name = "login with TLS, 8 clients"

    def measure(self, server, round):
        with Measured(server) as measured:
            report = run("login", server, "imaps", "--tls", "--connections", 8, "--logins", 400, "--user", f"user%@{domain}",
                         "--users", server.users, "--password", password)
        return measured.figures(400, report["seconds"], report["p99"])


def prepare_large(server, messages):
    """The folder `Large` of user1, made by APPEND of small messages; user2's maildrop for POP3 gets 1,000."""
    connection = client(server, 1)
    for name in ("Large", "Target"):
        connection.create(name)
    connection.logout()
    run("append", server, "imap", "--connections", 10, "--messages", messages, "--size", 2048, "--mailbox", "Large", *login(1))
    run("append", server, "imap", "--connections", 4, "--messages", 1000, "--size", 10240, *login(2))


def large_works(messages):
    """The table of works on a folder of `messages`."""
    tenth, twentieth = messages // 10, messages // 20
    every = f"1:{messages}"
    return [
        Commands("SELECT cold", ["SELECT Large"], setup=(), cold=True),
        Commands("SELECT warm", ["SELECT Large"], operations=20, setup=("SELECT Large",)),
        Commands("STATUS", ["STATUS Large (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)"], operations=100, setup=()),
        Commands("FETCH 1:* (UID FLAGS)", [f"FETCH {every} (UID FLAGS)"], operations=5, per=messages),
        Commands("FETCH ENVELOPE + SIZE cold", [f"FETCH {every} (ENVELOPE RFC822.SIZE)"], cold=True, per=messages),
        Commands("FETCH ENVELOPE + SIZE warm", [f"FETCH {every} (ENVELOPE RFC822.SIZE)"], per=messages),
        Commands("FETCH header fields cold", [f"FETCH {every} (BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)])"], cold=True, per=messages),
        Commands("FETCH header fields warm", [f"FETCH {every} (BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)])"], per=messages),
        Commands("1,000 bodies", ["FETCH 1:1000 (BODY.PEEK[])"], per=1000),
        Commands("STORE all", [f"STORE {every} +FLAGS.SILENT (\\Flagged)", f"STORE {every} -FLAGS.SILENT (\\Flagged)"], operations=2,
                 per=messages),
        Commands("COPY a tenth", [f"COPY 1:{tenth} Target"], per=tenth),
        Commands("EXPUNGE a tenth", ["EXPUNGE"], setup=("SELECT Target", f"STORE 1:{tenth} +FLAGS.SILENT (\\Deleted)"), per=tenth),
        Commands("MOVE a twentieth", [f"MOVE 1:{twentieth} Large"], per=twentieth,
                 setup=("SELECT Large", f"COPY 1:{twentieth} Target", "SELECT Target")),
        Commands("SEARCH flags", ["SEARCH UNSEEN NOT FLAGGED"], operations=10),
        Commands("SEARCH dates", ["SEARCH SENTSINCE 1-Jan-2020 BEFORE 1-Jan-2030"], operations=3),
        Commands("SEARCH FROM", ["SEARCH FROM nobody"], operations=2),
        Commands("SEARCH SUBJECT", ['SEARCH SUBJECT "part 000000077"'], operations=2),
        Commands("NOOP, pipelined", ["NOOP"], operations=20000, pipeline=50),
        Commands("FETCH of one message, pipelined", ["FETCH {r:1:1000} (FLAGS BODY.PEEK[])"], operations=5000, pipeline=20),
    ]
