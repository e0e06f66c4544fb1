#!/usr/bin/env python3
"""Kills a busy server again and again, and looks whether all that it had acknowledged is there. `kill.py [CYCLES] [SEED]`"""
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "interop"))
from clients import Run, everyone, look  # noqa: E402
from demo import Demo  # noqa: E402
from model import Mailbox  # noqa: E402


def inspect(demo, mailboxes, accounts, position=float("inf"), settle=True):
    """What is wrong with the data of a server that was just started."""
    problems = []
    for mailbox in mailboxes:
        try:
            found = mailbox.compare(look(demo, mailbox), position)
        except Exception as problem:  # noqa: BLE001: a mailbox that cannot be read is a finding
            problems.append(f"{mailbox.address}: {problem!r}")
            continue
        problems += found[0]
        if settle:
            mailbox.settle(*found[1:])
    there = {row["address"]: row["name"] for row in demo.command("account", "list")}
    for address, variable in list(accounts.items()):
        now = there.pop(address, None)
        if now not in variable.possible(position):
            problems.append(f"account {address} is {now}, should be {variable.possible(position)}")
        if settle:
            variable.settle(now)
            if now is None:
                del accounts[address]
    problems += [f"account {address} should not be there" for address in there if address.startswith("extra")]
    done = subprocess.run([demo.program, "verify", "--json", "--directory", str(demo.directory)], capture_output=True, text=True)
    report = json.loads(done.stdout.splitlines()[0]) if done.stdout else {"findings": ["no report"]}
    if done.returncode != 0 or report["findings"]:
        problems.append(f"verify: status {done.returncode}, {json.dumps(report['findings'])[:2000]} {done.stderr[:500]}")
    return problems


def keep(demo, name):
    """Copies a damaged folder to where it can be studied."""
    target = Path(os.environ.get("CRASH_KEEP", "/tmp")) / f"found-{name}"
    shutil.copytree(demo.directory, target, ignore=lambda _, names: [name for name in names if name.endswith(".sock")],
                    dirs_exist_ok=True)
    return target


def main():
    cycles = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
    print(f"kill -9: {cycles} cycles, seed {seed}", flush=True)
    demo = Demo("--accounts", "2", "--plaintext-auth")
    mailboxes = [Mailbox("user1@example.test"), Mailbox("user2@example.test")]
    accounts, serial = {}, itertools.count(1)
    generator = random.Random(seed)
    passed = failed = acknowledged = under_way = refused = 0
    began = time.monotonic()
    try:
        for cycle in range(1, cycles + 1):
            run = Run(demo, mailboxes, accounts, f"{seed}/{cycle}", time.monotonic, serial)
            clients = everyone(run)
            for client in clients:
                client.start()
            time.sleep(generator.uniform(0.1, 1.5))
            run.killed.set()
            demo.kill()
            for client in clients:
                client.join(90)
            acknowledged += run.acknowledged
            refused += len(run.refused)
            under_way += sum(not variable.settled for mailbox in mailboxes for variable in mailbox.messages.values())
            before = keep(demo, f"{seed}-{cycle}") if os.environ.get("CRASH_KEEP_ALL") else None
            demo.start()
            problems = run.complaints + inspect(demo, mailboxes, accounts)
            if problems:
                failed += 1
                folder = keep(demo, f"{seed}-{cycle}")
                print(f"cycle {cycle} failed; the folder is kept at {folder}", *problems[:20], sep="\n  ", flush=True)
            else:
                passed += 1
            if before:
                shutil.rmtree(before)
            if cycle <= 3 or os.environ.get("CRASH_REFUSALS"):
                for line in sorted(set(run.refused))[:5]:
                    print("  refused:", line[:200])
            if cycle % 20 == 0:
                count = sum(len(mailbox.messages) for mailbox in mailboxes)
                print(f"{cycle} cycles, {time.monotonic() - began:.0f} s: {acknowledged} changes acknowledged, {under_way} under way "
                      f"at a kill, {refused} refused; {count} messages there", flush=True)
    finally:
        demo.close()
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
