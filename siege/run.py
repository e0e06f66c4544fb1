#!/usr/bin/env python3
"""Besieges a demo server, scenario by scenario, and prints what came of it. See README.md."""
import argparse
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import commands  # noqa: F401: the modules add their scenarios
import connections  # noqa: F401
import lines  # noqa: F401
import mailboxes  # noqa: F401
import mime  # noqa: F401
import searches  # noqa: F401
import secrecy  # noqa: F401
from honest import Honest
from scenario import every
from server import Server, cpu_of
from stage import Attack, Burner, Stage
from windows import measure

memory_limit = 300
accounts = 50


class Outcome:
    def __init__(self, scenario):
        self.scenario, self.failures, self.answers = scenario, [], {}
        self.before = self.peak = 0.0
        self.calm = self.attacked = self.busy = None

    @property
    def ratio(self):
        """Against the slower of the two controls: the honest load alone, and beside a process as busy as the attacker's."""
        return self.attacked.p99 / max(self.calm.p99, self.busy.p99) if self.busy else float("nan")


def shared(outcome, server, stage):
    """What every run looks at after the attack."""
    outcome.peak = server.peak()
    if not server.is_alive():
        outcome.failures.append("the server is gone: " + server.log()[-500:])
    elif outcome.peak >= memory_limit:
        outcome.failures.append(f"{outcome.peak:.0f} MB")
    outcome.failures += outcome.scenario.misses(outcome.answers)


def besiege(scenario, options):
    outcome = Outcome(scenario)
    server = Server(accounts, scenario.settings)
    honest = None
    try:
        stage = Stage(server, False)
        if scenario.prepare:
            scenario.prepare(stage)
        honest = Honest(server, options.rate)
        time.sleep(2)
        outcome.calm = measure(server, honest, options.windows, options.seconds)
        outcome.before = server.memory("VmRSS")
        server.reset_peak()
        attack = Attack(stage, scenario.attack)
        stage.in_place.wait(120)
        used, began = cpu_of(attack.pid), time.monotonic()
        outcome.attacked = measure(server, honest, options.windows, options.seconds, lambda: cpu_of(attack.pid))
        share = (cpu_of(attack.pid) - used) / (time.monotonic() - began)
        outcome.answers, complaints = attack.end(60)
        outcome.failures += [f"attack: {text}" for text in complaints]
        shared(outcome, server, stage)
        time.sleep(3)
        burner = Burner(min(1.0, share))
        outcome.busy = measure(server, honest, options.windows, options.seconds, lambda: cpu_of(burner.pid))
        burner.end()
        outcome.share = share
        outcome.after = server.memory("VmRSS")
        if outcome.attacked.problems:
            outcome.failures.append(f"{len(outcome.attacked.problems)} honest operations failed, as {outcome.attacked.problems[0]}")
        if outcome.ratio >= 2:
            outcome.failures.append(f"p99 is {outcome.ratio:.1f} times what it was")
    except Exception:  # noqa: BLE001: one scenario less
        outcome.failures.append(traceback.format_exc())
    finally:
        if honest:
            honest.close()
        server.close()
    return outcome


def show(outcome, verbose):
    verdict = "FAIL" if outcome.failures else "ok"
    print(f"\n{outcome.scenario.name}: {outcome.scenario.purpose}")
    if outcome.busy:
        print(f"  memory MB        {outcome.before:.0f} before, {outcome.peak:.0f} peak, {outcome.after:.0f} after")
        for name, figures in (("alone", outcome.calm), ("attacked", outcome.attacked), ("beside a busy process", outcome.busy)):
            print(f"  {name:22} p50 {figures.p50:7.1f} ms  p99 {figures.p99:7.1f} ms  server {figures.server_cpu:.2f} processors, others ≤ {figures.foreign:.2f}")
            if verbose:
                print("     p99 by kind  " + "  ".join(f"{kind} {value:.1f}" for kind, value in figures.by_kind().items()))
        print(f"  p99 ratio        {outcome.ratio:.2f}  (attacker {outcome.share:.2f} processors)")
    elif outcome.peak:
        print(f"  memory MB        {outcome.peak:.0f} peak")
    for text, count in sorted(outcome.answers.items(), key=lambda pair: -pair[1])[:14]:
        print(f"  {count:7} × {text}")
    for failure in outcome.failures:
        print(f"  !! {failure}")
    print(f"  {verdict}", flush=True)


def table(outcomes):
    print(f"\n{'scenario':20} {'peak MB':>8} {'p50 alone':>10} {'attacked':>9} {'p99 alone':>10} {'busy':>8} {'attacked':>9} {'ratio':>6}  verdict")
    for outcome in outcomes:
        if outcome.busy:
            print(f"{outcome.scenario.name:20} {outcome.peak:8.0f} {outcome.calm.p50:10.1f} {outcome.attacked.p50:9.1f} {outcome.calm.p99:10.1f} "
                  f"{outcome.busy.p99:8.1f} {outcome.attacked.p99:9.1f} {outcome.ratio:6.2f}  {'FAIL' if outcome.failures else 'ok'}")
        else:
            print(f"{outcome.scenario.name:20} {outcome.peak:8.0f} {'FAIL' if outcome.failures else 'ok'}")


def short(scenarios):
    """All of them against one server, small, a few at a time and without latencies; those with settings of their own get
    a server of their own."""
    servers = {settings: Server(accounts, settings) for settings in {scenario.settings for scenario in scenarios}}

    def one(scenario):
        outcome, server = Outcome(scenario), servers[scenario.settings]
        began = time.monotonic()
        try:
            stage = Stage(server, True)
            if scenario.prepare:
                scenario.prepare(stage)
            attack = Attack(stage, scenario.attack)
            attack.receiver.poll(8)
            outcome.answers, complaints = attack.end(60)
            outcome.failures += [f"attack: {text}" for text in complaints]
            shared(outcome, server, stage)
        except Exception:  # noqa: BLE001: one scenario less
            outcome.failures.append(traceback.format_exc())
        print(f"{scenario.name:20} {time.monotonic() - began:5.1f} s  {'FAIL' if outcome.failures else 'ok'}", flush=True)
        if outcome.failures:
            show(outcome, False)
        return outcome
    try:
        with ThreadPoolExecutor(4) as pool:
            outcomes = list(pool.map(one, scenarios))
        print(f"memory {max(server.peak() for server in servers.values()):.0f} MB at most")
    finally:
        for server in servers.values():
            server.close()
    return outcomes


def main():
    parser = argparse.ArgumentParser(description="Besieges a demo server and compares what honest clients see.")
    parser.add_argument("scenarios", nargs="*", help="names; all unless told")
    parser.add_argument("--short", action="store_true", help="small, in a minute, without latencies")
    parser.add_argument("--promised", action="store_true", help="only those that the project's promise names")
    parser.add_argument("--windows", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--rate", type=float, default=1.0, help="factor on the honest load of 50 operations a second")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    unknown = set(options.scenarios) - {scenario.name for scenario in every}
    if unknown:
        parser.error("no scenario " + ", ".join(sorted(unknown)))
    chosen = [scenario for scenario in every
              if (not options.scenarios or scenario.name in options.scenarios)
              and (not options.promised or scenario.named_in_promise) and (not options.short or scenario.in_short)]
    if options.list:
        for scenario in chosen:
            print(f"{scenario.name:20} {scenario.purpose}")
        return 0
    if options.short:
        outcomes = short(chosen)
    else:
        outcomes = []
        for scenario in chosen:
            outcomes.append(besiege(scenario, options))
            show(outcomes[-1], options.verbose)
        table(outcomes)
    return 1 if any(outcome.failures for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
