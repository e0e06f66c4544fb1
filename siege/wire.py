"""Sockets as an attacker uses them: raw, from many addresses, at a bounded rate."""
import base64
import socket
import time

megabyte = 1 << 20


class Gone(Exception):
    """The server has closed the connection."""


def address(number):
    """An attacker's address; honest clients are in 127.0/16."""
    return f"127.{1 + number // 62_500 % 200}.{number // 250 % 250}.{1 + number % 250}"


class Wire:
    """One connection. Reading is by line; what came is kept until it is asked for."""

    def __init__(self, port, number=0, timeout=20, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.bind((address(number), 0))
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as problem:
            raise Gone(repr(problem)) from problem

    def line(self):
        while b"\n" not in self.buffer:
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError as problem:
                raise Gone(repr(problem)) from problem
            if not more:
                raise Gone("closed")
            self.buffer += more
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def last_words(self, seconds=5):
        """What the server still says before it closes; None if it neither speaks nor closes."""
        self.socket.settimeout(seconds)
        said = None
        try:
            while True:
                said = self.line()
        except Gone:
            return said or "closed without a word"
        except TimeoutError:
            return said

    def close(self):
        self.socket.close()


class Smtp(Wire):
    def __init__(self, port, number=0, **options):
        super().__init__(port, number, **options)
        self.greeting = self.reply()

    def reply(self):
        line = self.line()
        while line[3:4] == "-":
            line = self.line()
        return line

    def ask(self, line):
        self.send(line.encode() + b"\r\n")
        return self.reply()

    def envelope(self, recipient, sender="<mallory@elsewhere.test>"):
        """Everything before DATA; the last reply."""
        self.ask("EHLO mallory.test")
        self.ask(f"MAIL FROM:{sender}")
        return self.ask(f"RCPT TO:<{recipient}>")

    def login(self, account, password):
        plain = base64.b64encode(f"\0{account}\0{password}".encode()).decode()
        return self.ask(f"AUTH PLAIN {plain}")


class Imap(Wire):
    def __init__(self, port, number=0, **options):
        super().__init__(port, number, **options)
        self.serial = 0
        self.greeting = self.line()

    def ask(self, command):
        """The untagged lines and the tagged one."""
        self.serial += 1
        tag = f"t{self.serial}"
        self.send(f"{tag} ".encode() + (command if isinstance(command, bytes) else command.encode()) + b"\r\n")
        return self.answer(tag)

    def answer(self, tag):
        lines = []
        while True:
            line = self.line()
            if line.startswith(tag + " "):
                return lines, line[len(tag) + 1:]
            lines.append(line[:200])

    def login(self, account, password):
        said = self.ask(f'LOGIN {account} "{password}"')[1]
        if not said.startswith("OK"):
            raise Gone(f"LOGIN: {said}")
        return said

    def append(self, content, mailbox="INBOX"):
        return self.ask(f"APPEND {mailbox} {{{len(content)}+}}\r\n".encode() + content)[1]


class Pace:
    """Holds a sender to a rate: the attacker's line, and not this machine's memory, is the bound."""

    def __init__(self, per_second):
        self.per_second, self.start, self.done = per_second, time.monotonic(), 0

    def spend(self, amount):
        self.done += amount
        ahead = self.done / self.per_second - (time.monotonic() - self.start)
        if ahead > 0:
            time.sleep(ahead)


"""A whole gigabit, which is what most servers' networks can bring."""
gigabit = 125_000_000
