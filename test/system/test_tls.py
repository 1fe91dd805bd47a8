"""TLS with its certificates, and the Unix socket, as OpenSSL, testssl.sh and the command line see them."""
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess

import pytest

from support import world

WORSE_THAN_LOW = {"MEDIUM", "HIGH", "CRITICAL", "FATAL"}


def openssl(*args):
    subprocess.run(["openssl", *[str(a) for a in args]], check=True, capture_output=True, timeout=60)


class Authority:
    """Signs certificates, with files in a folder that user postgres may read."""

    def __init__(self, folder, name="issuer"):
        self.folder, self.name = folder, name
        folder.mkdir(exist_ok=True)
        self.certificate = folder / f"{name}.crt"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", self.certificate)
        self.own(folder)

    def own(self, *paths):
        for path in paths:
            shutil.chown(path, "postgres", "postgres")

    def issue(self, name, alternative="DNS:localhost,IP:127.0.0.1", into=None):
        """(certificate, key)"""
        base = self.folder / (into or name)
        request, key, certificate = (base.with_suffix(s) for s in (".csr", ".key", ".crt"))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-addext",
                f"subjectAltName={alternative}", "-keyout", key, "-out", request)
        fresh = base.with_suffix(".new")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.folder / f"{self.name}.key", "-days", "30",
                "-copy_extensions", "copy", "-out", fresh)
        os.replace(fresh, certificate)
        key.chmod(0o600)
        self.own(key, certificate)
        return certificate, key


@pytest.fixture
def authority(tmp_path):
    folder = world.make_folder()
    yield Authority(folder)
    shutil.rmtree(folder)


def tls_environment(pair, **more):
    return {"RESTPOINT_SERVER_TLS_CERT": pair[0], "RESTPOINT_SERVER_TLS_KEY": pair[1], **more}


def client_context(authority, pair=None):
    context = ssl.create_default_context(cafile=authority.certificate)
    if pair:
        context.load_cert_chain(*pair)
    return context


def ask(service, context, path, verb="GET", body=None):
    connection = http.client.HTTPSConnection("127.0.0.1", service.port, timeout=60, context=context)
    try:
        connection.request(verb, path, json.dumps(body) if body else None, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        return world.Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def serial_shown(service, context):
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as plain:
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as wrapped:
            return wrapped.getpeercert()["serialNumber"]


def restpoint(service, user, *args, **environment):
    """The command line as `user`, with nothing of our own environment."""
    argv = ["setpriv", f"--reuid={user}", "--clear-groups", "--reset-env", "--", "env",
            *[f"{k}={v}" for k, v in environment.items()], str(service.program), *args]
    return subprocess.run(argv, capture_output=True, text=True, cwd="/", timeout=120, check=False)


def test_testssl_finds_nothing_worse_than_low(new_service, authority, tmp_path):
    service = new_service(environment=tls_environment(authority.issue("localhost")))
    found = tmp_path / "found.json"
    subprocess.run(
        ["testssl", "--quiet", "--warnings=off", "--color=0", "--nodns=none", "--jsonfile", str(found), "--protocols",
         "--std", "--fs", "--server-preference", "--vulnerable", f"https://127.0.0.1:{service.port}"],
        capture_output=True, text=True, timeout=600, check=False, stdin=subprocess.DEVNULL)

    findings = json.loads(found.read_text())
    looked_at = {f["id"] for f in findings}
    assert {"TLS1_2", "TLS1_3", "heartbleed", "ROBOT", "secure_renego", "BREACH", "LUCKY13", "cipherlist_NULL"} <= looked_at
    assert [f for f in findings if f["severity"] in WORSE_THAN_LOW] == []
    assert ask(service, client_context(authority), "/livez").status == 200


@pytest.mark.parametrize("asked_for, works", [("-tls1_3", True), ("-tls1_2", True), ("-tls1_1", False)])
def test_openssl_gets_what_is_safe_and_nothing_else(new_service, authority, asked_for, works):
    service = new_service(environment=tls_environment(authority.issue("localhost")))
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{service.port}", asked_for, "-cipher", "DEFAULT:@SECLEVEL=0", "-CAfile",
         str(authority.certificate), "-verify_return_error", "-quiet"],
        input="GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", capture_output=True, text=True, timeout=60,
        check=False)
    assert done.stdout.startswith("HTTP/1.1 200") == works, done.stderr


def test_a_renewed_certificate_is_taken_up_and_a_bad_one_is_not(new_service, authority):
    pair = authority.issue("localhost")
    service = new_service(environment=tls_environment(pair))
    context = client_context(authority)
    first = serial_shown(service, context)

    authority.issue("localhost")
    world.wait_until(lambda: serial_shown(service, context) != first, 30, "the renewed certificate")
    second = serial_shown(service, context)

    pair[1].write_text("no key")
    def complained():
        return [e for e in service.log_lines() if e["level"] == "error" and "holds no private key" in e.get("error", "")]
    world.wait_until(complained, 30, "the complaint about the key")
    assert serial_shown(service, context) == second

    authority.issue("localhost")
    service.process.send_signal(1)
    world.wait_until(lambda: serial_shown(service, context) != second, 30, "the certificate of the hangup")
    assert len(complained()) == 1


def test_a_start_with_a_wrong_certificate_is_refused_with_the_reason(new_service, authority):
    certificate, _ = authority.issue("localhost")
    _, other = authority.issue("other")
    service = new_service(environment=tls_environment((certificate, other)), start=False)
    service.launch()
    assert service.process.wait(30) == 2
    assert "does not belong to the certificate in" in service.log_text()


def test_a_large_log_and_a_growing_one_come_whole_over_tls(new_service, cluster, authority):
    service = new_service(config=cluster.slow_config, environment=tls_environment(authority.issue("localhost")))
    context = client_context(authority)
    started = ask(service, context, f"/api/v1/stanzas/{world.STANZA}/backups", "POST", {"type": "full"}).json()["id"]

    events = ask(service, context, f"/api/v1/jobs/{started}/events").text
    followed = ask(service, context, f"/api/v1/jobs/{started}/log?follow=true").body
    log = service.state / "jobs" / f"{started}.log"
    assert followed == log.read_bytes()
    lines = [json.loads(data)["line"] for data in re.findall(r"^event: log\ndata: (.*)$", events, re.M)]
    assert "\n".join(lines) + "\n" == log.read_text()
    last = events.rstrip().split("\n\n")[-1]
    assert "event: state" in last and '"succeeded"' in last

    with open(log, "ab") as more:
        for number in range(100):
            more.write(os.urandom(1 << 19).hex().encode() + f"{number}\n".encode())
    answer = ask(service, context, f"/api/v1/jobs/{started}/log")
    assert len(answer.body) > 100 << 20
    assert answer.body == log.read_bytes()


def test_a_certificate_has_the_role_that_the_configuration_gives_it(new_service, authority):
    clients = Authority(authority.folder / "clients", "clients")
    service = new_service(
        settings='[auth]\nanonymous = "none"\ncertificates = ["ci=operator", "DNS:ops.example=admin"]\n',
        environment=tls_environment(authority.issue("localhost"), RESTPOINT_SERVER_TLS_CLIENT_CA=clients.certificate))
    ci = client_context(authority, clients.issue("ci", "DNS:x"))
    ops = client_context(authority, clients.issue("somebody", "DNS:ops.example"))
    nobody = client_context(authority, clients.issue("nobody", "DNS:y"))

    started = ask(service, ci, f"/api/v1/stanzas/{world.STANZA}/checks", "POST")
    assert started.status == 202, started.text
    assert started.json()["requested_by"] == "certificate ci 127.0.0.1"
    assert ask(service, ci, "/api/v1/audit").json()["code"] == "role_too_low"
    trail = ask(service, ops, "/api/v1/audit").json()
    assert "certificate ci 127.0.0.1" in json.dumps(trail)
    assert "has no role" in ask(service, nobody, "/api/v1/jobs").json()["detail"]
    assert ask(service, client_context(authority), "/api/v1/jobs").json()["code"] == "token_missing"
    with pytest.raises((ssl.SSLError, OSError)):
        ask(service, client_context(authority, authority.issue("stranger")), "/api/v1/jobs")


def test_the_command_line_speaks_tls(new_service, authority):
    clients = Authority(authority.folder / "clients", "clients")
    service = new_service(
        settings='[auth]\nanonymous = "none"\ncertificates = ["ci=operator"]\n',
        environment=tls_environment(authority.issue("localhost"), RESTPOINT_SERVER_TLS_CLIENT_CA=clients.certificate))
    certificate, key = clients.issue("ci")
    for server in (f"https://127.0.0.1:{service.port}", f"https://localhost:{service.port}"):
        trusted = ("--server", server, "--ca-file", str(authority.certificate))
        done = restpoint(service, "postgres", "check", *trusted, "--cert", str(certificate), "--key", str(key))
        assert done.returncode == 0, done.stderr
        refused = restpoint(service, "postgres", "jobs", *trusted)
        assert refused.returncode == 3
        assert "takes a token" in refused.stderr

    distrusted = restpoint(service, "postgres", "jobs", "--server", f"https://127.0.0.1:{service.port}")
    assert distrusted.returncode == 4
    assert "is not to be trusted" in distrusted.stderr and "--ca-file" in distrusted.stderr
    by_environment = restpoint(service, "postgres", "jobs", RESTPOINT_URL=f"https://localhost:{service.port}",
                               RESTPOINT_CA_FILE=authority.certificate, RESTPOINT_CERT=certificate, RESTPOINT_KEY=key)
    assert by_environment.returncode == 0, by_environment.stderr
    plain = restpoint(service, "postgres", "jobs", "--server", f"http://127.0.0.1:{service.port}")
    assert "https://" in plain.stderr


def test_the_unix_socket_knows_who_is_behind_it(new_service):
    folder = world.make_folder()
    shutil.chown(folder, "postgres", "postgres")
    path = folder / "restpoint.sock"
    service = new_service(settings='[auth]\nanonymous = "admin"\n'.replace("admin", "operator"),
                          environment={"RESTPOINT_SERVER_UNIX_SOCKET": path})
    try:
        here = ("--server", f"unix:{path}")
        checked = restpoint(service, "postgres", "check", "--output", "json", *here)
        assert checked.returncode == 0, checked.stderr
        assert json.loads(checked.stdout)["requested_by"].startswith("user postgres uid ")
        assert "operator" in restpoint(service, "postgres", "expire", *here).stderr
        assert restpoint(service, "root", "expire", *here).returncode == 0

        stranger = restpoint(service, "nobody", "jobs", *here)
        assert stranger.returncode == 3
        assert "has no role here" in stranger.stderr
        token = subprocess.run(
            world.AS_POSTGRES + [str(service.program), "token", "create", "--name", "eyes", "--role", "viewer", "--config",
                                 str(service.toml)], capture_output=True, text=True, cwd="/", timeout=30, check=True).stdout.strip()
        world.wait_until(lambda: restpoint(service, "nobody", "jobs", *here, RESTPOINT_TOKEN=token).returncode == 0, 20,
                         "the stranger's token")

        service.stop()
        assert not path.exists()
        gone = restpoint(service, "root", "jobs", *here)
        assert gone.returncode == 4
        assert f"unix:{path}" in gone.stderr
    finally:
        shutil.rmtree(folder)


def test_the_command_line_finds_the_socket_of_the_configuration(new_service):
    folder = world.make_folder()
    shutil.chown(folder, "postgres", "postgres")
    path = folder / "restpoint.sock"
    service = new_service(environment={"RESTPOINT_SERVER_UNIX_SOCKET": path})
    try:
        for user in ("root", "postgres"):
            found = restpoint(service, user, "jobs", RESTPOINT_CONFIG=service.toml, RESTPOINT_SERVER_UNIX_SOCKET=path)
            assert found.returncode == 0, found.stderr
            completed = restpoint(service, user, "completion", "words", "info", "--stanza", "", RESTPOINT_CONFIG=service.toml,
                                  RESTPOINT_SERVER_UNIX_SOCKET=path)
            assert completed.stdout.startswith(f"{world.STANZA}\t"), completed.stderr
        # Who is somebody else asks at the usual address, where nobody answers here.
        other = restpoint(service, "nobody", "jobs", RESTPOINT_CONFIG=service.toml, RESTPOINT_SERVER_UNIX_SOCKET=path,
                          RESTPOINT_TOKEN="rp_x")
        assert str(path) not in other.stderr
    finally:
        service.stop()
        shutil.rmtree(folder)
