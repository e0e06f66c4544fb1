"""A disk that fills up: new mail is refused in time, what makes room works, reading goes on, and room is used when it comes."""
import imaplib
import itertools
import smtplib
import time

from administrator import Directory
from clients import Run, message
from faultlib import Faults, started
from inspection import everyone, inspect
from model import Mailbox

megabyte = 1 << 20


def fill(new_demo, finish, rounds, generator, seed):
    problems = reserve(new_demo, finish, generator, seed)
    return problems + brim(new_demo, finish, rounds, generator, seed)


def expect(problems, what, told, *wanted):
    if not any(text in str(told) for text in wanted):
        problems.append(f"{what}: told {told}")


def reserve(new_demo, finish, generator, seed):
    """With room kept free."""
    demo, problems = new_demo("--set", "store.minimumFreeSpace=16MB"), []
    demo.kill()
    faults = Faults(demo.work, demo.directory)
    try:
        faults.page.budget = 24 * megabyte
        started(demo, faults.environment)
        taken, told = 0, None
        user = imaplib.IMAP4("127.0.0.1", demo.ports["imap"], timeout=30)
        user.login("user1@example.test", demo.passwords["user1@example.test"])
        user.select()
        sender = smtplib.SMTP("127.0.0.1", demo.ports["smtp"], timeout=30)
        while told is None and taken < 1000:
            try:
                sender.sendmail("a@elsewhere.test", ["user1@example.test"], message(f"0.{taken}", generator, 120_000))
                taken += 1
            except smtplib.SMTPException as problem:
                told = problem
        expect(problems, "a message on a nearly full disk", repr(told), "452, b'4.3.1")
        if taken < 20:
            problems.append(f"only {taken} messages were taken")
        user.noop()
        # Larger than the message just refused: a smaller one may find room.
        expect(problems, "APPEND on a nearly full disk", user.append("INBOX", None, None, message("0.a", generator, 150_000)),
               "UNAVAILABLE")
        expect(problems, "STORE on a nearly full disk", user.store("1:*", "+FLAGS", r"(\Seen)"), "OK")
        expect(problems, "FETCH on a full disk", user.fetch("1", "(BODY.PEEK[])"), "OK")
        expect(problems, "STORE Deleted on a nearly full disk", user.store("1:10", "+FLAGS", r"(\Deleted)"), "OK")
        expect(problems, "EXPUNGE on a nearly full disk", user.expunge(), "OK")
        faults.page.budget = 200 * megabyte
        # The answer of the disk is kept for a second.
        time.sleep(1.1)
        expect(problems, "a message when there is room", sender.sendmail(
            "a@elsewhere.test", ["user1@example.test"], message("0.x", generator, 2_000)), "{}")
        expect(problems, "APPEND when there is room", user.append("INBOX", None, None, b"Subject: a\r\n\r\nb\r\n"), "OK")
        demo.kill()
        log = (demo.work / "server.log").read_text()
        if log.count("error") > 4 or "make room" not in log:
            problems.append(f"the log: {log[-1500:]}")
        print(f"reserve: {taken} messages of 120 kB taken before the first refusal", flush=True)
    except Exception as problem:  # noqa: BLE001: any is a finding
        problems.append(f"reserve: {problem!r}")
    finally:
        finish(demo, problems, f"reserve-{seed}")
    return problems


def brim(new_demo, finish, rounds, generator, seed):
    """Really full, at any byte."""
    demo, problems = new_demo("--set", "store.minimumFreeSpace=0"), []
    demo.kill()
    faults = Faults(demo.work, demo.directory)
    mailboxes, directory = [Mailbox("user1@example.test"), Mailbox("user2@example.test")], Directory()
    serial, acknowledged, refused = itertools.count(1), 0, 0
    try:
        for number in range(rounds):
            faults.page.budget = -1
            started(demo, faults.environment)
            problems += [f"round {number}, after a kill: {line}" for line in inspect(demo, mailboxes, directory)]
            run = Run(demo, mailboxes, directory, f"{seed}/full/{number}", time.monotonic, serial)
            clients = everyone(run)
            faults.page.budget = generator.randrange(3 * megabyte)
            for client in clients:
                client.start()
            time.sleep(1.5)
            acknowledged_before = run.acknowledged
            problems += [f"round {number}: {line}" for line in reading(demo)]
            faults.page.budget = -1
            end = time.monotonic() + 20
            while run.acknowledged < acknowledged_before + 30 and time.monotonic() < end:
                time.sleep(0.05)
            if run.acknowledged < acknowledged_before + 30:
                problems.append(f"round {number}: no changes are taken though there is room")
            run.killed.set()
            for client in clients:
                client.join(60)
            acknowledged += run.acknowledged
            refused += len(run.refused)
            problems += [f"round {number}: {line}" for line in run.complaints]
            problems += [f"round {number}, alive: {line}" for line in inspect(demo, mailboxes, directory, settle=False)]
            demo.kill()
            if problems:
                break
        log = (demo.work / "server.log").read_text()
        errors = [line for line in log.splitlines() if " error" in line.lower()]
        if len(errors) > rounds * 6:
            problems.append(f"{len(errors)} error lines in the log: {errors[:5]}")
        print(f"full: {rounds} rounds, {acknowledged} changes acknowledged, {refused} refused, {len(errors)} error lines",
              flush=True)
    finally:
        finish(demo, problems, f"full-{seed}")
    return problems


def reading(demo):
    """A user who logs in while nothing can be written."""
    problems = []
    try:
        session = imaplib.IMAP4("127.0.0.1", demo.ports["imap"], timeout=30)
        session.login("alice@example.test", demo.passwords["alice@example.test"])
        for name, answer in (("LIST", session.list()), ("SELECT", session.select("INBOX")), ("STATUS", session.status(
                "Drafts", "(MESSAGES)")), ("SEARCH", session.search(None, "ALL")), ("NOOP", session.noop())):
            if answer[0] != "OK":
                problems.append(f"{name} on a full disk: {answer}")
        session.logout()
    except Exception as problem:  # noqa: BLE001: any is a finding
        problems.append(f"reading on a full disk: {problem!r}")
    return problems
