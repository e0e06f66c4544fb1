"""Connections in great numbers, and slow ones."""
import selectors
import socket
import time

from scenario import scenario
from wire import Gone, Imap, Pace, Smtp, Wire, address, gigabit

hello = bytes.fromhex("1603010200010001fc0303") + bytes(200)


def connect(port, number, receive_buffer=None):
    """A connection under way; nobody waits for it."""
    one = socket.socket()
    if receive_buffer:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    one.setblocking(False)
    one.bind((address(number), 0))
    one.connect_ex(("127.0.0.1", port))
    return one


class Crowd:
    """Many connections held at once; those that the server closes are made again, a bounded number a second."""

    def __init__(self, stage, count, make, first_words=lambda number: b""):
        self.stage, self.count, self.make, self.first_words = stage, count, make, first_words
        self.selector = selectors.EpollSelector()
        self.serial, self.alive, self.closed = 0, 0, 0
        self.last = {}

    def add(self):
        one = self.make(self.serial)
        self.selector.register(one, selectors.EVENT_READ | selectors.EVENT_WRITE, (self.serial, False))
        self.serial += 1
        self.alive += 1

    def step(self, wait):
        for key, events in self.selector.select(wait):
            number, is_open = key.data
            if events & selectors.EVENT_WRITE and not is_open:
                self.selector.modify(key.fileobj, selectors.EVENT_READ, (number, True))
                words = self.first_words(number)
                if words:
                    try:
                        key.fileobj.send(words)
                    except OSError:
                        pass
            if events & selectors.EVENT_READ:
                try:
                    got = key.fileobj.recv(4096)
                except OSError:
                    got = b""
                if got:
                    self.last[number] = got
                    continue
                said = self.last.pop(number, b"").rsplit(b"\r\n", 2)[-2:][0]
                self.stage.answered("closed", said.decode("utf-8", "replace") if said.isascii() else "TLS bytes")
                self.selector.unregister(key.fileobj)
                key.fileobj.close()
                self.alive -= 1
                self.closed += 1

    def hold(self, per_second=2000):
        """Until the attack is over."""
        allowance, last = 0.0, time.monotonic()
        limit = last + self.stage.size(60, 4)
        while self.stage.running():
            now = time.monotonic()
            allowance, last = min(per_second / 10, allowance + (now - last) * per_second), now
            if self.alive >= self.count:
                # In place: from here on, those that were closed come back no faster than from a few machines.
                per_second = min(per_second, 200)
            while self.alive < self.count and allowance >= 1:
                self.add()
                allowance -= 1
            self.step(0.02)
            if self.alive >= self.count or now > limit:
                self.stage.ready()
                # Whom it turns away, the server closes after a second.
                if self.stage.is_short and now > limit:
                    break
        self.stage.answered("held at the end", f"{self.alive // 100 * 100} to {self.alive // 100 * 100 + 99}")


@scenario("half-open", "10,000 connections from 200 addresses that say nothing, half a command or half a TLS greeting",
          named_in_promise=True)
def half_open(stage):
    ports = [stage.ports[name] for name in ("smtp", "imap", "pop3", "submission", "imaps", "submissions", "pop3s", "https", "http")]
    words = [b"", b"EHLO mall", b"\x16", hello]
    addresses = stage.size(200, 20)
    Crowd(stage, stage.size(10_000, 600), lambda number: connect(ports[number % len(ports)], number % addresses),
          lambda number: words[number // len(ports) % len(words)]).hold()


@scenario("one-address", "10,000 connections from one address", expected=("closed: 421",))
def one_address(stage):
    Crowd(stage, stage.size(10_000, 600), lambda number: connect(stage.ports["smtp"], 0)).hold()


@scenario("beyond-the-limit", "more connections than the server takes in all, from many addresses: it says so and goes on",
          settings=("limits.connections=2000",), expected=("closed: 421",), in_short=False)
def beyond(stage):
    Crowd(stage, 4000, lambda number: connect(stage.ports["smtp"], number % 200)).hold(500)


@scenario("come-and-go", "500 connections a second that are closed at once", expected=("gone: 1",))
def come_and_go(stage):
    names = ["smtp", "imaps", "pop3", "http"]
    number = 0
    begin = time.monotonic()
    while stage.running() and not (stage.is_short and number > 500):
        one = connect(stage.ports[names[number % 4]], number % 250)
        # Half of them with a reset.
        if number % 2:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        number += 1
        stage.ready()
        time.sleep(max(0, begin + number / 500 - time.monotonic()))
        one.close()
    stage.answered("gone", "1")


def prepare_large(stage):
    """20 MB of mail in each of the attackers' INBOXes, of a kind that does not compress."""
    import os
    import base64
    content = b"Subject: large\r\n\r\n" + base64.encodebytes(os.urandom(720_000)).replace(b"\n", b"\r\n")
    for index in range(stage.size(20, 4)):
        account, password = stage.user(index)
        wire = Imap(stage.ports["imap"], 10_000 + index)
        wire.login(account, password)
        for _ in range(stage.size(20, 5)):
            wire.append(content)
        wire.close()


@scenario("slow-readers", "1,000 sessions that FETCH 20 MB and read a hundred bytes a second", named_in_promise=True,
          prepare=prepare_large)
def slow_readers(stage):
    slow(stage, b"x FETCH 1:* (UID BODY.PEEK[])\r\n")


@scenario("greedy-readers", "1,000 sessions that send twenty FETCHes of all content at once and read nothing",
          prepare=prepare_large)
def greedy_readers(stage):
    slow(stage, b"x FETCH 1:* (UID BODY.PEEK[])\r\n" * 20, reads=0)


def slow(stage, command, reads=100):
    wires = []
    accounts = stage.size(20, 4)
    for number in range(stage.size(1000, 60)):
        account, password = stage.user(number % accounts)
        wire = Imap(stage.ports["imap"], number, receive_buffer=4096)
        try:
            wire.login(account, password)
        except Gone as problem:
            stage.answered("LOGIN", problem)
            wire.close()
            continue
        wire.ask("SELECT INBOX")
        wires.append(wire)
    for wire in wires:
        wire.send(command)
        wire.socket.setblocking(False)
    stage.answered("sessions", len(wires))
    if not stage.is_short:
        time.sleep(5)
    stage.ready()
    end = time.monotonic() + 2
    while stage.running() and wires and not (stage.is_short and time.monotonic() > end):
        begin = time.monotonic()
        for wire in list(wires):
            try:
                if reads and not wire.socket.recv(reads):
                    raise ConnectionResetError
            except BlockingIOError:
                continue
            except OSError:
                stage.answered("slow session", "closed by the server")
                wires.remove(wire)
                wire.close()
        time.sleep(max(0, begin + 1 - time.monotonic()))
    stage.answered("sessions at the end", len(wires))
    for wire in wires:
        wire.close()


@scenario("slow-pop3", "300 sessions that RETR and read nothing; one account each is all that POP3 lets in at a time",
          prepare=prepare_large, in_short=False)
def slow_pop3(stage):
    wires = []
    for number in range(300):
        account, password = stage.user(number % 40)
        wire = Wire(stage.ports["pop3"], number, receive_buffer=4096)
        wire.send(f"USER {account}\r\nPASS {password}\r\n".encode() + b"RETR 1\r\n" * 200)
        wires.append(wire)
    stage.ready()
    while stage.running():
        stage.stop.wait(0.5)
    for wire in wires:
        try:
            said = [wire.line() for _ in range(3)]
            stage.answered("PASS", said[2][:40])
        except (Gone, TimeoutError):
            stage.answered("PASS", "closed")
        wire.close()


@scenario("slow-writers", "1,000 sessions that send a byte every ten seconds: commands, DATA, a literal, an HTTP header")
def slow_writers(stage):
    starts = {
        "smtp": b"EHLO mallory.test\r\nMAIL FROM:<m@elsewhere.test>\r\nRCPT TO:<user1@example.test>\r\nDATA\r\nSubject: slow",
        "imap": b"x LOGIN {4000+}\r\n", "pop3": b"USER ", "http": b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "}
    names = list(starts)
    wires = []
    for number in range(stage.size(1000, 80)):
        name = names[number % len(names)]
        wire = Wire(stage.ports[name], number)
        wire.send(starts[name])
        wires.append((name, wire))
    stage.ready()
    while stage.running() and not stage.is_short:
        for name, wire in list(wires):
            try:
                wire.send(b"a")
            except Gone:
                stage.answered(name, wire.last_words(1))
                wire.close()
                wires.remove((name, wire))
        stage.stop.wait(10)
    stage.answered("held at the end", len(wires))


@scenario("stalled-content", "2,000 sessions that stop in the middle of a message: SMTP at 250 KB, APPEND at 250 KB, and in the header",
          named_in_promise=True)
def stalled_content(stage):
    account, password = stage.user(0)
    text = b"Some words, said again and again\r\n" * 7000
    pace = Pace(gigabit)
    wires = []
    for number in range(stage.size(2000, 60)):
        try:
            if number % 4 == 3:
                wire = Imap(stage.ports["imap"], number % 400)
                wire.login(account, password)
                wire.send(b"x APPEND INBOX {45000000+}\r\n" + text)
            else:
                wire = Smtp(stage.ports["smtp"], number % 400)
                wire.envelope(account)
                said = wire.ask("DATA")
                if not said.startswith("354"):
                    stage.answered("DATA", said)
                    wire.close()
                    continue
                wire.send(b"X-Long: " + b"a" * 240_000 if number % 4 == 2 else b"Subject: stalled\r\n\r\n" + text)
        except (Gone, TimeoutError) as problem:
            stage.answered("stalled", f"refused: {problem}"[:60])
            continue
        wires.append(wire)
        pace.spend(250_000)
    stage.answered("held", len(wires))
    stage.ready()
    while stage.running() and not stage.is_short:
        stage.stop.wait(0.5)
    for wire in wires:
        said = wire.last_words(0.01) if not stage.is_short else None
        stage.answered("stalled", said or "still held")
        wire.close()
