"""Who restpoint is measured against: nginx with one worker, and the smallest Flask application."""
import contextlib
import os
import pathlib
import socket
import subprocess
import urllib.request

import measure
from support import world

APPLICATION = pathlib.Path(__file__).with_name("flask_app.py")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(port, path):
    with contextlib.suppress(OSError):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status == 200
    return False


class Rival:
    """A server on the server's core, from its first answer to its end."""

    def __init__(self, argv, port, path, folder, environment=None):
        self.port = port
        log = open(folder / f"{pathlib.Path(argv[0]).name}-{port}.log", "wb")
        with measure.pinned(measure.SERVER_CORE), log:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
                env={**os.environ, **(environment or {})})
        try:
            world.wait_until(lambda: answers(port, path), 20, f"an answer of {argv[0]}")
        except AssertionError:
            self.stop()
            raise

    def pids(self):
        return measure.family(self.process.pid)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(20)


def quoted(body):
    """`body` as words of nginx's configuration, each within its limit of 4 KiB."""
    parts, at = [], 0
    while at < len(body):
        part = body[at:at + 3000]
        parts.append(part.replace("\\", "\\\\").replace('"', '\\"').replace("$", "${dollar}"))
        at += 3000
    return parts


def nginx(folder, files, in_memory=None):
    """nginx as its manual tunes it: sendfile, open files cached, no log. `files` are served at /NAME."""
    port = free_port()
    root = folder / f"nginx-{port}"
    root.mkdir()
    for name, content in files.items():
        if isinstance(content, pathlib.Path):
            os.link(content, root / name)
        else:
            (root / name).write_bytes(content)
    memory = ""
    if in_memory is not None:
        parts = quoted(in_memory.decode())
        sets = "".join(f'set $part{i} "{part}"; ' for i, part in enumerate(parts))
        whole = "".join(f"${{part{i}}}" for i in range(len(parts)))
        memory = f'location = /memory {{ default_type text/html; {sets} return 200 "{whole}"; }}'
    config = root.with_suffix(".conf")
    config.write_text(f"""
daemon off;
user root;
worker_processes 1;
pid {root}.pid;
error_log {root}.error.log;
worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    open_file_cache max=100 inactive=1h;
    open_file_cache_valid 1h;
    client_body_temp_path {root}.tmp1; proxy_temp_path {root}.tmp2; fastcgi_temp_path {root}.tmp3;
    uwsgi_temp_path {root}.tmp4; scgi_temp_path {root}.tmp5;
    geo $dollar {{ default "$"; }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{ root {root}; default_type text/html; }}
        {memory}
    }}
}}
""")
    return Rival(["/usr/sbin/nginx", "-c", str(config), "-e", f"{root}.error.log"], port, f"/{next(iter(files))}", folder)


def flask(folder, content, content_type, with_gunicorn):
    port = free_port()
    body = folder / f"flask-{port}"
    body.write_bytes(content)
    environment = {"BENCH_BODY": str(body), "BENCH_TYPE": content_type, "PYTHONPATH": str(APPLICATION.parent)}
    server = ["-m", "gunicorn", "--workers", "1", "--bind", f"127.0.0.1:{port}", "--log-level", "error",
              "flask_app:app"] if with_gunicorn else [str(APPLICATION), str(port)]
    return Rival(["/usr/bin/python3", *server], port, "/page", folder, environment)
