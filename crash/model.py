"""What the clients were told, as far as it says what must be there after a crash.

Every thing that can change (a message's places and flags, a folder's name, an account's name) is a `Variable`: its value
and the operations on it, each with the position at which it was begun and at which it was acknowledged. Operations on one
variable never overlap, as each belongs to one client.
"""
import threading
from collections import Counter

after_all = float("inf")


class Variable:
    def __init__(self, value):
        self.value = value
        self.operations = []
        # (begun, refused, value): a crash between the two may find it done.
        self.refusals = []

    def begin(self, value, position):
        self.operations.append([position, None, value])

    def acknowledge(self, position):
        self.operations[-1][1] = position

    def refuse(self, position):
        """The server said that it did not happen."""
        begun, _, value = self.operations.pop()
        self.refusals.append((begun, position, value))

    @property
    def settled(self):
        return not self.operations or self.operations[-1][1] is not None

    @property
    def current(self):
        return self.operations[-1][2] if self.operations else self.value

    def possible(self, position=after_all):
        """The values that a crash at `position` may leave: acknowledged ones stand, the one under way may have happened."""
        values = [self.value]
        for begun, acknowledged, value in self.operations:
            if acknowledged is not None and acknowledged <= position:
                values = [value]
            elif begun <= position:
                values.append(value)
        return values + [value for begun, refused, value in self.refusals if begun <= position < refused]

    def settle(self, value):
        self.value, self.operations, self.refusals = value, [], []


def places(*pairs):
    """A message's places: (folder, flags) in an order that makes equal what is equal."""
    return tuple(sorted((folder, tuple(sorted(flags))) for folder, flags in pairs))


class Folder:
    def __init__(self, name, exists):
        self.name = Variable(name if exists else None)
        self.validity = None
        # (UID, token, position at which a client was told)
        self.told = []


class Mailbox:
    """One account's folders and messages. Folders are known by their first name."""

    def __init__(self, address):
        self.address = address
        self.lock = threading.RLock()
        self.folders = {"INBOX": Folder("INBOX", True)}
        self.messages = {}
        self.gone = set()

    def compare(self, seen, position=after_all):
        """Problems of what was seen, {name: (UIDVALIDITY, UIDNEXT, [(uid, token, flags, whole)])}, and what `settle` needs."""
        problems, owner = [], {}
        for key, folder in self.folders.items():
            names = [name for name in folder.name.possible(position)]
            present = [name for name in names if name in seen]
            if not present and None not in names:
                problems.append(f"{self.address}: folder {key} is lost; it may be called {names}")
            if len(set(present)) > 1:
                problems.append(f"{self.address}: folder {key} is there twice: {present}")
            for name in present:
                owner[name] = key
        found = {}
        for name, (validity, following, rows) in seen.items():
            key = owner.get(name)
            if key is None:
                if name.startswith("w"):
                    problems.append(f"{self.address}: folder {name} should not be there")
                elif rows:
                    problems.append(f"{self.address}: unexpected messages in {name}")
                continue
            folder = self.folders[key]
            if folder.validity is not None and folder.validity != validity:
                problems.append(f"{self.address}: UIDVALIDITY of {name} was {folder.validity}, is {validity}")
            told = {}
            for uid, token, when in folder.told:
                if when <= position:
                    if told.setdefault(uid, token) != token:
                        problems.append(f"{self.address}: UID {uid} of {name} was given to {told[uid]} and to {token}")
            if told and following <= max(told):
                problems.append(f"{self.address}: UIDNEXT of {name} is {following}, but UID {max(told)} had been told")
            if len(rows) != len({uid for uid, *_ in rows}):
                problems.append(f"{self.address}: a UID of {name} is there twice")
            for uid, token, flags, whole in rows:
                found.setdefault(token, []).append((key, flags))
                if told.get(uid, token) != token:
                    problems.append(f"{self.address}: UID {uid} of {name} was {told[uid]}, is {token}")
                if not whole:
                    problems.append(f"{self.address}: content of {token} (UID {uid} of {name}) is not what was sent")
        for token in found:
            if token not in self.messages:
                problems.append(
                    f"{self.address}: {token} is back after it was gone" if token in self.gone
                    else f"{self.address}: {token} was never sent")
        for token, message in list(self.messages.items()):
            now = places(*found.get(token, []))
            possible = message.possible(position)
            if now not in possible:
                problems.append(f"{self.address}: {token} is at {now}, should be {' or '.join(map(str, possible))}")
        return problems, owner, found, seen

    def settle(self, owner, found, seen):
        """After a crash: what was seen is what is."""
        for name, key in owner.items():
            folder = self.folders[key]
            folder.name.settle(name)
            folder.validity, _, rows = seen[name]
            folder.told = sorted({*folder.told, *((uid, token, 0) for uid, token, *_ in rows)})
        for key in [key for key in self.folders if key not in owner.values()]:
            del self.folders[key]
        for token, message in list(self.messages.items()):
            now = places(*found.get(token, []))
            message.settle(now)
            if not now:
                del self.messages[token]
                self.gone.add(token)


def changed(value, folder, old, new):
    """`value` with one place (folder, old flags) replaced by `new`, a list of places."""
    rest = Counter(value)
    rest[(folder, tuple(sorted(old)))] -= 1
    if min(rest.values()) < 0:
        return None
    return places(*rest.elements(), *new)
