"""The servers that are compared, each in a folder of its own on loopback ports."""
import grp
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

root = Path(__file__).resolve().parent.parent
domain = "example.test"
password = "kestrel-harrier-9"


def free_ports(count):
    """Ports that nobody has now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def wait_for(port, seconds=20):
    """Until something listens at the port."""
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise RuntimeError(f"nothing listens on port {port}")
            time.sleep(0.05)


class Server:
    """`ports` by service; `roots` are the processes whose families do the work."""

    def __init__(self, name, users, preload=None):
        self.name, self.users, self.preload = name, users, preload
        self.work = Path(tempfile.mkdtemp(prefix=f"compare-{name}-", dir=os.environ.get("COMPARE_DIRECTORY")))
        self.roots, self.ports = [], {}

    def environment(self):
        environment = dict(os.environ)
        if self.preload:
            environment["LD_PRELOAD"] = str(self.preload)
        return environment

    def addresses(self):
        return [f"user{number}@{domain}" for number in range(1, self.users + 1)]

    def restart(self):
        """Cold: nothing in the server's memory. The pages that the system keeps stay."""
        self.stop()
        self.start()

    def close(self):
        self.stop()
        shutil.rmtree(self.work, ignore_errors=True)


class Martlet(Server):
    def __init__(self, users, preload=None):
        super().__init__("martlet", users, preload)
        self.program = os.environ.get("MARTLET") or str(root / ".build/release/martlet")
        self.start()

    def start(self):
        base = min(free_ports(1)[0], 55000)
        log = open(self.work / "log", "ab")
        self.process = subprocess.Popen(
            [self.program, "demo", "--json", "--directory", str(self.work / "data"), "--port-offset", str(base),
             "--accounts", str(self.users), "--password", password, "--plaintext-auth"],
            stdout=subprocess.PIPE, stderr=log, env=self.environment())
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("martlet did not start: " + (self.work / "log").read_text())
        ports = json.loads(line)["endpoints"]
        self.ports = {name: ports[name] for name in ("smtp", "imap", "imaps", "pop3")}
        self.roots = [self.process.pid]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)


class Rival(Server):
    """Postfix takes mail in and hands it to Dovecot by LMTP; Dovecot keeps it in `format` (mdbox or maildir)."""

    def __init__(self, users, format="mdbox", preload=None):
        super().__init__(format, users, preload)
        self.format = format
        os.chmod(self.work, 0o755)
        names = ("smtp", "lmtp", "imap", "imaps", "pop3")
        self.ports = dict(zip(names, free_ports(len(names))))
        self.owner = pwd.getpwnam("nobody")
        (self.work / "mail").mkdir()
        os.chown(self.work / "mail", self.owner.pw_uid, self.owner.pw_gid)
        self.write_dovecot()
        self.write_postfix()
        self.start()

    def write_dovecot(self):
        work, ports, owner = self.work, self.ports, self.owner
        digest = subprocess.run(["openssl", "passwd", "-6", password], capture_output=True, text=True, check=True).stdout.strip()
        group = grp.getgrgid(owner.pw_gid).gr_name
        (work / "users").write_text("".join(f"{address}:{{SHA512-CRYPT}}{digest}::::::\n" for address in self.addresses()))
        os.chmod(work / "users", 0o644)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
             "-subj", "/CN=localhost", "-keyout", work / "key.pem", "-out", work / "certificate.pem"],
            capture_output=True, check=True)
        (work / "dovecot.conf").write_text(f"""
base_dir = {work}/dovecot
log_path = {work}/dovecot.log
protocols = imap pop3 lmtp
import_environment = TZ LD_PRELOAD SLOWSYNC
listen = 127.0.0.1
default_internal_user = dovecot
default_login_user = dovenull
first_valid_uid = 1
mail_uid = {owner.pw_name}
mail_gid = {group}
mail_home = {work}/mail/%u
mail_location = {self.format}:~/{self.format}
mail_fsync = optimized
disable_plaintext_auth = no
auth_mechanisms = plain
auth_cache_size = 10M
mail_max_userip_connections = 0
ssl = yes
ssl_cert = <{work}/certificate.pem
ssl_key = <{work}/key.pem
ssl_min_protocol = TLSv1.2
passdb {{
  driver = passwd-file
  args = {work}/users
}}
userdb {{
  driver = static
  args = uid={owner.pw_name} gid={group} home={work}/mail/%u
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  service_count = 0
  client_limit = 12000
  process_min_avail = 2
  inet_listener imap {{
    port = {ports['imap']}
  }}
  inet_listener imaps {{
    port = {ports['imaps']}
  }}
}}
service pop3-login {{
  service_count = 0
  inet_listener pop3 {{
    port = {ports['pop3']}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service imap {{
  process_limit = 12000
}}
service lmtp {{
  process_min_avail = 4
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {ports['lmtp']}
  }}
  unix_listener lmtp {{
    mode = 0666
  }}
}}
service anvil {{
  client_limit = 20000
}}
service auth {{
  client_limit = 20000
}}
service stats {{
  client_limit = 20000
}}
""")

    def write_postfix(self):
        work = self.work
        for name in ("postfix", "queue", "state"):
            (work / name).mkdir()
        postfix = pwd.getpwnam("postfix")
        os.chown(work / "state", postfix.pw_uid, postfix.pw_gid)
        listed = Path("/etc/postfix/master.cf")
        services = listed if listed.exists() else Path("/usr/share/postfix/master.cf.dist")
        lines = []
        for line in services.read_text().splitlines():
            words = line.split()
            if words[:2] == ["smtp", "inet"]:
                line = " ".join([f"127.0.0.1:{self.ports['smtp']}", *words[1:]])
            # No chroot, so that the socket of the LMTP server is found.
            words = line.split()
            if len(words) >= 8 and not line.startswith((" ", "#")):
                words[4] = "n"
                line = " ".join(words)
            lines.append(line)
        (work / "postfix/master.cf").write_text("\n".join(lines) + "\n")
        (work / "postfix/mailboxes").write_text("".join(f"{address} x\n" for address in self.addresses()))
        (work / "postfix/main.cf").write_text(f"""
compatibility_level = 3.6
queue_directory = {work}/queue
data_directory = {work}/state
maillog_file = {work}/postfix.log
maillog_file_prefixes = {work}
myhostname = mx.{domain}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = texthash:{work}/postfix/mailboxes
virtual_transport = lmtp:unix:{work}/dovecot/lmtp
lmtp_destination_concurrency_limit = 30
lmtp_destination_recipient_limit = 1
smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_peername_lookup = no
default_process_limit = 200
message_size_limit = 52428800
mailbox_size_limit = 0
disable_dns_lookups = yes
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C LD_PRELOAD SLOWSYNC
""")

    def start(self):
        work = self.work
        subprocess.run(["dovecot", "-c", work / "dovecot.conf"], check=True, env=self.environment())
        subprocess.run(["postfix", "-c", work / "postfix", "start"], check=True, capture_output=True, env=self.environment())
        for port in self.ports.values():
            wait_for(port)
        self.roots = [int((work / "dovecot/master.pid").read_text()), int((work / "queue/pid/master.pid").read_text())]

    def stop(self):
        subprocess.run(["postfix", "-c", self.work / "postfix", "stop"], capture_output=True)
        subprocess.run(["doveadm", "-c", self.work / "dovecot.conf", "stop"], capture_output=True)
        end = time.monotonic() + 20
        while any(Path(f"/proc/{pid}").exists() for pid in self.roots) and time.monotonic() < end:
            time.sleep(0.05)
