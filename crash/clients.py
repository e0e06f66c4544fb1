"""The clients: each changes what belongs to it, and writes down in the model what it asked and what it was told."""
import base64
import hashlib
import imaplib
import poplib
import random
import re
import smtplib
import threading
import time

from model import Folder, Variable, changed, places

flags_known = ["\\Seen", "\\Flagged", "\\Answered", "\\Draft", "$Forwarded", "Later"]
imaplib._MAXLINE = 50_000_000


class Refused(Exception):
    """The server said no, so nothing has happened."""


class Run:
    """What the clients of one cycle share."""

    def __init__(self, demo, mailboxes, directory, seed, position, serial):
        self.demo, self.mailboxes, self.directory, self.seed = demo, mailboxes, directory, seed
        self.position, self.serial = position, serial
        self.killed = threading.Event()
        self.acknowledged, self.refused, self.complaints = 0, [], []
        self.lock = threading.Lock()

    def told(self, count=1):
        with self.lock:
            self.acknowledged += count


def body(generator, size=None):
    if size is None:
        size = generator.choice([40, 400, 2_000, 8_000, 30_000, 30_000, 120_000])
        if generator.random() < 0.04:
            # The last is stored as an object of its own.
            size = generator.choice([400_000] * 5 + [1_500_000] * 5 + [6_500_000])
    text = base64.b64encode(generator.randbytes(size * 3 // 4)).decode()
    return "".join(text[start:start + 76] + "\r\n" for start in range(0, len(text), 76)).encode()


def message(token, generator, size=None):
    content = body(generator, size)
    digest = hashlib.sha256(content).hexdigest()
    head = (f"From: Sender <sender@elsewhere.test>\r\nTo: someone@example.test\r\nSubject: crash {token}\r\n"
            f"Date: Thu, 01 Oct 2026 10:00:00 +0000\r\nMessage-ID: <{token}@crash.test>\r\nX-Digest: {digest}\r\n\r\n")
    return head.encode() + content


def is_whole(data):
    head, _, content = data.partition(b"\r\n\r\n")
    found = re.search(rb"^X-Digest: ([0-9a-f]{64})", head, re.M)
    return bool(found) and hashlib.sha256(content).hexdigest().encode() == found[1]


def rows(data):
    """(uid, token, flags, body) of a FETCH's answer."""
    result = []
    for index, part in enumerate(data):
        if not isinstance(part, tuple):
            continue
        following = data[index + 1] if index + 1 < len(data) and isinstance(data[index + 1], bytes) else b""
        attributes = part[0] + following
        uid = int(re.search(rb"UID (\d+)", attributes)[1])
        flags = re.search(rb"FLAGS \(([^)]*)\)", attributes)[1].decode().split()
        subject = re.search(rb"^Subject: crash (\S+)", part[1], re.M)
        result.append((uid, subject[1].decode() if subject else "?", [flag for flag in flags if flag != "\\Recent"], part[1]))
    return result


def uid_list(text):
    for piece in text.split(","):
        first, _, last = piece.partition(":")
        yield from range(int(first), int(last or first) + 1)


class Client(threading.Thread):
    def __init__(self, run, name):
        super().__init__(daemon=True, name=name)
        self.run_, self.generator = run, random.Random(f"{run.seed}/{name}")
        # Changes acknowledged, and the longest time one took, in seconds.
        self.changes, self.slowest = 0, 0.0

    def run(self):
        try:
            self.connect()
            while not self.run_.killed.is_set():
                self.step()
        except Exception as problem:  # noqa: BLE001: a dead server breaks clients in many ways
            if not self.run_.killed.is_set():
                # The kill may have come between the failure and its being seen.
                if not self.run_.killed.wait(1):
                    self.run_.complaints.append(f"{self.name}: {problem!r}")

    def connect(self):
        pass

    def attempt(self, variables, action):
        """Writes down (variable, new value), acts, and writes down the acknowledgement."""
        before, began = self.run_.position(), time.monotonic()
        for variable, value in variables:
            variable.begin(value, before)
        try:
            result = action()
        except Refused as problem:
            self.slowest = max(self.slowest, time.monotonic() - began)
            after = self.run_.position()
            for variable, _ in variables:
                variable.refuse(after)
            with self.run_.lock:
                self.run_.refused.append(f"{self.name}: {problem}")
            return None
        after = self.run_.position()
        self.changes, self.slowest = self.changes + 1, max(self.slowest, time.monotonic() - began)
        for variable, _ in variables:
            variable.acknowledge(after)
        self.run_.told(len(variables))
        return result if result is not None else True


class Sender(Client):
    """Delivers to one or several mailboxes, over port 25 or as a logged in user."""

    def __init__(self, run, name, submission):
        super().__init__(run, name)
        self.submission = submission
        # Of the reader that may change its messages; None: any.
        self.number = None

    def connect(self):
        demo = self.run_.demo
        self.session = smtplib.SMTP("127.0.0.1", demo.ports["submission" if self.submission else "smtp"], timeout=30)
        self.session.ehlo("client.test")
        self.sender = "sender@elsewhere.test"
        if self.submission:
            self.sender = "alice@example.test"
            self.session.login(self.sender, demo.passwords[self.sender])

    def step(self, size=None):
        if sum(len(mailbox.messages) for mailbox in self.run_.mailboxes) > 500:
            # The others have to clear up first.
            self.run_.killed.wait(0.2)
        boxes = self.run_.mailboxes
        chosen = self.generator.sample(boxes, min(len(boxes), self.generator.choice([1, 1, 2, len(boxes)])))
        owner = self.generator.randrange(2) if self.number is None else self.number
        token = f"{owner}.{next(self.run_.serial)}"
        data = message(token, self.generator, size)
        if self.submission:
            data = data.replace(b"sender@elsewhere.test", self.sender.encode(), 1)
        variables = []
        for mailbox in chosen:
            with mailbox.lock:
                mailbox.messages[token] = Variable(())
                variables.append((mailbox.messages[token], places(("INBOX", ()))))

        def send():
            try:
                self.session.sendmail(self.sender, [mailbox.address for mailbox in chosen], data)
            except (smtplib.SMTPDataError, smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused) as problem:
                if self.run_.killed.is_set() or getattr(problem, "smtp_code", 0) == 421:
                    raise
                raise Refused(repr(problem)) from problem
        return self.attempt(variables, send)


class Reader(Client):
    """An IMAP client that now and then is a POP3 client; the messages whose token begins with its number are its own."""

    def __init__(self, run, mailbox, number):
        super().__init__(run, f"{mailbox.address}/{number}")
        self.mailbox, self.number = mailbox, number

    def connect(self):
        demo = self.run_.demo
        self.session = imaplib.IMAP4("127.0.0.1", demo.ports["imap"], timeout=30)
        self.session.login(self.mailbox.address, demo.passwords[self.mailbox.address])

    def ask(self, name, *arguments):
        status, data = getattr(self.session, name)(*arguments)
        if status != "OK":
            raise Refused(f"{name} {arguments[:3] if name != 'append' else arguments[:2]}: {status} {data}")
        return data

    # What is there

    def own_folders(self):
        with self.mailbox.lock:
            return [key for key, folder in self.mailbox.folders.items()
                    if key.startswith(f"w{self.number}-") and folder.name.settled and folder.name.current]

    def own(self, folder):
        """Selects a folder; (uid, token, flags) of the own messages there."""
        self.ask("select", self.mailbox.folders[folder].name.current)
        data = self.ask("uid", "FETCH", "1:*", "(UID FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        result = []
        now = self.run_.position()
        for uid, token, flags, _ in rows(data):
            with self.mailbox.lock:
                variable = self.mailbox.messages.get(token)
                if variable is None or not token.startswith(f"{self.number}.") or not variable.settled:
                    continue
                self.mailbox.folders[folder].told.append((uid, token, now))
                if (folder, tuple(sorted(flags))) not in variable.current:
                    self.run_.complaints.append(f"{self.name}: {token} in {folder} has {flags}, model {variable.current}")
                    continue
            result.append((uid, token, flags))
        return result

    def told_copy(self, target, moved):
        """Notes the UIDs of a COPYUID."""
        _, data = self.session.response("COPYUID")
        if not data or not data[0]:
            return
        parts = data[-1].decode().split()
        tokens = {uid: token for uid, token, _ in moved}
        for old, new in zip(uid_list(parts[1]), uid_list(parts[2])):
            if old in tokens:
                self.mailbox.folders[target].told.append((new, tokens[old], self.run_.position()))

    # Changes

    def step(self):
        folders = self.own_folders()
        if len(folders) < 2:
            return self.create()
        name = self.generator.choices(
            ["append", "flag", "move", "copy", "expunge", "pop", "create", "rename", "delete"],
            [6, 6, 4, 3, 5, 1, 1, 1, 0.6])[0]
        try:
            getattr(self, name)(*([folders] if name in ("append", "flag", "move", "copy", "expunge", "rename", "delete") else []))
        except Refused as problem:
            with self.run_.lock:
                self.run_.refused.append(f"{self.name}: {problem}")

    def append(self, folders, size=None):
        folder = self.generator.choice(folders + ["INBOX"])
        flags = self.generator.sample(flags_known, self.generator.randrange(3))
        token = f"{self.number}.{next(self.run_.serial)}"
        data = message(token, self.generator, size)
        with self.mailbox.lock:
            variable = self.mailbox.messages[token] = Variable(())
        name = self.mailbox.folders[folder].name.current
        answer = self.attempt([(variable, places((folder, flags)))],
                              lambda: self.ask("append", name, f"({' '.join(flags)})", None, data))
        if answer:
            found = re.search(rb"APPENDUID \d+ (\d+)", b" ".join(answer))
            if found:
                self.mailbox.folders[folder].told.append((int(found[1]), token, self.run_.position()))

    def some(self, folders):
        folder = self.generator.choice(folders + ["INBOX", "INBOX"])
        mine = self.own(folder)
        # One place of a message at a time, as its places are one variable.
        unique = {token: (uid, token, flags) for uid, token, flags in mine}
        return folder, self.generator.sample(list(unique.values()), min(len(unique), self.generator.choice([1, 1, 2, 5, 12])))

    def change(self, folder, chosen, new):
        """(variable, new value) for each chosen message, whose place becomes `new(flags)`."""
        result = []
        with self.mailbox.lock:
            for _, token, flags in chosen:
                variable = self.mailbox.messages[token]
                value = changed(variable.current, folder, flags, new(flags))
                if value is None:
                    raise AssertionError(f"{token} is not at {folder} {flags}: {variable.current}")
                result.append((variable, value))
        return result

    def flag(self, folders):
        folder, chosen = self.some(folders)
        if not chosen:
            return
        flags = set(self.generator.sample(flags_known, self.generator.randrange(1, 4)))
        how = self.generator.choice(["+FLAGS", "-FLAGS", "FLAGS", "+FLAGS.SILENT"])
        result = {"+": lambda old: set(old) | flags, "-": lambda old: set(old) - flags, "F": lambda old: flags}[how[0]]
        uids = ",".join(str(uid) for uid, *_ in chosen)
        self.attempt(self.change(folder, chosen, lambda old: [(folder, result(old))]),
                     lambda: self.ask("uid", "STORE", uids, how, f"({' '.join(sorted(flags))})"))

    def move(self, folders):
        folder, chosen = self.some(folders)
        target = self.generator.choice([name for name in folders + ["INBOX"] if name != folder])
        if not chosen:
            return
        uids = ",".join(str(uid) for uid, *_ in chosen)
        self.session.response("COPYUID")
        if self.attempt(self.change(folder, chosen, lambda old: [(target, old)]),
                        lambda: self.ask("uid", "MOVE", uids, self.mailbox.folders[target].name.current)):
            self.told_copy(target, chosen)

    def copy(self, folders):
        folder, chosen = self.some(folders)
        if not chosen:
            return
        target = self.generator.choice(folders + ["INBOX"])
        uids = ",".join(str(uid) for uid, *_ in chosen)
        self.session.response("COPYUID")
        if self.attempt(self.change(folder, chosen, lambda old: [(folder, old), (target, old)]),
                        lambda: self.ask("uid", "COPY", uids, self.mailbox.folders[target].name.current)):
            self.told_copy(target, chosen)

    def expunge(self, folders):
        folder, chosen = self.some(folders)
        mine = {token: (uid, token, flags) for uid, token, flags in self.own(folder)}
        if len(mine) > 40:
            # Lest it grow without end.
            chosen = list(mine.values())[:len(mine) - 20]
        if not chosen:
            return
        uids = ",".join(str(uid) for uid, *_ in chosen)
        if not self.attempt(self.change(folder, chosen, lambda old: [(folder, set(old) | {"\\Deleted"})]),
                            lambda: self.ask("uid", "STORE", uids, "+FLAGS", "(\\Deleted)")):
            return
        marked = [(uid, token, sorted(set(flags) | {"\\Deleted"})) for uid, token, flags in chosen]
        self.attempt(self.change(folder, marked, lambda old: []), lambda: self.ask("uid", "EXPUNGE", uids))

    def pop(self):
        demo = self.run_.demo
        session = poplib.POP3("127.0.0.1", demo.ports["pop3"], timeout=30)
        try:
            session.user(self.mailbox.address)
            session.pass_(demo.passwords[self.mailbox.address])
        except poplib.error_proto as problem:
            if b"IN-USE" in problem.args[0]:
                return
            raise
        chosen = {}
        numbers = list(range(1, session.stat()[0] + 1))
        self.generator.shuffle(numbers)
        for number in numbers[:8]:
            try:
                head = session.top(number, 0)[1]
            except poplib.error_proto as problem:
                if b"gone" in problem.args[0]:
                    # The other client has expunged it; without QUIT nothing is deleted.
                    return session.close()
                raise
            found = re.search(rb"^Subject: crash (\S+)", b"\n".join(head), re.M)
            token = found[1].decode()
            with self.mailbox.lock:
                variable = self.mailbox.messages.get(token)
                inside = [flags for folder, flags in variable.current if folder == "INBOX"] if variable else []
                if not token.startswith(f"{self.number}.") or not variable.settled or token in chosen or len(inside) != 1:
                    continue
            chosen[token] = (number, token, inside[0])
            session.dele(number)

        def leave():
            try:
                session.quit()
            except poplib.error_proto as problem:
                if b"EOF" in problem.args[0]:
                    raise
                raise Refused(repr(problem)) from problem
        self.attempt(self.change("INBOX", chosen.values(), lambda old: []), leave)

    def create(self, limit=4):
        if len(self.own_folders()) > limit:
            return
        name = f"w{self.number}-{next(self.run_.serial)}"
        with self.mailbox.lock:
            folder = self.mailbox.folders[name] = Folder(name, False)
        self.attempt([(folder.name, name)], lambda: self.ask("create", name))

    def rename(self, folders):
        key = self.generator.choice(folders)
        folder, name = self.mailbox.folders[key], f"w{self.number}-{next(self.run_.serial)}"
        old = folder.name.current
        self.attempt([(folder.name, name)], lambda: self.ask("rename", old, name))

    def delete(self, folders):
        if len(folders) < 4:
            return
        key = self.generator.choice(folders)
        folder = self.mailbox.folders[key]
        name = folder.name.current
        variables = [(folder.name, None)]
        with self.mailbox.lock:
            for variable in self.mailbox.messages.values():
                # What a kill has left open is looked at by nobody before the end.
                if not variable.settled and any(place[0] == key for value in variable.possible() for place in value):
                    return
                if any(place[0] == key for place in variable.current):
                    variables.append((variable, places(*(place for place in variable.current if place[0] != key))))
        self.ask("select", "INBOX")
        self.attempt(variables, lambda: self.ask("delete", name))


def look(demo, mailbox):
    """All folders and messages of a mailbox, as IMAP shows them."""
    session = imaplib.IMAP4("127.0.0.1", demo.ports["imap"], timeout=60)
    session.login(mailbox.address, demo.passwords[mailbox.address])
    seen = {}
    for line in session.list()[1]:
        name = line.decode().rsplit(" ", 1)[1].strip('"')
        if b"\\Noselect" in line:
            continue
        status, _ = session.select(name, readonly=True)
        if status != "OK":
            raise RuntimeError(f"{name} cannot be selected")
        validity = int(session.response("UIDVALIDITY")[1][0])
        following = int(session.response("UIDNEXT")[1][0])
        status, data = session.uid("FETCH", "1:*", "(UID FLAGS BODY.PEEK[])")
        if status != "OK":
            raise RuntimeError(f"FETCH of {name}: {status} {data[-1]}")
        seen[name] = (validity, following, [(uid, token, flags, is_whole(data)) for uid, token, flags, data in rows(data)])
    session.logout()
    return seen
