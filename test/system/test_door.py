"""Who may start a backup, and how often it starts."""
import concurrent.futures
import re

from support import world


def test_twenty_at_once_are_one_backup(slow_service):
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        pages = list(pool.map(lambda _: slow_service.ask("/pgBackRest/backup/full"), range(20)))
    ids = {page.headers["Restpoint-Job"] for page in pages}

    assert [page.status for page in pages] == [200] * 20
    assert len(ids) == 1 and len(slow_service.jobs()) == 1
    assert all("<h1> Success </h1>" in page.text for page in pages)
    assert all(page.text.count("backup command begin") == 1 for page in pages)


def test_another_kind_is_refused_with_the_job_in_the_way(slow_service):
    job_id = slow_service.back_up("full")
    page = slow_service.ask("/pgBackRest/backup/incr")
    api = slow_service.ask(f"/api/v1/stanzas/{world.STANZA}/backups", "POST", {"type": "incr"})

    assert page.status == api.status == 409
    assert job_id in page.text
    assert api.json()["job"] == job_id
    assert api.headers["Content-Type"] == "application/problem+json"
    slow_service.ask(f"/api/v1/jobs/{job_id}/cancel", "POST")
    slow_service.wait_for(job_id)


def test_strangers_start_nothing(service):
    attempts = [
        ("GET", {"Host": "evil.example"}),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}),
        ("GET", {"Sec-Fetch-Site": "same-site"}),
        ("POST", {"Origin": "http://evil.example"}),
        ("HEAD", {}),
        ("GET", {"Sec-Purpose": "prefetch"}),
        ("GET", {"Purpose": "prefetch"}),
        ("GET", {"User-Agent": "Mozilla/5.0", "Accept": "text/html"}),
    ]
    for verb, headers in attempts:
        answer = service.ask("/pgBackRest/backup/full", verb, headers=headers)
        if verb == "GET" and "User-Agent" not in headers or verb == "POST":
            assert 400 <= answer.status < 500, (verb, headers, answer.status)

    assert service.jobs() == []


def test_markup_in_an_annotation_is_text(service):
    evil = '<script>alert("x")</script>'
    job_id = service.back_up("incr", annotations={"note": evil})
    assert service.wait_for(job_id)["state"] == "succeeded"
    page = service.ask(f"/pgBackRest/jobs/{job_id}?level=detail").text

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert evil in service.raw_log(job_id)


def test_refused_values_start_nothing(service):
    for body in ({"type": "huge"}, {"type": 7}, {"annotations": {"--delta": "x"}}, {"annotations": {"a": "b\nc"}},
                 {"repo": 0}, {"repo": "1; rm"}, {"unknown": 1}, [], "{"):
        answer = service.ask(f"/api/v1/stanzas/{world.STANZA}/backups", "POST", body)
        assert answer.status == 400, (body, answer.text)
        assert answer.json()["code"] and answer.json()["detail"]
    assert service.ask("/api/v1/stanzas/other/backups", "POST", {"type": "full"}).status == 404
    assert service.jobs() == []


def test_the_log_by_range_and_as_it_grows(slow_service):
    job_id = slow_service.back_up("full")
    followed = slow_service.ask(f"/api/v1/jobs/{job_id}/log?follow=true").body
    whole = slow_service.ask(f"/api/v1/jobs/{job_id}/log")
    part = slow_service.ask(f"/api/v1/jobs/{job_id}/log", headers={"Range": "bytes=10-29"})
    beyond = slow_service.ask(f"/api/v1/jobs/{job_id}/log", headers={"Range": f"bytes={len(whole.body)}-"})
    levelled = slow_service.ask(f"/api/v1/jobs/{job_id}/log?level=info").text

    assert followed == whole.body
    assert (part.status, part.body) == (206, whole.body[10:30])
    assert part.headers["Content-Range"] == f"bytes 10-29/{len(whole.body)}"
    assert beyond.status == 416
    assert "DETAIL" in whole.text and "DETAIL" not in levelled
    assert re.search(r"P00\s+INFO: backup command begin", levelled)
