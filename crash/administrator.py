"""The administrator: accounts, passwords, aliases and purges, over the server's socket, on the command line, or with no server."""
import imaplib
import json
import socket
import subprocess

from clients import Client, Refused
from model import Variable

passwords_known = ["plum-Orchard-7731", "quince-Meadow-2290", "medlar-Hedge-4482"]


class Line:
    """A connection to the server's local socket."""

    def __init__(self, directory):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(str(directory / "admin.sock"))
        self.file = self.socket.makefile("rb")

    def ask(self, kind, **values):
        self.socket.sendall(json.dumps({kind: values}).encode() + b"\n")
        objects = []
        while True:
            line = self.file.readline()
            if not line:
                raise ConnectionError("the server closed its socket")
            reply = json.loads(line)
            if "object" in reply:
                objects.append(json.loads(reply["object"]["_0"]))
            elif "failed" in reply:
                raise Refused(json.dumps(reply["failed"]["_0"]))
            elif "done" in reply:
                return objects

    def close(self):
        self.file.close()
        self.socket.close()


class Directory:
    """What the administrator has asked and was told: address → Variable of (name, enabled, password), alias → of its target."""

    def __init__(self):
        self.accounts, self.aliases = {}, {}

    @property
    def variables(self):
        return [*self.accounts.values(), *self.aliases.values()]

    def compare(self, demo, position, settle):
        problems = []
        there = {row["address"]: row for row in demo.command("account", "list")}
        for address, variable in list(self.accounts.items()):
            row, possible = there.pop(address, None), variable.possible(position)
            states = [state for state in possible if (state is None) == (row is None)]
            if row is not None:
                states = [state for state in states if state[:2] == (row["name"], row["enabled"])]
                states = [state for state in states if state[1] is False or may_log_in(demo, address, state[2])]
            if not states:
                problems.append(f"account {address} is {row}, should be {possible}")
            if settle and states:
                variable.settle(states[-1])
                if states[-1] is None:
                    del self.accounts[address]
        problems += [f"account {address} should not be there" for address in there if address.startswith("extra")]
        known = {row["address"]: row["targets"][0] for row in demo.command("alias", "list")}
        for address, variable in list(self.aliases.items()):
            now = known.pop(address, None)
            if now not in variable.possible(position):
                problems.append(f"alias {address} leads to {now}, should be {variable.possible(position)}")
            if settle:
                variable.settle(now)
                if now is None:
                    del self.aliases[address]
        return problems + [f"alias {address} should not be there" for address in known if address.startswith("alias")]


def may_log_in(demo, address, password):
    session = imaplib.IMAP4("127.0.0.1", demo.ports["imap"], timeout=30)
    try:
        session.login(address, password)
        return True
    except imaplib.IMAP4.error:
        return False
    finally:
        session.shutdown()


class Administrator(Client):
    """Adds, changes and removes accounts and aliases of its own, and purges. `how`: `socket`, `command` or `offline`, where no
    server runs and each command opens the folder itself."""

    def __init__(self, run, how):
        super().__init__(run, f"administrator-{how}")
        self.how = how
        self.line = None
        self.process = None

    def connect(self):
        if self.how == "socket":
            self.line = Line(self.run_.demo.directory)

    def own(self, table):
        return [name for name, variable in table.items()
                if f"-{self.how}-" in name and variable.settled and variable.current is not None]

    def command(self, *arguments, secret=None):
        demo = self.run_.demo
        self.process = subprocess.Popen([demo.program, *arguments, "--json", "--directory", str(demo.directory), *demo.settings],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        output, errors = self.process.communicate((secret or "") + "\n", timeout=120)
        # The server may have been killed after the change and before its answer.
        if self.process.returncode == 75 and not self.run_.killed.is_set():
            raise Refused(f"{arguments}: {errors}")
        if self.process.returncode != 0:
            raise RuntimeError(f"{arguments}: {self.process.returncode} {output} {errors}")
        return [json.loads(line) for line in output.splitlines()]

    # Each change as the socket and as the command line take it.

    def add(self, address, name, password):
        if self.line:
            return self.line.ask("accountAdd", _0={"address": address, "name": name, "password": password})
        return self.command("account", "add", address, "--name", name, "--password-stdin", secret=password)

    def rename(self, address, name):
        if self.line:
            return self.line.ask("accountSet", address=address, _1={"name": name})
        return self.command("account", "set", address, "--name", name)

    def set_password(self, address, password):
        if self.line:
            return self.line.ask("accountSet", address=address, _1={"password": password})
        return self.command("account", "set", address, "--password-stdin", secret=password)

    def enable(self, address, enabled):
        if self.line:
            return self.line.ask("accountEnable", address=address, _1=enabled)
        return self.command("account", "enable" if enabled else "disable", address)

    def remove(self, address):
        if self.line:
            return self.line.ask("accountRemove", address=address)
        return self.command("account", "remove", address)

    def set_alias(self, address, target):
        if self.line:
            return self.line.ask("aliasAdd", address=address, targets=[target], isGroup=False)
        return self.command("alias", "add", address, target)

    def remove_alias(self, address):
        if self.line:
            return self.line.ask("aliasRemove", address=address)
        return self.command("alias", "remove", address)

    def purge(self):
        return self.line.ask("purge") if self.line else self.command("purge")

    def step(self, choice=None):
        accounts, aliases = self.run_.directory.accounts, self.run_.directory.aliases
        living, known = self.own(accounts), self.own(aliases)
        number = next(self.run_.serial)
        # Removing an account takes the aliases that lead to nobody else with it, so they lead to the mailboxes.
        target = self.generator.choice(self.run_.mailboxes).address
        choice = choice or self.generator.choices(["add", "name", "password", "enable", "remove", "alias", "unalias", "purge"],
                                        [3 if len(living) < 5 else 0.1, 3, 2, 2, 1.5, 2 if len(known) < 6 else 0.1, 1, 2])[0]
        if choice in ("name", "password", "enable", "remove") and not living or choice == "unalias" and not known:
            choice = "add"
        if choice == "add":
            address = f"extra-{self.how}-{number}@example.test"
            state = (f"Name {number}", True, self.generator.choice(passwords_known))
            accounts[address] = Variable(None)
            self.attempt([(accounts[address], state)], lambda: self.add(address, state[0], state[2]))
        elif choice == "alias":
            address = self.generator.choice([*known, f"alias-{self.how}-{number}@example.test"])
            variable = aliases.setdefault(address, Variable(None))
            self.attempt([(variable, target)], lambda: self.set_alias(address, target))
        elif choice == "unalias":
            address = self.generator.choice(known)
            self.attempt([(aliases[address], None)], lambda: self.remove_alias(address))
        elif choice == "purge":
            self.attempt([], self.purge)
        else:
            address = self.generator.choice(living)
            name, enabled, password = accounts[address].current
            if choice == "password" and not enabled:
                # After a kill nobody could look which of two passwords a disabled account has.
                choice = "enable"
            if choice == "name":
                new, action = (f"Name {number}", enabled, password), lambda: self.rename(address, f"Name {number}")
            elif choice == "password":
                other = self.generator.choice(passwords_known)
                new, action = (name, enabled, other), lambda: self.set_password(address, other)
            elif choice == "enable":
                new, action = (name, not enabled, password), lambda: self.enable(address, not enabled)
            else:
                new, action = None, lambda: self.remove(address)
                # It goes in steps: who is cut short finds it disabled, and may ask again.
                accounts[address].begin((name, False, password), self.run_.position())
            self.attempt([(accounts[address], new)], action)
