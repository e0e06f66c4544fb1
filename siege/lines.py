"""Lines, headers and literals that do not end."""
from scenario import scenario
from wire import Gone, Imap, Pace, Smtp, Wire, gigabit, megabyte


# Seconds for which the server may leave bytes unread.
patience = 10


def pour(wire, total, pace, chunk=b"A" * megabyte, ending=b"\r\n.\r\n"):
    """Sends `total` bytes, or as many as the server takes, and then `ending`; how many MB went, and the last words."""
    sent = 0
    wire.socket.settimeout(patience)
    try:
        while sent < total:
            wire.send(chunk)
            sent += len(chunk)
            pace.spend(len(chunk))
    except (Gone, TimeoutError) as problem:
        how = "not read" if isinstance(problem, TimeoutError) else "closed"
        return f"{how} after {band(sent)}, {wire.last_words(patience)}"
    try:
        wire.send(ending)
    except Gone:
        pass
    return f"all {sent // megabyte} MB taken, {wire.last_words(2)}"


def band(count):
    """The order of size, so that like answers count as one."""
    for limit in (2, 16, 64, 128, 512):
        if count <= limit * megabyte:
            return f"≤ {limit} MB"
    return f"{count // megabyte} MB"


@scenario("line", "1 GB without a line end, to each service", named_in_promise=True,
          expected=("smtp: .*500 5", "imap: .*BAD|imap: .*BYE", "pop3: .*ERR"), unwanted=("all 10.. MB taken", "None"))
def line(stage):
    total = stage.size(1 << 30, 64 << 20)
    names = ["smtp", "submission", "imap", "pop3", "http"]

    def one(name):
        pace = Pace(gigabit / len(names))
        for number in stage.rounds(0.1):
            wire = Wire(stage.ports[name], number % 500)
            stage.answered(name, pour(wire, total, pace))
            wire.close()
            stage.ready()
    stage.side_by_side([lambda name=name: one(name) for name in names])


@scenario("authenticated-line", "1 GB without a line end, after login and where content is expected",
          unwanted=("all 10.. MB taken", "None"), expected=("imap: ", "pop3: ", "data: 5|data: .*5"))
def authenticated_line(stage):
    total = stage.size(1 << 30, 64 << 20)
    account, password = stage.user(0)

    def imap():
        pace = Pace(gigabit / 4)
        for number in stage.rounds(0.1):
            wire = Imap(stage.ports["imap"], number % 500)
            wire.login(account, password)
            wire.send(b"x SEARCH TEXT ")
            stage.answered("imap", pour(wire, total, pace))
            wire.close()
            stage.ready()

    def pop3():
        pace = Pace(gigabit / 4)
        for number in stage.rounds(0.5):
            wire = Wire(stage.ports["pop3"], number % 500)
            wire.send(f"USER {account}\r\nPASS {password}\r\n".encode())
            said = [wire.line() for _ in range(3)]
            stage.answered("pop3", said[2].split(",")[0] if "IN-USE" in said[2] else pour(wire, total, pace))
            wire.close()

    def data():
        pace = Pace(gigabit / 2)
        for number in stage.rounds(0.1):
            wire = Smtp(stage.ports["smtp"], number % 500)
            wire.envelope(account)
            wire.ask("DATA")
            wire.send(b"Subject: one long line\r\n\r\n")
            stage.answered("data", pour(wire, total, pace))
            wire.close()
    stage.side_by_side([imap, pop3, data])


@scenario("header", "1 GB of header in DATA, BDAT and APPEND: one field, and a hundred million fields", named_in_promise=True,
          expected=("DATA one field: .*5", "APPEND: .*(NO|BAD|TOOBIG)"), unwanted=("all 10.. MB taken, (250|.*OK)", "None"))
def header(stage):
    total = stage.size(1 << 30, 80 << 20)
    account, password = stage.user(0)

    def data(name, start, chunk):
        pace = Pace(gigabit / 4)
        for number in stage.rounds(0.1):
            wire = Smtp(stage.ports["smtp"], number % 500)
            wire.envelope(account)
            wire.ask("DATA")
            wire.send(start)
            stage.answered(name, pour(wire, total, pace, chunk))
            wire.close()
            stage.ready()

    def chunks():
        pace = Pace(gigabit / 4)
        piece = b"BDAT %d\r\n" % megabyte + b"X-Field: value\r\n" * (megabyte // 16)
        for number in stage.rounds(0.1):
            wire = Smtp(stage.ports["smtp"], number % 500)
            wire.envelope(account)
            stage.answered("BDAT", pour(wire, total, pace, piece))
            wire.close()

    def append():
        pace = Pace(gigabit / 4)
        for number in stage.rounds(0.1):
            wire = Imap(stage.ports["imap"], number % 500)
            wire.login(account, password)
            wire.send(b"x APPEND INBOX {%d+}\r\nSubject: " % total)
            stage.answered("APPEND", pour(wire, total, pace))
            wire.close()
    stage.side_by_side([
        lambda: data("DATA one field", b"Subject: ", b"A" * megabyte),
        lambda: data("DATA many fields", b"", b"X-Field: value\r\n" * (megabyte // 16)),
        chunks, append])


@scenario("literal", "literals without end: before and after login, in a hundred sessions, and APPENDs that stop before their end",
          named_in_promise=True, expected=("login: ", "append: "), unwanted=("all 10.. MB taken", "None"))
def literal(stage):
    total = stage.size(1 << 30, 32 << 20)
    account, password = stage.user(0)

    def before_login():
        pace = Pace(gigabit / 4)
        for number in stage.rounds(0.1):
            wire = Imap(stage.ports["imap"], number % 500)
            wire.send(b"x LOGIN {4294967295+}\r\n")
            stage.answered("login", pour(wire, total, pace))
            wire.close()

    def skipped():
        """Refused, but small enough to be stepped over, again and again."""
        pace = Pace(gigabit / 4)
        for number in stage.rounds(0.1):
            wire = Imap(stage.ports["imap"], number % 500)
            stage.answered("small literals", pour(wire, total, pace, b"x NOOP {1048000+}\r\n" + b"A" * 1048000 + b"\r\n"))
            wire.close()

    def after_login():
        pace = Pace(gigabit / 4)
        for number in stage.rounds(0.1):
            wire = Imap(stage.ports["imap"], number % 500)
            wire.login(account, password)
            wire.send(b"x APPEND INBOX {18446744073709551615+}\r\n")
            stage.answered("append", pour(wire, total, pace))
            wire.close()

    def unfinished():
        """A hundred messages of 45 MB of which the last byte never comes."""
        pace = Pace(gigabit / 4)
        wires = []
        for number in range(stage.size(100, 10)):
            wire = Imap(stage.ports["imap"], 1000 + number)
            wire.login(account, password)
            wire.send(b"x APPEND INBOX {%d+}\r\n" % (45 << 20))
            wires.append(wire)
        try:
            for _ in range(stage.size(44, 4)):
                for wire in wires:
                    wire.send(b"Some words, said again and again\r\n" * 30_000)
                    pace.spend(34 * 30_000)
                    stage.ready()
                    if not stage.running():
                        return
            stage.answered("unfinished APPEND", "held")
            while stage.running() and not stage.is_short:
                stage.stop.wait(0.5)
        except Gone:
            stage.answered("unfinished APPEND", wire.last_words())
        finally:
            for wire in wires:
                wire.close()
    stage.side_by_side([before_login, skipped, after_login, unfinished])
