"""The honest clients: a fixed number of operations a second, whatever the server does (open loop), in a process of their own.

A latency runs from the instant at which the operation was due, so that a server that stalls is charged for all that wait.
"""
import asyncio
import multiprocessing
import os
import random
import time

# Operations a second and the connections that carry them.
mix = {"deliver": (8, 8), "noop": (12, 3), "fetch": (12, 3), "store": (6, 2), "append": (4, 2), "pop": (6, 1), "login": (2, 4)}
patience = 30
size, messages = 10_000, 200
account = "alice@example.test"


def message(generator):
    text = bytes(generator.choices(b"abcdefghijklmnopqrstuvwxyz     ", k=size))
    body = b"\r\n".join(text[start:start + 70] for start in range(0, size, 70))
    return b"From: friend@elsewhere.test\r\nTo: alice@example.test\r\nSubject: honest mail\r\n\r\n" + body + b"\r\n"


class Session:
    """A connection that is made anew when it has broken."""

    def __init__(self, ports, password, generator):
        self.ports, self.password, self.generator = ports, password, generator
        self.reader = None

    async def open(self, name):
        # As strangers to each other: what is done about one address must not meet all of them.
        address = f"127.0.{self.generator.randrange(250)}.{self.generator.randrange(1, 250)}"
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self.ports[name], limit=1 << 20, local_addr=(address, 0))

    def drop(self):
        if self.reader is not None:
            self.writer.close()
        self.reader = None

    async def line(self):
        line = await self.reader.readline()
        if not line:
            raise ConnectionError("closed")
        return line


class Smtp(Session):
    async def say(self, data, wanted):
        self.writer.write(data)
        line = await self.line()
        while line[3:4] == b"-":
            line = await self.line()
        if not line.startswith(wanted):
            raise ConnectionError(line)

    async def deliver(self):
        """As other mail servers do: a connection of its own."""
        await self.open("smtp")
        await self.say(b"", b"220")
        await self.say(b"EHLO friend.test\r\n", b"250")
        await self.say(b"MAIL FROM:<friend@elsewhere.test>\r\n", b"250")
        await self.say(b"RCPT TO:<bob@example.test>\r\n", b"250")
        await self.say(b"DATA\r\n", b"354")
        await self.say(message(self.generator) + b".\r\n", b"250")
        self.writer.write(b"QUIT\r\n")
        self.drop()


class Imap(Session):
    serial = 0

    async def ask(self, data):
        self.serial += 1
        tag = b"h%d " % self.serial
        self.writer.write(tag + data + b"\r\n")
        while not (line := await self.line()).startswith(tag):
            pass
        if not line.startswith(tag + b"OK"):
            raise ConnectionError(line)

    async def ready(self):
        if self.reader is None:
            await self.open("imap")
            await self.line()
            await self.ask(f'LOGIN {account} "{self.password}"'.encode())
            await self.ask(b"SELECT Honest")

    async def noop(self):
        await self.ask(b"NOOP")

    async def fetch(self):
        await self.ask(b"UID FETCH %d BODY.PEEK[]" % self.generator.randint(1, messages))

    async def store(self):
        await self.ask(b"UID STORE %d %cFLAGS (\\Flagged)" % (self.generator.randint(1, messages), self.generator.choice(b"+-")))

    async def append(self):
        content = message(self.generator)
        await self.ask(b"APPEND Appended {%d+}\r\n" % len(content) + content)

    async def login(self):
        self.drop()
        await self.ready()


class Pop(Session):
    async def say(self, data, many=False):
        self.writer.write(data)
        line = await self.line()
        if not line.startswith(b"+OK"):
            raise ConnectionError(line)
        while many and await self.line() != b".\r\n":
            pass

    async def ready(self):
        if self.reader is None:
            await self.open("pop3")
            await self.say(b"")
            await self.say(f"USER {account}\r\nPASS {self.password}\r\n".encode())
            await self.say(b"")

    async def pop(self):
        await self.say(b"STAT\r\n")
        await self.say(b"RETR %d\r\n" % self.generator.randint(1, messages), many=True)


sessions = {"deliver": Smtp, "noop": Imap, "fetch": Imap, "store": Imap, "append": Imap, "pop": Pop, "login": Imap}


async def prepare(ports, password, generator):
    """Messages to read, in a folder and in INBOX."""
    session = Imap(ports, password, generator)
    await session.open("imap")
    await session.line()
    await session.ask(f'LOGIN {account} "{password}"'.encode())
    await session.ask(b"CREATE Honest")
    await session.ask(b"CREATE Appended")
    for _ in range(messages):
        content = message(generator)
        await session.ask(b"APPEND Honest {%d+}\r\n" % len(content) + content)
    await session.ask(b"SELECT Honest")
    await session.ask(b"COPY 1:* INBOX")


async def work(kind, session, due, pipe):
    while True:
        when = await due.get()
        problem = ""
        try:
            async with asyncio.timeout(patience):
                if kind not in ("deliver", "login"):
                    await session.ready()
                await getattr(session, kind)()
        except Exception as failure:  # noqa: BLE001: whatever it is, an honest client was failed
            problem = repr(failure)[:200]
            session.drop()
        pipe.send((kind, when, time.monotonic() - when, problem))


async def run(ports, password, pipe, rate):
    generator = random.Random(7)
    await prepare(ports, password, generator)
    queues = {}
    workers = []
    for kind, (_, count) in mix.items():
        queues[kind] = asyncio.Queue()
        for _ in range(count):
            session = sessions[kind](ports, password, generator)
            if hasattr(session, "ready"):
                await session.ready()
            workers.append(asyncio.create_task(work(kind, session, queues[kind], pipe)))
    pipe.send(("ready", 0, 0, ""))
    # Each kind evenly, all kinds interleaved.
    begin = time.monotonic()
    next_due = {kind: begin + generator.random() / per_second for kind, (per_second, _) in mix.items()}
    while True:
        kind = min(next_due, key=next_due.get)
        await asyncio.sleep(max(0, next_due[kind] - time.monotonic()))
        queues[kind].put_nowait(next_due[kind])
        next_due[kind] += 1 / (mix[kind][0] * rate)


def main(ports, password, pipe, rate):
    try:
        # Their own share of the processors is not what is measured.
        os.nice(-10)
    except PermissionError:
        pass
    asyncio.run(run(ports, password, pipe, rate))


class Honest:
    """The process, and what it has measured."""

    def __init__(self, server, rate=1.0):
        self.receiver, sender = multiprocessing.Pipe(False)
        self.process = multiprocessing.Process(
            target=main, args=(server.ports, server.passwords[account], sender, rate), daemon=True)
        self.process.start()
        sender.close()
        if self.receiver.recv()[0] != "ready":
            raise RuntimeError("the honest clients did not start")
        self.samples = []

    @property
    def pid(self):
        return self.process.pid

    def collect(self):
        while self.receiver.poll():
            self.samples.append(self.receiver.recv())
        return self.samples

    def between(self, start, end):
        """(kind, latency, problem) of operations due then; waits for those under way."""
        limit = time.monotonic() + patience + 5
        expected = (end - start) * sum(per_second for per_second, _ in mix.values()) * 0.9
        while True:
            found = [(kind, latency, problem) for kind, due, latency, problem in self.collect() if start <= due < end]
            settled = max((due for _, due, _, _ in self.samples), default=0) > end + 1
            if (settled and len(found) >= expected) or time.monotonic() > limit:
                return found
            time.sleep(0.1)

    def close(self):
        self.process.kill()
        self.process.join()
