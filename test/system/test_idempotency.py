"""A request that is sent again under its Idempotency-Key starts nothing twice, whatever died in between."""
import concurrent.futures
import contextlib
import http.client
import signal
import uuid

from support import world
from support.fixtures import repetitions

BACKUPS = f"/api/v1/stanzas/{world.STANZA}/backups"


def start(service, key, body=None, path=BACKUPS):
    return service.ask(path, "POST", {"type": "incr"} if body is None else body, {"Idempotency-Key": key})


def test_a_hundred_parallel_requests_with_one_key_are_one_job(service):
    key = str(uuid.uuid4())
    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda _: start(service, key), range(100)))

    assert {answer.status for answer in answers} == {202}
    job_id, = {answer.json()["id"] for answer in answers}
    assert {answer.headers["Location"] for answer in answers} == {f"/api/v1/jobs/{job_id}"}
    assert service.wait_for(job_id)["state"] == "succeeded"
    assert [job["id"] for job in service.jobs()] == [job_id]
    assert service.raw_log(job_id).count("backup command begin") == 1


def test_a_key_outlives_a_restart(new_service):
    for how in (signal.SIGTERM, signal.SIGKILL):
        service = new_service()
        first = start(service, "one key")
        assert first.status == 400  # a blank is not visible
        first = start(service, f"key-{how}")
        assert first.status == 202, first.text
        service.kill(how)
        service.start()

        again = start(service, f"key-{how}")
        assert again.status == 202, again.text
        assert again.json()["id"] == first.json()["id"]
        assert service.wait_for(first.json()["id"])["state"] == "succeeded"
        assert len(service.jobs()) == 1


def test_a_client_that_lost_the_answer_to_a_kill_asks_again(new_service):
    """The kill comes at any moment between the request and its answer."""
    service = new_service()
    for _ in range(repetitions(5, 40)):
        key = str(uuid.uuid4())
        before = {job["id"] for job in service.jobs()}
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asked = pool.submit(start, service, key, {"type": "incr", "queue": True})
            service.kill(signal.SIGKILL)
            with contextlib.suppress(OSError, http.client.HTTPException):
                asked.result()
        service.start()

        again = start(service, key, {"type": "incr", "queue": True})
        assert again.status == 202, again.text
        assert {job["id"] for job in service.jobs()} - before == {again.json()["id"]}
        job = service.wait_for(again.json()["id"])
        assert job["state"] == "succeeded", job
        assert service.raw_log(job["id"]).count("backup command begin") == 1


def test_a_key_stands_for_one_request(service):
    key = str(uuid.uuid4())
    first = start(service, key, {"type": "incr"}).json()
    other = start(service, key, {"type": "incr", "queue": True})
    elsewhere = start(service, key, {}, f"/api/v1/stanzas/{world.STANZA}/checks")
    service.wait_for(first["id"])

    for answer in (other, elsewhere):
        assert answer.status == 422, answer.text
        assert (answer.json()["code"], answer.json()["job"]) == ("idempotency_key_reused", first["id"])
    assert [job["id"] for job in service.jobs()] == [first["id"]]
