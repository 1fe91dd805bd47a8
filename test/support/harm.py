"""What befalls a restore: processes that are killed and disks that are full. Only what the test started is ever touched."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess

from support import world


def state_of(pid):
    """(letter, parent) of a process, or None where there is none."""
    try:
        words = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return words[0], int(words[1])


def gone(pid):
    """Of our own children also when they are dead and only not yet waited for."""
    state = state_of(pid)
    return state is None or (state[0] in "ZX" and state[1] == os.getpid())


def kill(pid):
    """-9, and its end waited for, until nothing is left of it: a number that is still taken is a lock file's owner to
    PostgreSQL. False when it had ended before."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    world.wait_until(lambda: gone(pid), 30, f"the end of {pid}")
    return True


def inside(folder):
    """The pids of those whose working directory is `folder` or below it; PostgreSQL's processes stay in theirs."""
    found = []
    for pid, _, _ in world.processes():
        with contextlib.suppress(OSError):
            if pathlib.Path(os.readlink(f"/proc/{pid}/cwd")).is_relative_to(folder):
                found.append(pid)
    return found


class Victims:
    """Finds the processes of one service and one cluster by the paths that they hold, which are of this test alone."""

    KINDS = ("restpoint", "shim", "restore-exec", "pgbackrest", "postmaster", "private postmaster")

    def __init__(self, service, cluster):
        self.service, self.cluster = service, cluster

    def find(self, kind):
        """pids; the live server's postmaster is the one whose working directory is the cluster's data directory."""
        if kind == "restpoint":
            return [] if self.service.process.poll() is not None else [self.service.pid()]
        if kind == "shim":
            return self.with_words("job-exec", self.service.state)
        if kind == "restore-exec":
            return self.with_words("restore-exec", self.service.state)
        if kind == "pgbackrest":
            return self.cluster.backrest_processes()
        live = [pid for pid, folder in self.postmasters() if folder == self.cluster.data]
        return live if kind == "postmaster" else [pid for pid, _ in self.postmasters() if pid not in live]

    def kill(self, kind):
        """The pids that were killed."""
        killed = [pid for pid in self.find(kind) if kill(pid)]
        if kind == "restpoint":
            self.service.process.wait(30)
        return killed

    @staticmethod
    def with_words(word, folder):
        return [pid for pid, _, argv in world.processes()
                if word in argv[1:2] and any(str(folder) in a for a in argv[2:])]

    def postmasters(self):
        """(pid, data directory) of every one below the cluster's folder, also of one whose directory was renamed."""
        inside = {}
        for pid, parent, argv in world.processes():
            if argv and "postgres" in os.path.basename(argv[0].split(":")[0]):
                with contextlib.suppress(OSError):
                    folder = pathlib.Path(os.readlink(f"/proc/{pid}/cwd"))
                    if folder.is_relative_to(self.cluster.folder):
                        inside[pid] = (parent, folder)
        return [(pid, folder) for pid, (parent, folder) in inside.items() if parent not in inside]


class Disk:
    """A tmpfs of some megabytes, of postgres; `fill` takes all that is left of it, `relieve` gives it back."""

    def __init__(self, folder, size):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        owner = os.stat("/var/lib/postgresql")
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700,uid={owner.st_uid},gid={owner.st_gid}", "tmpfs",
                        self.folder], check=True)

    @property
    def ballast(self):
        return self.folder / "ballast"

    def free(self):
        return shutil.disk_usage(self.folder).free

    def fill(self):
        with open(self.ballast, "ab", buffering=0) as file:
            for size in (1 << 20, 4096):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(size))

    def relieve(self):
        self.ballast.unlink(missing_ok=True)

    def end(self):
        # Lazily: who still has a file open there ends by himself.
        subprocess.run(["umount", "-l", self.folder], check=True)
