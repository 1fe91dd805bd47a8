"""What becomes of an empty volume, a half-made one and one of another cluster."""
import gzip
import os
import pathlib
import tempfile

import pytest

from support.world import wait_until

CIPHER = {"PGBACKREST_REPO1_CIPHER_TYPE": "aes-256-cbc", "PGBACKREST_REPO1_CIPHER_PASS": "right"}


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="rp-image-") as name:
        path = pathlib.Path(name)
        path.chmod(0o777)
        yield path


def write(path, text, mode=0o644):
    path.write_text(text)
    path.chmod(mode)


def where(lab, volume):
    """A volume on this machine's disk."""
    return pathlib.Path(lab.engine.docker("volume", "inspect", "-f", "{{.Mountpoint}}", volume).stdout.strip())


def of_archive(listing):
    return {line for line in listing if line.startswith("archive/") and ".info" not in line and line.split()[0].count("/") > 3}


def test_the_variables_of_the_official_image(lab, folder):
    scripts = folder / "scripts"
    scripts.mkdir()
    write(folder / "password", "se'cret\n")
    write(folder / "user", "app\n")
    write(scripts / "1.sql", "create table made (n int); insert into made values (1);")
    with gzip.open(scripts / "2.sql.gz", "wt") as packed:
        packed.write("insert into made values (2);")
    write(scripts / "3.sh", "docker_process_sql -c 'insert into made values (3)'")
    write(scripts / "4.sh", '#!/bin/sh\npsql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "insert into made values (4)"\n', 0o755)
    write(scripts / "5.txt", "not run")

    made = lab.container(
        options=["-v", f"{scripts}:/docker-entrypoint-initdb.d:ro", "-v", f"{folder}/password:/run/secrets/password:ro",
                 "-v", f"{folder}/user:/run/secrets/user:ro"],
        command=["postgres", "-c", "max_connections=37"], POSTGRES_USER_FILE="/run/secrets/user", POSTGRES_DB="shop",
        POSTGRES_PASSWORD_FILE="/run/secrets/password", POSTGRES_INITDB_ARGS="--wal-segsize=4 --locale=en_US.UTF-8")
    made.wait_until_up("app")

    assert made.sql("select array_agg(n order by n) from made", "app", "shop") == "{1,2,3,4}"
    assert made.sql("select datcollate from pg_database where datname = 'shop'", "app") == "en_US.UTF-8"
    assert made.sql("show wal_segment_size", "app") == "4MB"
    assert made.sql("show max_connections", "app") == "37"
    login = ["psql", "-h", "127.0.0.1", "-U", "app", "-d", "shop", "-Atc", "select 1"]
    assert made.exec("env", "PGPASSWORD=se'cret", *login).stdout.strip() == "1"
    assert made.exec("env", "PGPASSWORD=wrong", *login, check=False).returncode != 0
    made.wait_for_first_backup()
    assert "se'cret" not in str(made.inspect("Config")["Env"])


def test_a_start_that_was_cut_off_is_begun_anew(lab, folder):
    data = lab.volume()
    write(folder / "1.sql", "create table made (n int); insert into made values (1);")
    write(folder / "2.sh", 'if [ "$HOLD" = yes ]; then echo holding; sleep 600; fi\n[ "$HOLD" != fail ] || false\n')
    scripts = ["-v", f"{folder}:/docker-entrypoint-initdb.d:ro"]

    cut = lab.container(data=data, options=scripts, HOLD="yes")
    wait_until(lambda: "holding" in cut.log(), 60, "the second script")
    lab.engine.docker("kill", cut.name)
    said = lab.refused(data=data, options=scripts, HOLD="fail")
    assert "could not be filled" in said
    assert not (where(lab, data) / "PG_VERSION").exists()
    assert not (where(lab, data) / ".restpoint-bootstrap").exists()

    made = lab.container(data=data, options=scripts).wait_until_up()
    assert made.sql("select count(*) from made") == "1"


# What the repo may hold when a start is killed in the middle of stanza-create.
@pytest.mark.parametrize("left", ["nothing", "empty folders", "archive.info", "all of it"])
def test_a_new_cluster_whose_stanza_was_cut_off_gets_it(lab, folder, left):
    data, repo = lab.volume(), lab.volume()
    write(folder / "1.sql", "create table made (n int); insert into made values (1);")
    scripts = ["-v", f"{folder}:/docker-entrypoint-initdb.d:ro"]
    lab.shell(repo, "touch /v/mounted; chown 0:0 /v; chmod 0755 /v")  # an empty volume would get the mode of the image
    said = lab.refused(data=data, repo=repo, options=scripts)
    assert "could not be made in the repo" in said and "the next start goes on" in said, said
    assert (where(lab, data) / ".restpoint-bootstrap/filled").exists()
    lab.shell(repo, "chown 999:999 /v")
    if left != "nothing":
        lab.engine.docker("run", "--rm", "-v", f"{data}:/var/lib/postgresql/data", "-v", f"{repo}:/var/lib/pgbackrest", lab.image,
                          "env", "-u", "PGBACKREST_CONFIG", "-u", "PGBACKREST_CONFIG_INCLUDE_PATH", "pgbackrest", "--no-online",
                          "--stanza=appbackups", "--pg1-path=/var/lib/postgresql/data/.restpoint-bootstrap/data", "--log-level-file=off",
                          "stanza-create")
        gone = {"empty folders": "/v/*/appbackups/*.info*", "archive.info": "/v/backup/appbackups/backup.info*", "all of it": ""}[left]
        lab.shell(repo, f"rm -f {gone}")

    made = lab.container(data=data, repo=repo, options=scripts, RESTPOINT_BOOTSTRAP="auto").wait_until_up()

    assert "going on" in made.log()
    assert made.sql("select count(*) from made") == "1"
    made.seal()


def test_a_cluster_on_its_way_to_its_place_arrives(lab):
    data, repo = lab.volume(), lab.volume()
    made = lab.container(data=data, repo=repo).wait_until_up()
    made.sql("create table made as select 1 as n")
    made.stop()
    # As it lies when a start is killed between two renames.
    lab.shell(data, "mkdir -p /v/.restpoint-bootstrap/data; touch /v/.restpoint-bootstrap/complete; cd /v; "
                    "mv base global pg_wal PG_VERSION .restpoint-bootstrap/data; chown -R 999:999 .restpoint-bootstrap")

    again = lab.container(data=data, repo=repo).wait_until_up()

    assert again.sql("select n from made") == "1"
    assert not (where(lab, data) / ".restpoint-bootstrap").exists()


def test_nothing_is_put_over_what_is_no_cluster(lab):
    data = lab.volume()
    lab.shell(data, "echo mine > /v/letter; chown -R 999:999 /v")
    before = lab.listing(data)

    said = lab.refused(data=data)

    assert "there is no cluster" in said and "letter" in said
    assert lab.listing(data) == before


@pytest.fixture(scope="module")
def backed_up(shared_lab):
    """Volumes of a cluster with an encrypted repo: data, repo, and a moment between its two rows."""
    data, repo = shared_lab.volume(), shared_lab.volume()
    made = shared_lab.container(data=data, repo=repo, **CIPHER).wait_until_up()
    made.sql("create table kept (n int)")
    made.sql("create table filling as select md5(g::text) t from generate_series(1, 1000000) g")
    made.wait_for_first_backup()
    made.succeeded(made.ask("/api/v1/stanzas/appbackups/backups", "POST", {"type": "full"}).json()["id"])
    made.sql("insert into kept values (1)")
    made.seal()
    moment = made.sql("select clock_timestamp()")
    made.sql("insert into kept values (2)")
    made.stop()
    return data, repo, moment


@pytest.fixture
def copy_of_repo(lab, backed_up):
    """A repo of its own for each test that writes into it."""
    copy = lab.volume()
    lab.engine.docker("run", "--rm", "--user", "0", "--entrypoint", "cp", "-v", f"{backed_up[1]}:/from:ro", "-v", f"{copy}:/to", lab.image,
                      "-a", "/from/.", "/to/")
    return copy


def test_an_empty_volume_is_restored(lab, copy_of_repo):
    before = of_archive(lab.listing(copy_of_repo))

    made = lab.container(repo=copy_of_repo, RESTPOINT_BOOTSTRAP="auto", **CIPHER).wait_until_up()

    # The last row was in WAL that only the stop of the old container archived.
    assert made.sql("select array_agg(n order by n) from kept") == "{1,2}"
    assert made.sql("select timeline_id from pg_control_checkpoint()") == "2"
    made.seal()
    after = lab.listing(copy_of_repo)
    assert before <= of_archive(after), "something in the archive was overwritten"
    assert [line for line in after if "00000002.history" in line]
    full = made.ask("/pgBackRest/backup/full?wait=true")
    assert full.status == 200, full.text
    # The next start of the same container is one of an existing volume.
    lab.engine.docker("restart", made.name)
    assert made.wait_until_up().sql("select timeline_id from pg_control_checkpoint()") == "2"


def test_an_empty_volume_is_restored_to_a_moment(lab, copy_of_repo, backed_up):
    made = lab.container(repo=copy_of_repo, RESTPOINT_BOOTSTRAP="restore", RESTPOINT_BOOTSTRAP_TARGET=backed_up[2], **CIPHER)

    assert made.wait_until_up().sql("select array_agg(n) from kept") == "{1}"


def test_an_empty_volume_is_restored_on_the_timeline_that_was_noted(lab, copy_of_repo, backed_up):
    other = lab.container(repo=copy_of_repo, RESTPOINT_BOOTSTRAP="restore", RESTPOINT_BOOTSTRAP_TARGET=backed_up[2], **CIPHER)
    other.wait_until_up().seal()
    other.stop()
    state = lab.volume()
    # As an undo leaves it: the newest timeline is not the live one.
    lab.shell(state, "chown 999:999 /v; printf '%s\\n' '# restpoint: the live timeline of appbackups' '[appbackups]' "
                     "recovery-option=recovery_target_timeline=1 '# restpoint: end of it' >/v/pgbackrest.conf; chown 999:999 /v/*")

    made = lab.container(repo=copy_of_repo, volumes={state: "/var/lib/restpoint"}, RESTPOINT_BOOTSTRAP="restore", **CIPHER)

    assert made.wait_until_up().sql("select array_agg(n order by n) from kept") == "{1,2}"
    assert made.sql("select timeline_id from pg_control_checkpoint()") == "3"
    assert "bootstrap" not in made.sql("show restore_command")
    made.stop()
    asked = lab.container(repo=copy_of_repo, volumes={state: "/var/lib/restpoint"}, RESTPOINT_BOOTSTRAP="restore",
                          RESTPOINT_BOOTSTRAP_TIMELINE="2", **CIPHER)
    assert asked.wait_until_up().sql("select array_agg(n order by n) from kept") == "{1}"


def test_a_restore_that_was_cut_off_goes_on(lab, copy_of_repo):
    data = lab.volume()
    cut = lab.container(data=data, repo=copy_of_repo, RESTPOINT_BOOTSTRAP="auto", PGBACKREST_PROCESS_MAX="1", **CIPHER)
    grows = where(lab, data) / ".restpoint-bootstrap/data"
    wait_until(lambda: grows.exists() and len(list(grows.rglob("*"))) > 20, 60, "the first files of the restore")
    lab.engine.docker("kill", cut.name)
    assert not (where(lab, data) / "PG_VERSION").exists(), "the restore was too quick to be cut off"

    made = lab.container(data=data, repo=copy_of_repo, RESTPOINT_BOOTSTRAP="auto", **CIPHER).wait_until_up()

    assert "going on with what is there" in made.log()
    assert made.sql("select array_agg(n order by n) from kept") == "{1,2}"
    assert made.sql("select count(*) from filling") == "1000000"


# pgBackRest tries for two minutes.
NOBODY_THERE = [] if os.environ.get("TEST_LONG") != "1" else [(
    {"RESTPOINT_BOOTSTRAP": "auto", "PGBACKREST_REPO1_TYPE": "s3", "PGBACKREST_REPO1_S3_BUCKET": "b",
     "PGBACKREST_REPO1_S3_ENDPOINT": "localhost", "PGBACKREST_REPO1_S3_REGION": "r", "PGBACKREST_REPO1_S3_KEY": "k",
     "PGBACKREST_REPO1_S3_KEY_SECRET": "s", "PGBACKREST_REPO1_STORAGE_PORT": "1"}, "repo cannot be looked into")]


def test_a_repo_that_cannot_be_read_is_no_empty_one(lab, copy_of_repo):
    data = lab.volume()
    lab.shell(copy_of_repo, "chown 0:0 /v/backup; chmod 0700 /v/backup")

    said = lab.refused(data=data, repo=copy_of_repo, RESTPOINT_BOOTSTRAP="auto", **CIPHER)

    assert "repo cannot be looked into" in said and "Permission denied" in said, said
    assert lab.listing(data) == []


@pytest.mark.parametrize("settings, sentence", [
    ({**CIPHER, "RESTPOINT_BOOTSTRAP": "auto", "PGBACKREST_REPO1_CIPHER_PASS": "wrong"}, "repo cannot be looked into"),
    ({**CIPHER, "RESTPOINT_BOOTSTRAP": "restore", "PGBACKREST_REPO1_CIPHER_PASS": "wrong"}, "repo cannot be looked into"),
    (CIPHER, "has backups of stanza 'appbackups' already"),
    ({**CIPHER, "RESTPOINT_BOOTSTRAP": "restore", "RESTPOINT_PGBACKREST_STANZA": "other"}, "has no stanza 'other'"),
    ({"RESTPOINT_BOOTSTRAP": "maybe"}, "RESTPOINT_BOOTSTRAP cannot be 'maybe'"),
    ({"RESTPOINT_BOOTSTRAP_TARGETS": "now"}, "there is no RESTPOINT_BOOTSTRAP_TARGETS")] + NOBODY_THERE)
def test_what_cannot_be_right_is_refused(lab, backed_up, settings, sentence):
    data = lab.volume()
    before = lab.listing(backed_up[1])

    said = lab.refused(data=data, repo=backed_up[1], **settings)

    assert sentence in said, said
    assert lab.listing(data) == []
    assert lab.listing(backed_up[1]) == before


def test_a_cluster_and_the_stanza_of_another_are_kept_apart(lab, backed_up):
    data = lab.volume()
    lab.container(data=data).wait_until_up().stop()
    before = lab.listing(data), lab.listing(backed_up[1])

    said = lab.refused(data=data, repo=backed_up[1], **CIPHER)

    assert "is of another cluster" in said
    assert (lab.listing(data), lab.listing(backed_up[1])) == before


def test_the_volume_of_the_official_image_is_taken_up(lab):
    data = lab.volume()
    lab.shell(data, "chown 999:999 /v; chmod 700 /v; setpriv --reuid=postgres --regid=postgres --init-groups "
                    "initdb -D /v -A trust -U postgres --no-sync >/dev/null")

    made = lab.container(data=data).wait_until_up()

    made.wait_for_first_backup()
    made.sql("create table made as select 1 as n")
    made.seal()
    # Another image over the same volumes, as after an upgrade.
    made.stop()
    newer = f"{lab.image}-newer"
    lab.engine.docker("commit", made.name, newer)
    volumes = list(made.volumes)
    again = lab.container(data=volumes[0], repo=volumes[1], image=newer).wait_until_up()
    assert again.sql("select n from made") == "1"
    assert len(again.backups()) == 1
    again.seal()


def test_a_volume_of_another_user_is_named_or_handed_over(lab):
    data, repo = lab.volume(), lab.volume()
    made = lab.container(data=data, repo=repo).wait_until_up()
    made.sql("create table made as select 1 as n")
    made.stop()
    for volume in (data, repo):
        lab.shell(volume, "chown -R 4711:4711 /v")

    said = lab.refused(data=data, repo=repo)
    assert "cannot write into /var/lib/postgresql/data" in said and "--user 0" in said

    again = lab.container(data=data, repo=repo, options=["--user", "0"]).wait_until_up()
    assert again.sql("select n from made") == "1"
    again.seal()
    status = pathlib.Path(f"/proc/{again.inspect()['Pid']}/status").read_text()
    assert "Uid:\t999\t999\t999" in status and "CapEff:\t0000000000000000" in status
