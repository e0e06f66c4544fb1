"""Runs a real Thunderbird on a display of its own, with a profile of its own, and drives it from inside by Marionette."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from shell import run, wait_for

programs = ("thunderbird", "Xvfb", "certutil")

# Nothing of the first run, nothing that leaves the machine; new mail only by IDLE, not by asking now and then.
quiet = {
    "app.donation.eoy.version.viewed": 999,
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.safebrowsing.enabled": False,
    "calendar.timezone.useSystemTimezone": True,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "devtools.console.stdout.chrome": True,
    "extensions.getAddons.cache.enabled": False,
    "extensions.update.enabled": False,
    "intl.locale.requested": "en-US",
    "mail.chat.enabled": False,
    "mail.inappnotifications.enabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.rights.version": 1,
    "mail.shell.checkDefaultClient": False,
    "mail.spotlight.firstRunDone": True,
    "mail.startup.enabledMailCheckOnce": True,
    "mail.winsearch.firstRunDone": True,
    "mailnews.smtp.loglevel": "All",
    "mailnews.start_page.enabled": False,
    "mailnews.start_page_override.mstone": "ignore",
    "marionette.port": 0,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.socks": "127.0.0.1",
    "network.proxy.socks_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.type": 1,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "data:,",
    "toolkit.telemetry.unified": False,
}

# What every script may use; scripts run as privileged code of Thunderbird's main window.
prelude = """
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const main = Services.wm.getMostRecentWindow("mail:3pane");
const account = MailServices.accounts.getAccount("account1");
const root = account.incomingServer.rootFolder;
const folder = name => {
  const found = root.descendants.find(f => f.name === name);
  if (!found) throw new Error(`no folder ${name} among ${root.descendants.map(f => f.name)}`);
  return found.QueryInterface(Ci.nsIMsgImapMailFolder);
};
const header = (name, subject) => [...folder(name).messages].find(h => h.mime2DecodedSubject === subject);
const until = async (what, condition, seconds = 20) => {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > end) throw new Error(`Thunderbird waited ${seconds} s for ${what}`);
    await new Promise(done => main.setTimeout(done, 20));
  }
};
const finished = (what, start) => new Promise((done, fail) => {
  main.setTimeout(() => fail(new Error(`Thunderbird did not finish ${what} within 20 s`)), 20000);
  const end = status => Components.isSuccessCode(status) ? done() : fail(new Error(`${what}: 0x${status.toString(16)}`));
  start({
    QueryInterface: ChromeUtils.generateQI(["nsIUrlListener", "nsIMsgCopyServiceListener", "nsIMsgSendListener"]),
    OnStartRunningUrl() {}, OnStopRunningUrl(url, status) { end(status); },
    onStartCopy() {}, onProgress() {}, setMessageKey() {}, getMessageId() { return null; }, onStopCopy(status) { end(status); },
    onStartSending() {}, onStatus() {}, onSendNotPerformed() { fail(new Error(`${what}: not performed`)); },
    onStopSending(id, status) { if (!Components.isSuccessCode(status)) end(status); },
    onGetDraftFolderURI() {}, onTransportSecurityError() { fail(new Error(`${what}: certificate refused`)); },
  });
});
const refresh = name => folder(name).updateFolder(main.msgWindow);
"""


def missing():
    return [program for program in programs if not shutil.which(program)]


class Thunderbird:
    """A running Thunderbird with one account of the demo; `script` runs code in it."""

    def __init__(self, demo, user):
        self.user = user
        self.home = Path(tempfile.mkdtemp(prefix="martlet-thunderbird-"))
        self.profile = self.home / "profile"
        self.profile.mkdir()
        self.display = self.process = self.socket = None
        try:
            self.write_profile(demo)
            self.open_display()
            self.launch()
            self.connect()
            self.remember_password(demo)
        except BaseException as error:
            self.close()
            error.add_note(self.tail())
            raise

    def write_profile(self, demo):
        account = {
            "mail.accountmanager.accounts": "account1",
            "mail.accountmanager.defaultaccount": "account1",
            "mail.account.account1.server": "server1",
            "mail.account.account1.identities": "id1",
            "mail.server.server1.type": "imap",
            "mail.server.server1.hostname": "localhost",
            "mail.server.server1.port": demo.ports["imaps"],
            "mail.server.server1.socketType": 3,
            "mail.server.server1.authMethod": 3,
            "mail.server.server1.userName": self.user,
            "mail.server.server1.name": self.user,
            "mail.server.server1.login_at_startup": False,
            "mail.server.server1.check_new_mail": False,
            "mail.identity.id1.fullName": "Alice Example",
            "mail.identity.id1.useremail": self.user,
            "mail.identity.id1.valid": True,
            "mail.identity.id1.smtpServer": "smtp1",
            "mail.smtpservers": "smtp1",
            "mail.smtp.defaultserver": "smtp1",
            "mail.smtpserver.smtp1.type": "smtp",
            "mail.smtpserver.smtp1.hostname": "localhost",
            "mail.smtpserver.smtp1.port": demo.ports["submissions"],
            "mail.smtpserver.smtp1.try_ssl": 3,
            "mail.smtpserver.smtp1.authMethod": 3,
            "mail.smtpserver.smtp1.username": self.user,
        }
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in {**quiet, **account}.items()]
        (self.profile / "user.js").write_text("".join(lines))
        database = f"sql:{self.profile}"
        run("certutil", "-N", "-d", database, "--empty-password")
        run("certutil", "-A", "-d", database, "-n", "demo", "-t", "C,,", "-i", demo.ca)

    def open_display(self):
        reader, writer = os.pipe()
        with open(self.home / "display.log", "wb") as log:
            self.display = subprocess.Popen(
                ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
                pass_fds=[writer], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.close(writer)
        with os.fdopen(reader) as file:
            number = file.readline().strip()
        if not number:
            raise AssertionError("Xvfb did not start: " + (self.home / "display.log").read_text(errors="replace"))
        self.number = number

    def launch(self):
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        environment = {
            **kept, "HOME": str(self.home), "DISPLAY": f":{self.number}", "LANG": "C.UTF-8", "TZ": "UTC",
            "XDG_RUNTIME_DIR": str(self.home), "DBUS_SESSION_BUS_ADDRESS": "disabled:", "NO_AT_BRIDGE": "1",
            "GDK_BACKEND": "x11", "LIBGL_ALWAYS_SOFTWARE": "1", "MOZ_CRASHREPORTER_DISABLE": "1",
            "MOZ_DISABLE_NONLOCAL_CONNECTIONS": "1", "MOZ_LOG": "timestamp,sync,IMAP:4",
            "MOZ_LOG_FILE": str(self.home / "imap.log"),
        }
        self.output = self.home / "output.log"
        with open(self.output, "wb") as log:
            self.process = subprocess.Popen(
                ["thunderbird", "--no-remote", "--profile", str(self.profile), "--marionette", "--remote-allow-system-access"],
                env=environment, cwd=self.home, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def connect(self):
        file = self.profile / "MarionetteActivePort"
        port = int(self.wait_alive(lambda: file.exists() and file.read_text(), "Thunderbird to listen for its driver"))
        self.socket = socket.create_connection(("127.0.0.1", port), 90)
        self.stream = self.socket.makefile("rb")
        self.turn = 0
        self.receive()
        self.call("WebDriver:NewSession", {})
        self.call("Marionette:SetContext", {"value": "chrome"})
        self.call("WebDriver:SetTimeouts", {"script": 60_000})

    def wait_alive(self, condition, what):
        def check():
            if self.process.poll() is not None:
                raise AssertionError(f"Thunderbird ended with {self.process.returncode} while waiting for {what}")
            return condition()
        return wait_for(check, what, 60)

    def receive(self):
        digits = b""
        while not digits.endswith(b":"):
            byte = self.stream.read(1)
            if not byte:
                raise AssertionError("Thunderbird closed its driver's connection")
            digits += byte
        return json.loads(self.stream.read(int(digits[:-1])))

    def call(self, command, parameters):
        self.turn += 1
        data = json.dumps([0, self.turn, command, parameters]).encode()
        self.socket.sendall(b"%d:%b" % (len(data), data))
        _, turn, error, result = self.receive()
        if turn != self.turn:
            raise AssertionError(f"{command}: answer {turn} to call {self.turn}")
        if error:
            failure = AssertionError(f"{error['error']}: {error['message']}")
            failure.add_note(self.tail())
            raise failure
        return result

    def script(self, text, *arguments):
        """Runs the body of an asynchronous function whose parameter is `input`, the list of arguments."""
        body = prelude + f"return (async input => {{ {text} }})([...arguments]);"
        return self.call("WebDriver:ExecuteScript", {"script": body, "args": list(arguments), "sandbox": None})["value"]

    def remember_password(self, demo):
        self.wait_alive(
            lambda: self.call("WebDriver:ExecuteScript", {
                "script": 'return !!Services.wm.getMostRecentWindow("mail:3pane")?.gTabmail?.currentAbout3Pane?.displayFolder',
                "args": []})["value"],
            "the main window")
        self.script("""
            for (const origin of ["imap://localhost", "smtp://localhost"]) {
              const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
              login.init(origin, null, origin, input[0], input[1], "", "");
              await Services.logins.addLoginAsync(login);
            }""", self.user, demo.passwords[self.user])

    def exchange(self):
        """What Thunderbird logged of its IMAP connections."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.home.glob("imap.log*")))

    def tail(self):
        """The end of the logs, for an error."""
        lines = [re.sub(r"^.*?(?=S-|NA-|A-)", "", line) for line in self.exchange().splitlines()]
        output = self.output.read_text(errors="replace") if hasattr(self, "output") and self.output.exists() else ""
        return "\n".join(lines[-40:]) + "\n" + output[-2500:]

    def close(self):
        if self.socket:
            self.socket.close()
        if self.process:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait()
        if self.display:
            self.display.terminate()
            self.display.wait()
        shutil.rmtree(self.home, ignore_errors=True)
