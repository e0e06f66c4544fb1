"""The table of scenarios; each module adds its own."""
import re
from dataclasses import dataclass, field
from typing import Callable


@dataclass
class Scenario:
    name: str
    purpose: str
    attack: Callable
    # What must be among the answers, as regular expressions.
    expected: tuple = ()
    # What must not be.
    unwanted: tuple = ()
    settings: tuple = ()
    # Brought in before latencies are measured: messages, folders.
    prepare: Callable | None = None
    in_short: bool = True
    named_in_promise: bool = False
    answers: dict = field(default_factory=dict)

    def misses(self, answers):
        """What the answers ought to have and do not, or the reverse."""
        lines = [f"no answer like {pattern!r}" for pattern in self.expected if not any(re.search(pattern, text) for text in answers)]
        lines += [f"answer {text!r}" for pattern in self.unwanted for text in answers if re.search(pattern, text)]
        return lines


every = []


def scenario(name, purpose, **options):
    def add(function):
        every.append(Scenario(name, purpose, function, **options))
        return function
    return add
