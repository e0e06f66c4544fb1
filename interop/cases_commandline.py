"""The command line against a running demo: what scripts get, and what becomes of mistakes."""
import json
import subprocess
from demo import alice, bob
from sessions import submission
from shell import expect, message


def _martlet(demo, *arguments, input=None):
    command = [demo.program, *arguments, "--directory", str(demo.directory), "--json"]
    return subprocess.run(command, input=input, capture_output=True, text=True, timeout=60)


def _rows(done):
    expect(done.returncode == 0, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def case_queue_and_trace_rows_have_every_key(demo):
    with submission(demo, alice) as sender:
        text = message(alice, "someone@remote.test", "waits")
        sender.sendmail(alice, ["someone@remote.test", bob], text.encode())
    identifier = text.split("Message-ID: ")[1].split("\r\n")[0]
    keys = {"id", "messageId", "sender", "recipient", "domain", "state", "attempts", "next", "expires", "lastReply"}
    for name in (identifier, identifier.strip("<>")):
        queued = _rows(_martlet(demo, "queue", "list", "--message-id", name))
        expect(len(queued) == 1 and keys <= queued[0].keys(), queued)
        traced = _rows(_martlet(demo, "trace", "--message-id", name))
        keys_of_trace = {"time", "deliveryId", "stage", "recipient", "outcome", "code", "enhanced", "remote", "text"}
        expect(len(traced) >= 3 and all(keys_of_trace <= row.keys() for row in traced), traced)


def case_a_reader_that_leaves_is_no_crash(demo):
    lines = "".join(json.dumps({"address": f"reader{n}@example.test"}) + "\n" for n in range(1500))
    _rows(_martlet(demo, "account", "add", "--from", "-", input=lines))
    listing = subprocess.Popen(
        [demo.program, "account", "list", "--json", "--directory", str(demo.directory)], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    listing.stdout.readline()
    listing.stdout.close()
    complaint = listing.stderr.read()
    expect(listing.wait(60) == 0 and complaint == b"", complaint)


def case_a_folder_where_a_file_belongs_is_one_sentence(demo):
    for arguments in (["account", "add", "--from", "/"],):
        done = _martlet(demo, *arguments)
        expect(done.returncode == 1 and done.stdout == "", done)
        error = json.loads(done.stderr)
        expect(error["error"] == "unreadable" and error["message"] and error["remedy"], error)
    done = subprocess.run([demo.program, "check", "mime", "/", "--json"], capture_output=True, text=True, timeout=60)
    expect(done.returncode == 1 and json.loads(done.stderr)["error"] == "unreadable", done)
