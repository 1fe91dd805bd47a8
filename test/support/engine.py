"""A Docker engine for the image tier: the machine's own where it has one, else a private one from Debian's packages, which are
unpacked and not installed. It has a bridge of its own, no rules in iptables, and is gone with the tests.
"""
import contextlib
import itertools
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import time

import pytest

from support import world

#: What takes long to make and is the same next time: packages and root file systems.
CACHE = pathlib.Path(os.environ.get("TEST_CACHE", pathlib.Path.home() / ".cache/restpoint-tests"))
PACKAGES = ("docker.io", "containerd", "runc", "libdevmapper1.02.1")
NUMBERS = itertools.count(1)


def os_release(name):
    for line in pathlib.Path("/etc/os-release").read_text().splitlines():
        if line.startswith(f"{name}="):
            return line.partition("=")[2].strip('"')
    return ""


def run(argv, check=True, timeout=600, **more):
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL,
                          check=False, **more)
    assert not check or done.returncode == 0, f"{' '.join(str(a) for a in argv)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done


def mirrors(suite):
    """Where this machine gets its packages from, as lines for the sources of another root file system."""
    own = os_release("VERSION_CODENAME")
    told = run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"]).stdout
    found = {}
    for line in told.splitlines():
        uri, _, release = line.partition(" ")
        found.setdefault(release, uri)
    lines = [f"deb {found[own]} {suite} main"]
    if f"{own}-security" in found:
        lines.append(f"deb {found[f'{own}-security']} {suite}-security main")
    return lines


class Engine:
    """`docker` with everything that it needs in its environment."""

    def __init__(self):
        self.environment = dict(os.environ)
        self.daemon = None
        self.bridge = None
        self.folder = None

    def docker(self, *argv, check=True, timeout=600, **more):
        return run(["docker", *argv], check=check, timeout=timeout, env=self.environment, **more)

    def start(self):
        if shutil.which("docker") and self.docker("info", check=False, timeout=30).returncode == 0:
            return self
        root = self.unpack()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rp-engine-", dir="/tmp"))
        self.environment["PATH"] = f"{root}/usr/bin:{root}/usr/sbin:{os.environ['PATH']}"
        self.environment["DOCKER_HOST"] = f"unix://{self.folder}/docker.sock"
        self.environment["DOCKER_CONFIG"] = str(self.folder)
        self.environment["DOCKER_BUILDKIT"] = "0"
        self.environment["LD_LIBRARY_PATH"] = f"{root}/lib/x86_64-linux-gnu:{root}/usr/lib/x86_64-linux-gnu"
        self.make_bridge()
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        with open(self.folder / "log", "wb") as log:
            self.daemon = subprocess.Popen(
                ["dockerd", "-H", self.environment["DOCKER_HOST"], "--data-root", str(self.folder / "data"), "--exec-root",
                 str(self.folder / "exec"), "--pidfile", str(self.folder / "pid"), f"--bridge={self.bridge}", "--iptables=false",
                 "--ip-masq=false", "--userland-proxy-path", f"{root}/usr/sbin/docker-proxy", "--default-ulimit",
                 f"nofile={min(files, 20000)}:{min(files, 20000)}"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.environment, start_new_session=True)

        def up():
            assert self.daemon.poll() is None, f"dockerd ended at once: {(self.folder / 'log').read_text()[-2000:]}"
            return self.docker("info", check=False, timeout=30).returncode == 0
        world.wait_until(up, 120, "a Docker engine")
        return self

    @staticmethod
    def unpack():
        root = CACHE / f"engine-{os_release('VERSION_CODENAME')}"
        if (root / "whole").exists():
            return root
        shutil.rmtree(root, ignore_errors=True)
        (root / "packages").mkdir(parents=True)
        fetch = ["apt-get", "-o", "APT::Sandbox::User=root", "download", *PACKAGES]
        if run(fetch, check=False, cwd=root / "packages").returncode != 0:
            run(["apt-get", "update"])
            run(fetch, cwd=root / "packages")
        for package in (root / "packages").glob("*.deb"):
            run(["dpkg", "-x", package, root])
        shutil.rmtree(root / "packages")
        (root / "whole").touch()
        return root

    def make_bridge(self):
        for number in range(1, 255):
            name = f"rp-image{number}"
            if run(["ip", "link", "add", name, "type", "bridge"], check=False).returncode == 0:
                self.bridge = name
                run(["ip", "address", "add", f"10.213.{number}.1/24", "dev", name])
                run(["ip", "link", "set", name, "up"])
                return
        raise AssertionError("no bridge could be made")

    def stop(self):
        if self.daemon is None:
            return
        left = self.docker("ps", "-aq", check=False).stdout.split()
        if left:
            self.docker("rm", "-f", *left, check=False)
        self.daemon.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.daemon.wait(60)
        if self.daemon.poll() is None:
            self.daemon.kill()
            self.daemon.wait(30)
        run(["ip", "link", "delete", self.bridge], check=False)
        for line in reversed(pathlib.Path("/proc/mounts").read_text().splitlines()):
            at = line.split()[1]
            if at.startswith(f"{self.folder}/"):
                run(["umount", "-l", at], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def base(self, suite):
        """The image that Debian's own is called by: pulled by the machine's engine, and made from packages for ours."""
        if self.daemon is None or self.docker("image", "inspect", f"debian:{suite}-slim", check=False).returncode == 0:
            return
        tar = CACHE / f"{suite}.tar"
        if not tar.exists():
            fresh = CACHE / f"{suite}.{os.getpid()}.tar"
            run(["mmdebstrap", "--variant=minbase", "--mode=root", "--include=ca-certificates",
                 "--aptopt=Acquire::Languages \"none\"", "--dpkgopt=path-exclude=/usr/share/man/*",
                 "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*", suite, fresh,
                 *mirrors(suite)])
            fresh.rename(tar)
        self.docker("import", "-c", "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "-c",
                    'CMD ["bash"]', tar, f"debian:{suite}-slim")

    def build(self, tag, suite, program=None, target=None):
        """The image; with `program` instead of compiling one."""
        self.base(suite)
        arguments = ["--network=host", "--build-arg", f"DEBIAN={suite}", "-f", world.ROOT / "deploy/Dockerfile", "-t", tag]
        if program:
            given = world.ROOT / "build/image/restpoint"
            given.parent.mkdir(parents=True, exist_ok=True)
            run(["strip", "-o", given, program])
            arguments += ["--build-arg", "PROGRAM=given"]
        if target:
            arguments += ["--target", target]
        self.docker("build", *arguments, world.ROOT, timeout=3600)
        return tag


class Container:
    """One container of the image, from outside: its ports, its log, its programs."""

    def __init__(self, engine, image, name, volumes=None, options=(), command=(), **environment):
        self.engine, self.name = engine, name
        self.volumes = volumes if volumes is not None else {}
        environment.setdefault("RESTPOINT_AUTH_MODE", "none")
        environment.setdefault("PG_BACKUP_TIME", "")  # else a stanza-create and a check come ten seconds after the start
        argv = ["run", "-d", "--name", name]
        for port in (5000, 9001, 5432):
            argv += ["-p", f"127.0.0.1::{port}"]
        for key, value in environment.items():
            if value is not None:
                argv += ["-e", f"{key}={value}"]
        for volume, at in self.volumes.items():
            argv += ["-v", f"{volume}:{at}"]
        engine.docker(*argv, *options, image, *command)

    def inspect(self, of="State"):
        return json.loads(self.engine.docker("inspect", self.name).stdout)[0][of]

    def port(self, inside):
        return int(self.engine.docker("port", self.name, f"{inside}/tcp").stdout.splitlines()[0].rpartition(":")[2])

    def log(self):
        done = self.engine.docker("logs", self.name)
        return done.stdout + done.stderr

    def exec(self, *argv, check=True, user=None, timeout=300):
        return self.engine.docker("exec", *(["-u", user] if user else []), self.name, *argv, check=check, timeout=timeout)

    def sql(self, statement, user="postgres", database="postgres"):
        return self.exec("psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", "-U", user, "-d", database, "-c", statement).stdout.strip()

    def answers(self, user="postgres"):
        done = self.exec("psql", "-X", "-At", "-U", user, "-d", "postgres", "-c", "select pg_is_in_recovery()", check=False)
        return done.stdout.strip() == "f"

    def running(self):
        return self.inspect()["Running"]

    def wait_until_up(self, user="postgres", seconds=120):
        def up():
            assert self.running(), f"the container ended: {self.log()[-3000:]}"
            return self.answers(user) and self.ready()
        world.wait_until(up, seconds, "PostgreSQL and restpoint in the container")
        return self

    def ready(self):
        with contextlib.suppress(OSError, world.http.client.HTTPException):
            return self.ask("/livez", timeout=10).status == 200
        return False

    def ask(self, path, verb="GET", body=None, headers=None, timeout=240):
        connection = world.http.client.HTTPConnection("127.0.0.1", self.port(5000), timeout=timeout)
        try:
            given = dict(headers or {})
            if body is not None and not isinstance(body, (bytes, str)):
                body = json.dumps(body)
                given.setdefault("Content-Type", "application/json")
            connection.request(verb, path, body, given)
            answer = connection.getresponse()
            return world.Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def jobs(self):
        return self.ask("/api/v1/jobs?limit=500").json()["jobs"]

    def job(self, job_id):
        return self.ask(f"/api/v1/jobs/{job_id}").json()

    def wait_for(self, job_id, seconds=240):
        def ended():
            job = self.job(job_id)
            return job if job["state"] not in ("queued", "running") else None
        return world.wait_until(ended, seconds, f"the end of job {job_id}")

    def succeeded(self, job_id):
        job = self.wait_for(job_id)
        assert job["state"] == "succeeded", (job, self.ask(f"/api/v1/jobs/{job_id}/log").text[-3000:])
        return job

    def backups(self):
        told = self.exec("pgbackrest", "info", "--output=json", "--log-level-console=off").stdout
        return [b["label"] for s in json.loads(told) for b in s["backup"]]

    def wait_for_first_backup(self):
        """And for its end, so that nothing is under way."""
        def done():
            jobs = self.jobs()
            return jobs and not [j for j in jobs if j["state"] in ("queued", "running")] and self.backups()
        world.wait_until(done, 120, "the first backup")
        return self

    def seal(self):
        """Ends the current segment, and returns once it is in the repo."""
        name = self.sql("select pg_walfile_name(pg_switch_wal())")
        world.wait_until(lambda: self.sql(f"select last_archived_wal >= '{name}' from pg_stat_archiver") == "t", 60, name)

    def processes(self):
        """{pid of this machine: argv} of what runs inside."""
        told = self.engine.docker("top", self.name, "-o", "pid").stdout.split()[1:]
        found = {}
        for pid in told:
            with contextlib.suppress(OSError):
                found[int(pid)] = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]
        return found

    def pid_of(self, *words):
        """Of the first process whose command line has them all."""
        for pid, argv in sorted(self.processes().items()):
            if all(any(word in a for a in argv) for word in words):
                return pid
        return None

    def stop(self, grace=10):
        begun = time.monotonic()
        self.engine.docker("stop", "-t", grace, self.name)
        return time.monotonic() - begun

    def remove(self):
        self.engine.docker("rm", "-f", self.name, check=False)


class Lab:
    """Makes containers and volumes with names of their own, and takes them away."""

    def __init__(self, engine, image):
        self.engine, self.image = engine, image
        self.names, self.volumes = [], []

    @staticmethod
    def name(what):
        return f"rp-{os.getpid()}-{what}-{next(NUMBERS)}"

    def volume(self):
        name = self.name("volume")
        self.volumes.append(name)
        self.engine.docker("volume", "create", name)
        return name

    def container(self, data=None, repo=None, image=None, **more):
        name = self.name("container")
        self.names.append(name)
        volumes = {data or self.volume(): "/var/lib/postgresql/data", repo or self.volume(): "/var/lib/pgbackrest",
                   **more.pop("volumes", {})}
        return Container(self.engine, image or self.image, name, volumes, **more)

    def refused(self, seconds=240, **more):
        """What a container says that ends instead of serving."""
        made = self.container(**more)
        world.wait_until(lambda: not made.running(), seconds, "the end of a container that refuses")
        assert made.inspect()["ExitCode"] != 0
        return made.log()

    def listing(self, volume):
        """Every file of a volume, with size and time."""
        done = self.engine.docker("run", "--rm", "--entrypoint", "find", "--user", "0", "-v", f"{volume}:/v", self.image, "/v",
                                  "-mindepth", "1", "-printf", "%P %s %T@\\n")
        return sorted(done.stdout.splitlines())

    def shell(self, volume, script):
        """A script as root over a volume at /v."""
        return self.engine.docker("run", "--rm", "--entrypoint", "bash", "--user", "0", "-v", f"{volume}:/v", self.image, "-ec",
                                  script).stdout

    def clean(self):
        for name in self.names:
            self.engine.docker("rm", "-f", "-v", name, check=False)
        for name in self.volumes:
            self.engine.docker("volume", "rm", "-f", name, check=False)


def needed_tools():
    for tool in ("mmdebstrap", "ip", "strip"):
        if shutil.which(tool) is None:
            say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
            say(f"{tool} is not installed: 'deploy/install-deps.sh test' installs it")
