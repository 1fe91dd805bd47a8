"""One repo on a disk and one in S3, made by config/recipes/two-repos.conf: what is said of each, and what one is worth when the
other is down."""
import pytest

from support import store_home, stores


@pytest.fixture(scope="module")
def store(packages):
    made = stores.S3.make(packages)
    yield made
    made.end()


@pytest.fixture(scope="module")
def home(store):
    def cluster(folder):
        second = {key.replace("repo1-", "repo2-"): value for key, value in store.settings().items()}
        return store_home.RecipeCluster(folder, "two-repos.conf", {"repo1-path": folder / "repo", **second})
    made = store_home.StoreHome(store.folder, cluster, begin=False)
    with made:
        made.cluster.bare("--repo=2", "repo-create")
        made.begin()
        made.done(made.service.back_up("full", repo=2))
        yield made


def by_repo(home, name, **labels):
    return [home.metric(name, repo_key=key, **labels) for key in ("1", "2")]


def test_each_repo_is_told_by_itself(home):
    home.cluster.seal()
    home.done(home.post("/checks"))
    stanza = home.becomes_ok()

    assert [(repo["key"], repo["status"]["name"], repo["backup_count"]) for repo in stanza["repos"]] == [(1, "ok", 1), (2, "ok", 1)]
    assert [archive["repo"] for archive in home.window()["archives"]] == [1, 2]
    assert by_repo(home, "pgbackrest_repo_status") == [0, 0]
    assert by_repo(home, "restpoint_backups", backup_type="full") == [1, 1]
    assert by_repo(home, "restpoint_wal_gaps") == [0, 0]
    for lag in by_repo(home, "restpoint_repo_archive_lag_bytes"):
        assert lag < 64 << 20


def test_a_gap_in_one_repo_is_said_of_that_one(home):
    missing = home.cluster.seal()
    home.cluster.seal()
    with home.cluster.without(missing, repo=2):
        home.done(home.post("/checks"))
        stanza = home.becomes(lambda s: s["state"] == "degraded", "the gap")
        assert [reason["code"] for reason in stanza["reasons"]] == ["wal-gap"]
        assert "of repo 2" in stanza["reasons"][0]["message"]
        assert by_repo(home, "restpoint_wal_gaps") == [0, 1]
    home.is_well_again()


def test_one_is_down_and_the_other_goes_on(home, store):
    home.write()
    try:
        before = home.chain()
        home.writer.write_more(20)
        home.becomes_ok()
        store.stop()
        stanza = home.is_in_trouble("Connection refused", "PostgreSQL keeps its WAL", repo="2", state="degraded")
        assert [repo["status"]["name"] for repo in stanza["repos"]] == ["ok", "other"]
        assert [repo["backup_count"] for repo in stanza["repos"]] == [1, None]
        assert by_repo(home, "pgbackrest_repo_status") == [0, 99]
        assert by_repo(home, "restpoint_archive_listed") == [1, 0]
        # WAL goes into the one that is there, if slowly: each round of the archiver tries the other one first.
        home.writer.write_more(20)
        home.cluster.seal(seconds=180)
        store.start()
        home.cluster.seal(seconds=180)
        home.is_well_again()
        home.check(None, before, "back")
    finally:
        home.stop_writing()


def test_the_far_one_alone_restores_everything(home):
    """What is left when this site is gone."""
    home.write()
    try:
        before = home.chain()
        home.done(home.service.back_up("full", repo=2))
        home.pass_a_second()
        target = home.moment()
        plan = home.plan(target, repo=2)
        assert plan["can_be_carried_out"] and plan["repo"] == 2, plan
        home.done(home.carry_out(plan)["id"])
        home.writer.write_more(20)
        home.queued_backup_ends()
        assert "target" in home.verdict(target, before).places
    finally:
        home.stop_writing()
