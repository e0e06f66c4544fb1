"""Names, folders, flags and sets without measure, by people who have an account."""
from scenario import scenario
from wire import Gone, Imap, gigabit


@scenario("names", "mailbox names of 60 KB and a thousand levels, patterns like *%*%*%*, a hundred thousand CREATEs", expected=("LIST: (OK|NO)",))
def names(stage):
    def patterns(index):
        account, password = stage.user(index)
        wire = Imap(stage.ports["imap"], 6000 + index, timeout=60)
        wire.login(account, password)
        for number in range(stage.size(2000, 50)):
            if not stage.running():
                break
            said = wire.ask(f"CREATE {'%08d' % number * 10}/{'abcdefgh' * 12}")[1]
            stage.answered("CREATE", " ".join(said.split()[:5]))
            if number == 20:
                stage.ready()
        for turn in stage.rounds():
            stage.ready()
            pattern = "*%" * 100 + "b*%" * 150 + "*z"
            said = wire.ask(f'LIST "" ({" ".join([chr(34) + pattern[turn % 9:] + chr(34)] * 80)})')[1]
            stage.answered("LIST", " ".join(said.split()[:4]))
            if not stage.running():
                break
        wire.close()

    def long():
        account, password = stage.user(9)
        for turn in stage.rounds(0.05):
            wire = Imap(stage.ports["imap"], 6100 + turn % 100, timeout=60)
            wire.login(account, password)
            for command in ("CREATE " + "a" * 60_000, "CREATE " + "a/" * 2000 + "b", "CREATE " + "a/" * 30_000 + "b",
                            'CREATE "' + "&AOQ-" * 800 + '"', "RENAME INBOX " + "b/" * 1000 + "c", 'LIST "" ' + "%" * 60_000):
                stage.answered(command[:9], " ".join(wire.ask(command)[1].split()[:6]))
            wire.close()
    stage.side_by_side([lambda index=index: patterns(index) for index in range(stage.size(4, 1))] + [long])


def prepare_flags(stage):
    for index in range(stage.size(4, 1)):
        account, password = stage.user(index)
        wire = Imap(stage.ports["imap"], 7000, timeout=60)
        wire.login(account, password)
        wire.ask("CREATE Many")
        wire.append(b"Subject: small\r\n\r\ntext\r\n", "Many")
        wire.ask("SELECT Many")
        for _ in range(stage.size(12, 8)):
            wire.ask("COPY 1:* Many")
            wire.ask("NOOP")
        wire.close()


@scenario("flags", "4,096 messages: a million different keywords, sets of 10,000 ranges, COPY onto itself in a loop, STORE on all",
          prepare=prepare_flags, expected=("STORE: ", "COPY: "))
def flags(stage):
    def one(index):
        account, password = stage.user(index)
        wire = Imap(stage.ports["imap"], 7000 + index, timeout=120)
        wire.login(account, password)
        wire.ask("SELECT Many")
        stage.ready()
        for turn in stage.rounds():
            if turn < 10_000 // 40:
                keywords = " ".join(f"k{turn}x{number}" for number in range(40))
                stage.answered("STORE", " ".join(wire.ask(f"STORE {turn % 4000 + 1} +FLAGS.SILENT ({keywords})")[1].split()[:6]))
            ranges = ",".join(f"{number * 2 + 1}" for number in range(9000))
            stage.answered("UID FETCH", wire.ask(f"UID FETCH {ranges} (FLAGS)")[1][:30])
            stage.answered("STORE all", wire.ask(f"STORE 1:* {'+-'[turn % 2]}FLAGS.SILENT (\\Flagged)")[1][:30])
            if turn < 3:
                stage.answered("COPY", " ".join(wire.ask("COPY 1:* Many")[1].split()[:3]))
        wire.close()
    stage.side_by_side([lambda index=index: one(index) for index in range(stage.size(4, 1))])
