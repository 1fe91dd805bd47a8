"""Every call that users of the old image have, against a container, from outside."""
import pytest

from support.world import wait_until


@pytest.fixture(scope="module")
def classic(shared_lab):
    made = shared_lab.container(PG_BACKUP_TIME=None)
    made.wait_until_up()
    wait_until(lambda: [j for j in made.jobs() if j["kind"] == "check"], 60, "the check of the old image")
    return made.wait_for_first_backup()


def test_the_first_backup_comes_by_itself(classic):
    assert len(classic.backups()) == 1 and classic.backups()[0].endswith("F")
    kinds = [job["kind"] for job in classic.jobs()]
    assert sorted(kinds) == ["backup", "check", "stanza-create"]
    assert {job["state"] for job in classic.jobs()} == {"succeeded"}


def test_the_old_schedule_is_on(classic):
    told = classic.ask("/api/v1/schedules").json()["schedules"]

    assert len(told) == 7
    assert sorted(s["type"] for s in told) == ["diff"] * 6 + ["full"]


@pytest.mark.parametrize("path", ["backup/full", "backup/diff", "backup/incr", "create"])
def test_what_runs_something(classic, path):
    before = len(classic.backups())

    answer = classic.ask(f"/pgBackRest/{path}?wait=true")

    assert answer.status == 200, answer.text
    assert "<h1> Success </h1>" in answer.text
    assert len(classic.backups()) == before + path.startswith("backup")


def test_a_page_that_grows(classic):
    answer = classic.ask("/pgBackRest/backup/incr")

    assert answer.status == 200
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert classic.succeeded(answer.headers["Restpoint-Job"])["type"] == "incr"
    assert "<h1> Success </h1>" in answer.text


def test_what_only_tells(classic):
    info = classic.ask("/pgBackRest/info")
    status = classic.ask("/pgBackRest/db_status")

    assert info.status == 200 and "stanza: appbackups" in info.text and "full backup: " in info.text
    assert status.status == 200 and "Postgres status True" in status.text


@pytest.mark.parametrize("path", ["restore/delta", "restore/time/latest", "restore/time?target=2026-11-22T08:30:00Z"])
def test_restores_are_refused_while_postgresql_runs(classic, path):
    answer = classic.ask(f"/pgBackRest/{path}")

    assert answer.status == 409, answer.text
    assert classic.answers()


def test_the_restore_of_a_database_explains_itself(classic):
    assert classic.ask("/pgBackRest/restore/db").status == 400
    page = classic.ask("/pgBackRest/restore/db?name=postgres")
    assert page.status == 403 and "empties every other database" in page.text and "<form" in page.text
    assert classic.answers()


def test_a_restore_to_now(classic):
    classic.sql("create table kept as select 7 as n")
    stopped = classic.ask("/api/v1/postgres/stop", "POST")
    assert stopped.status == 202, stopped.text
    classic.succeeded(stopped.json()["id"])
    assert "Postgres status False" in classic.ask("/pgBackRest/db_status").text

    answer = classic.ask("/pgBackRest/restore/time/latest?wait=true&start=true")

    assert answer.status == 200, answer.text
    assert "<h1> Success </h1>" in answer.text
    assert classic.sql("select n from kept") == "7"
    classic.seal()


def test_what_is_written_is_in_the_log_of_the_container_too(classic):
    wait_until(lambda: "database system is ready to accept connections" in classic.log(), 10, "PostgreSQL's words")
    assert "restpoint is ready" in classic.log()


def test_the_packages_are_listed_inside(classic):
    packages = classic.exec("cat", "/usr/share/restpoint/packages.tsv").stdout

    assert "\npgbackrest\t" in packages and "\nsupervisor\t" in packages


def test_without_the_setting_a_token_is_asked_for(lab):
    made = lab.container(RESTPOINT_AUTH_MODE=None)
    wait_until(made.ready, 60, "restpoint")

    assert made.ask("/pgBackRest/info").status == 401
    assert made.ask("/pgBackRest/backup/full").status == 401
    assert "port 5000 asks for a token" in made.log()
    token = made.exec("restpoint", "token", "create", "--name", "me", "--role", "operator").stdout.strip()
    wait_until(lambda: made.ask("/pgBackRest/info", headers={"Authorization": f"Bearer {token}"}).status == 200, 30,
               "the token taken up")
    assert "appbackups" in made.exec("restpoint", "info", "--stanza", "appbackups").stdout  # nobody asks inside
