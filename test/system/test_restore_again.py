"""Restore and undo, over and over: no row is lost, archiving never gets stuck, and the repo alone always leads to where the
server is."""
import pytest

from support import ledger, restores, restoring
from support.fixtures import repetitions


def check_replica(home, before, target, place, number):
    earlier = home.book.snapshot()
    with home.cluster.connect() as live:
        now = ledger.read_chain(live)
    with restores.replica(home.cluster, home.folder / f"replica-{number}") as connection:
        rows = ledger.content(connection)
    verdict = ledger.judge(rows, earlier, home.book.snapshot(), target, before, now)
    assert place in verdict.places, f"a replica is not at the {place}: {verdict}"


@pytest.mark.parametrize("way", ["beside", "in_place"])
def test_restore_write_undo_write_and_restore_the_latest(way):
    with restoring.Restoring(segment_mb=1) as home:
        home.write()
        for number in range(repetitions(1, 5)):
            before = home.chain()
            target = home.moment()
            first = home.restore(target, way=way)
            home.done(first)
            home.writer.write_more(20)
            assert "target" in home.verdict(target, before).places
            home.queued_backup_ends()
            restores.archiver_is_well(home.cluster)
            home.check_repo(target, before, "target")

            home.done(home.undo(first))
            home.writer.write_more(20)
            assert "back" in home.verdict(target, before).places
            home.queued_backup_ends()
            restores.archiver_is_well(home.cluster)
            home.check_repo(target, before, "back")

            before = home.chain()
            home.done(home.restore(ledger.latest(), way=way))
            home.writer.write_more(20)
            assert "target" in home.verdict(ledger.latest(), before).places
            home.queued_backup_ends()
            restores.archiver_is_well(home.cluster)
            home.check_repo(ledger.latest(), before, "target")
            check_replica(home, before, ledger.latest(), "target", number)
        restores.incr_works(home.cluster)
