"""Taking a restore back, at once: what restpoint does of itself stands in nobody's way."""
import pathlib

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
