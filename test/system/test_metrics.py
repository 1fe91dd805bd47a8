"""What /metrics says of real jobs, and an orchestrator of /readyz. What Prometheus makes of it: the tools tier."""
from support import world


def series_of(service):
    answer = service.ask("/metrics")
    assert answer.status == 200, answer.text
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_a_backup_moves_the_figures_of_its_stanza(service):
    before = series_of(service)
    service.wait_for(service.back_up())

    def counted():
        now = series_of(service)
        return now if now['restpoint_jobs_ended_total{kind="backup",state="succeeded"}'] == 1 else None
    after = world.wait_until(counted, 30, "the backup in the figures")
    age = 'pgbackrest_backup_since_last_completion_seconds{backup_type="full",block_incr="n",stanza="main"}'
    assert after["pgbackrest_stanza_status{stanza=\"main\"}"] == 0
    assert after["pgbackrest_exporter_status{stanza=\"main\"}"] == 1
    assert after[age] < 60
    assert after['restpoint_job_last_success_timestamp_seconds{kind="backup"}'] > after["process_start_time_seconds"]
    assert before["restpoint_state_free_bytes"] > 0


def test_it_is_ready_and_says_when_it_is_not(new_service, cluster):
    service = new_service()
    world.wait_until(lambda: service.ask("/readyz").status == 200, 20, "readiness")
    broken = new_service(environment={"RESTPOINT_PGBACKREST_BINARY": "/nowhere/pgbackrest"})
    answer = broken.ask("/readyz")
    assert answer.status == 503
    assert [reason["check"] for reason in answer.json()["reasons"]] == ["pgbackrest"]
    assert broken.ask("/livez").status == 200
