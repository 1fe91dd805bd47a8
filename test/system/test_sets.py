"""What the API changes in a backup set that is there, on the real pgBackRest."""
import json
import shutil

import pytest

from support import world

STANZA = f"/api/v1/stanzas/{world.STANZA}"
SETTINGS = """
[auth]
mode = "none" # an admin expires
"""


class Sets:
    """A full, an incr and a diff with an incr on it, and a service that stands beside them."""

    def __init__(self):
        self.folder = world.make_folder()
        self.cluster = world.SmallCluster(self.folder)
        for kind in ("full", "incr", "diff", "incr"):
            self.cluster.backrest(f"--type={kind}", "backup")
        self.service = world.Service(self.cluster, self.folder / "service", settings=SETTINGS).start()

    def end(self):
        self.service.stop()
        self.service.end_jobs()
        self.cluster.stop()
        shutil.rmtree(self.folder)

    def ask(self, label, verb, body=None, headers=None):
        return self.service.ask(f"{STANZA}/backups/{label}", verb, body, headers)

    def ended(self, answer):
        assert answer.status == 202, answer.text
        return self.service.wait_for(answer.json()["id"])

    def stopped(self):
        """What is told of a server that is seen to be stopped: an answer may be some seconds old."""
        told = self.service.ask("/api/v1/postgres")
        assert told.status == 200
        return told.json() if told.json()["state"] == "stopped" else None

    def annotations(self, label):
        return self.ask(label, "GET").json()["annotations"]


@pytest.fixture(scope="module")
def sets():
    made = Sets()
    yield made
    made.end()


def test_annotations_come_change_and_go(sets):
    label = sets.cluster.labels()[0]
    odd = 'a "b" = --set=x \\ $(id) äß'

    first = sets.ended(sets.ask(label, "PATCH", {"annotations": {"ticket": "OPS-7", "odd": odd}}))
    assert (first["state"], first["kind"], first["set"]) == ("succeeded", "annotate", label)
    assert sets.annotations(label) == {"ticket": "OPS-7", "odd": odd}

    change = {"annotations": {"ticket": "OPS-8", "odd": None, "never-there": None}}
    waited = sets.ask(label, "PATCH", change, {"Prefer": "wait=60"})
    assert (waited.status, waited.json()["state"]) == (202, "succeeded")
    assert sets.annotations(label) == {"ticket": "OPS-8"}
    assert all(sets.annotations(other) == {} for other in sets.cluster.labels()[1:])


def test_a_change_that_cannot_be_reaches_nobody(sets):
    label = sets.cluster.labels()[0]
    before = len(sets.service.jobs())
    bad = {"annotations": {"a b": "c"}}, {"annotations": {"--repo": "x\ny"}}, {"annotations": {}}, {"set": "latest"}
    assert [sets.ask(label, "PATCH", body).status for body in bad] == [400] * len(bad)
    assert sets.ask("20200101-000000F", "PATCH", {"annotations": {"a": "b"}}).status == 404
    assert sets.ask("20200101-000000F", "DELETE").status == 404
    assert len(sets.service.jobs()) == before


def test_a_dry_run_tells_what_goes_and_takes_nothing(sets):
    labels = sets.cluster.labels()
    answer = sets.ask(labels[2] + "?dry_run=true", "DELETE")
    job = sets.ended(answer)

    assert answer.json()["removes"] == [labels[2], labels[3]]
    assert (job["state"], job["dry_run"]) == ("succeeded", True)
    log = sets.service.raw_log(job["id"])
    for label in labels[2:]:
        assert f"[DRY-RUN] repo1: remove expired backup {label}" in log
    assert sets.cluster.labels() == labels


def test_the_only_full_backup_stays(sets):
    labels = sets.cluster.labels()
    refused = sets.ask(labels[0], "DELETE")

    assert refused.status == 409
    assert "only full backup" in refused.json()["detail"]
    assert sets.cluster.labels() == labels


def test_a_set_goes_with_what_builds_on_it(sets):
    labels = sets.cluster.labels()
    answer = sets.ask(labels[2], "DELETE", headers={"Idempotency-Key": "once"})
    job = sets.ended(answer)

    assert answer.json()["removes"] == [labels[2], labels[3]]
    assert job["state"] == "succeeded", job
    assert sets.cluster.labels() == labels[:2]
    assert sets.ask(labels[2], "GET").status == 404
    again = sets.ask(labels[2], "DELETE", headers={"Idempotency-Key": "once"})
    assert (again.status, again.json()["id"]) == (202, job["id"])
    assert sets.ask(labels[2], "DELETE").status == 404


def test_what_came_meanwhile_is_for_pgbackrest_to_refuse(sets):
    """Two fulls: the older goes, and then nobody but pgBackRest knows that the other is the last one."""
    sets.cluster.backrest("--type=full", "backup")
    old, new = (label for label in sets.cluster.labels() if label.endswith("F"))
    assert sets.service.ask(f"{STANZA}/checks", "POST").status == 202  # its end makes the service look again
    sets.service.wait_for(sets.service.jobs()[0]["id"])
    first = sets.ask(old, "DELETE")
    last = sets.ask(new + "?queue=true", "DELETE")
    assert sets.ended(first)["state"] == "succeeded"
    if last.status == 202:
        failed = sets.service.wait_for(last.json()["id"])
        assert failed["state"] == "failed"
        assert "cannot be expired until another full backup" in failed["error"]["message"]
    else:
        assert last.status == 409
    assert sets.cluster.labels() == [new]


def test_a_stanza_that_is_up_to_date_is_upgraded_without_harm(sets):
    labels = sets.cluster.labels()
    job = sets.ended(sets.service.ask(f"{STANZA}/upgrade", "POST"))

    assert (job["state"], job["kind"]) == ("succeeded", "stanza-upgrade")
    assert "already up to date" in sets.service.raw_log(job["id"])
    assert sets.cluster.labels() == labels


def test_the_server_tells_of_itself(sets):
    segment = sets.cluster.fill_segment()
    told = sets.service.ask("/api/v1/postgres").json()

    assert (told["state"], told["role"], told["detail"]) == ("running", "primary", None)
    assert told["version"] == sets.cluster.sql("show server_version")
    assert told["data_directory"] == str(sets.cluster.data)
    assert told["system_id"] == sets.cluster.sql("select system_identifier from pg_control_system()")
    assert told["stanza"]["matches"] is True
    archiving = told["archiving"]
    assert (archiving["mode"], archiving["command_set"], archiving["failing"]) == ("on", True, False)
    assert archiving["last_archived"] >= segment
    assert "archive-push" not in json.dumps(told)


def test_without_a_server_its_state_says_so_and_an_upgrade_fails(sets):
    sets.cluster.stop()
    try:
        told = world.wait_until(lambda: sets.stopped(), 20, "the stopped server")
        assert told["detail"]
        assert told["archiving"] is None
        job = sets.ended(sets.service.ask(f"{STANZA}/upgrade", "POST"))
        assert job["state"] == "failed"
        assert job["error"]["code"] == 56
    finally:
        sets.cluster.start()
