"""What an attack is given, and the process that it runs in."""
import collections
import multiprocessing
import os
import threading
import time
import traceback

context = multiprocessing.get_context("fork")


class Stage:
    """`full` sizes or the `short` ones; what the server answered; whether to go on."""

    def __init__(self, server, is_short):
        self.ports, self.passwords, self.is_short = server.ports, server.passwords, is_short
        self.stop, self.in_place = context.Event(), context.Event()
        self.answers = collections.Counter()
        self.complaints = []
        self.lock = threading.Lock()

    def size(self, full, short):
        return short if self.is_short else full

    def user(self, number):
        """An account that the attacker may use, and its password."""
        name = f"user{number + 1}@example.test"
        return name, self.passwords[name]

    def running(self):
        return not self.stop.is_set()

    def rounds(self, pause=0.0):
        """The attack again and again while it is wanted; once in a short run."""
        yield 0
        if self.is_short:
            return
        number = 1
        while not self.stop.wait(pause):
            yield number
            number += 1

    def ready(self):
        """The attack is in place: latencies are measured from here on."""
        self.in_place.set()

    def answered(self, what, said):
        with self.lock:
            self.answers[f"{what}: {said}"[:160]] += 1

    def complain(self, text):
        with self.lock:
            self.complaints.append(text)

    def side_by_side(self, works):
        """Runs functions in threads; the first failure of each is kept."""
        def guarded(work):
            try:
                work()
            except Exception:  # noqa: BLE001: reported
                self.complain(traceback.format_exc(limit=-3))
        threads = [threading.Thread(target=guarded, args=(work,), daemon=True) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


class Attack:
    """An attack in a process of its own, below the honest ones in priority."""

    def __init__(self, stage, function):
        self.stage = stage
        self.receiver, sender = context.Pipe(False)
        self.process = context.Process(target=self.run, args=(function, sender), daemon=True)
        self.process.start()
        sender.close()

    def run(self, function, pipe):
        os.nice(10)
        try:
            function(self.stage)
        except Exception:  # noqa: BLE001: reported
            self.stage.complain(traceback.format_exc(limit=-3))
        self.stage.in_place.set()
        pipe.send((dict(self.stage.answers), self.stage.complaints))
        pipe.close()

    @property
    def pid(self):
        return self.process.pid

    def end(self, patience):
        """Asks it to stop; (answers, complaints)."""
        self.stage.stop.set()
        if self.receiver.poll(patience):
            result = self.receiver.recv()
        else:
            result = ({}, ["the attack did not end by itself"])
        self.process.kill()
        self.process.join()
        return result


class Burner:
    """Takes the same share of a processor as an attack did, and does nothing else: the fair control."""

    def __init__(self, share):
        self.process = context.Process(target=self.run, args=(share,), daemon=True)
        self.process.start()

    @staticmethod
    def run(share):
        os.nice(10)
        start = time.monotonic()
        while True:
            while time.process_time() < (time.monotonic() - start) * share:
                sum(range(2000))
            time.sleep(0.005)

    @property
    def pid(self):
        return self.process.pid

    def end(self):
        self.process.kill()
        self.process.join()
