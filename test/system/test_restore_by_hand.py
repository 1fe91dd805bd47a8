"""Restores as people start them: the client at a command line, and the classic pages."""
import datetime
import os
import pty
import re
import shutil
import subprocess
import time

import pytest

from support import world
from support.restores import RestoreCluster

CLASSIC = "/pgBackRest/restore/"


class Hands:
    """A cluster that restpoint may stop and start, with a backup and a row behind it."""

    def __init__(self):
        self.folder = world.make_folder()
        self.cluster = RestoreCluster(self.folder)
        self.cluster.sql("create table seen (n int)")
        self.cluster.backrest("--type=full", "backup")
        # pgBackRest tells the end of a backup in whole seconds.
        ended = int(time.time())
        world.wait_until(lambda: int(time.time()) > ended + 1, 10, "a second that is surely behind the backup")
        self.service = world.Service(self.cluster, self.folder / "service", environment={
            "RESTPOINT_POSTGRES_CONTROL": "pg_ctl", "RESTPOINT_POSTGRES_DATA_DIR": str(self.cluster.data),
            "RESTPOINT_AUTH_MODE": "none"}).start()

    def end(self):
        self.service.stop()
        self.service.end_jobs()
        self.cluster.stop()
        shutil.rmtree(self.folder)

    def moment(self):
        """The server's clock between two commits."""
        self.cluster.sql("insert into seen values (1)")
        text = self.cluster.sql("select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US') || 'Z'")
        self.cluster.sql("insert into seen values (2)")
        return text

    def rows(self):
        return sorted(int(n) for n in self.cluster.sql("select n from seen").split())

    def argv(self, *words):
        return [str(self.service.program), *words, f"--server=http://127.0.0.1:{self.service.port}"]

    def client(self, *words):
        return subprocess.run(self.argv(*words), capture_output=True, text=True, timeout=180, check=False,
                              stdin=subprocess.DEVNULL)

    def wait_for_quiet(self):
        """Until no job runs, such as the backup behind a restore."""
        world.wait_until(lambda: all(j["state"] not in ("queued", "running") for j in self.service.jobs()), 60, "no job")

    def newest(self, kind):
        return next(j for j in self.service.jobs() if j["kind"] == kind)


@pytest.fixture(name="hands")
def hands_fixture():
    made = Hands()
    yield made
    made.end()


def test_the_client_restores_undoes_and_forgets(hands):
    moment = hands.moment()

    done = hands.client("restore", f"--target-time={moment}", "--confirm=main")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "restore of main to" in done.stderr
    assert "reversible until" in done.stdout
    assert hands.rows() == [1]
    restore = hands.newest("restore")

    wrong = hands.client("undo", restore["id"], "--confirm=other")
    assert wrong.returncode == 3
    back = hands.client("undo", restore["id"], "--confirm=main", "--queue")
    assert back.returncode == 0, back.stderr
    assert hands.rows() == [1, 2]
    again = hands.client("undo", restore["id"], "--confirm=main", "--queue")
    assert again.returncode == 3
    assert "was undone by" in again.stderr

    hands.wait_for_quiet()
    hands.cluster.sql("insert into seen values (3)")
    moment = datetime.datetime.now(datetime.timezone.utc).isoformat()
    hands.cluster.sql("insert into seen values (4)")
    done = hands.client("restore", f"--target-time={moment}", "--confirm=main")
    assert done.returncode == 0, done.stderr + done.stdout
    assert hands.rows() == [1, 2, 3]
    restore = hands.newest("restore")
    gone = hands.client("forget", restore["id"], "--confirm=main", "--queue")
    assert gone.returncode == 0, gone.stderr
    late = hands.client("undo", restore["id"], "--confirm=main", "--queue")
    assert late.returncode == 3
    assert "given up by" in late.stderr


def test_a_person_confirms_by_typing_the_name_of_the_stanza(hands):
    moment = hands.moment()
    for typed, code, rows in ((b"mian\n", 2, [1, 2]), (b"main\n", 0, [1])):
        person, terminal = pty.openpty()
        with subprocess.Popen(hands.argv("restore", f"--target-time={moment}"), stdin=terminal, stdout=subprocess.PIPE,
                              stderr=terminal, env={**os.environ, "TERM": "xterm"}) as client:
            os.close(terminal)
            shown = b""
            while b"type the name of the stanza (main)" not in shown:
                shown += os.read(person, 4096)
            os.write(person, typed)
            try:
                while os.read(person, 4096):
                    pass
            except OSError:  # its end of the terminal is closed
                pass
            assert client.wait(120) == code
        os.close(person)
        assert hands.rows() == rows


def test_the_classic_pages_restore_what_is_stopped(hands):
    service, cluster = hands.service, hands.cluster
    hands.moment()
    running = service.ask(CLASSIC + "delta")
    assert running.status == 409
    assert "Postgres is still running" in running.text
    assert service.ask(CLASSIC + "delta?stop=true").status == 409  # no GET stops it
    assert [j for j in service.jobs() if j["kind"] == "restore"] == []

    cluster.seal()
    cluster.stop()
    page = service.ask(CLASSIC + "delta?wait=true")
    assert page.status == 200, page.text
    assert "<h1> Success </h1>" in page.text
    assert not (cluster.data / "postmaster.pid").exists()
    cluster.start()
    world.wait_until(lambda: cluster.sql("select pg_is_in_recovery()") == "f", 30, "the end of recovery")
    assert hands.rows() == [1, 2]


def test_a_classic_page_stops_the_server_where_a_post_says_so(hands):
    moment = hands.moment()
    page = hands.service.ask(f"{CLASSIC}time?target={moment}&stop=true&wait=true", "POST")
    assert page.status == 200, page.text
    assert hands.rows() == [1]
    back = hands.client("undo", hands.newest("restore")["id"], "--confirm=main", "--queue")
    assert back.returncode == 0, back.stderr
    assert hands.rows() == [1, 2]


def test_a_named_database_is_restored_and_the_others_come_back_by_undo(hands):
    service, cluster = hands.service, hands.cluster
    cluster.sql("create database shop")
    cluster.sql("create database other")
    cluster.backrest("--type=full", "backup")
    cluster.stop()

    shown = service.ask(CLASSIC + "db?name=shop&start=true&wait=true")
    assert shown.status == 403
    token = re.search('name="token" value="([0-9a-f]+)"', shown.text)[1]
    done = service.ask(CLASSIC + "db?name=shop&start=true&wait=true", "POST", f"token={token}")
    assert done.status == 200, done.text

    def answers(database):
        return cluster.command("psql", "-X", "-At", "-h", cluster.run, "-U", "postgres", "-d", database, "-c",
                               "select count(*) > 0 from pg_class", check=False).strip()

    assert answers("shop") == "t"
    assert answers("other") != "t"
    back = hands.client("undo", hands.newest("restore")["id"], "--confirm=main", "--queue")
    assert back.returncode == 0, back.stderr
    assert answers("other") == "t"
