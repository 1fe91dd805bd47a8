"""Those who run a PostgreSQL server, for real: supervisord and the agent; and how to tell what has become of the server."""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess

from support import harm
from support.programs import needed
from support.world import AS_POSTGRES, PROGRAM, pg_bin, processes, wait_until


def postmaster(cluster):
    """The pid of the server, if it lives."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int((cluster.data / "postmaster.pid").read_text().splitlines()[0])
        if os.path.samefile(f"/proc/{pid}/cwd", cluster.data):
            return pid
    return None


def answers(cluster):
    said = cluster.command("psql", "-X", "-At", "-h", cluster.run, "-d", "postgres", "-c", "select 1", check=False)
    return said.strip() == "1"


def end_server(cluster):
    """Whatever a test has left of it."""
    pid = postmaster(cluster)
    if pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
    wait_until(lambda: not harm.inside(cluster.data), 30, "the end of the server")


class Supervisord:
    """Runs the server of the cluster as its program `db`, within `with`."""

    USER, PASSWORD = "restpoint", "pa%ss<&>"

    def __init__(self, cluster, autorestart="unexpected"):
        self.program = needed("supervisord")
        self.cluster = cluster
        self.folder = cluster.folder / "supervisor"
        self.socket = self.folder / "s"
        self.process = None
        self.folder.mkdir(mode=0o700, exist_ok=True)
        shutil.chown(self.folder, "postgres", "postgres")
        self.socket.unlink(missing_ok=True)
        self.config = self.folder / "supervisord.conf"
        self.config.write_text(f"""
[unix_http_server]
file={self.socket}
chmod=0700
username={self.USER}
password={self.PASSWORD.replace("%", "%%")}
[supervisord]
nodaemon=true
logfile={self.folder}/log
pidfile={self.folder}/pid
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[program:db]
command={pg_bin()}/postgres -D {cluster.data}
stopsignal=INT
autorestart={autorestart}
stopwaitsecs=60
startsecs=1
stdout_logfile={self.folder}/db.log
redirect_stderr=true
""")

    def __enter__(self):
        with open(self.folder / "out", "ab") as out:
            self.process = subprocess.Popen(AS_POSTGRES + [self.program, "-c", str(self.config)], stdout=out, stderr=out,
                                            stdin=subprocess.DEVNULL, cwd="/")
        try:
            wait_until(lambda: self.socket.exists() and answers(self.cluster), 60, "the server under supervisord")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(90)


class Agent:
    """`restpoint agent` with the server of the cluster as its child; `alone` makes it the first process of a container, of
    which only the pids and /proc are its own."""

    def __init__(self, cluster, alone=False, options=(), server=None):
        self.cluster, self.options = cluster, options
        self.socket = cluster.run / "agent/s"
        self.log = cluster.folder / "log/agent.log"
        self.server = server or [str(pg_bin() / "postgres"), "-D", str(cluster.data)]
        self.around = [needed("unshare"), "--pid", "--fork", "--mount-proc", "--"] if alone else []
        # A copy that user postgres can reach.
        self.program = cluster.folder / "restpoint"
        if not self.program.exists():
            shutil.copy(PROGRAM, self.program)
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.around + AS_POSTGRES + [str(self.program), "agent", "--socket", str(self.socket), *self.options, "--",
                                             *self.server], stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/")
        return self

    def __enter__(self):
        self.start()
        try:
            self.wait_until("running")
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    @property
    def pid(self):
        if not self.around:
            return self.process.pid
        return wait_until(lambda: next((pid for pid, parent, _ in processes() if parent == self.process.pid), None), 30,
                          "the first process of the namespace")

    def kill(self):
        harm.kill(self.pid)
        self.process.wait(60)

    def end(self):
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGQUIT)
            self.process.wait(60)
        (self.socket.parent / "s.hold").unlink(missing_ok=True)

    def ask(self, **question):
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(30)
            asking.connect(str(self.socket))
            asking.sendall(json.dumps(question).encode() + b"\n")
            return json.loads(asking.makefile().readline())

    def state(self):
        with contextlib.suppress(OSError, ValueError):
            return self.ask(do="status")["state"]
        return None

    def wait_until(self, state):
        wait_until(lambda: self.state() == state, 60, f"the agent's server is {state}")
