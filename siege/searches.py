"""Searches of maximal cost."""
import messages
from scenario import scenario
from wire import Imap


def prepare_text(stage):
    """Mailboxes of texts that are small on disk and large to read."""
    for index in range(stage.size(5, 1)):
        account, password = stage.user(index)
        wire = Imap(stage.ports["imap"], 5000, timeout=120)
        wire.login(account, password)
        wire.ask("CREATE Texts")
        for _ in range(stage.size(4, 1)):
            wire.append(messages.zeros(stage.size(25, 1) * messages.megabyte), "Texts")
        wire.close()


def nested_or(depth, leaf):
    return "OR " * depth + " ".join(leaf(number) for number in range(depth + 1))


def costly(is_short):
    words = 40 if is_short else 900
    yield "many needles", "SEARCH CHARSET UTF-8 " + " ".join(f'NOT TEXT "äx{number}"' for number in range(words))
    yield "nested OR", "SEARCH " + nested_or(45, lambda number: f"TEXT nothing{number}")
    yield "nested NOT", "SEARCH " + "NOT " * 49 + "TEXT nothing"
    yield "long needle", "SEARCH CHARSET UTF-8 TEXT " + '"' + "ä" * 4000 + 'x"'
    yield "headers", "SEARCH " + " ".join(f'NOT HEADER X-{number} ""' for number in range(words))
    yield "sets", "SEARCH " + " ".join("NOT " + ",".join(f"{n}:*" for n in range(1, 300)) for _ in range(30))


@scenario("search", "50 sessions search 100 MB of text that decompresses from little, for 900 needles, with nested ORs and endless sets",
          named_in_promise=True, prepare=prepare_text, expected=("many needles: (OK|NO|BAD)",))
def search(stage):
    def one(index):
        account, password = stage.user(index % stage.size(5, 1))
        wire = Imap(stage.ports["imap"], 5000 + index, timeout=600)
        wire.login(account, password)
        wire.ask("SELECT Texts")
        commands = list(costly(stage.is_short))
        stage.ready()
        for number in stage.rounds():
            for turn in range(len(commands)):
                if not stage.running():
                    break
                name, command = commands[(turn + index) % len(commands)]
                wire.serial += 1
                tag = f"t{wire.serial}"
                wire.send(f"{tag} {command}\r\n".encode())
                wire.socket.settimeout(1)
                while stage.running():
                    try:
                        stage.answered(name, wire.answer(tag)[1][:50])
                        break
                    except TimeoutError:
                        continue
        # It goes away amid its search: the server should notice.
        wire.close()
    stage.side_by_side([lambda index=index: one(index) for index in range(stage.size(50, 4))])
