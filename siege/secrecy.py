"""TLS and HTTP in the hands of those who mean harm."""
import ssl
import time

from scenario import scenario
from wire import Gone, Pace, Smtp, Wire, gigabit, megabyte
from lines import pour


def context():
    result = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    result.check_hostname, result.verify_mode = False, ssl.CERT_NONE
    return result


@scenario("handshakes", "TLS handshakes one after the other, by ten clients, with and without STARTTLS", expected=("imaps: done", "starttls: done"))
def handshakes(stage):
    def one(index):
        own = context()
        for number in stage.rounds(0.02):
            if index % 2:
                wire = Wire(stage.ports["imaps"], 8000 + index)
            else:
                wire = Smtp(stage.ports["smtp"], 8000 + index)
                wire.ask("EHLO mallory.test")
                wire.ask("STARTTLS")
            secure = own.wrap_socket(wire.socket)
            stage.answered("imaps" if index % 2 else "starttls", "done")
            stage.ready()
            secure.close()
    stage.side_by_side([lambda index=index: one(index) for index in range(10)])


@scenario("small-records", "TLS records of one byte, from 20 clients", expected=("imaps: ",))
def small_records(stage):
    def one(index):
        for number in stage.rounds(0.1):
            wire = Wire(stage.ports["imaps"], 8100 + index)
            secure = context().wrap_socket(wire.socket)
            begin, sent = time.monotonic(), 0
            said = "taken"
            stage.ready()
            try:
                while stage.running() and sent < stage.size(1_000_000, 2000):
                    # 2,000 a second each.
                    for _ in range(20):
                        secure.send(b"a")
                    sent += 20
                    time.sleep(max(0, begin + sent / 2000 - time.monotonic()))
            except OSError:
                said = "closed"
            stage.answered("imaps", said)
            secure.close()
    stage.side_by_side([lambda index=index: one(index) for index in range(stage.size(20, 4))])


@scenario("injection", "commands slipped in behind STARTTLS, in the same packet: they must be forgotten",
          expected=("smtp: forgotten", "imap: forgotten", "pop3: forgotten"), unwanted=("obeyed",))
def injection(stage):
    starts = {"smtp": (1, b"STARTTLS\r\nVRFY injected\r\n", b"EHLO mallory.test\r\n"), "imap": (1, b"a STARTTLS\r\nINJECTED NOOP\r\n", b"b NOOP\r\n"),
              "pop3": (1, b"STLS\r\nINJECTED\r\n", b"CAPA\r\n")}
    for number in stage.rounds(0.05):
        for name, (_, first, then) in starts.items():
            wire = Wire(stage.ports[name], 8200 + number % 50)
            wire.line()
            if name == "smtp":
                wire.send(b"EHLO mallory.test\r\n")
                while wire.line()[3] == "-":
                    pass
            wire.send(first)
            wire.line()
            if wire.buffer:
                stage.answered(name, f"obeyed: {wire.buffer[:40]}")
                continue
            secure = context().wrap_socket(wire.socket)
            secure.send(then)
            secure.settimeout(2)
            said = secure.recv(4096)
            wanted = {"smtp": b"250-", "imap": b"b OK", "pop3": b"+OK"}[name]
            stage.answered(name, "forgotten" if said.startswith(wanted) else f"obeyed: {said[:60]}")
            secure.close()
        stage.ready()


@scenario("http", "a header of 1 GB, a body of 1 GB, a hundred thousand fields", expected=("one field: ", "many fields: "), unwanted=("all 10.. MB taken, None",))
def http(stage):
    total = stage.size(1 << 30, 64 << 20)

    def one(name, start, chunk):
        pace = Pace(gigabit / 3)
        for number in stage.rounds(0.1):
            wire = Wire(stage.ports["http"], 8300 + number % 100)
            wire.send(start)
            stage.answered(name, pour(wire, total, pace, chunk))
            wire.close()
            stage.ready()
    stage.side_by_side([
        lambda: one("one field", b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"a" * megabyte),
        lambda: one("many fields", b"GET / HTTP/1.1\r\nHost: a\r\n", b"X: abc\r\n" * (megabyte // 8)),
        lambda: one("body", b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n", b"a" * megabyte)])
