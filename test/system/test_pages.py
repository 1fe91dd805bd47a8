"""The classic pages against a real PostgreSQL and a real pgBackRest."""
import subprocess

from support import world


def test_the_log_names_the_pgbackrest_that_was_found(service):
    installed = subprocess.run(["pgbackrest", "version"], capture_output=True, text=True, check=True).stdout

    said = world.wait_until(
        lambda: [e for e in service.log_lines() if e.get("message", "").startswith("pgbackrest ")], 20, "a line about pgbackrest")

    assert said[0]["message"] == "pgbackrest found"
    assert f"pgBackRest {said[0]['version']}" == installed.strip()


def test_info_shows_what_pgbackrest_prints(service, cluster):
    page = service.ask("/pgBackRest/info")

    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert f"stanza: {world.STANZA}" in page.text
    assert "status: " in page.text


def test_create_is_idempotent(service):
    for _ in range(2):
        page = service.ask("/pgBackRest/create")

        assert page.status == 200
        assert "<h1> Success </h1> <br/>" in page.text
        assert "stanza-create command end: completed successfully" in page.text


def test_a_full_backup_appears_in_info_at_once(service, cluster):
    before = service.ask("/pgBackRest/info").text
    page = service.ask("/pgBackRest/backup/full")
    label = cluster.labels()[-1]

    assert "<h1> Success </h1> <br/>" in page.text
    assert f"new backup label = {label}" in page.text
    assert label not in before
    assert label in service.ask("/pgBackRest/info").text


def test_diff_and_incr_build_on_the_full_one(service, cluster):
    service.ask("/pgBackRest/backup/full")
    for kind, letter in (("diff", "D"), ("incr", "I")):
        page = service.ask(f"/pgBackRest/backup/{kind}")

        assert "<h1> Success </h1>" in page.text
        assert cluster.labels()[-1].endswith(letter)


def test_the_page_grows_while_the_backup_runs(slow_service):
    stream = slow_service.open_stream("/pgBackRest/backup/full?level=detail")
    seen = b""
    while b"backup command begin" not in seen:
        seen += stream.recv(65536)
    job_id = slow_service.jobs()[0]["id"]

    assert slow_service.job(job_id)["state"] == "running"
    assert b"Success" not in seen
    while b"0\r\n" not in seen[-200:] or b"Restpoint-Exit-Code" not in seen[-200:]:
        more = stream.recv(65536)
        if not more:
            break
        seen += more
    stream.close()
    assert b"<h1> Success </h1> <br/>" in seen
    assert b"DETAIL" in seen and b"backup file" in seen


def test_info_and_above_by_default_and_all_on_request(service):
    page = service.ask("/pgBackRest/backup/full")
    job_id = page.headers["Restpoint-Job"]

    assert "DETAIL" not in page.text
    assert "DETAIL" in service.ask(f"/pgBackRest/jobs/{job_id}?level=detail").text
    assert service.ask("/pgBackRest/backup/full?level=loud").status == 400


def test_trailers_reach_curl(service):
    url = f"http://127.0.0.1:{service.port}/pgBackRest/backup/incr"
    said = subprocess.run(["curl", "-sN", "-o", "/dev/null", "-v", "--raw", url], capture_output=True, text=True, check=True)
    body = subprocess.run(["curl", "-sN", "--raw", url], capture_output=True, text=True, check=True).stdout

    assert "< Restpoint-Job: " in said.stderr
    assert "< Trailer: " in said.stderr
    assert body.rstrip().endswith("Restpoint-Exit-Code: 0")
    assert "Restpoint-Job-State: succeeded" in body


def test_waiting_gives_the_documented_page_and_status(service, cluster):
    good = service.ask("/pgBackRest/backup/incr?wait=true")
    assert good.status == 200
    assert "<h1> Success </h1> <br/>" in good.text

    cluster.stop()
    try:
        bad = service.ask("/pgBackRest/backup/incr", headers={"Prefer": "wait"})
    finally:
        cluster.start()
    assert bad.status == 500
    assert "<h1> Error </h1>" in bad.text
    assert "56" in bad.text or "55" in bad.text


def test_db_status_follows_the_database(service, cluster):
    assert "Postgres status True" in service.ask("/pgBackRest/db_status").text
    cluster.stop()
    try:
        assert "Postgres status False" in service.ask("/pgBackRest/db_status").text
    finally:
        cluster.start()


def test_restores_are_for_admins(service):
    for path in ("restore/delta", "restore/db?name=shop", "restore/time/latest"):
        page = service.ask(f"/pgBackRest/{path}")

        assert page.status == 401, page.text
    assert service.jobs() == []


def test_a_browser_is_sent_to_the_job_and_reloading_starts_nothing(slow_service):
    browser = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none",
               "Accept": "text/html", "User-Agent": "Mozilla/5.0"}
    answer = slow_service.ask("/pgBackRest/backup/full", headers=browser)

    assert answer.status == 303
    place = answer.headers["Location"]
    for _ in range(10):
        stream = slow_service.open_stream(place, "".join(f"{k}: {v}\r\n" for k, v in browser.items()))
        assert b"200 OK" in stream.recv(4096)
        stream.close()
    assert len(slow_service.jobs()) == 1


def test_old_clients_get_the_same_bytes_unchunked(service):
    import socket
    with socket.create_connection(("127.0.0.1", service.port), timeout=60) as old:
        old.sendall(b"GET /pgBackRest/backup/incr HTTP/1.0\r\n\r\n")
        seen = b"".join(iter(lambda: old.recv(65536), b""))
    head, _, body = seen.partition(b"\r\n\r\n")

    assert b"chunked" not in head.lower()
    assert b"<h1> Success </h1> <br/>" in body
