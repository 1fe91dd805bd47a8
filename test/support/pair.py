"""A primary and its standby in network namespaces of their own, each with a restpoint beside it, over one repo.

The bridge between them has a namespace too: with the three nothing is left of it all. The machines have names of their own and share
a wall clock that the test sets; PostgreSQL, pgBackRest and the repo keep the real one.
"""
import contextlib
import ctypes
import os
import shutil
import subprocess
import time

from support import world
from support.programs import run

CLONE_NEWNET = 0x40000000
SETTINGS = """
[[schedule]]
name = "hourly"
action = "backup"
type = "incr"
cron = "30 * * * *"
claim = true
"""


@contextlib.contextmanager
def inside(namespace):
    """What is connected meanwhile is connected in there."""
    libc = ctypes.CDLL(None, use_errno=True)
    own, other = (os.open(path, os.O_RDONLY | os.O_CLOEXEC) for path in ("/proc/thread-self/ns/net", f"/run/netns/{namespace}"))
    try:
        assert libc.setns(other, CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        yield
    finally:
        libc.setns(own, CLONE_NEWNET)
        os.close(own)
        os.close(other)


class Network:
    """Namespaces "…-a" and "…-b" with the addresses 10.77.0.1 and .2, joined by a bridge in "…-hub"."""

    addresses = {"a": "10.77.0.1", "b": "10.77.0.2"}

    def __init__(self):
        self.name = f"rp{os.getpid()}"
        self.hub = f"{self.name}-hub"
        self.made = []

    def of(self, node):
        return f"{self.name}-{node}"

    def make(self):
        for namespace in (self.hub, *map(self.of, self.addresses)):
            run("ip", "netns", "add", namespace)
            self.made.append(namespace)
            run("ip", "-n", namespace, "link", "set", "lo", "up")
        run("ip", "-n", self.hub, "link", "add", "bridge", "type", "bridge")
        run("ip", "-n", self.hub, "link", "set", "bridge", "up")
        for node, address in self.addresses.items():
            there = self.of(node)
            run("ip", "-n", self.hub, "link", "add", f"to-{node}", "type", "veth", "peer", "name", "net", "netns", there)
            run("ip", "-n", self.hub, "link", "set", f"to-{node}", "master", "bridge", "up")
            run("ip", "-n", there, "address", "add", f"{address}/24", "dev", "net")
            run("ip", "-n", there, "link", "set", "net", "up")

    def cut(self):
        run("ip", "-n", self.hub, "link", "set", "to-b", "down")

    def mend(self):
        run("ip", "-n", self.hub, "link", "set", "to-b", "up")

    def remove(self):
        for namespace in self.made:
            subprocess.run(["ip", "netns", "delete", namespace], check=False)


class Node(world.Cluster):
    """A PostgreSQL in a namespace. What it writes goes through `repo`, a link that can be led into nowhere."""

    def __init__(self, pair, name):
        self.name, self.net, self.address = name, pair.network.of(name), pair.network.addresses[name]
        self.shared = pair.repo
        folder = pair.folder / name
        folder.mkdir()
        (folder / "repo").symlink_to(self.shared)
        super().__init__(folder)

    def make(self):
        """Nothing yet: it is the primary or a copy of it."""
        self.gate = self.folder / "archiving-waits"
        self.archiver = self.folder / "pgbackrest-push"  # pgBackRest wants its name in there
        self.archiver.write_text(f"#!/bin/sh\nwhile [ -e {self.gate} ]; do sleep 0.1; done\n"
                                 f'exec pgbackrest --config={self.config} --stanza={world.STANZA} archive-push "$1"\n')
        self.archiver.chmod(0o755)

    def command(self, program, *args, **how):
        # pg_ctl leaves its server in the namespace.
        with inside(self.net):
            return super().command(program, *args, **how)

    def configure(self, primary=None):
        """Its own settings, in the file that wins over what was copied from the other."""
        lines = {"listen_addresses": self.address, "unix_socket_directories": self.run, "archive_mode": "on",
                 "archive_command": f"{self.archiver} %p", "fsync": "off", "wal_level": "replica", "max_wal_senders": 4,
                 "cluster_name": self.name, "wal_sender_timeout": "5s", "wal_receiver_timeout": "5s"}
        if primary:
            lines["primary_conninfo"] = f"host={primary.address} user=postgres connect_timeout=3"
            (self.data / "standby.signal").touch()
        auto = self.data / "postgresql.auto.conf"
        auto.write_text("".join(f"{key} = '{value}'\n" for key, value in lines.items()))
        shutil.chown(auto, "postgres", "postgres")

    def begin(self):
        self.command("initdb", "-D", self.data, "-A", "trust", "-U", "postgres", "--no-sync", "--locale=C.UTF-8")
        with open(self.data / "pg_hba.conf", "a", encoding="utf-8") as rules:
            rules.write("host all,replication all 10.77.0.0/24 trust\n")
        self.configure()
        self.start()
        self.backrest("stanza-create")

    def follow(self, primary):
        """Becomes a standby of the other, whatever it was before."""
        self.crash()
        shutil.rmtree(self.data)
        self.data.mkdir(mode=0o700)
        shutil.chown(self.data, "postgres", "postgres")
        self.command("pg_basebackup", "-h", primary.address, "-U", "postgres", "-D", self.data, "-c", "fast", "--no-sync", "-X", "stream")
        self.configure(primary)
        self.start()
        world.wait_until(lambda: primary.sql("select state from pg_stat_replication") == "streaming", 30, f"that {self.name} follows")

    def crash(self):
        self.command("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop", check=False)

    def promote(self):
        assert self.sql("select pg_promote()") == "t"
        self.sql("checkpoint")  # until then pg_control tells the old timeline, and pgBackRest refuses

    def lose_repo(self):
        self.lead_to("/proc/self/nowhere")

    def find_repo(self):
        self.lead_to(self.shared)

    def lead_to(self, target):
        fresh = self.folder / "repo.new"
        fresh.symlink_to(target)
        os.replace(fresh, self.repo)


class Sidecar(world.Service):
    """A restpoint in the namespace of its node, on a machine with the node's name."""

    def __init__(self, node, clock):
        self.node = node
        folder = node.folder / "restpoint"
        program = node.folder / "pgbackrest"  # which keeps the real time
        program.write_text('#!/bin/sh\nunset LD_PRELOAD\nexec pgbackrest "$@"\n')
        program.chmod(0o755)
        super().__init__(node, folder, settings=SETTINGS,
                         environment={**clock.environment(), "RESTPOINT_PGBACKREST_BINARY": str(program)})

    def launch(self):
        with open(self.log, "ab") as log, inside(self.node.net):
            self.process = subprocess.Popen(
                ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', f"db-{self.node.name}", *world.AS_POSTGRES,
                 "env", *[f"{k}={v}" for k, v in self.environment.items()], str(self.program), "serve", "--config", str(self.toml)],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", start_new_session=True)

    def ask(self, path, *args, **more):
        with inside(self.node.net):
            return super().ask(path, *args, **more)

    def run_of(self, due):
        """What became of a due time here; None as long as it is open."""
        told = self.ask("/api/v1/schedules/hourly").json()["last_runs"]
        return next((one for one in told if one["due"].startswith(time.strftime("%Y-%m-%dT%H:%M", time.gmtime(due)))), None)

    def errors(self, offset):
        return [line for line in self.log_lines(offset) if line["level"] == "error" and line.get("schedule") == "hourly"]
