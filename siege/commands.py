"""Commands in great numbers."""
import threading

from scenario import scenario
from wire import Gone, Imap, Smtp, Wire


def summary(replies):
    """How often each kind of reply came."""
    counted = {}
    for reply in replies:
        key = " ".join(reply.split()[:2])
        counted[key] = counted.get(key, 0) + 1
    return ", ".join(f"{key} ×{count}" for key, count in sorted(counted.items(), key=lambda pair: -pair[1])[:4])


def flood(wire, lines, count, limit=100_000):
    """Sends `lines` over and over while another thread reads the replies; a summary of them."""
    replies = []

    def read():
        try:
            while len(replies) < limit:
                replies.append(wire.line())
        except (Gone, TimeoutError, OSError):
            pass
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    sent = 0
    try:
        while sent < count and len(replies) < limit:
            wire.send(lines(sent))
            sent += 1000
        wire.socket.shutdown(1)
    except (Gone, TimeoutError, OSError):
        pass
    reader.join(60)
    return summary(replies)


@scenario("recipients", "a million recipients in one transaction: the same, other and unknown ones", named_in_promise=True,
          expected=("known: .*452 4.5.3", "unknown: .*(421|550)"))
def recipients(stage):
    count = stage.size(1_000_000, 3_000)

    def one(name, recipient):
        for number in stage.rounds(0.2):
            wire = Smtp(stage.ports["smtp"], number % 500)
            wire.ask("EHLO mallory.test")
            wire.ask("MAIL FROM:<mallory@elsewhere.test>")
            stage.ready()
            stage.answered(name, flood(wire, lambda sent: "".join(
                f"RCPT TO:<{recipient(sent + index)}>\r\n" for index in range(1000)).encode(), count))
            wire.close()

    def submission():
        account, password = stage.user(0)
        for number in stage.rounds(0.2):
            wire = Smtp(stage.ports["submission"], number % 500)
            wire.ask("EHLO mallory.test")
            wire.login(account, password)
            wire.ask(f"MAIL FROM:<{account}>")
            stage.answered("submission", flood(wire, lambda sent: "".join(
                f"RCPT TO:<r{sent + index}@elsewhere.test>\r\n" for index in range(1000)).encode(), count))
            wire.close()
    stage.side_by_side([
        lambda: one("known", lambda number: f"user{number % 40 + 1}+{number}@example.test"),
        lambda: one("unknown", lambda number: f"nobody{number}@example.test"),
        submission])


@scenario("junk", "commands that are none, a million a connection, to each service", expected=("smtp: .*", "imap: .*BAD", "pop3: .*ERR"))
def junk(stage):
    count = stage.size(1_000_000, 20_000)
    lines = {"smtp": b"XYZZY plugh\r\n", "submission": b"NOOP\r\n", "imap": b"a XYZZY\r\n", "pop3": b"XYZZY\r\n", "http": b"XYZZY\r\n"}

    def one(name):
        for number in stage.rounds(0.05):
            wire = Wire(stage.ports[name], number % 500)
            stage.ready()
            stage.answered(name, flood(wire, lambda _: lines[name] * 1000, count))
            wire.close()
    stage.side_by_side([lambda name=name: one(name) for name in lines])


@scenario("pipelined", "a million harmless commands in one write after the other, by 20 sessions that are logged in",
          expected=("imap: ",))
def pipelined(stage):
    count = stage.size(1_000_000, 5_000)

    def one(index):
        account, password = stage.user(index)
        for number in stage.rounds(0.05):
            wire = Imap(stage.ports["imap"], 50 * index + number % 50)
            wire.login(account, password)
            wire.ask("SELECT INBOX")
            stage.ready()
            flood(wire, lambda _: b"a NOOP\r\nb LIST \"\" *\r\n" * 500, count)
            stage.answered("imap", "answered")
            wire.close()
    stage.side_by_side([lambda index=index: one(index) for index in range(stage.size(20, 4))])
