"""The package under a real systemd: the service comes up by itself, backups outlive it, and it comes back.

The systemd is the first process of the root file system, in namespaces of its own.
"""
import json
import shutil
import time

import pytest

from support import world

SETTINGS = "/etc/restpoint/restpoint.toml"
UNIT = "restpoint.service"


class Machine:
    def __init__(self, root):
        self.root = root

    def show(self, name):
        return self.root.run("systemctl", "show", "-P", name, UNIT).strip()

    def wait_for(self, name, value, seconds=60):
        def is_so():
            return self.show(name) == value or time.sleep(0.1)
        try:
            world.wait_until(is_so, seconds, f"{name}={value}")
        except AssertionError as e:
            raise AssertionError(f"{e}: it is {self.show(name)}\n{self.journal()}") from None

    def journal(self):
        return self.root.ran("journalctl", "-u", UNIT, "-n", "40", "--no-pager", "-o", "cat").stdout

    def drop_in(self, text):
        folder = self.root.path("/etc/systemd/system/restpoint.service.d")
        folder.mkdir(exist_ok=True)
        (folder / "test.conf").write_text(f"[Service]\n{text}\n")
        self.root.run("systemctl", "daemon-reload")

    def ask(self, path, *options):
        """As root, by the Unix socket of the default configuration."""
        return json.loads(self.root.run("curl", "-sS", "--fail-with-body", "--max-time", "60", "--unix-socket",
                                        "/run/restpoint/restpoint.sock", *options, f"http://localhost/api/v1{path}"))

    def post(self, path, body):
        return self.ask(path, "-H", "Content-Type: application/json", "-d", json.dumps(body))

    def job(self, number):
        return self.ask(f"/jobs/{number}")

    def wait_for_job(self, number):
        def ended():
            job = self.job(number)
            return job if job["state"] not in ("queued", "running") else time.sleep(0.1)
        return world.wait_until(ended, 180, f"the end of job {number}")

    def version(self):
        return self.root.run("ls", "/etc/postgresql").strip()

    def make_stanza(self):
        """What Debian's packages leave to the administrator: a stanza, its section, and archiving."""
        root = self.root
        version = self.version()
        if "\n[main]" in root.path("/etc/pgbackrest.conf").read_text():
            return  # by a test before
        with open(root.path("/etc/pgbackrest.conf"), "a", encoding="utf-8") as conf:
            conf.write("repo1-retention-full=2\nstart-fast=y\nprocess-max=1\ncompress-type=gz\ncompress-level=9\n"
                       f"[main]\npg1-path=/var/lib/postgresql/{version}/main\n")
        created = self.wait_for_job(self.post("/stanzas/main", {})["id"])
        assert created["state"] == "succeeded", self.log(created["id"])
        # Only now: the archiver waits for a minute once it has failed for the lack of a stanza.
        root.path(f"/etc/postgresql/{version}/main/conf.d/archive.conf").write_text(
            "archive_mode = on\narchive_command = 'pgbackrest --stanza=main archive-push %p'\nfsync = off\n")
        root.run("systemctl", "restart", f"postgresql@{version}-main")

    def shims(self):
        return [line for line in self.root.run("ps", "-eo", "pid,args").splitlines() if "job-exec" in line]

    def sql(self, statement):
        return self.root.as_postgres("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", statement).strip()

    def log(self, number):
        return self.root.run("curl", "-sS", "--unix-socket", "/run/restpoint/restpoint.sock",
                             f"http://localhost/api/v1/jobs/{number}/log")

    def signal_backup(self, name):
        """To pgBackRest, not to its shim. True when there is somebody who hears it."""
        return self.root.ran("pkill", f"-{name}", "-f", "^pgbackrest .*backup").returncode == 0

    def start_backup(self):
        """Returns once it runs, and stands still until it is told to go on."""
        job = self.post("/stanzas/main/backups", {"type": "full"})["id"]
        world.wait_until(lambda: self.signal_backup("STOP"), 60, "a running backup")
        return job


@pytest.fixture
def installed(machine, package):
    before = machine.entries()
    machine.install(package)
    made = Machine(machine)
    made.before = before
    yield made
    # What a test added to the unit is the administrator's, and no purge takes it.
    shutil.rmtree(machine.path("/etc/systemd/system/restpoint.service.d"), ignore_errors=True)


def test_the_service_is_up_with_the_package_and_gone_with_its_purge(installed):
    assert installed.show("ActiveState") == "active"
    assert installed.show("UnitFileState") == "enabled"
    assert installed.show("StatusText") == "listening on 127.0.0.1:5000; no job runs"
    # PostgreSQL answers it by its own socket, as the same user; the stanza is for the administrator to fill in.
    assert "True" in installed.root.run("curl", "-sS", "http://127.0.0.1:5000/pgBackRest/db_status")
    assert [s["name"] for s in installed.ask("/stanzas")["stanzas"]] == ["main"]

    installed.root.purge()

    assert installed.root.ran("systemctl", "is-active", UNIT).returncode != 0
    assert not installed.root.ran("pgrep", "-x", "restpoint").stdout
    after = installed.root.entries()
    assert after == installed.before, installed.before.keys() ^ after.keys()
    assert not installed.root.run("ls", "/run").split().count("restpoint")


def test_a_backup_outlives_restart_upgrade_and_crash_of_the_service(installed, package):
    installed.make_stanza()
    job = installed.start_backup()
    shim = installed.shims()

    installed.root.run("systemctl", "restart", UNIT)
    restarted = installed.show("MainPID")
    installed.root.install(package, "--reinstall")
    installed.wait_for("ActiveState", "active")
    upgraded = installed.show("MainPID")
    installed.root.run("kill", "-KILL", upgraded)
    world.wait_until(lambda: installed.show("MainPID") not in ("0", upgraded), 60, "a new service after the crash")
    installed.wait_for("ActiveState", "active")

    assert restarted != upgraded
    assert shim and installed.shims() == shim, "the backup was over before, or is another one"
    assert installed.job(job)["state"] == "running"
    assert installed.signal_backup("CONT")
    assert installed.wait_for_job(job)["state"] == "succeeded", installed.journal()
    assert [b["label"] for b in installed.ask("/stanzas/main/backups")["backups"]]


def test_a_service_that_hangs_is_started_anew(installed):
    installed.drop_in("WatchdogSec=2\nTimeoutAbortSec=2\nRestartSec=0")
    installed.root.run("systemctl", "restart", UNIT)
    hung = installed.show("MainPID")

    installed.root.run("kill", "-STOP", hung)

    world.wait_until(lambda: installed.show("MainPID") not in ("0", hung), 60, "another process")
    installed.wait_for("ActiveState", "active")
    assert installed.show("NRestarts") == "1"


def test_a_wrong_configuration_is_told_once_and_not_tried_again(installed):
    right = installed.root.path(SETTINGS).read_text()
    installed.root.path(SETTINGS).write_text(right + "\n[nonsense]\n")

    reloaded = installed.root.ran("systemctl", "reload", UNIT)
    assert reloaded.returncode != 0, "a reload of nonsense passed for one"
    assert installed.show("ActiveState") == "active"

    assert installed.root.ran("systemctl", "restart", UNIT).returncode != 0
    installed.wait_for("ActiveState", "failed")
    assert (installed.show("ExecMainStatus"), installed.show("NRestarts")) == ("2", "0")

    installed.root.path(SETTINGS).write_text(right)
    installed.root.run("systemctl", "start", UNIT)
    installed.root.run("systemctl", "reload", UNIT)
    installed.wait_for("ActiveState", "active")


def test_restpoint_may_restart_postgresql_through_systemd_and_nothing_else(installed):
    cluster = f"postgresql@{installed.version()}-main.service"
    # As the unit runs it: no privileges to be had, so no sudo.
    as_the_unit = ["systemd-run", "--pipe", "--wait", "-q", "-p", "User=postgres", "-p", "NoNewPrivileges=yes", "systemctl",
                   "--no-ask-password"]
    before = installed.root.run("systemctl", "show", "-P", "InvocationID", cluster)

    installed.root.run(*as_the_unit, "restart", cluster)

    assert installed.root.run("systemctl", "show", "-P", "InvocationID", cluster) != before
    assert installed.root.run("systemctl", "is-active", cluster).strip() == "active"
    for verb, unit in (("stop", "dbus.service"), ("mask", cluster), ("start", "postgresql@/../evil.service")):
        assert installed.root.ran(*as_the_unit, verb, unit).returncode != 0, f"{verb} {unit} was done"


def test_a_restore_works_in_the_sandbox_and_postgresql_stays_in_its_own_unit(installed):
    cluster = f"postgresql@{installed.version()}-main"
    control = (f'control = "command"\ndata_dir = "/var/lib/postgresql/{installed.version()}/main"\n'
               f'start_command = "systemctl start {cluster}"\nstop_command = "systemctl stop {cluster}"\n')
    settings = installed.root.path(SETTINGS)
    settings.write_text(settings.read_text().replace("[postgres]\n", "[postgres]\n" + control))
    installed.root.run("systemctl", "restart", UNIT)
    installed.make_stanza()
    installed.sql("create table kept as select 1 as n")
    backup = installed.post("/stanzas/main/backups", {"type": "full"})["id"]
    assert installed.wait_for_job(backup)["state"] == "succeeded", installed.log(backup)
    installed.sql("insert into kept values (2)")
    installed.sql("select pg_create_restore_point('here')")
    installed.sql("drop table kept")

    plan = installed.post("/stanzas/main/restore-plans", {"target": {"type": "name", "value": "here"}})
    assert plan["refusals"] == [], plan["refusals"]
    restore = installed.post("/stanzas/main/restores", {"plan": plan["id"], "digest": plan["digest"], "confirm": "main"})["id"]

    assert installed.wait_for_job(restore)["state"] == "succeeded", installed.log(restore)[-3000:]
    assert installed.sql("select sum(n) from kept") == "3"
    pid = installed.sql("select pg_read_file('postmaster.pid')").split()[0]
    assert cluster in installed.root.run("cat", f"/proc/{pid}/cgroup")
