"""A server that starts on a disk that refuses: it works, or it ends with a sentence and a remedy."""
import json
import os

from administrator import Directory
from faultlib import Faults, call_names, changing, forever, kind_names
from inspection import inspect
from model import Mailbox


def refuse_starts(new_demo, finish, limit, generator, seed):
    demo, problems, outcomes = new_demo(), [], {}
    demo.kill()
    faults = Faults(demo.work, demo.directory)
    mailboxes, directory = [Mailbox("user1@example.test"), Mailbox("user2@example.test")], Directory()
    try:
        attempt(demo, faults)
        demo.kill()
        counts = {what: count for what, count in faults.counts().items() if count}
        cases = [(call, kind, number, error, length) for (call, kind), count in counts.items()
                 for number in range(min(count, 40)) for error in ("EIO", "ENOSPC", "EROFS") for length in (1, forever)]
        cases = generator.sample(cases, min(limit, len(cases)))
        # Nothing at all can be written.
        cases.append(("everything", "everything", 0, "ENOSPC", forever))
        cases.append(("everything", "everything", 0, "EROFS", forever))
        for call, kind, number, error, length in cases:
            what = f"start with {call} {number} of {kind} → {error}{' for ever' if length > 1 else ''}"
            if call == "everything":
                faults.arm(changing, kind_names, error, 0, length)
            else:
                faults.arm([call], [kind], error, skip=number, count=length)
            ended = attempt(demo, faults)
            faults.disarm()
            if ended:
                told = judge(ended, problems, what)
                outcomes[told] = outcomes.get(told, 0) + 1
            else:
                outcomes["works"] = outcomes.get("works", 0) + 1
                demo.kill()
        demo.start()
        problems += [f"after all: {line}" for line in inspect(demo, mailboxes, directory)]
        demo.kill()
        listing = ", ".join(f"{told} {count}" for told, count in sorted(outcomes.items()))
        print(f"start: {len(cases)} starts over {len([what for what in counts if what[0] in call_names])} kinds of calls: {listing}",
              flush=True)
    finally:
        finish(demo, problems, f"start-{seed}")
    return problems


def attempt(demo, faults):
    """None if it started; else (status, standard error)."""
    log = demo.work / "server.log"
    log.write_bytes(b"")
    os.environ |= faults.environment
    try:
        demo.begin()
    finally:
        for name in faults.environment:
            del os.environ[name]
    line = demo.process.stdout.readline()
    if line:
        demo.take(line)
        return None
    return demo.process.wait(60), log.read_text()


def judge(ended, problems, what):
    status, text = ended
    line = (text.splitlines() or [""])[-1]
    try:
        failure = json.loads(line)
        if status in (1, 75) and failure["message"] and failure["remedy"] and failure["error"] != "usage":
            return f"{failure['error']} ({status})"
    except (ValueError, KeyError):
        pass
    problems.append(f"{what}: status {status}, {text[-500:]!r}")
    return "unclear"
