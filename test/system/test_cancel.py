"""A cancelled backup leaves nothing behind."""
import signal

from support import world
from support.fixtures import repetitions


def test_a_cancelled_backup_leaves_no_process_and_no_lock(slow_service, cluster):
    for _ in range(repetitions(3, 10)):
        job_id = slow_service.back_up("full")
        slow_service.wait_until_copying(job_id)
        answer = slow_service.ask(f"/api/v1/jobs/{job_id}/cancel", "POST")
        job = slow_service.wait_for(job_id, 60)

        assert answer.status == 202
        assert job["state"] == "cancelled"
        assert not cluster.backrest_processes()
        assert not list(cluster.lock.glob("*-backup.lock"))
        assert slow_service.shim_of(job_id) is None
    after = slow_service.wait_for(slow_service.back_up("full"))
    assert after["state"] == "succeeded", after


def test_cancelling_what_waits_or_has_ended(slow_service):
    first = slow_service.back_up("full")
    second = slow_service.back_up("full", queue=True)
    slow_service.ask(f"/api/v1/jobs/{second}/cancel", "POST")

    assert slow_service.wait_for(second, 10)["state"] == "cancelled"
    assert slow_service.job(first)["state"] == "running"
    assert slow_service.ask(f"/api/v1/jobs/{second}/cancel", "POST").status == 409
    slow_service.ask(f"/api/v1/jobs/{first}/cancel", "POST")
    assert slow_service.wait_for(first, 60)["state"] == "cancelled"


def test_a_cancel_goes_on_after_a_kill_of_restpoint(slow_service, cluster):
    job_id = slow_service.back_up("full")
    slow_service.wait_until_copying(job_id)
    assert slow_service.ask(f"/api/v1/jobs/{job_id}/cancel", "POST").status == 202
    slow_service.kill(signal.SIGKILL)
    slow_service.start()

    assert slow_service.wait_for(job_id, 60)["state"] in ("cancelled", "interrupted")
    assert not cluster.backrest_processes()


def test_where_everything_dies_with_restpoint_jobs_are_stopped(new_service, cluster):
    service = new_service(config=cluster.slow_config, settings='[shutdown]\nrunning_jobs = "stop"\n')
    job_id = service.back_up("full")
    service.wait_until_copying(job_id)
    assert service.kill(signal.SIGTERM) == 0

    assert not cluster.backrest_processes()
    service.start()
    assert service.job(job_id)["state"] == "interrupted"
