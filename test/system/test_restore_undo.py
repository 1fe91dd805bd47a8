"""Taking a restore back, at once: what restpoint does of itself stands in nobody's way."""
import contextlib
import pathlib
import sqlite3

from support import restoring, world


def test_an_undo_does_not_wait_for_restpoints_own_backup():
    with restoring.Restoring() as home:
        writer = home.write()
        before = home.chain()
        target = home.moment()
        first = home.restore(target)
        home.done(first)
        told = home.service.job(first)["result"]
        assert told["can_be_undone"] and told["undone_by"] is None and not told["forgotten"]
        assert (pathlib.Path(told["previous"]) / "PG_VERSION").exists()

        world.wait_until(lambda: [j for j in home.service.jobs() if j["requested_by"] == f"after job {first}"], 30,
                         "the backup behind the restore")
        undo = home.undo(first)
        home.done(undo)

        told = home.service.job(first)["result"]
        assert told["undone_by"] == undo and not told["can_be_undone"]
        assert told["previous"] is None and told["reversible_until"] is None
        writer.write_more(20)
        home.queued_backup_ends()
        assert [j for j in home.service.jobs() if j["requested_by"] == f"after job {undo}" and j["state"] == "succeeded"]
        home.check(target, before, "back")


def test_a_backup_that_restpoint_had_no_time_to_queue_is_made_up_for():
    with restoring.Restoring() as home:
        writer = home.write()
        before = home.chain()
        target = home.moment()
        first = home.restore(target)
        home.done(first)
        home.queued_backup_ends()
        behind = [j["id"] for j in home.service.jobs() if j["requested_by"] == f"after job {first}"]
        home.service.stop()
        # As if it had died between the end of the restore and the row of its backup.
        with contextlib.closing(sqlite3.connect(home.service.state / "restpoint.db")) as store:
            store.execute(f"delete from jobs where id in ({','.join(behind)})")
            store.commit()

        home.service.start()
        queued = world.wait_until(
            lambda: [j for j in home.service.jobs() if j["requested_by"] == f"after job {first}"], 30, "the backup made up for")

        home.done(queued[0]["id"])
        writer.write_more(20)
        home.check(target, before, "target")
