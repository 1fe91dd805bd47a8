"""The pods of deploy/kubernetes under podman, as far as podman goes.

What podman has not, the test does as a kubelet would: volumes become folders of the pod's group, with the files of the ConfigMap and
the Secret, and a file out of one becomes a volume of its own; init containers and the native sidecar become containers that are
started first; $(NAME) in the environment is filled in; the probes are asked by the test. The StatefulSet, the Services, the ports,
the resources and the policies are not there. Commands, environment, mounts, users and restrictions are those that are shipped.
"""
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

from support import manifests, programs, small_image, world

IMAGE = "localhost/restpoint:test"
# No runtime may raise limits without a capability that containers of CI do not have; crun knows one kind of cgroups only.
SETTINGS = """[containers]
default_ulimits = ["nofile=20000:20000","nproc=4096:4096"]
[engine]
runtime="runc"
cgroup_manager="cgroupfs"
events_logger="file"
"""


class Podman:
    """Its storage is a folder of ours, so nothing of the machine is seen or touched."""

    def __init__(self):
        self.folder = world.make_folder()
        (self.folder / "containers.conf").write_text(SETTINGS)
        self.environment = {**os.environ, "CONTAINERS_CONF": str(self.folder / "containers.conf")}
        self.argv = [programs.needed("podman"), "--root", self.folder / "s", "--runroot", self.folder / "r"]
        for needed in ("runc", "conmon", "catatonit"):
            programs.needed(needed, "/usr/lib/podman", "/usr/libexec/podman")
        if self.ran("info").returncode != 0:  # overlay does not go on top of overlay
            self.argv += ["--storage-driver", "vfs"]

    def ran(self, *argv, **more):
        return programs.ran(*self.argv, *argv, env=self.environment, errors="replace", **more)

    def run(self, *argv, **more):
        return programs.run(*self.argv, *argv, env=self.environment, **more)

    def make_image(self):
        archive = self.folder / "image.tar"
        small_image.write(archive)
        changes = [part for line in small_image.settings() for part in ("-c", line)]
        self.run("import", "-q", *changes, archive, IMAGE)
        archive.unlink()

    def end(self):
        self.ran("pod", "rm", "-f", "-t", "0", "-a")
        for mount in re.findall(rf" ({re.escape(str(self.folder))}\S*) ", pathlib.Path("/proc/mounts").read_text()):
            subprocess.run(["umount", "-l", mount], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=120)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Pod:
    """`shared` are volumes of other pods: name → folder."""

    def __init__(self, podman, documents, secrets, name="restpoint-0", shared=None):
        self.podman, self.secrets, self.name, self.shared = podman, secrets, name, shared or {}
        self.shipped = manifests.Manifests(documents, secrets)
        self.volumes = podman.folder / name
        self.pids = {}
        self.make_volumes()

    # What a kubelet does before it starts containers

    def make_volumes(self):
        group = self.shipped.pod["spec"]["securityContext"]["fsGroup"]
        self.volumes.mkdir()
        for name, volume in self.shipped.volumes().items():
            folder = self.volumes / name
            folder.mkdir()
            for path, content in self.files_of(volume).items():
                (folder / path).parent.mkdir(exist_ok=True)
                (folder / path).write_text(content)
                os.chown(folder / path, 0, group)
                (folder / path).chmod(0o440)
            os.chown(folder, 0, group)
            folder.chmod(0o2775)  # root's and the group's

    def files_of(self, volume):
        files = {}
        for source in volume.get("projected", {}).get("sources", [volume]):
            for kind, given in (("configMap", self.shipped.of_kind("ConfigMap")), ("secret", self.secrets)):
                asked = source.get(kind, {})
                name = asked.get("name", asked.get("secretName"))
                data = next(({**d.get("data", {}), **d.get("stringData", {})} for d in given if d["metadata"]["name"] == name), {})
                files |= {item["path"]: data[item["key"]] for item in asked.get("items", []) if item["key"] in data}
        return files

    def document(self):
        spec = json.loads(json.dumps(self.shipped.pod["spec"]))
        folders = {name: self.volumes / name for name in self.shipped.volumes()} | self.shared
        containers = [self.container(one, folders) for one in spec["initContainers"] + spec["containers"]]
        return {
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": self.name, "labels": self.shipped.pod["metadata"]["labels"]},
            "spec": {"restartPolicy": "Never", "containers": containers, "securityContext": spec["securityContext"],
                     "volumes": [{"name": name, "hostPath": {"path": str(path), "type": "File" if path.is_file() else "Directory"}}
                                 for name, path in folders.items()]}}

    def container(self, one, folders):
        for foreign in ("restartPolicy", "startupProbe", "livenessProbe", "readinessProbe", "resources", "ports"):
            one.pop(foreign, None)
        for mount in one["volumeMounts"]:
            if "subPath" in mount:
                path = folders[mount["name"]] / mount.pop("subPath")
                mount["name"] += "-" + path.name.replace(".", "-")
                folders[mount["name"]] = path
        whole = self.shipped.pod["spec"]["securityContext"]
        # podman knows the user of a container, and not that of a pod.
        one["securityContext"] |= {key: whole[key] for key in ("runAsUser", "runAsGroup", "runAsNonRoot")}
        known = {"POD_NAME": self.name, "POD_NAMESPACE": "default"}
        one["env"] = [{"name": entry["name"], "value": known.get(entry["name"]) or
                       re.sub(r"\$\((\w+)\)", lambda found: known[found[1]], entry["value"])} for entry in one["env"]]
        one["image"] = IMAGE
        return one

    # Its life

    def create(self):
        file = self.podman.folder / f"{self.name}.json"
        file.write_text(json.dumps(self.document()))
        self.podman.run("play", "kube", "--network=none", "--start=false", file)

    def start(self):
        """As a kubelet does: what must end first, the sidecar, and, once that answers, PostgreSQL."""
        for one in self.shipped.pod["spec"]["initContainers"]:
            if one.get("restartPolicy") != "Always":
                self.podman.run("start", f"{self.name}-{one['name']}")
                code = self.podman.run("wait", f"{self.name}-{one['name']}").strip()
                assert code == "0", f"{one['name']} ended with {code}: {self.logs(one['name'])}"
        self.start_one("restpoint")
        try:
            world.wait_until(self.lives, 60, "the sidecar's /livez")
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.logs('restpoint')[-3000:]}") from None
        self.start_one("postgres")

    def start_one(self, name):
        self.podman.run("start", f"{self.name}-{name}")
        self.pids[name] = int(self.podman.run("inspect", "-f", "{{.State.Pid}}", f"{self.name}-{name}"))

    def kill(self, name):
        """At once: asking podman would take longer than some steps of a restore do."""
        os.kill(self.pids[name], signal.SIGKILL)
        self.podman.run("wait", f"{self.name}-{name}")

    def stop(self, name):
        """The exit code after a SIGTERM, which has the pod's time."""
        grace = self.shipped.pod["spec"]["terminationGracePeriodSeconds"]
        self.podman.run("stop", "-t", str(grace), f"{self.name}-{name}")
        return int(self.podman.run("wait", f"{self.name}-{name}"))

    def lose(self):
        """As with a node: all processes at once, and what emptyDirs hold."""
        for pid in self.pids.values():
            os.kill(pid, signal.SIGKILL)
        self.podman.run("pod", "rm", "-f", "-t", "0", self.name)
        for name in [n for n, v in self.shipped.volumes().items() if "emptyDir" in v]:
            for path in (self.volumes / name).iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def logs(self, name):
        done = self.podman.ran("logs", f"{self.name}-{name}")
        return done.stdout + done.stderr

    def exec(self, name, *argv, check=True):
        done = self.podman.ran("exec", f"{self.name}-{name}", *argv)
        assert not check or done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}\n{self.logs(name)[-3000:]}"
        return done

    def is_ready(self):
        """What the readiness probe says."""
        return self.exec("postgres", *self.shipped.containers["postgres"]["readinessProbe"]["exec"]["command"],
                         check=False).returncode == 0

    def sql(self, statement):
        return self.exec("postgres", "psql", "-X", "-q", "-At", "-h", "/run/postgresql", "-U", "postgres", "-v", "ON_ERROR_STOP=1",
                         "-c", statement).stdout.strip()

    # restpoint, by the socket on a volume: root is admin there

    def ask(self, path, verb="GET", body=None):
        connection = UnixConnection(self.volumes / "restpoint-run/restpoint.sock")
        try:
            text = None if body is None else json.dumps(body)
            connection.request(verb, path, text, {"Content-Type": "application/json"} if body is not None else {})
            answer = connection.getresponse()
            return world.Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def lives(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask(self.shipped.containers["restpoint"]["startupProbe"]["httpGet"]["path"]).status == 200
        return False

    def begin(self, path, body):
        answer = self.ask(path, "POST", body)
        assert answer.status == 202, f"{path}: {answer.status} {answer.text}"
        return answer.json()["id"]

    def job(self, job_id):
        with contextlib.suppress(OSError, http.client.HTTPException):
            answer = self.ask(f"/api/v1/jobs/{job_id}")
            return answer.json() if answer.status == 200 else None
        return None

    def log_of(self, job_id):
        return self.ask(f"/api/v1/jobs/{job_id}/log").text

    def wait_for(self, job_id, seconds=240):
        def ended():
            job = self.job(job_id)
            return job if job and job["state"] not in ("queued", "running") else None
        return world.wait_until(ended, seconds, f"the end of job {job_id}")

    def done(self, job_id):
        job = self.wait_for(job_id)
        assert job["state"] == "succeeded", f"{job}\n{self.log_of(job_id)[-6000:]}"
        return job

    def wait_until_quiet(self):
        """Restores and their undoing have a backup queued behind them."""
        world.wait_until(lambda: all(job["state"] not in ("queued", "running") for job in self.ask("/api/v1/jobs").json()["jobs"]), 240,
                         "the end of all jobs")

    @property
    def hold(self):
        return self.volumes / "data/agent/agent.sock.hold"

    def journals(self):
        return [file for pattern in ("pgdata.restpoint/*/journal", "pgdata/.restpoint/*/journal")
                for file in (self.volumes / "data").glob(pattern)]

    def journal(self, without=()):
        """What journals say, in order: "begin restore"."""
        said = []
        for file in self.journals():
            with contextlib.suppress(OSError):
                if file not in without:
                    said += [line.partition(" ")[2] for line in file.read_bytes().partition(b"\0")[0].decode().split("\n")[1:-1]]
        return said
