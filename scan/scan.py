"""Starts a demonstration, has testssl.sh and sslscan look at each port, and says what is worse than LOW."""

import concurrent.futures
import json
import os
import signal
import subprocess
import sys
import tempfile

import findings

# Port → the protocol's name for STARTTLS; None where TLS comes first.
PORTS = {
    "smtp": "smtp",
    "submission": "smtp",
    "submissions": None,
    "imap": "imap",
    "imaps": None,
    "pop3": "pop3",
    "pop3s": None,
    "https": None,
}
NAME = "mail.martlet.test"


class Demo:
    def __init__(self, folder):
        program = os.environ.get("MARTLET", ".build/release/martlet")
        command = [program, "demo", "--json", "--directory", folder, "--set", f"server.name={NAME}"]
        for port in [*PORTS, "http"]:
            command += ["--set", f"listen.{port}=0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{program} does not start")
        self.report = json.loads(line)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def run(command):
    return subprocess.run(
        ["nice", *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def testssl(port, number, starttls, authority, folder):
    file = f"{folder}/testssl-{port}.json"
    command = ["testssl", "--jsonfile", file, "--warnings", "off", "--quiet", "--color", "0"]
    command += ["--add-ca", authority, "--nodns", "none", "--ip", "127.0.0.1"]
    if starttls:
        command += ["--starttls", starttls]
    done = run([*command, f"{NAME}:{number}"])
    return findings.of_testssl(file, done.stdout)


def sslscan(port, number, starttls, folder):
    file = f"{folder}/sslscan-{port}.xml"
    command = ["sslscan", "--no-colour", f"--xml={file}", f"--sni-name={NAME}"]
    if starttls:
        command.append(f"--starttls-{starttls}")
    done = run([*command, f"127.0.0.1:{number}"])
    return findings.of_sslscan(file, done.stdout)


def scan(port, report, folder):
    number, starttls = report["endpoints"][port], PORTS[port]
    found = testssl(port, number, starttls, report["ca"], folder)
    return port, found + sslscan(port, number, starttls, folder)


def main(names):
    unknown = [name for name in names if name not in PORTS]
    if unknown:
        sys.exit(f"no such port: {', '.join(unknown)}; there are {', '.join(PORTS)}")
    with tempfile.TemporaryDirectory() as folder:
        results = os.environ.get("SCAN_RESULTS", folder)
        os.makedirs(results, exist_ok=True)
        demo = Demo(f"{folder}/data")
        try:
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                scans = [pool.submit(scan, name, demo.report, results) for name in names or PORTS]
                bad = sum([report(*scan.result()) for scan in scans])
        finally:
            demo.stop()
    print("nothing above LOW" if bad == 0 else f"{bad} findings above LOW")
    return 1 if bad else 0


def report(port, found):
    """Prints what there is to know about a port, and returns how much of it is too bad."""
    bad = [finding for finding in found if finding.is_bad]
    print(f"{port:12} {len(found)} checks, {len(bad)} above LOW")
    for finding in found:
        if finding.is_bad or finding.is_notable:
            print(f"             {finding}")
    sys.stdout.flush()
    return len(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
