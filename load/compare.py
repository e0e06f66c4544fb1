#!/usr/bin/env python3
"""Martlet beside Postfix with Dovecot, on the same machine with the same clients.

The servers take turns (A B A B A B), so that a busy moment spoils a round of both; the table shows medians and their ratios.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import works
from servers import Martlet, Rival
from usage import Usage


def number(value):
    for unit, factor in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= 10 * factor:
            return f"{value / factor:.0f} {unit}"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def slow_sync(folder):
    made = folder / "slowsync.so"
    subprocess.run([os.environ.get("CC", "cc"), "-O1", "-shared", "-fPIC", "-o", made, Path(__file__).parent / "slowsync.c", "-ldl"],
                   check=True)
    return made


class Comparison:
    def __init__(self, rounds):
        self.rounds = rounds
        print("| work | ours /s | theirs /s | ratio | our CPU µs | theirs | ratio | p99 ms, ours | theirs | written per op, ours | theirs |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|", flush=True)

    def compare(self, work, ours, theirs):
        figures = {ours: [], theirs: []}
        for round in range(self.rounds):
            for server in (ours, theirs):
                try:
                    figures[server].append(work.measure(server, round))
                except Exception as problem:  # noqa: BLE001: one work that fails is reported, the others go on
                    print(f"{work.name} on {server.name}: {problem}", file=sys.stderr, flush=True)
                    return

        def median(server, key):
            return statistics.median(getattr(figure, key) for figure in figures[server])

        def written(server):
            return statistics.median(figure.written / figure.operations for figure in figures[server])

        ratio = median(ours, "rate") / median(theirs, "rate")
        cost = median(theirs, "cost") / median(ours, "cost")
        print(f"| {work.name} | {number(median(ours, 'rate'))} | {number(median(theirs, 'rate'))} | {ratio:.1f} × | "
              f"{number(median(ours, 'cost'))} | {number(median(theirs, 'cost'))} | 1/{cost:.1f} | "
              f"{median(ours, 'p99'):.1f} | {median(theirs, 'p99'):.1f} | {number(written(ours))} | {number(written(theirs))} |", flush=True)


def deliveries(scale):
    return [works.Delivery(10240, int(6000 * scale), "SMTP in, 10 KB"), works.Delivery(1024, int(6000 * scale), "SMTP in, 1 KB"),
            works.Delivery(1 << 20, int(200 * scale), "SMTP in, 1 MB"), works.Append(10240, int(4000 * scale))]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=int, default=100_000, help="messages in the large folder; 0 leaves it out")
    parser.add_argument("--scale", type=float, default=1, help="share of the deliveries")
    parser.add_argument("--format", choices=["mdbox", "maildir"], default="mdbox", help="how Dovecot keeps mail")
    parser.add_argument("--only", default="", help="works with this in their names")
    options = parser.parse_args()

    def chosen(all):
        return [work for work in all if options.only in work.name]

    def session(title, make, preload=None):
        ours, theirs = Martlet(10, preload), Rival(10, options.format, preload)
        try:
            print(f"\n## {title}\n")
            for server in (ours, theirs):
                usage = Usage(server.roots)
                print(f"{server.name}, started: {usage.memory / 1e6:.0f} MB in {usage.processes} processes\n")
            make(Comparison(options.rounds), ours, theirs)
        finally:
            ours.close()
            theirs.close()

    def incoming(comparison, ours, theirs):
        for work in chosen(deliveries(options.scale)):
            comparison.compare(work, ours, theirs)

    def large(comparison, ours, theirs):
        for server in (ours, theirs):
            works.prepare_large(server, options.folder)
        for work in chosen(works.large_works(options.folder)) + chosen([works.Retrieve(), works.Login()]):
            comparison.compare(work, ours, theirs)

    with tempfile.TemporaryDirectory() as folder:
        if chosen(deliveries(1)):
            session("Mail coming in", incoming)
            session("The same with 2 ms more for each sync", incoming, slow_sync(Path(folder)))
        if options.folder:
            session(f"A folder of {options.folder:,} messages", large)


if __name__ == "__main__":
    main()
