"""The client in the same binary, against a real restpoint and a real pgBackRest."""
import contextlib
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import threading
import time

from support import world

# A client needs no rights: it runs as nobody in particular, with nothing in its environment.
PLAIN = {"PATH": "/usr/bin:/bin", "TERM": "xterm"}


def argv(service, *words):
    return [str(service.program), words[0], f"--server=http://127.0.0.1:{service.port}", *words[1:]]


def client(service, *words, seconds=120, **environment):
    return subprocess.run(argv(service, *words), capture_output=True, text=True, timeout=seconds,
                          stdin=subprocess.DEVNULL, env=PLAIN | environment, check=False)


def start(service, *words):
    return subprocess.Popen(argv(service, *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            stdin=subprocess.DEVNULL, env=PLAIN)


def running_job(service):
    def find():
        return [j["id"] for j in service.jobs() if j["state"] == "running"]
    return world.wait_until(find, 30, "a running job")[0]


class Terminal:
    """The client on a terminal of its own."""

    def __init__(self, service, *words, **environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(str(service.program), argv(service, *words), PLAIN | environment)
        self.text = ""

    def read(self, seconds=0.1):
        if select.select([self.fd], [], [], seconds)[0]:
            with contextlib.suppress(OSError):  # Linux says so when the other side is closed
                came = os.read(self.fd, 65536)
                self.text += came.decode(errors="replace")
                return bool(came)
            return False
        return True

    def wait_for(self, text, seconds=60):
        def seen():
            self.read()
            return text in self.text
        world.wait_until(seen, seconds, f"{text!r} on the terminal, where there is {self.text!r}")

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self, seconds=60):
        end = time.monotonic() + seconds
        while self.read() and time.monotonic() < end:
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


def test_a_backup_is_waited_for_and_told_in_words(service, cluster):
    done = client(service, "backup", "--type", "full", "--annotation", "ticket=OPS-1")

    assert done.returncode == 0, done.stderr
    label = cluster.labels()[-1]
    assert re.fullmatch(rf"job \d+: full backup of main succeeded in [^:]+: {label}, .*\n", done.stdout)
    assert done.stderr.startswith("job ")
    assert "\x1b" not in done.stdout + done.stderr
    assert "copy" in done.stderr


def test_with_json_there_is_the_job_and_nothing_else(service):
    done = client(service, "backup", "--output", "json", "--type=incr")

    job = json.loads(done.stdout)
    assert done.returncode == 0
    assert job["state"] == "succeeded" and job["kind"] == "backup"
    assert done.stderr == ""
    assert json.loads(client(service, "jobs", "--output=json").stdout)["jobs"][0]["id"] == job["id"]
    assert json.loads(client(service, "job", job["id"], "--output=json").stdout)["id"] == job["id"]


def test_a_backup_that_fails_says_why(new_service, cluster):
    broken = new_service(config=cluster.write_config("broken.conf", repo="/proc/no-such-repo"))
    done = client(broken, "backup", "--type=full")

    assert done.returncode == 1
    assert done.stdout == ""
    assert re.search(r"job \d+: full backup of main failed", done.stderr)
    assert "pgBackRest error" in done.stderr


def test_what_refuses_and_what_is_not_there_are_told_apart(service):
    nobody = subprocess.run([str(service.program), "jobs"], capture_output=True, text=True, timeout=30, check=False,
                            env=PLAIN | {"RESTPOINT_URL": f"http://127.0.0.1:{free_port()}"})
    assert nobody.returncode == 4 and "Connection refused" in nobody.stderr
    assert client(service, "job", "4711").returncode == 3
    assert client(service, "check", "--stanza=other").returncode == 3
    expired = client(service, "expire")  # for admins; who shows no token is an operator here
    assert expired.returncode == 3 and "refused:" in expired.stderr
    assert client(service, "backup", "--type=weekly").returncode == 2
    assert client(service, "jobs", RESTPOINT_TOKEN="two words").returncode == 2


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_lists_and_logs_can_be_read(service):
    assert client(service, "check").returncode == 0
    listed = client(service, "jobs", "--kind=check", "--limit", "1")
    job_id = listed.stdout.splitlines()[1].split()[0]
    log = client(service, "logs", job_id)

    assert listed.returncode == 0 and "succeeded" in listed.stdout
    assert log.stdout == service.raw_log(job_id)
    assert "state      succeeded" in client(service, "job", job_id).stdout
    followed = client(service, "logs", job_id, "--follow")
    assert followed.returncode == 0
    assert followed.stdout == log.stdout
    assert "check of main succeeded" in followed.stderr


def test_without_waiting_the_id_is_printed_and_a_second_job_is_refused_or_waits(slow_service):
    first = client(slow_service, "backup", "--type=full", "--no-wait")
    job_id = first.stdout.strip()
    refused = client(slow_service, "backup", "--type=diff")
    queued = client(slow_service, "backup", "--queue", "--no-wait")

    assert first.returncode == 0 and slow_service.job(job_id)["state"] in ("queued", "running")
    assert refused.returncode == 3 and f"logs {job_id} --follow" in refused.stderr
    assert queued.returncode == 0
    cancelled = client(slow_service, "cancel", job_id)
    assert cancelled.returncode == 0 and f"job {job_id}: full backup of main cancelled" in cancelled.stdout
    assert client(slow_service, "cancel", job_id).returncode == 3
    assert slow_service.wait_for(queued.stdout.strip())["state"] == "succeeded"


class LosingProxy:
    """Stands in front of a service, and loses the first answer."""

    def __init__(self, service):
        self.service, self.connections = service, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.connections += 1
                with client, socket.create_connection(("127.0.0.1", self.service.port)) as behind:
                    behind.sendall(client.recv(65536))  # a small request, in one piece
                    answer = b"".join(iter(lambda: behind.recv(65536), b""))
                    if self.connections > 1:
                        client.sendall(answer)

    def end(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join(30)
        self.listener.close()


def test_a_lost_answer_starts_no_second_backup(service):
    proxy = LosingProxy(service)
    done = client(service, "backup", "--type=full", "--no-wait", f"--server={proxy.address}")
    proxy.end()

    assert done.returncode == 0, done.stderr
    assert proxy.connections == 2
    assert [job["id"] for job in service.jobs()] == [done.stdout.strip()]
    assert service.wait_for(done.stdout.strip())["state"] == "succeeded"


def test_a_cancelled_backup_ends_its_client_too(slow_service):
    waiting = start(slow_service, "backup", "--type=full")
    job_id = running_job(slow_service)
    assert client(slow_service, "cancel", job_id, "--no-wait").returncode == 0

    _, said = waiting.communicate(timeout=60)
    assert waiting.returncode == 5
    assert f"job {job_id}: full backup of main cancelled" in said


def test_ctrl_c_leaves_and_the_job_goes_on(slow_service):
    waiting = start(slow_service, "backup", "--type=full")
    job_id = running_job(slow_service)
    slow_service.wait_until_copying(job_id)
    waiting.send_signal(signal.SIGINT)
    _, said = waiting.communicate(timeout=30)

    assert waiting.returncode == 130
    assert f"'restpoint logs {job_id} --follow' comes back" in said
    assert slow_service.job(job_id)["state"] == "running"
    assert client(slow_service, "logs", job_id, "--follow").returncode == 0


def test_a_restart_of_the_service_costs_a_follower_nothing(slow_service):
    waiting = start(slow_service, "backup", "--type=full")
    job_id = running_job(slow_service)
    slow_service.wait_until_copying(job_id)
    port = slow_service.port
    slow_service.kill(signal.SIGKILL)
    slow_service.toml.write_text(slow_service.toml.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    slow_service.start()

    out, said = waiting.communicate(timeout=120)
    assert waiting.returncode == 0, said
    assert f"job {job_id}: full backup of main succeeded" in out
    assert said.count("it is tried again") >= 1


def test_on_a_terminal_a_bar_moves_and_colour_can_be_switched_off(slow_service):
    coloured = Terminal(slow_service, "backup", "--type=incr")
    assert coloured.end() == 0
    plain = Terminal(slow_service, "backup", "--type=full", NO_COLOR="1")
    assert plain.end() == 0

    assert "\x1b[32msucceeded\x1b[0m" in coloured.text
    assert re.search(r"\r\x1b\[Kcopy  \[=* *\]  [0-9.]+ %", plain.text)
    assert not re.search(r"\x1b\[\d*m", plain.text)


def test_on_a_terminal_a_second_ctrl_c_cancels_after_asking(slow_service):
    screen = Terminal(slow_service, "backup", "--type=full")
    job_id = running_job(slow_service)
    slow_service.wait_until_copying(job_id)
    screen.type("\x03")
    screen.wait_for("once more")
    screen.type("\x03")
    screen.wait_for(f"cancel job {job_id}? [y/N]")
    assert slow_service.job(job_id)["state"] == "running"
    screen.type("y\n")

    assert screen.end() == 5
    assert slow_service.job(job_id)["state"] == "cancelled"
