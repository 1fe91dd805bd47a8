"""Functions of the entry point on their own, with programs that say what a case needs. No container is started."""
import json
import os
import shlex
import subprocess
import sys

import pytest

from support import world

PARTS = world.ROOT / "deploy/image"


@pytest.fixture
def parts(tmp_path):
    """Runs a script behind the entry point's functions; `programs` stand before those of the machine."""
    for name in ("data", "home", "run", "share", "bin"):
        (tmp_path / name).mkdir()

    def run(script, **programs):
        for name, body in programs.items():
            program = tmp_path / "bin" / name
            program.write_text(f"#!/bin/bash\necho \"{name} $*\" >>'{tmp_path}/told'\n{body}\n")
            program.chmod(0o755)
        (tmp_path / "told").write_text("")
        text = (f"set -euo pipefail\nparts={PARTS}\nfor part in settings volume private restore; do . $parts/$part.sh; done\n"
                f"home={tmp_path}/home run={tmp_path}/run share={tmp_path}/share\n{script}")
        done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=False, timeout=60,
                              env={"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "PGDATA": f"{tmp_path}/data", "AT": str(tmp_path)})
        done.told = (tmp_path / "told").read_text()
        return done

    run.at = tmp_path
    return run


@pytest.mark.parametrize("steps, held", [
    ("", False),
    ("begin prepare, end prepare, begin restore", False),
    ("begin stop", True),
    ("begin stop, end stop, begin swap", True),
    ("begin stop, end stop, begin start, end start, begin release", False),
    ("begin replay, back failed, begin halt", False),
    ("begin replay, back failed, begin halt, end halt, begin discard", False),
    ("begin stop, end stop, begin start, back failed, begin halt", True),
    ("begin stop, end stop, begin start, end start, back failed, begin halt, end halt, begin swap_back", True),
    ("begin stop, end stop, back failed, begin start_old, end start_old", False),
    ("begin stop, end stop, done ok", False)])
def test_a_restore_holds_postgresql_stopped_only_behind_its_stop(parts, steps, held):
    journal = parts.at / "data/.restpoint/7/journal"
    journal.parent.mkdir(parents=True)
    journal.write_text("".join(f"{number} {step}\n" for number, step in enumerate(filter(None, steps.split(", ")))))

    assert (parts("under_restore").returncode == 0) == held


def state(words):
    """A pg_controldata that says these one after the other, and then the last again."""
    return (f"words=({' '.join(repr(one) for one in words)}); n=$(cat $AT/asked 2>/dev/null || echo 0); echo $((n + 1)) >$AT/asked\n"
            "[ $n -lt ${#words[@]} ] || n=$((${#words[@]} - 1))\necho \"Database cluster state:               ${words[$n]}\"")


REPLAY = "growing=$AT/data/.restpoint-bootstrap; mkdir -p $growing/data; touch $growing/data/recovery.signal; replay"
SLOW_START = "case \"$*\" in *start) exit 1 ;; esac"


def test_a_recovery_that_takes_longer_than_its_start_is_waited_for(parts):
    done = parts(REPLAY, pg_ctl=SLOW_START, pg_isready="[ -e $AT/ready ] || { touch $AT/ready; exit 1; }", psql="exit 1",
                 pg_controldata=state(["in archive recovery", "in archive recovery", "in production"]))

    assert done.returncode == 0, done.stderr
    assert done.told.count("pg_controldata") == 4 and "pg_ctl" in done.told.splitlines()[-2] and "stop" in done.told.splitlines()[-2]
    assert "psql" not in done.told, "the cluster may not have the user that is asked for"


def test_a_server_that_has_ended_is_not_waited_for(parts):
    (parts.at / "run/private").mkdir()
    (parts.at / "run/private/log").write_text("FATAL: recovery ended before configured recovery target was reached\n")
    ended = "case \"$*\" in *start | *status) exit 1 ;; esac"

    done = parts(REPLAY, pg_ctl=ended, pg_isready="exit 1", pg_controldata=state(["in production"]))

    assert done.returncode == 1 and "does not reach its target" in done.stderr and "FATAL" in done.stderr


RESTORE = "growing=$AT/data/.restpoint-bootstrap; mkdir -p $growing; restore_files"


def test_a_restore_cut_off_before_its_manifest_is_begun_anew(parts):
    grows = parts.at / "data/.restpoint-bootstrap/data"
    (grows / "base").mkdir(parents=True)
    (grows / "backup.manifest.pgbackrest.tmp").touch()

    done = parts(RESTORE, pgbackrest="[ -z \"$(ls -A $PGDATA/.restpoint-bootstrap/data)\" ]")

    assert done.returncode == 0, done.stderr
    assert "--delta" not in done.told


@pytest.mark.parametrize("known_by", ["PG_VERSION", "backup.manifest"])
def test_a_restore_that_pgbackrest_knows_again_goes_on(parts, known_by):
    grows = parts.at / "data/.restpoint-bootstrap/data"
    grows.mkdir(parents=True)
    (grows / known_by).touch()

    done = parts(RESTORE, pgbackrest="")

    assert done.returncode == 0 and "--delta" in done.told and (grows / known_by).exists()


def test_a_restore_leaves_the_options_of_the_configuration_alone(parts):
    grows = parts.at / "data/.restpoint-bootstrap/data"

    done = parts(RESTORE, pgbackrest="")

    assert done.returncode == 0 and "--recovery-option" not in done.told
    assert (grows / "postgresql.auto.conf").read_text() == (
        f"restore_command = 'pgbackrest --config={parts.at}/home/pgbackrest.conf --stanza=appbackups archive-get %f \"%p\"'\n")


def test_pgbackrest_conf_is_replaced_only_by_another_one(parts):
    (parts.at / "share/pgbackrest.conf").write_text("[main]\npg1-path=@PG_DATA@\n")
    file = parts.at / "home/pgbackrest.conf"
    write = "own_folder() { mkdir -p $1; }; write_pgbackrest_conf"
    full = "echo 'No space left on device' >&2; exit 1"

    assert parts(write, cp=full).returncode == 1, "there is none to go on with"
    assert parts(write, cp="exec /bin/cp \"$@\"").returncode == 0
    before = file.stat()
    assert "[appbackups]" in file.read_text() and before.st_mode & 0o777 == 0o600
    assert parts(write, cp=full).stdout == "", "nothing is to be written"
    said = parts(f"POSTGRES_USER=app; {write}", cp=full)
    assert said.returncode == 0 and "the older one is used" in said.stdout
    assert file.stat().st_ino == before.st_ino and os.listdir(file.parent) == ["pgbackrest.conf"]
    assert parts(f"POSTGRES_USER=app; {write}", cp="exec /bin/cp \"$@\"").returncode == 0
    assert "pg1-user=app" in file.read_text()


@pytest.mark.parametrize("text", ["plain", "it's", r"C:\folder\new", "\\'"])
def test_a_setting_is_quoted_as_postgresql_reads_it(parts, text):
    told = parts(f"eval \"$(sed -n '/^quoted()/,/^}}/p' {PARTS}/entrypoint.sh)\"; quoted {shlex.quote(text)}").stdout

    assert told[0] == told[-1] == "'"
    assert told[1:-1].replace("''", "'").replace("\\\\", "\\") == text


def stanza(code, backup=(), db=(), **more):
    return [{"backup": list(backup), "db": list(db), "repo": [{"status": {"code": code, "message": "m"}}],
             "status": {"code": code, "message": "m"}, **more}]


@pytest.mark.parametrize("told, line", [
    ([], "none"),
    (stanza(1), "none"),
    (stanza(3), "half"),
    (stanza(2, db=[{"id": 1, "system-id": 7, "version": "15"}]), "empty 7 15"),
    (stanza(99), "m"),
    (stanza(4, repo=[{"status": {"code": 1, "message": "m"}}, {"status": {"code": 3, "message": "missing stanza data"}}]),
     "missing stanza data")])
def test_what_the_repo_has_is_told_in_a_line(told, line):
    done = subprocess.run([sys.executable, PARTS / "repo_state.py"], input=json.dumps(told), capture_output=True, text=True, check=False)

    assert done.stdout.strip() == line
    assert done.returncode == (0 if line.split()[0] in ("none", "half", "empty") else 1)
