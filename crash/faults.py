#!/usr/bin/env python3
"""Lets the disk refuse, call by call, and looks whether clients were told so and nothing acknowledged is lost.

`faults.py [--sample] [--only PART] [SEED]`; the parts are sweep, storm, full, start and cut. --sample: a few of each.
"""
import argparse
import random
import shutil
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "interop"))
from administrator import Directory  # noqa: E402
from demo import Demo  # noqa: E402
from fulldisk import fill  # noqa: E402
from inspection import keep, settings  # noqa: E402
from startup import refuse_starts  # noqa: E402
from storm import cut, weather  # noqa: E402
from sweep import Sweep  # noqa: E402


def new_demo(*arguments, starts=True):
    demo = Demo("--accounts", "2", "--plaintext-auth", *settings, *arguments, starts=starts)
    demo.settings = settings
    return demo


def sweep(sample, generator, seed):
    demo = new_demo()
    # With what the first start has made.
    demo.kill()
    course = Sweep(demo, Directory(), generator, seed)
    try:
        course.run(None if sample else 3)
        course.leave()
        told = ", ".join(f"{call} of {kind} {count}" for (call, kind), count in sorted(course.refused.items()))
        print(f"sweep: {course.cases} faults met; refused: {told}; {course.restarts} kills; the slowest answer took "
              f"{course.slowest:.2f} s, another session's {course.onlooker.slowest:.2f} s", flush=True)
        borne = Counter()
        for (name, call, kind, error), count in course.tolerated.items():
            borne[f"{name}: {call} of {kind}"] += count
        print("  done all the same:", ", ".join(f"{what} {count}" for what, count in sorted(borne.items())) or "nothing")
    except Exception:  # noqa: BLE001: a session that breaks between two cases is a finding as well
        course.problems.append(f"after {course.cases} faults: {traceback.format_exc(limit=-3)}")
    finally:
        course.close()
        finish(demo, course.problems, f"faults-{seed}")
    return course.problems


def finish(demo, problems, name):
    if demo.process.poll() is None:
        demo.kill()
    if problems:
        keep(demo, name)
        shutil.copy(demo.work / "server.log", Path("/tmp") / f"found-{name}.log")
    demo.close()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("seed", nargs="?", type=int, default=random.randrange(1 << 32))
    arguments.add_argument("--sample", action="store_true")
    arguments.add_argument("--only", choices=["sweep", "storm", "full", "start", "cut"])
    chosen = arguments.parse_args()
    print(f"faults: seed {chosen.seed}", flush=True)
    generator = random.Random(chosen.seed)
    parts = {
        "sweep": lambda: sweep(chosen.sample, generator, chosen.seed),
        "storm": lambda: weather(new_demo, finish, 2 if chosen.sample else 30, generator, chosen.seed),
        "full": lambda: fill(new_demo, finish, 2 if chosen.sample else 20, generator, chosen.seed),
        "start": lambda: refuse_starts(new_demo, finish, 8 if chosen.sample else 200, generator, chosen.seed),
        "cut": lambda: cut(6 if chosen.sample else 150, generator, chosen.seed),
    }
    failed = False
    for name, part in parts.items():
        if chosen.only not in (None, name):
            continue
        began = time.monotonic()
        problems = part()
        print(f"{name}: {'no finding' if not problems else str(len(problems)) + ' findings'}, {time.monotonic() - began:.0f} s",
              *problems[:30], sep="\n  ", flush=True)
        failed |= bool(problems)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
