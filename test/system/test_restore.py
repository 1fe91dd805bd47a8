"""A restore ends where it was to end or changes nothing, and it can be undone: each target, each way, each place."""
import pathlib
import shutil
import time

import pytest

from support import harm, ledger, restores, restoring, world

WAYS = ("beside", "in_place")


@pytest.fixture(scope="module", params=WAYS)
def home(request):
    """A cluster with a writer, restored again and again; `way` says how."""
    with restoring.Restoring() as made:
        made.way = request.param
        made.write()
        yield made


def targets_of(home):
    """One of each kind, with rows before and behind them all."""
    writer = home.writer
    writer.write_more(20)
    time.sleep(1.1)  # a backup's end is known to the second
    with home.cluster.connect() as connection:
        first = ledger.at_time(home.cluster.now())
        writer.write_more(20)
        by_lsn = ledger.at_lsn(ledger.lsn(connection.one("select pg_current_wal_insert_lsn()")))
        writer.write_more(20)
        by_name = ledger.at_name(connection, "before the upgrade")
    writer.write_more(20)
    by_xid = ledger.at_xid(home.book.acknowledged()[-1])
    writer.write_more(20)
    home.cluster.seal()
    return {"time": first, "lsn": by_lsn, "name": by_name, "xid": by_xid, "latest": ledger.latest()}


@pytest.mark.parametrize("kind", ["time", "lsn", "name", "xid", "latest", "immediate"])
def test_a_restore_ends_at_its_target(home, kind):
    before = home.chain()
    if kind == "immediate":
        home.writer.write_more(10)
        restores.incr_works(home.cluster)
        newest = home.cluster.info()["backup"][-1]
        home.writer.write_more(10)
        target = ledger.at_end_of_backup(newest["lsn"]["stop"])
    else:
        target = targets_of(home)[kind]
    job = home.done(home.restore(target, way=home.way))

    assert job["result"]["way"] == home.way
    home.writer.write_more(20)
    assert home.chain().live > before.live
    home.queued_backup_ends()
    home.check(target, before, "target")
    assert harm.Victims(home.service, home.cluster).find("private postmaster") == []


def test_an_undo_brings_all_of_it_back_and_what_is_forgotten_cannot_be_undone(home):
    before = home.chain()
    target = home.moment()
    first = home.restore(target, way=home.way)
    home.done(first)
    home.writer.write_more(20)
    home.queued_backup_ends()

    home.done(home.undo(first))
    home.writer.write_more(20)
    home.queued_backup_ends()
    home.check(target, before, "back")

    before = home.chain()
    target = home.moment()
    second = home.restore(target, way=home.way)
    home.done(second)
    home.writer.write_more(20)
    home.queued_backup_ends()
    home.done(home.forget(second))
    answer = home.service.ask(f"/api/v1/jobs/{second}/undo", "POST", {"confirm": world.STANZA})
    assert answer.status in (404, 409, 410), answer.text
    home.check(target, before, "target")


def untouched(home, before, files):
    """Nothing of the cluster changed: the same server goes on with all that it had."""
    assert home.chain() == before
    assert "back" in home.verdict(None, before).places
    assert not [e for e in home.beside.rglob("*") if e.name == "new"] if home.beside.exists() else True
    assert (home.cluster.data / "postmaster.pid").read_text().splitlines()[0] == files


def refused(home, target, codes, **more):
    before = home.chain()
    postmaster = (home.cluster.data / "postmaster.pid").read_text().splitlines()[0]
    plan = home.plan(target, **more)
    assert {r["code"] for r in plan["refusals"]} & set(codes), plan
    assert not plan["can_be_carried_out"]
    assert home.carry_out(plan, expect=(422,))["code"]
    untouched(home, before, postmaster)
    return plan


def test_targets_that_no_wal_leads_to_are_refused(home):
    writer = home.writer
    writer.write_more(20)
    first = home.cluster.info()["backup"][0]
    refused(home, ledger.at_time((first["timestamp"]["start"] - 60) * 1000000), ["target_before_set"])
    refused(home, ledger.at_time(home.cluster.now() + 3600 * 1000000), ["target_in_future"])
    writer.hold()
    last = home.book.acknowledged()[-1]
    refused(home, ledger.at_time(last.committed + 1000), ["target_after_wal", "target_in_future"])
    refused(home, ledger.at_lsn(ledger.lsn("FFFF/0")), ["target_after_wal"])
    refused(home, ledger.latest(), ["timeline_unknown"], timeline=4000)
    refused(home, ledger.latest(), ["set_unknown"], set="20010101-000000F")
    writer.release()


def test_a_moment_is_the_same_in_every_zone(home):
    """Half past two of a night in October comes twice in Berlin: the offset says which one is meant, and nothing else can."""
    for told, meant in (("2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00.000000Z"),
                        ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00.000000Z")):
        plan = home.plan(ledger.Target("time", told))
        assert plan["target"]["value"] == meant
        assert [r["code"] for r in plan["refusals"]] == ["target_before_set"]
    home.ask(f"{restoring.STANZA}/restore-plans", {"target": {"type": "time", "value": "2026-10-25T02:30:00"}}, (400, 422))


def test_a_timeline_that_was_left_is_restored_when_it_is_named(home):
    """What was written behind the fork is still there for who asks for it, and for nobody else."""
    before = home.chain()
    writer = home.writer
    target = home.moment()
    home.done(home.restore(target, way=home.way))
    writer.write_more(20)
    home.queued_backup_ends()
    middle = home.chain()
    assert middle.live != before.live

    job = home.done(home.restore(ledger.latest(), way=home.way, timeline=before.live))
    assert job["result"]["timeline"] == before.live
    writer.write_more(20)
    home.queued_backup_ends()
    # As much of it as the repo has: to the end of the segment that was sealed behind the target.
    chain = home.chain()
    assert middle.live not in [number for number, _ in chain.links]
    assert "target" in home.verdict(ledger.by_fork(chain, before), before).places
    home.check_repo(ledger.by_fork(chain, before), before, "target")


def test_a_target_behind_a_gap_is_refused(home):
    writer = home.writer
    writer.write_more(20)
    missing = home.cluster.seal()
    writer.write_more(20)
    home.cluster.seal()
    time.sleep(0.1)
    target = home.moment()
    file = home.cluster.archived_file(missing)
    kept = home.folder / "kept"
    shutil.move(file, kept)
    try:
        refused(home, target, ["target_in_gap"])
        refused(home, ledger.latest(), ["commits_missing", "target_in_gap"])
    finally:
        shutil.move(kept, file)
    assert home.plan(target)["can_be_carried_out"]


def test_a_plan_that_is_no_longer_true_is_not_carried_out(home):
    target = home.moment()
    plan = home.plan(target, way=home.way)
    assert plan["can_be_carried_out"], plan
    restores.incr_works(home.cluster)
    config = home.cluster.config.read_text()
    home.cluster.config.write_text(config.replace("process-max=2", "process-max=1"))
    try:
        answer = home.carry_out(plan, expect=(409,))
        assert answer["code"] == "plan_changed", answer
    finally:
        home.cluster.config.write_text(config)
    answer = home.carry_out({**plan, "id": "0" * 32}, expect=(404,))
    answer = home.ask(f"{restoring.STANZA}/restores", {"plan": plan["id"], "digest": plan["digest"], "confirm": "another"},
                      (400, 422))


def test_what_the_proof_refuses_never_reaches_the_applications(home):
    before = home.chain()
    target = home.bad_moment()
    home.writer.outages.clear()
    job_id = home.restore(target, way=home.way)
    job = home.service.wait_for(job_id)
    assert job["state"] == "failed", job
    assert "SQL check" in job["error"]["message"]
    if home.way == "beside":
        assert not home.writer.outages, "a query failed for a restore that never got as far as the cut-over"
        assert home.chain() == before
    home.writer.write_more(20)
    home.queued_backup_ends()
    home.check(target, before, "back")


# In place it is the configuration of the way back as well: with it no server starts any more, whatever is restored.
@pytest.mark.parametrize("home", ["beside"], indirect=True)
def test_a_configuration_that_does_not_start_is_found_on_a_private_server(home):
    before = home.chain()
    target = home.moment()
    home.writer.outages.clear()
    conf = home.cluster.data / "postgresql.conf"
    text = conf.read_text()
    plan = home.plan(target, way=home.way)
    conf.write_text(text + "\nmax_connections = nonsense\n")
    try:
        job = home.service.wait_for(home.carry_out(plan)["id"])
    finally:
        conf.write_text(text)
    assert job["state"] == "failed", job
    assert not home.writer.outages
    assert home.chain() == before
    home.writer.write_more(20)
    home.check(target, before, "back")


def test_a_replay_that_falls_short_never_reaches_the_applications(home):
    """The last segment disappears while the files are restored."""
    before = home.chain()
    target = home.moment()
    missing = home.cluster.seal()
    plan = home.plan(ledger.latest(), way=home.way)
    kept = home.folder / "kept"
    home.writer.hold()
    file = home.cluster.archived_file(missing)
    job_id = home.carry_out(plan)["id"]
    world.wait_until(lambda: "begin restore" in home.journal(), 60, "the restore of files")
    shutil.move(file, kept)
    try:
        # In place the way back needs it, too, and waits for it.
        world.wait_until(lambda: home.service.job(job_id)["state"] not in ("queued", "running")
                         or "has gone from the repo" in home.log_of(job_id), 120, "the end of the job, or its complaint")
    finally:
        shutil.move(kept, file)
    job = home.service.wait_for(job_id)
    home.writer.release()
    home.writer.write_more(20)
    place = "target" if job["state"] == "succeeded" else "back"
    # Whoever carried the segment over from the server has lost nothing either.
    assert place in home.verdict(ledger.latest(), before).places
    assert "back" in home.verdict(target, before).places
    home.queued_backup_ends()
    home.check(ledger.latest(), before, place)
