"""An encrypted repo, made by config/recipes/encrypted.conf."""
import shutil

import pytest

from support import store_home, world

PASS = "the passphrase of a test"


@pytest.fixture(scope="module")
def home():
    folder = world.make_folder()

    def cluster(where):
        return store_home.RecipeCluster(where, "encrypted.conf", {"repo1-path": where / "repo", "repo1-cipher-pass": PASS})
    try:
        with store_home.StoreHome(folder, cluster) as made:
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_all_of_it_is_known_and_nothing_of_it_can_be_read(home):
    segment = home.cluster.seal()
    home.done(home.post("/checks"))
    home.done(home.post("/verifications"))
    stanza = home.becomes_ok()

    assert [repo["cipher"] for repo in stanza["repos"]] == ["aes-256-cbc"]
    assert home.metric("pgbackrest_repo_status", repo_key="1", cipher="aes-256-cbc") == 0
    assert home.window()["timelines"][0]["to_wal"] >= segment
    files = [file for file in home.cluster.repo.rglob("*") if file.is_file() and file.name != "backup.manifest"]
    assert len(files) > 4
    assert {file.read_bytes()[:8] for file in files} == {b"Salted__"}


def test_a_restore_follows_histories_that_are_encrypted(home):
    home.write()
    try:
        before = home.chain()
        target = home.moment()
        home.done(home.restore(target))
        home.writer.write_more(20)
        home.queued_backup_ends()
        home.check(target, before, "target")
        home.is_well_again()
        assert home.window()["timelines"][-1]["history_known"]
    finally:
        home.stop_writing()


@pytest.mark.parametrize("wrong", ["another passphrase", None])
def test_a_wrong_passphrase_is_said_and_harms_nothing(home, wrong):
    if wrong:
        changed = {"repo1_cipher_pass": wrong}
    else:
        changed = {"repo1_cipher_type": None, "repo1_cipher_pass": None}
    with home.configured(**changed):
        for job_id in (home.post("/checks"), home.service.back_up("incr")):
            error = home.failed(job_id)["error"]
            assert "repoN-cipher-pass" in error["hint"] and "\N{REPLACEMENT CHARACTER}" not in error["message"], error
        # Not even who makes the stanza anew gets anything over what is there.
        error = home.failed(home.post(""))["error"]
        assert "make no new stanza" in error["hint"], error
        home.becomes(lambda s: s["state"] != "ok", "a stanza that is not ok")
    home.done(home.service.back_up("incr"))
    home.is_well_again()
