"""What a service manager hears of restpoint: the protocol of sd_notify(3), with the test as the service manager.

Under a real systemd: test/package.
"""
import contextlib
import os
import shutil
import signal
import socket
import time

import pytest

from support import world


class Manager:
    """The socket of a service manager, and what came to it."""

    def __init__(self, name):
        self.name = name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        if not name.startswith("@"):
            shutil.chown(name, "postgres", "postgres")
        self.heard = []

    def listen(self):
        """Takes what has come: a list of words {NAME: value}."""
        with contextlib.suppress(BlockingIOError):
            while True:
                text = self.socket.recv(4096, socket.MSG_DONTWAIT).decode()
                self.heard.append(dict(line.split("=", 1) for line in text.split("\n")))
        return self.heard

    def wait_for(self, name, value=None, after=0, seconds=30):
        """The first datagram with this word behind the first `after` ones."""
        def came():
            return next((words for words in self.listen()[after:] if name in words and value in (None, words[name])), None)
        return world.wait_until(came, seconds, f"{name} at the service manager")


@pytest.fixture
def new_manager():
    folder = world.make_folder()
    shutil.chown(folder, "postgres", "postgres")
    made = []

    def make(name):
        made.append(Manager(f"@rp-{os.getpid()}-{len(made)}" if name == "abstract" else str(folder / "notify")))
        return made[-1]

    yield make
    for manager in made:
        manager.socket.close()
    shutil.rmtree(folder)


@pytest.fixture
def supervised(new_service, new_manager):
    """A service that is told of a service manager, not started yet, and the manager."""
    def make(name="abstract", **environment):
        manager = new_manager(name)
        return new_service(environment={"NOTIFY_SOCKET": manager.name, **environment}, start=False), manager
    return make


@pytest.mark.parametrize("name", ["abstract", "path"])
def test_the_service_manager_is_told_when_restpoint_answers_and_when_it_ends(supervised, name):
    service, manager = supervised(name)

    service.launch()
    ready = manager.wait_for("READY", "1")
    port = int(ready["STATUS"].partition(";")[0].rpartition(":")[2])
    service.port = port
    assert service.ask("/livez").status == 200, "ready and no answer"
    assert ready["STATUS"] == f"listening on 127.0.0.1:{port}; no job runs"

    assert service.kill(signal.SIGTERM) == 0
    stopping = manager.wait_for("STOPPING", "1")
    assert int(stopping["EXTEND_TIMEOUT_USEC"]) >= 20e6, "less than shutdown.grace_s"
    assert sum("READY" in words for words in manager.heard) == 1


def test_a_reload_is_told_with_its_begin_and_its_end(supervised):
    service, manager = supervised()
    service.start()
    manager.wait_for("READY")
    before, asked = len(manager.heard), time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000

    service.process.send_signal(signal.SIGHUP)

    began = manager.wait_for("RELOADING", "1", before)
    assert asked <= int(began["MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    done = manager.wait_for("READY", "1", before)
    assert done["STATUS"] == "configuration reloaded"
    assert manager.heard.index(began) < manager.heard.index(done)


def test_a_reload_that_changes_nothing_ends_too_and_says_so(supervised):
    service, manager = supervised()
    service.start()
    manager.wait_for("READY")
    before = len(manager.heard)
    service.toml.write_text(service.toml.read_text() + "\n[nonsense]\n")

    service.process.send_signal(signal.SIGHUP)

    assert manager.wait_for("READY", "1", before)["STATUS"] == "configuration not reloaded: everything stays as it was"


def test_the_status_counts_the_jobs(supervised, cluster):
    service, manager = supervised(WATCHDOG_USEC="200000")
    service.toml.write_text(service.toml.read_text().replace(str(cluster.config), str(cluster.slow_config)))
    service.start()
    job = service.back_up()
    service.wait_until_copying(job)

    manager.wait_for("STATUS", f"listening on 127.0.0.1:{service.port}; 1 job runs or waits")

    service.ask(f"/api/v1/jobs/{job}/cancel", "POST")
    service.wait_for(job)
    after = len(manager.listen())
    manager.wait_for("STATUS", f"listening on 127.0.0.1:{service.port}; no job runs", after)


def test_signs_of_life_come_while_the_event_loop_turns(supervised):
    service, manager = supervised(WATCHDOG_USEC="500000")
    service.start()
    for _ in range(3):
        manager.wait_for("WATCHDOG", "1", len(manager.listen()))

    service.process.send_signal(signal.SIGSTOP)
    # What was under way has come by the time that the kernel says it stands still.
    world.wait_until(lambda: f"({service.program.name}) T" in (open(f"/proc/{service.pid()}/stat", encoding="ascii").read()),
                     30, "standstill")
    quiet_since = len(manager.listen())
    time.sleep(1)
    silent = len(manager.listen()) == quiet_since
    service.process.send_signal(signal.SIGCONT)

    assert silent, "somebody else than the event loop gives the signs of life"
    manager.wait_for("WATCHDOG", "1", quiet_since)


def test_a_watchdog_that_watches_another_process_is_not_ours(supervised):
    service, manager = supervised(WATCHDOG_USEC="100000", WATCHDOG_PID="1")
    service.start()
    manager.wait_for("READY")

    assert service.kill(signal.SIGTERM) == 0
    manager.wait_for("STOPPING")
    # Without a watchdog a word comes with a changed status only: the first one at the most.
    assert sum("WATCHDOG" in words for words in manager.heard) <= 1


def test_children_do_not_hear_of_the_service_manager(supervised, cluster):
    service, manager = supervised(WATCHDOG_USEC="500000", WATCHDOG_PID="1")
    service.toml.write_text(service.toml.read_text().replace(str(cluster.config), str(cluster.slow_config)))
    service.start()
    manager.wait_for("READY")
    job = service.back_up()
    service.wait_until_copying(job)

    environments = [open(f"/proc/{pid}/environ", encoding="utf-8").read() for pid in cluster.backrest_processes()]
    service.ask(f"/api/v1/jobs/{job}/cancel", "POST")
    service.wait_for(job)

    assert environments
    assert not [e for e in environments if "NOTIFY_SOCKET=" in e or "WATCHDOG_" in e]
