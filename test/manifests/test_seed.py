"""What becomes of an empty volume in a replica set: a standby, or, in the first pod alone, the beginning of a database."""
import json
import os
import subprocess

import pytest

from support import rendering

SEED = rendering.KUSTOMIZE / "overlays/replicas/seed.sh"
NOTHING = {"backup": [], "status": {"code": 1, "message": "missing stanza path"}}
EMPTY = {"backup": [], "status": {"code": 2, "message": "no valid backups"}}
UNREADABLE = {"backup": [], "repo": [{"status": {"code": 99, "message": "other"}}], "status": {"code": 99, "message": "other"}}
FULL = {"backup": [{"label": "20261122-064458F"}], "status": {"code": 0, "message": "ok"}}


@pytest.fixture
def seed(tmp_path):
    """Runs it in a pod with a repo that says something: (exit code, what pgBackRest was told beside 'info')."""
    data = tmp_path / "data/pgdata"
    data.mkdir(parents=True)

    def run(pod, repo, restores=":"):
        told = tmp_path / "told"
        told.write_text("")
        program = tmp_path / "pgbackrest"
        answer = json.dumps([repo], separators=(",", ":"))
        program.write_text(f"#!/bin/bash\ncase \"$*\" in *\" info \"*) echo '{answer}' ;; *) echo \"$*\" >'{told}'\n{restores} ;; esac\n")
        program.chmod(0o755)
        done = subprocess.run(["bash", SEED], capture_output=True, text=True, check=False, timeout=60,
                              env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "PGDATA": str(data), "POD_NAME": pod})
        return done.returncode, told.read_text()

    run.data = data
    return run


@pytest.mark.parametrize("pod", ("restpoint-0", "restpoint-2"))
def test_what_the_repo_has_becomes_a_standby_in_every_pod(seed, pod):
    code, told = seed(pod, FULL)
    assert code == 0 and "--type=standby restore" in told and "--delta" in told


@pytest.mark.parametrize("repo", (NOTHING, EMPTY))
def test_a_database_begins_in_the_first_pod_alone(seed, repo):
    assert seed("restpoint-0", repo) == (0, "")
    assert seed("restpoint-1", repo) == (1, "")
    assert seed("restpoint-10", repo) == (1, "")


def test_no_database_begins_beside_a_repo_that_cannot_be_read(seed):
    assert seed("restpoint-0", UNREADABLE) == (1, "")


def test_a_volume_that_holds_a_database_is_left_alone(seed):
    (seed.data / "global").mkdir()
    (seed.data / "global/pg_control").touch()
    assert seed("restpoint-1", FULL) == (0, "")


def test_a_restore_that_is_cut_short_goes_on(seed):
    (seed.data / "PG_VERSION").write_text("15")
    assert "--delta" in seed("restpoint-1", FULL)[1]


def test_a_restore_that_was_cut_off_before_its_manifest_is_begun_anew(seed):
    (seed.data / "base").mkdir()
    assert seed("restpoint-1", FULL)[0] == 0 and (seed.data / "base").exists(), "this folder is somebody else's"
    begun = seed.data.with_name("pgdata.seeding")
    begun.touch()
    assert seed("restpoint-1", FULL)[0] == 0 and not (seed.data / "base").exists()
    assert not begun.exists()


def test_what_a_restore_began_is_known_again(seed):
    cut = "[ -e $PGDATA.seeding ] && mkdir $PGDATA/base && exit 1"
    assert seed("restpoint-1", FULL, cut)[0] == 1
    assert seed("restpoint-1", FULL, cut)[0] == 1, "the folder of the first restore is in the way of the second"
    (seed.data / "PG_VERSION").write_text("15")
    assert seed("restpoint-1", FULL)[0] == 0 and (seed.data / "base").exists()


def test_a_restore_of_restpoint_is_not_stepped_into(seed):
    (seed.data.parent / "agent").mkdir()
    (seed.data.parent / "agent/agent.sock.hold").write_text("restore 7")
    assert seed("restpoint-1", FULL) == (0, "")
