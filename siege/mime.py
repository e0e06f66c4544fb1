"""Hostile messages: taken in again and again, and looked at in every way that there is."""
import messages
from scenario import scenario
from wire import Gone, Imap, Smtp, Wire

looks = [
    "FETCH 1:* (ENVELOPE)", "FETCH 1:* (BODYSTRUCTURE)", "FETCH 1:* (BODY PREVIEW RFC822.SIZE)",
    "FETCH 1:* (BODY.PEEK[HEADER])", "FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT TO REFERENCES)])",
    "FETCH 1:* (BODY.PEEK[HEADER.FIELDS.NOT (SUBJECT)])", "FETCH 1:* (BODY.PEEK[" + "1." * 40 + "MIME])",
    "FETCH 1:* (BINARY.PEEK[1])", "FETCH 1:* (BINARY.SIZE[1.1.1])", "SEARCH HEADER TO nobody", "SEARCH TEXT nowhere",
    "SEARCH OR BODY nowhere SUBJECT nothing", "FETCH 1:* (BODY.PEEK[])"]


def deliver(stage, number, recipient, content):
    """Hands a message to port 25; the reply to its end."""
    wire = Smtp(stage.ports["smtp"], number, timeout=60)
    try:
        wire.envelope(recipient)
        wire.ask("DATA")
        wire.send(content.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        return wire.reply()
    except Gone:
        return "closed"
    finally:
        wire.close()


def look(stage, index, account, password):
    wire = Imap(stage.ports["imap"], 3000 + index, timeout=120)
    try:
        wire.login(account, password)
        wire.ask("SELECT Bombs")
        for number in range(len(looks)):
            lines, said = wire.ask(looks[(number + index) % len(looks)])
            stage.answered("look", said.split(" ")[0])
            if not stage.running():
                return
    finally:
        wire.close()


def prepare_bombs(stage):
    account, password = stage.user(0)
    wire = Imap(stage.ports["imap"], 3000, timeout=120)
    wire.login(account, password)
    wire.ask("CREATE Bombs")
    for name, content in messages.all_of(stage.is_short):
        said = wire.append(content, "Bombs")
        if not said.startswith("OK"):
            raise RuntimeError(f"{name}: {said}")
    wire.close()


@scenario("mime", "10,000 nested parts, a million parts, references, 100,000 addresses, parameters and encoded words: taken in, listed, searched",
          named_in_promise=True, prepare=prepare_bombs, expected=("nested: 250", "look: OK"), unwanted=("look: (NO|BAD)",))
def mime(stage):
    account, password = stage.user(0)
    bombs = list(messages.all_of(stage.is_short))

    def bring():
        for number in stage.rounds():
            for name, content in bombs:
                said = deliver(stage, number % 500, account, content)
                stage.answered(name, said.rsplit(" ", 1)[0][:60] if said.startswith("250") else said)
                if not stage.running():
                    return

    def read(index):
        for _ in stage.rounds():
            stage.ready()
            look(stage, index, account, password)

    def pop():
        for number in stage.rounds(0.5):
            wire = Wire(stage.ports["pop3"], 3500 + number % 100, timeout=60)
            wire.send(f"USER {account}\r\nPASS {password}\r\n".encode())
            said = [wire.line() for _ in range(3)]
            if said[2].startswith("+OK"):
                for message in range(1, 12):
                    wire.send(b"TOP %d 0\r\n" % message)
                    if wire.line().startswith("+OK"):
                        while wire.line() != ".":
                            pass
                    if not stage.running():
                        break
            wire.close()
    stage.side_by_side([bring, pop] + [lambda index=index: read(index) for index in range(stage.size(6, 1))])


def prepare_headers(stage):
    """Messages whose summaries are as large as they get."""
    account, password = stage.user(1)
    wire = Imap(stage.ports["imap"], 3000, timeout=120)
    wire.login(account, password)
    wire.ask("CREATE Headers")
    wire.append(messages.large_header(stage.size(8, 2) * messages.megabyte), "Headers")
    wire.ask("SELECT Headers")
    count = 1
    while count < stage.size(256, 8):
        wire.ask("COPY 1:* Headers")
        wire.ask("NOOP")
        count *= 2
    wire.close()


@scenario("large-summaries", "256 messages whose headers are as large as is kept; 20 sessions ask for ENVELOPE and search them",
          prepare=prepare_headers, expected=("look: OK",))
def large_summaries(stage):
    account, password = stage.user(1)
    commands = ["FETCH 1:* (ENVELOPE)", "SEARCH HEADER TO nobody", "FETCH 1:* (BODYSTRUCTURE)", "SEARCH OR SUBJECT a FROM b",
                "FETCH 1:* (BODY.PEEK[HEADER.FIELDS (TO)])"]

    def read(index):
        for number in stage.rounds():
            wire = Imap(stage.ports["imap"], 3000 + index, timeout=120)
            wire.login(account, password)
            wire.ask("SELECT Headers")
            stage.ready()
            for turn in range(len(commands)):
                if not stage.running():
                    break
                stage.answered("look", wire.ask(commands[(turn + index) % len(commands)])[1].split(" ")[0])
            wire.close()
    stage.side_by_side([lambda index=index: read(index) for index in range(stage.size(20, 4))])
