"""A real PostgreSQL, a real pgBackRest and a real restpoint in a folder of their own, for the system and browser tiers.

Everything runs as user postgres, listens on loopback or Unix sockets only, and ends with the test.
"""
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("TEST_PROGRAM", ROOT / "build/release/restpoint"))
AS_POSTGRES = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env", "--"]
STANZA = "main"


def wait_until(condition, seconds=30, what="a condition"):
    """The first true value of `condition()`; fails with a reason instead of hanging."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come true within {seconds} s")
        time.sleep(0.01)


def pg_bin():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    assert found, "no PostgreSQL server is installed"
    return found[-1]


def processes():
    """(pid, parent, argv) of every process there is."""
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                argv = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
                yield int(entry.name), parent, argv


class Cluster:
    """A PostgreSQL with archiving into a pgBackRest repo."""

    initdb_options = ()
    #: Where the data directory is below the cluster's folder.
    data_in = "data"
    #: What its programs are started with.
    as_postgres = AS_POSTGRES

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / self.data_in
        self.run = self.folder / "run"
        self.repo = self.folder / "repo"
        self.lock = self.folder / "lock"
        for sub in (self.data, self.run, self.repo, self.lock, self.folder / "log"):
            sub.mkdir(mode=0o700, exist_ok=True)  # it may be a mount
            shutil.chown(sub, "postgres", "postgres")
        self.config = self.write_config("pgbackrest.conf")
        # Slow enough to be met in the middle, on any machine: one worker, the dearest compression.
        self.slow_config = self.write_config("slow.conf", **{"compress-type": "gz", "compress-level": "9", "process-max": "1"})
        self.make()

    def write_config(self, name, repo=None, **extra):
        settings = {
            "repo1-path": repo or self.repo, "repo1-retention-full": "2", "lock-path": self.lock,
            "log-path": self.folder / "log", "log-level-file": "off", "start-fast": "y", "compress-type": "zst",
            "process-max": "2", "archive-timeout": "10", **extra,
        }
        stanza = {"pg1-path": self.data, "pg1-socket-path": self.run, "pg1-port": "5432"}
        text = "[global]\n" + "".join(f"{k}={v}\n" for k, v in settings.items())
        text += f"[{STANZA}]\n" + "".join(f"{k}={v}\n" for k, v in stanza.items())
        path = self.folder / name
        path.write_text(text)
        return path

    def make(self):
        self.command("initdb", "-D", self.data, "-A", "peer", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8",
                     *self.initdb_options)
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write(f"""
listen_addresses = ''
unix_socket_directories = '{self.run}'
fsync = off
archive_mode = on
archive_command = 'pgbackrest --config={self.config} --stanza={STANZA} archive-push %p'
wal_level = replica
max_wal_senders = 4
""")
        self.start()
        self.fill()
        self.make_stanza()

    def make_stanza(self):
        self.backrest("stanza-create")

    def fill(self):
        """Text that compresses badly, in several files, so that a backup takes seconds and its progress moves."""
        for part in range(6):
            self.sql(f"create table part_{part} as select md5(g::text) || md5((g * 31)::text) t "
                     f"from generate_series({part} * 200000, ({part} + 1) * 200000) g")

    def command(self, program, *args, check=True, timeout=120):
        argv = self.as_postgres + [str(pg_bin() / program)] + [str(a) for a in args]
        # Its output goes to a file: a postmaster that keeps our pipe would make us wait for its end.
        with tempfile.TemporaryFile("w+") as out:
            done = subprocess.run(argv, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd="/",
                                  timeout=timeout, check=False)
            out.seek(0)
            text = out.read()
        assert not check or done.returncode == 0, f"{program}: {text}"
        return text

    def start(self):
        self.command("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log/postgresql.log", "start")

    def stop(self):
        self.command("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop", check=False)

    def sql(self, statement):
        return self.command("psql", "-X", "-q", "-At", "-h", self.run, "-U", "postgres", "-d", "postgres", "-v",
                            "ON_ERROR_STOP=1", "-c", statement).strip()

    def backrest(self, *args, config=None):
        argv = self.as_postgres + ["pgbackrest", f"--config={config or self.config}", f"--stanza={STANZA}", *args]
        return subprocess.run(argv, capture_output=True, text=True, cwd="/", timeout=300, check=True).stdout

    def labels(self):
        info = json.loads(self.backrest("info", "--output=json", "--log-level-console=off"))
        return [b["label"] for b in info[0]["backup"]]

    def backrest_processes(self):
        """pids of pgbackrest processes of this cluster that run a backup or work for one."""
        mine = str(self.folder)
        return [pid for pid, _, argv in processes()
                if argv and os.path.basename(argv[0]) == "pgbackrest" and any(mine in a for a in argv)
                and not any(a in ("archive-push", "info") for a in argv)]


class SmallCluster(Cluster):
    """A cluster with hardly any data, for what is quick to back up and is spoiled afterwards."""

    def __init__(self, folder, segment_mb=16):
        self.initdb_options = (f"--wal-segsize={segment_mb}",)
        super().__init__(folder)

    def fill(self):
        self.sql("create table filling as select 0 as n")

    def fill_segment(self):
        """Fills the current WAL segment, waits until it is archived, and returns its name."""
        self.sql("insert into filling values (1)")
        name = self.sql("select pg_walfile_name(pg_switch_wal())")
        wait_until(lambda: self.sql(f"select last_archived_wal >= '{name}' from pg_stat_archiver") == "t", 30, f"{name} in the repo")
        return name

    def archived_file(self, segment):
        """The file of a segment in the repo."""
        return next(self.repo.glob(f"archive/{STANZA}/*/{segment[:16]}/{segment}-*"))


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.text = body.decode(errors="replace")

    def json(self):
        return json.loads(self.body)


class Service:
    """`restpoint serve` with a state directory of its own."""

    def __init__(self, cluster, folder, config=None, settings="", environment=None, postgres=""):
        self.cluster, self.folder = cluster, pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        shutil.chown(self.folder, "postgres", "postgres")
        self.program = self.folder / "restpoint"
        if not self.program.exists():
            shutil.copy(PROGRAM, self.program)
        self.state = self.folder / "state"
        self.environment = environment or {}
        self.toml = self.folder / "restpoint.toml"
        self.toml.write_text(f"""
[server]
listen = "127.0.0.1:0"
[pgbackrest]
config = "{config or cluster.config}"
stanza = "{STANZA}"
[postgres]
socket_dir = "{cluster.run}"
{postgres}
[state]
dir = "{self.state}"
[log]
format = "json"
{settings}""")
        self.log = self.folder / "restpoint.log"
        self.process = None
        self.port = None

    def launch(self, as_postgres=None):
        """Starts the process, and waits for nothing."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                (as_postgres or AS_POSTGRES) + ["env", *[f"{k}={v}" for k, v in self.environment.items()],
                                    str(self.program), "serve", "--config", str(self.toml)],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", start_new_session=True)

    def start(self, expect_ready=True):
        before = self.log.stat().st_size if self.log.exists() else 0
        self.launch()
        if expect_ready:
            def ready():
                assert self.process.poll() is None, f"restpoint ended at once: {self.log_text(before)}"
                return [e for e in self.log_lines(before) if e.get("message") == "restpoint is ready"]
            self.port = int(wait_until(ready, 20, "restpoint is ready")[0]["address"].rpartition(":")[2])
        return self

    def log_text(self, offset=0):
        return self.log.read_bytes()[offset:].decode(errors="replace")

    def log_lines(self, offset=0):
        lines = []
        for line in self.log_text(offset).splitlines():
            with contextlib.suppress(ValueError):
                lines.append(json.loads(line))
        return lines

    def kill(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        return self.process.wait(60)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.kill(signal.SIGTERM)

    def end_jobs(self):
        """Ends what a test left behind: shims of this state directory and what they run."""
        for pid, _, argv in list(processes()):
            if any(str(self.state) in a for a in argv) or str(self.state) in " ".join(argv):
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGUSR1 if "job-exec" in argv else signal.SIGKILL)

    def connection(self, timeout):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, path, verb="GET", body=None, headers=None, timeout=120):
        connection = self.connection(timeout)
        try:
            given = dict(headers or {})
            if body is not None and not isinstance(body, (bytes, str)):
                body = json.dumps(body)
                given.setdefault("Content-Type", "application/json")
            connection.request(verb, path, body, given)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def open_stream(self, path, headers=""):
        """A socket on which `path` was asked for: the caller reads the raw bytes."""
        stream = socket.create_connection(("127.0.0.1", self.port), timeout=120)
        stream.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode())
        return stream

    def back_up(self, kind="full", **more):
        answer = self.ask(f"/api/v1/stanzas/{STANZA}/backups", "POST", {"type": kind, **more})
        assert answer.status == 202, answer.text
        return answer.json()["id"]

    def job(self, job_id):
        answer = self.ask(f"/api/v1/jobs/{job_id}")
        assert answer.status == 200, answer.text
        return answer.json()

    def jobs(self):
        return self.ask("/api/v1/jobs?limit=500").json()["jobs"]

    def raw_log(self, job_id):
        answer = self.ask(f"/api/v1/jobs/{job_id}/log")
        assert answer.status == 200, answer.text
        return answer.text

    def wait_for(self, job_id, seconds=180):
        def ended():
            job = self.job(job_id)
            return job if job["state"] not in ("queued", "running") else None
        return wait_until(ended, seconds, f"the end of job {job_id}")

    def wait_until_copying(self, job_id):
        """Returns when the backup has copied a file, so it is in its middle."""
        def copying():
            job = self.job(job_id)
            assert job["state"] in ("queued", "running"), f"too early an end: {job}"
            return "backup file" in self.raw_log(job_id)
        wait_until(copying, 60, "the first file of the backup")

    def shim_of(self, job_id):
        folder = str(self.state / "jobs")
        for pid, _, argv in processes():
            if "job-exec" in argv and folder in argv and argv[argv.index("--id") + 1] == str(job_id):
                return pid
        return None

    def rss_anon(self):
        for line in pathlib.Path(f"/proc/{self.pid()}/status").read_text().splitlines():
            if line.startswith("RssAnon"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no RssAnon")

    def pid(self):
        return self.process.pid


def make_folder():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rp-", dir="/tmp"))
    folder.chmod(0o755)
    return folder
