"""Small helpers for cases: running programs, making messages, waiting for a condition."""
import os
import subprocess
import time
import uuid


def run(*command, input=None, env=None, timeout=60, check=True):
    """Runs a program; its output is in the error if it fails."""
    done = subprocess.run(
        [str(part) for part in command], input=input, capture_output=True, text=isinstance(input, str) or input is None,
        timeout=timeout, env={**os.environ, **(env or {})})
    if check and done.returncode != 0:
        raise AssertionError(f"{command[0]} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


def message(sender, recipient, subject, body="It works.\r\n", headers=""):
    return (
        f"From: {sender}\r\nTo: {recipient}\r\nSubject: {subject}\r\nDate: Sat, 21 Nov 2026 08:00:00 +0000\r\n"
        f"Message-ID: <{uuid.uuid4()}@client.test>\r\n{headers}\r\n{body}")


def wait_for(condition, what, seconds=20):
    """Polls until `condition` returns something true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s for {what}")


def expect(condition, text):
    if not condition:
        raise AssertionError(text)
