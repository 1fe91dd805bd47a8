"""The tests of restores believe these: that a lost row and a row too many are seen, whatever the target and wherever from."""
import shutil
import subprocess
import time

import pytest

from support import harm, ledger, restores, world


def row(number, timeline=1, state="acknowledged"):
    """A row whose commit stands at 100 * number, at the moment 1000 * number."""
    return ledger.Entry(number, timeline, 100 * number - 50, 1000 * number - 500, number, state, 100 * number, 1000 * number)


def book_of(*rows):
    return {r.number: r for r in rows}


def judged(numbers, rows, target, before=ledger.Chain(((1, None),)), now=None):
    book = book_of(*rows)
    return ledger.judge(set(numbers), book, book, target, before, now or before)


TEN = [row(n) for n in range(1, 11)]
FIVE_LEFT = [ledger.at_time(5000), ledger.at_time(5999), ledger.at_lsn(500), ledger.at_lsn(550), ledger.at_xid(TEN[4]),
             ledger.at_end_of_backup("0/1F4")]


@pytest.mark.parametrize("target", FIVE_LEFT, ids=lambda t: f"{t.kind} {t.value}")
def test_each_target_is_met_by_exactly_its_rows(target):
    assert judged(range(1, 6), TEN, target).places == {"target"}
    assert judged(range(1, 11), TEN, target).places == {"back"}
    assert judged(range(1, 5), TEN, target).at_target.lost == (5,)
    assert judged(range(1, 7), TEN, target).at_target.too_many == (6,)
    assert not judged([1, 2, 3, 5], TEN, target)
    assert not judged([*range(1, 6), 99], TEN, target)


def test_latest_is_the_way_back_as_well():
    assert judged(range(1, 11), TEN, ledger.latest()).places == {"target", "back"}
    assert not judged(range(1, 10), TEN, ledger.latest())


def test_what_nobody_knows_may_be_there_or_not():
    rows = [row(1), row(2, state="unknown"), row(3, state="begun"), row(4), row(9, state="unknown")]
    for numbers in ([1, 4], [1, 2, 4], [1, 2, 3, 4]):
        assert judged(numbers, rows, ledger.at_time(5000)).places >= {"target"}
    assert judged([1, 4, 9], rows, ledger.at_time(5000)).at_target.too_many == (9,)
    assert not judged([1, 2, 3], rows, ledger.at_time(5000))


def test_what_was_refused_is_never_there():
    assert not judged([1, 2], [row(1), row(2, state="refused")], ledger.latest())


def test_a_commit_behind_the_one_that_ended_recovery_need_not_be_there():
    late = ledger.Entry(2, 1, 150, 1500, 2, "acknowledged", 200, 5001)
    behind = ledger.Entry(3, 1, 250, 2500, 3, "acknowledged", 300, 4999)
    beside = ledger.Entry(4, 1, 120, 1200, 4, "acknowledged", 140, 4998)
    rows = [row(1), late, behind, beside]
    assert judged([1, 4], rows, ledger.at_time(5000)).places == {"target"}
    assert judged([1, 3, 4], rows, ledger.at_time(5000)).places == {"target"}
    assert judged([1, 3], rows, ledger.at_time(5000)).at_target.lost == (4,)


def test_rows_of_new_timelines_belong_to_the_server_that_lives_on_them():
    before = ledger.Chain(((1, None),))
    rows = [*TEN, row(11, 2), row(12, 2), row(21, 3)]
    second = ledger.Chain(((1, 520), (2, None)))
    assert judged([1, 2, 3, 4, 5, 11, 12], rows, ledger.at_lsn(520), before, second).places == {"target"}
    assert judged([1, 2, 3, 4, 5, 11], rows, ledger.at_lsn(520), before, second).at_target.lost == (12,)
    assert judged([1, 2, 3, 4, 5, 11, 12, 21], rows, ledger.at_lsn(520), before, second).at_target.too_many == (21,)
    # Undone: nothing of timeline 2 is left, and all of timeline 1 is there.
    assert judged(range(1, 11), rows, ledger.at_lsn(520), before, before).places == {"back"}
    # Later, from timeline 2: what was behind its fork on timeline 1 stays away.
    third = ledger.Chain(((1, 520), (2, 1150), (3, None)))
    assert judged([1, 2, 3, 4, 5, 11, 21], rows, ledger.at_lsn(1150), second, third).places == {"target"}
    assert not judged([1, 2, 3, 4, 5, 6, 11, 21], rows, ledger.at_lsn(1150), second, third)


def test_a_row_that_came_while_others_were_read_is_no_difference():
    earlier, later = book_of(row(1)), book_of(row(1), row(2))
    before = ledger.Chain(((1, None),))
    for rows in ({1}, {1, 2}):
        assert ledger.judge(rows, earlier, later, ledger.latest(), before, before)


def test_a_ledger_is_the_same_when_it_is_read_again(tmp_path):
    book = ledger.Ledger(tmp_path / "ledger")
    book.write("begun", 1, 1, 50, 500, 7)
    book.write("acknowledged", 1)
    book.write("placed", 1, 100, 1000)
    book.write("begun", 2, 1, 150, 1500, 8)
    book.write("unknown", 2)
    book.close()
    again = ledger.Ledger(tmp_path / "ledger")
    assert again.snapshot() == book.snapshot()
    assert again.snapshot()[1] == ledger.Entry(1, 1, 50, 500, 7, "acknowledged", 100, 1000)
    again.close()


@pytest.fixture(scope="module")
def small():
    folder = world.make_folder()
    cluster = restores.RestoreCluster(folder, segment_mb=1)
    cluster.backrest("--type=full", "backup")
    book = ledger.Ledger(folder / "ledger")
    yield cluster, book
    book.close()
    cluster.stop()
    shutil.rmtree(folder)


def chain_of(cluster):
    with cluster.connect() as connection:
        return ledger.read_chain(connection)


def verdict_of(cluster, book, target, before):
    with cluster.connect() as connection:
        return ledger.matches(connection, book, target, before)


def test_a_killed_postmaster_costs_no_row_that_was_acknowledged(small):
    cluster, book = small
    before = chain_of(cluster)
    with ledger.Writer(book, cluster.run, threads=3) as writer:
        writer.write_more(50)
        (postmaster, folder), = harm.Victims(None, cluster).postmasters()
        assert folder == cluster.data
        harm.kill(postmaster)
        # Its children serve on until they notice, and no other server starts meanwhile.
        world.wait_until(lambda: not harm.inside(cluster.data), 30, "the end of the server's processes")
        cluster.start()
        writer.write_more(50)
        assert writer.outages
    assert verdict_of(cluster, book, ledger.latest(), before).places == {"target", "back"}


def test_a_restore_by_hand_is_judged_right(small):
    cluster, book = small
    before = chain_of(cluster)
    with ledger.Writer(book, cluster.run, threads=3) as writer:
        writer.write_more(60)
        target = ledger.at_time(cluster.now())
        writer.write_more(60)
        restores.archiver_is_well(cluster)
    assert verdict_of(cluster, book, target, before).places == {"back"}
    cluster.stop()
    cluster.backrest("--delta", "--type=time", f"--target={target.bare_value}", "--target-action=promote", "restore")
    cluster.start()
    world.wait_until(lambda: cluster.sql("select pg_is_in_recovery()") == "f", 30, "the promotion")
    with ledger.Writer(book, cluster.run) as writer:
        writer.write_more(20)
        assert verdict_of(cluster, book, target, before).places == {"target"}

    assert chain_of(cluster).links[0][0] == 1 and chain_of(cluster).live == 2
    assert verdict_of(cluster, book, target, before).places == {"target"}
    assert restores.plainly_matches(cluster, book, target, before, cluster.folder / "plain").places == {"target"}
    assert not (cluster.folder / "plain").exists()
    assert restores.archiver_is_well(cluster).startswith("00000002")
    assert restores.incr_works(cluster) in cluster.labels()
    with restores.replica(cluster, cluster.folder / "replica") as connection:
        rows = ledger.content(connection)
    assert ledger.judge(rows, book.snapshot(), book.snapshot(), target, before, chain_of(cluster)).places == {"target"}

    with cluster.connect() as connection:
        here = ledger.content(connection)
    missing = {e.number for e in book.acknowledged()} - here
    victim = min(here & {e.number for e in book.acknowledged()})
    cluster.sql(f"delete from ledger where number = {victim}")
    assert verdict_of(cluster, book, target, before).at_target.lost == (victim,)
    assert not verdict_of(cluster, book, target, before)
    foreign = min(missing)
    proof = ledger.PROOF.format(victim, 4), ledger.PROOF.format(foreign, 4)
    cluster.sql(f"insert into ledger values ({victim}, {proof[0]}), ({foreign}, {proof[1]})")
    assert verdict_of(cluster, book, target, before).at_target.too_many == (foreign,)
    cluster.sql(f"update ledger set proof = 'x' where number = {foreign}")
    with pytest.raises(AssertionError, match="not what was written"):
        verdict_of(cluster, book, target, before)
    cluster.sql(f"delete from ledger where number = {foreign}")
    assert verdict_of(cluster, book, target, before).places == {"target"}


def test_a_plain_restore_of_a_repo_that_misses_a_segment_does_not_match(small):
    cluster, book = small
    before = chain_of(cluster)
    with ledger.Writer(book, cluster.run) as writer:
        writer.write_more(10)
        victim = restores.archiver_is_well(cluster)
        writer.write_more(10)
        restores.archiver_is_well(cluster)
    file = cluster.archived_file(victim)
    kept = cluster.folder / "kept"
    shutil.move(file, kept)
    try:
        verdict = restores.plainly_matches(cluster, book, None, before, cluster.folder / "plain")
        assert verdict.back.lost and not verdict.back.too_many
    finally:
        shutil.move(kept, file)
    assert restores.plainly_matches(cluster, book, None, before, cluster.folder / "plain").places == {"back"}


def test_an_archiver_that_fails_is_told(small):
    cluster, _ = small
    cluster.sql("alter system set archive_command = '/bin/false'")
    cluster.sql("select pg_reload_conf()")
    try:
        with pytest.raises(AssertionError, match="in the repo"):
            with cluster.connect() as connection:
                cluster.seal(connection, seconds=2)
    finally:
        cluster.sql("alter system reset archive_command")
        cluster.sql("select pg_reload_conf()")
    restores.archiver_is_well(cluster)


def test_victims_are_found_by_what_they_hold_and_nobody_else_is(small, service):
    cluster, _ = small
    victims = harm.Victims(service, cluster)
    assert victims.find("restpoint") == [service.pid()]
    assert len(victims.find("postmaster")) == 1
    for kind in ("shim", "restore-exec", "pgbackrest", "private postmaster"):
        assert victims.find(kind) == [], kind
    stranger = subprocess.Popen(["sleep", "60"], cwd=cluster.data)
    assert len(victims.find("postmaster")) == 1
    assert harm.kill(stranger.pid)
    stranger.wait()
    assert not harm.kill(stranger.pid)


def test_a_full_disk_is_full_until_it_is_relieved(tmp_path):
    disk = harm.Disk(tmp_path / "disk", "3m")
    try:
        disk.fill()
        with pytest.raises(OSError):
            (disk.folder / "more").write_bytes(bytes(8192))
        disk.relieve()
        (disk.folder / "more").write_bytes(bytes(1 << 20))
        assert disk.free() > 1 << 20
    finally:
        disk.end()


def test_writers_that_are_held_write_nothing(small):
    cluster, book = small
    with ledger.Writer(book, cluster.run) as writer:
        writer.write_more(5)
        writer.hold()
        count = len(book.snapshot())
        time.sleep(0.1)
        assert len(book.snapshot()) == count
        writer.release()
        writer.write_more(5)
