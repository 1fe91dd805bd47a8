"""Debian machines for the package: a fresh root file system each, for chroot or with a systemd of its own as first process.

The base is made once by mmdebstrap and kept below build/package (TEST_ROOTS): this machine's Debian with PostgreSQL, pgBackRest
and what the package depends on, so that nothing is downloaded after that.
"""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

import pytest

from support import world
from support.programs import needed, run

KEPT = pathlib.Path(os.environ.get("TEST_ROOTS", world.ROOT / "build/package"))
PARTS = ["systemd", "systemd-sysv", "dbus", "polkitd", "postgresql", "procps", "curl"]
#: What a system has that nobody's package put there: it differs from one moment to the next.
OF_THE_SYSTEM = re.compile(r"/(proc|sys|dev|run|tmp|var/(tmp|log|cache|lib/(apt|dpkg|systemd|postgresql/\d+)))(/|$)|/(etc/ld\.so\.cache|root/\.)")


@contextlib.contextmanager
def alone(what):
    """One test process at a time makes what all of them use."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with open(KEPT / f"{what}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def built_package(into):
    """The package of the release build, which is brought up to date first, copied into a folder; or TEST_PACKAGE."""
    given = os.environ.get("TEST_PACKAGE")
    if given:
        return pathlib.Path(given)
    needed("dpkg-shlibdeps")
    folder = world.ROOT / "build/release"
    with alone("package"):
        run("cmake", "--build", folder, "--target", "package")
        newest = max(folder.glob("restpoint_*.deb"), key=lambda p: p.stat().st_mtime)
        return pathlib.Path(shutil.copy(newest, into))


def field(package, name):
    return run("dpkg-deb", "-f", package, name).strip()


def dependencies(package):
    """The names, without versions; of alternatives the first."""
    return [re.split(r"[ |(:]", part.strip())[0] for part in field(package, "Depends").split(",")]


def sources():
    """The package sources of this machine, in files that mmdebstrap reads."""
    if codename() != of_this_machine():
        return [f"deb http://deb.debian.org/debian {codename()} main"]
    found = [p for p in [pathlib.Path("/etc/apt/sources.list"), pathlib.Path("/etc/apt/sources.list.d/debian.sources")]
             if p.exists() and re.search(r"^(deb|Types:)", p.read_text(), re.M)]
    assert found, "there are no package sources in /etc/apt"
    return found


def codename():
    """Of this machine's Debian; TEST_SUITE names another one, for a TEST_PACKAGE that was built there."""
    return os.environ.get("TEST_SUITE") or of_this_machine()


def of_this_machine():
    return re.search(r"^VERSION_CODENAME=(\S+)", pathlib.Path("/etc/os-release").read_text(), re.M)[1]


def base_of(package):
    """A tar of the base for this package."""
    needed("mmdebstrap")
    wanted = sorted(set(PARTS + dependencies(package)))
    mark = hashlib.sha256(" ".join([codename(), *wanted]).encode()).hexdigest()[:12]
    tar = KEPT / f"{codename()}-{mark}.tar"
    with alone("base"):
        if not tar.exists():
            make_base(tar, wanted)
    return tar


def make_base(tar, wanted):
    part = tar.with_suffix(".part.tar")
    quick = ["--aptopt=Acquire::Languages \"none\"", "--dpkgopt=force-unsafe-io"]
    quick += [f"--dpkgopt=path-exclude=/usr/share/{what}/*" for what in ("man", "locale", "doc")]
    # Documentation of our own package is looked at.
    quick += ["--dpkgopt=path-include=/usr/share/doc/restpoint/*"]
    done = subprocess.run(["mmdebstrap", "--variant=minbase", "--mode=root", f"--include={','.join(wanted)}", *quick,
                           codename(), str(part), *map(str, sources())],
                          capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    part.rename(tar)


class Root:
    """A root file system that goes with the test."""

    def __init__(self, base):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rp-root-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.first = None  # the pid of its systemd, as we see it
        self.outer = None
        self.control_group = None
        run("tar", "-C", self.folder, "-xf", base)

    def enter(self):
        """The words in front of a command that is to run inside."""
        if self.first:
            return ["nsenter", "-t", str(self.first), "-a"]
        # A pid namespace of its own: whatever a command leaves behind ends with it.
        return ["unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", f"--root={self.folder}",
                "--mount-proc", "--"]

    def ran(self, *argv, timeout=300):
        return subprocess.run(self.enter() + ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                                              "DEBIAN_FRONTEND=noninteractive"] + [str(a) for a in argv],
                              capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL, cwd="/", check=False)

    def run(self, *argv, **how):
        done = self.ran(*argv, **how)
        assert done.returncode == 0, f"{' '.join(map(str, argv))} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def as_postgres(self, *argv, **how):
        return self.run("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--", *argv, **how)

    def path(self, name):
        return self.folder / name.lstrip("/")

    def install(self, package, *options):
        """`apt install ./PACKAGE`. What it needs is there: nothing is fetched."""
        inside = f"/srv/{package.name}"  # /tmp may be a mount in there
        shutil.copy(package, self.path(inside))
        said = self.run("apt-get", "install", "-y", *options, inside)
        self.path(inside).unlink()
        return said

    def purge(self):
        """Where a test has done it already there is nothing left to do."""
        if self.ran("dpkg-query", "-s", "restpoint").returncode == 0:
            self.run("apt-get", "purge", "-y", "restpoint")

    def entries(self):
        """Everything that packages and their scripts put there: {path: (kind and mode, owner, where a link leads)}."""
        found = {}
        for above, folders, files in os.walk(self.folder):
            for name in folders + files:
                path = pathlib.Path(above, name)
                inside = "/" + str(path.relative_to(self.folder))
                if OF_THE_SYSTEM.match(inside):
                    continue
                with contextlib.suppress(FileNotFoundError):
                    about = path.lstat()
                    found[inside] = (oct(about.st_mode), about.st_uid, about.st_gid,
                                     os.readlink(path) if path.is_symlink() else "")
            folders[:] = [f for f in folders
                          if not OF_THE_SYSTEM.match("/" + str(pathlib.Path(above, f).relative_to(self.folder)))]
        return found

    def remove(self):
        if self.outer:
            # Its systemd ends with the namespace of processes, and everything below with it.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.first, signal.SIGKILL)
            self.outer.wait(60)
            for group in sorted(self.control_group.rglob("*"), reverse=True):
                if group.is_dir():
                    world.wait_until(lambda g=group: removed_group(g), 30, f"an empty {group}")
            world.wait_until(lambda: removed_group(self.control_group), 30, f"an empty {self.control_group}")
        run("rm", "-rf", "--one-file-system", self.folder)


def removed_group(folder):
    with contextlib.suppress(FileNotFoundError):
        try:
            folder.rmdir()
        except OSError as e:
            if isinstance(e, FileNotFoundError):
                raise
            return False
    return True


PREPARE = """
set -e
echo $$ > "$2/cgroup.procs"
exec unshare --mount --pid --cgroup --ipc --uts --net --fork --kill-child sh -c '
set -e
cd "$1"
mount --make-rprivate /
mount --bind . .
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
for node in null zero full random urandom tty; do
    : > dev/$node
    mount --bind /dev/$node dev/$node
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ip link set lo up 2>/dev/null || true
pivot_root . mnt
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c "umount -l /mnt; exec /lib/systemd/systemd --system"
' sh "$1"
"""


def control_groups():
    """Where the unified hierarchy is mounted, or None."""
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        words = line.split()
        if words[2] == "cgroup2":
            return pathlib.Path(words[1])
    return None


def unbootable(why):
    say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
    say(f"systemd cannot be started in namespaces here: {why}")


def boot(root):
    """Starts the root's systemd and waits until the machine is up."""
    groups = control_groups()
    if groups is None:
        unbootable("there is no unified hierarchy of control groups")
    root.control_group = groups / root.folder.name
    try:
        root.control_group.mkdir()
    except OSError as e:
        unbootable(e)
    log = root.folder.with_suffix(".log")
    with open(log, "wb") as said:
        root.outer = subprocess.Popen(["sh", "-c", PREPARE, "sh", str(root.folder), str(root.control_group)],
                                      stdout=said, stderr=said, stdin=subprocess.DEVNULL, cwd="/")

    def first_process():
        if root.outer.poll() is not None:
            text = log.read_text(errors="replace")
            root.outer = None
            root.control_group.rmdir()
            unbootable(text)
        children = pathlib.Path(f"/proc/{root.outer.pid}/task/{root.outer.pid}/children").read_text().split()
        with contextlib.suppress(IndexError, OSError):
            if "systemd" in pathlib.Path(f"/proc/{children[0]}/comm").read_text():
                return int(children[0])
        return None

    try:
        root.first = world.wait_until(first_process, 60, "systemd as first process")
    finally:
        log.unlink()
    up = ("running", "degraded")
    world.wait_until(lambda: time.sleep(0.2) or root.ran("systemctl", "is-system-running").stdout.strip() in up, 120,
                     "a machine that is up")
