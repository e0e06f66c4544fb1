#!/usr/bin/env python3
"""Runs real clients against a demo server: each case is a function of cases_*.py, named after what it shows."""
import importlib
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from demo import Demo  # noqa: E402


class Skip(Exception):
    """The case cannot run here; the text says why."""


def main():
    wanted = sys.argv[1:]
    passed = failed = skipped = 0
    for path in sorted(Path(__file__).resolve().parent.glob("cases_*.py")):
        module = importlib.import_module(path.stem)
        cases = [(name, f) for name, f in vars(module).items() if name.startswith("case_") and callable(f)]
        cases = [(name, f) for name, f in cases if not wanted or any(w in f"{path.stem}.{name}" for w in wanted)]
        if not cases:
            continue
        demo = Demo(*getattr(module, "arguments", []))
        try:
            for name, function in cases:
                start = time.monotonic()
                title = f"{path.stem[6:]}: {name[5:].replace('_', ' ')}"
                try:
                    note = function(demo)
                    passed += 1
                    print(f"ok    {title} ({time.monotonic() - start:.1f} s){' - ' + note if note else ''}", flush=True)
                except Exception as error:
                    if type(error).__name__ == "Skip":
                        skipped += 1
                        print(f"skip  {title}: {error}", flush=True)
                        continue
                    failed += 1
                    print(f"FAIL  {title}: {error}", flush=True)
                    traceback.print_exc()
                    print((demo.work / "server.log").read_text()[-3000:], file=sys.stderr)
        finally:
            demo.close()
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
