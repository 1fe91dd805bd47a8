"""Tokens from their making to their end, and secrets that must show nowhere."""
import os
import pathlib
import re
import subprocess
import threading

import pytest

from support import world

CLOSED = '[auth]\nanonymous = "none"\n'


def token_command(service, *args):
    return subprocess.run(
        world.AS_POSTGRES + [str(service.program), "token", *args, "--config", str(service.toml)],
        capture_output=True, text=True, cwd="/", timeout=30, check=False)


def create(service, name, role, *more):
    done = token_command(service, "create", "--name", name, "--role", role, *more)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"rp_[a-z2-7]{8}_[a-z2-7]{32}\n", done.stdout)
    return done.stdout.strip()


def ask(service, token, path="/api/v1/jobs", verb="GET", body=None):
    return service.ask(path, verb, body, {"Authorization": f"Bearer {token}"} if token else {})


def is_let_in(service, token):
    status = ask(service, token).status
    assert status in (200, 401, 429), status
    return status == 200


def test_a_token_that_is_made_while_the_service_runs_opens_it_and_revoked_it_does_not(new_service):
    service = new_service(settings=CLOSED)
    assert ask(service, None).json()["code"] == "token_missing"
    warned = [e for e in service.log_lines() if e.get("level") == "warn"]
    assert any("nobody can come in" in e["message"] and "restpoint token create" in e["hint"] for e in warned)

    token = create(service, "ci", "operator")
    world.wait_until(lambda: is_let_in(service, token), 10, "the new token is taken up")
    backup = f"/api/v1/stanzas/{world.STANZA}/backups"
    started = ask(service, token, backup, "POST", {"type": "full"})
    assert started.status == 202, started.text
    assert started.json()["requested_by"] == "token ci 127.0.0.1"
    assert ask(service, token, "/api/v1/audit").json()["code"] == "role_too_low"

    assert token_command(service, "revoke", "ci").returncode == 0
    world.wait_until(lambda: not is_let_in(service, token), 10, "the revoked token is refused")
    assert ask(service, token).json()["code"] in ("token_invalid", "too_many_failures")


def test_who_comes_through_a_proxy_is_no_operator_of_this_machine(new_service):
    path, proxied = "/api/v1/jobs", {"X-Forwarded-For": "203.0.113.9"}
    service = new_service()
    assert service.ask(path).status == 200
    refused = service.ask(path, "GET", None, proxied)
    assert (refused.status, refused.json()["code"]) == (401, "token_missing_behind_proxy")
    told_so = new_service(settings='[auth]\nanonymous = "viewer"\n')
    assert told_so.ask(path, "GET", None, proxied).status == 200


def test_tokens_outlive_a_restart_and_sessions_do_not(new_service):
    service = new_service(settings=CLOSED)
    token = create(service, "eyes", "viewer")
    world.wait_until(lambda: is_let_in(service, token), 10, "the new token is taken up")
    entered = service.ask("/login", "POST", f"token={token}")
    assert entered.status == 303
    cookie = {"Cookie": entered.headers["Set-Cookie"].partition(";")[0]}
    assert service.ask("/api/v1/jobs", headers=cookie).status == 200

    service.stop()
    service.start()

    assert is_let_in(service, token)
    assert service.ask("/api/v1/jobs", headers=cookie).status == 401


def test_a_broken_file_changes_nothing_and_is_told_until_it_is_mended(new_service):
    service = new_service(settings=CLOSED)
    token = create(service, "ci", "operator")
    world.wait_until(lambda: is_let_in(service, token), 10, "the new token is taken up")
    tokens = service.state / "tokens"
    good = tokens.read_text()

    tokens.write_text(good + "what is this\n")
    told = world.wait_until(
        lambda: [e for e in service.log_lines() if "tokens file cannot be used" in e.get("message", "")], 10,
        "the broken file is told")
    assert told[0]["level"] == "error"
    assert f"{tokens}:{good.count(chr(10)) + 1}:" in told[0]["error"]
    assert is_let_in(service, token)
    assert token_command(service, "list").returncode != 0

    tokens.write_text(good)
    other = create(service, "two", "viewer")
    world.wait_until(lambda: is_let_in(service, other), 10, "the mended file is taken up")

    tokens.chmod(0o644)
    world.wait_until(
        lambda: [e for e in service.log_lines() if "0644" in e.get("error", "")], 10, "the open permissions are told")
    assert is_let_in(service, token)

    tokens.unlink()
    world.wait_until(lambda: not is_let_in(service, token), 10, "no file, no tokens")


def test_a_service_starts_over_a_broken_file_and_lets_nobody_in(new_service):
    service = new_service(settings=CLOSED, start=False)
    token = create(service, "ci", "admin")
    with open(service.state / "tokens", "a", encoding="utf-8") as tokens:
        tokens.write("what is this\n")
    service.start()

    assert not is_let_in(service, token)
    assert [e for e in service.log_lines() if e.get("level") == "error" and "tokens file" in e["message"]]


def test_root_makes_tokens_that_the_service_can_read(new_service):
    service = new_service(settings=CLOSED)
    done = subprocess.run(
        [str(service.program), "token", "create", "--name", "byroot", "--role", "viewer", "--config", str(service.toml)],
        capture_output=True, text=True, timeout=30, check=True)
    about = os.stat(service.state / "tokens")

    assert about.st_uid == os.stat(service.state).st_uid
    assert about.st_mode & 0o777 == 0o600
    world.wait_until(lambda: is_let_in(service, done.stdout.strip()), 10, "the token is taken up")


def test_the_audit_trail_tells_who_did_what(new_service):
    service = new_service(settings=CLOSED)
    admin = create(service, "root", "admin")
    world.wait_until(lambda: is_let_in(service, admin), 10, "the new token is taken up")
    job_id = ask(service, admin, f"/api/v1/stanzas/{world.STANZA}/backups", "POST", {"type": "incr"}).json()["id"]

    def entries():
        return ask(service, admin, "/api/v1/audit").json()["entries"]
    mine = world.wait_until(
        lambda: [e for e in entries() if e["outcome"] == f"started job {job_id}"], 10, "the entry of the backup")
    assert mine[0]["who"] == "token root 127.0.0.1"
    assert any(e["outcome"].startswith("refused: 401") and e["who"] == "http 127.0.0.1" for e in entries())


class Observer(threading.Thread):
    """Looks at every process's arguments, over and over, for what matches an expression."""

    def __init__(self, expression):
        super().__init__(daemon=True)
        self.expression, self.seen, self.looks, self.ended = re.compile(expression), set(), 0, threading.Event()

    def run(self):
        while not self.ended.wait(0.005):
            self.looks += 1
            for _, _, argv in world.processes():
                text = " ".join(argv)
                if self.expression.search(text):
                    self.seen.add(text)

    def stop(self):
        self.ended.set()
        self.join()


@pytest.fixture
def secrets():
    """By the names under which pgBackRest and others know them."""
    return {
        "PGBACKREST_REPO1_CIPHER_PASS": "planted-cipher-5e1f", "PGBACKREST_REPO2_S3_KEY": "planted-key-77aa",
        "PGBACKREST_REPO2_S3_KEY_SECRET": "planted-secret-93cc", "PGPASSWORD": "planted-password-41d0",
    }


def start_with_secrets(new_service, secrets):
    """The first secret in the configuration, the others in the environment, as a unit file would give them."""
    first, *others = secrets.items()
    settings = CLOSED + f'[pgbackrest.environment]\n{first[0]} = "{first[1]}"\n'
    service = new_service(settings=settings, start=False)
    # Not by `env NAME=value` on a command line, which would show them itself.
    service.environment = {}
    script = service.folder / "start"
    script.write_text("#!/bin/sh\n" + "".join(f"export {k}={v}\n" for k, v in others) + f'exec {service.program} "$@"\n')
    script.chmod(0o755)
    service.program, program = script, service.program
    service.start()
    service.program = program
    return service


def everything_said(service, admin):
    pages = ["/", "/login", "/pgBackRest/info", "/pgBackRest/jobs", "/pgBackRest/db_status", "/pgBackRest/restore/delta",
             "/api/v1/jobs", "/api/v1/audit", "/livez", "/metrics", "/nowhere",
             f"/api/v1/stanzas/{world.STANZA}", f"/api/v1/stanzas/{world.STANZA}/window", "/api/v1/stanzas"]
    pages += [f"/pgBackRest/jobs/{j['id']}?level=debug" for j in ask(service, admin).json()["jobs"]]
    pages += [f"/api/v1/jobs/{j['id']}{more}" for j in ask(service, admin).json()["jobs"] for more in ("", "/log")]
    for page in pages:
        for token in (admin, None, "rp_aaaaaaaa_" + "b" * 32):
            answer = ask(service, token, page)
            yield page, f"{answer.headers}\n{answer.text}"
    for path in sorted(pathlib.Path(service.state).rglob("*")):
        if path.is_file():
            yield str(path), path.read_bytes().decode(errors="replace")
    yield "the log", service.log_text()
    shown = subprocess.run(
        world.AS_POSTGRES + [str(service.program), "config", "show", "--config", str(service.toml)],
        capture_output=True, text=True, cwd="/", check=True)
    yield "config show", shown.stdout + shown.stderr
    listed = token_command(service, "list")
    yield "token list", listed.stdout + listed.stderr


def test_secrets_show_nowhere(new_service, secrets):
    service = start_with_secrets(new_service, secrets)
    # Any token, since that of this test is not known before it was made; but no other service's.
    watched = Observer("|".join(secrets.values()) + f"|^(?=.*{re.escape(str(service.folder))}).*rp_[a-z2-7]{{8}}_")
    watched.start()
    admin = create(service, "root", "admin")
    world.wait_until(lambda: is_let_in(service, admin), 10, "the new token is taken up")
    started = ask(service, admin, f"/api/v1/stanzas/{world.STANZA}/backups", "POST", {"type": "full"})
    ended = world.wait_until(
        lambda: (j := ask(service, admin, f"/api/v1/jobs/{started.json()['id']}").json())["state"]
        not in ("queued", "running") and j, 120, "the end of the backup")
    watched.stop()

    assert ended["error"] is None or ended["error"]["message"], ended
    said = list(everything_said(service, admin))
    for needle in [*secrets.values(), admin, admin.rpartition("_")[2]]:
        assert [where for where, text in said if needle in text] == []
    assert watched.looks > 10
    assert watched.seen == set()
