"""The old image's schedule and its start."""
from support import world


def test_the_stanza_is_made_ready_after_the_start(new_service):
    service = new_service(environment={"PG_BACKUP_TIME": "03:00"})

    def both_done():
        done = {j["kind"]: j["state"] for j in service.jobs()}
        return done if done.get("check") in ("succeeded", "failed") else None

    assert world.wait_until(both_done, 60, "stanza-create and check") == {
        "stanza-create": "succeeded", "check": "succeeded"}


def test_a_bad_time_stops_the_start_with_a_sentence(new_service):
    service = new_service(environment={"PG_BACKUP_TIME_SUN": "25:00"}, start=False)
    service.start(expect_ready=False)

    assert service.process.wait(20) == 2
    assert "PG_BACKUP_TIME_SUN" in service.log_text() and "25:00" in service.log_text()


def test_without_the_variables_nothing_runs_by_itself(service):
    assert "schedule kept" not in service.log_text()
    assert service.jobs() == []
