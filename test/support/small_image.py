"""A small image out of what this machine has installed: PostgreSQL, pgBackRest, restpoint, a shell, what they link, and the
entry point, variables and folders of deploy/Dockerfile.

It takes seconds and no network, where an image from the distribution's packages takes minutes. What runs in it is the same.
"""
import io
import pathlib
import re
import subprocess
import tarfile

from support import programs, world

PROGRAMS = ("awk", "base64", "bash", "cat", "chmod", "chown", "cp", "cut", "date", "dirname", "env", "find", "grep", "head", "id", "ln",
            "ls", "mkdir", "mktemp", "mv", "nproc", "pgbackrest", "ps", "python3", "rm", "rmdir", "sed", "setpriv", "sha1sum", "sleep",
            "stat", "sync", "tail", "timeout", "touch", "tr", "wc")
FOLDERS = ("/usr/lib/locale/C.utf8", "/usr/share/zoneinfo")
LEFT_OUT = ("bitcode", "test", "__pycache__", "ensurepip", "lib2to3")
USER = 999  # as in the image
DOCKERFILE = world.ROOT / "deploy/Dockerfile"


def libraries(files):
    """What the loader needs for some programs and libraries, by the names under which it asks."""
    said = subprocess.run(["ldd", *files], capture_output=True, text=True, check=False).stdout
    return {path for path in re.findall(r"(?:=> |^\s)(/\S+) \(0x", said, re.MULTILINE)}


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


class Archive:
    def __init__(self, path):
        self.tar = tarfile.open(path, "w")
        self.linked = []
        for folder in ("bin", "sbin", "lib", "lib64"):
            self.link(folder, f"usr/{folder}")
        self.link("var/run", "/run")

    def link(self, name, to):
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = tarfile.SYMTYPE, to
        self.tar.addfile(entry)

    def file(self, source, name=None):
        source = pathlib.Path(source).resolve()
        self.tar.add(source, in_place(name or source), recursive=False)
        if is_elf(source):
            self.linked.append(source)

    def folder(self, source):
        for path in sorted(pathlib.Path(source).rglob("*")):
            # The compiler for queries is 100 MB of libraries, and no test needs it.
            if path.is_file() and not set(LEFT_OUT) & set(path.parts) and "llvmjit" not in path.name:
                self.file(path, path)

    def text(self, name, content, mode=0o644):
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content.encode()), mode
        self.tar.addfile(entry, io.BytesIO(content.encode()))

    def close(self):
        for path in sorted(libraries(self.linked)):
            self.file(path, path)
        self.tar.close()


def in_place(name):
    """/lib is a link to /usr/lib in the image."""
    return re.sub(r"^/(bin|sbin|lib|lib64)/", r"/usr/\1/", str(name)).lstrip("/")


def of_distribution(program):
    """Not what somebody has put before it in PATH."""
    own = pathlib.Path("/usr/bin") / program
    return own if own.exists() else pathlib.Path(programs.needed(program))


def write(path):
    """The root file system of the image."""
    archive = Archive(path)
    for program in PROGRAMS:
        archive.file(of_distribution(program), f"/usr/bin/{program}")
    archive.link("usr/bin/sh", "bash")
    archive.file(world.PROGRAM, "/usr/local/bin/restpoint")
    version = world.pg_bin().parent
    python = of_distribution("python3").resolve().name
    for folder in (version, pathlib.Path("/usr/share/postgresql") / version.name, f"/usr/lib/{python}", *FOLDERS):
        archive.folder(folder)
    archive.link("usr/local/lib/postgresql", f"/usr/lib/postgresql/{version.name}")
    archive.text("etc/passwd", f"root:x:0:0::/root:/bin/sh\npostgres:x:{USER}:{USER}::/var/lib/postgresql:/bin/sh\n")
    archive.text("etc/group", f"root:x:0:\npostgres:x:{USER}:\n")
    for part in (world.ROOT / "deploy/image").iterdir():
        if part.suffix in (".sh", ".py"):
            archive.text(f"usr/local/lib/restpoint/{part.name}", part.read_text(), 0o755)
    for part in ("pgbackrest.conf", "postgresql.conf"):
        archive.text(f"usr/local/share/restpoint/{part}", (world.ROOT / "config" / part).read_text())
    archive.close()


def settings():
    """What the last stage of the Dockerfile, and those that it builds on, set beside files, as 'podman import' takes it."""
    stages, name = {}, None
    for line in DOCKERFILE.read_text().replace("\\\n", " ").splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            base, _, name = rest.split()
            stages[name] = list(stages.get(base, []))
        elif word in ("ENV", "USER", "ENTRYPOINT", "CMD") and name:
            stages[name] += [(word, one) for one in (rest.split() if word == "ENV" else [rest])]
    kept = {word if word != "ENV" else what.partition("=")[0]: f"{word} {what}" for word, what in stages[name]}
    assert {"PATH", "USER", "ENTRYPOINT", "CMD"} <= kept.keys(), kept
    return list(kept.values())
