"""The machine and the programs, as the table of figures names them."""
import os
import pathlib
import re
import subprocess
import time

from support import world


def said_by(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip()


def version_in(text):
    found = re.search(r"\d+(\.\d+)+", text)
    return found.group() if found else "of unknown version"


def cached(name):
    """A variable of the release build."""
    cache = world.PROGRAM.parent / "CMakeCache.txt"
    found = re.search(rf"^{name}:\w+=(.*)$", cache.read_text(), re.MULTILINE) if cache.exists() else None
    return found.group(1) if found else None


def compiler():
    """That of the release build."""
    for found in world.PROGRAM.parent.glob("CMakeFiles/*/CMakeCXXCompiler.cmake"):
        return re.search(r'^set\(CMAKE_CXX_COMPILER "(.*)"\)$', found.read_text(), re.MULTILINE).group(1)
    return "c++"


def boost():
    header = pathlib.Path("/usr/include/boost/version.hpp")
    found = re.search(r'BOOST_LIB_VERSION "([\d_]+)"', header.read_text()) if header.exists() else None
    return found.group(1).replace("_", ".") if found else "of unknown version"


def processor():
    names = re.findall(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return names[0] if names else os.uname().machine


def distribution():
    names = re.findall(r'^PRETTY_NAME="(.*)"$', pathlib.Path("/etc/os-release").read_text(), re.MULTILINE)
    return names[0] if names else "an unknown system"


def kernel():
    """The version alone: what follows it is the machine's own."""
    return ".".join(os.uname().release.split(".")[:2])


def memory_gib():
    kib = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return round(int(kib.group(1)) / 2**20)


def commit():
    return said_by("git", "-C", str(world.ROOT), "rev-parse", "--short", "HEAD")


def describe():
    name = os.path.basename(compiler())
    flask = said_by("/usr/bin/python3", "-c", "import flask, sys; print(flask.__version__, sys.version.split()[0])").split()
    return (
        f"Taken {time.strftime('%Y-%m-%d', time.gmtime())} at commit {commit()} on {os.cpu_count()} cores "
        f"({processor()}), {memory_gib()} GiB, {distribution()}, Linux {kernel()}. "
        f"restpoint: {name} {version_in(said_by(compiler(), '--version'))}, "
        f"{cached('CMAKE_BUILD_TYPE') or 'unknown build'}, Boost {boost()}. "
        f"Beside it: nginx {version_in(said_by('/usr/sbin/nginx', '-v'))}, "
        f"Flask {flask[0] if flask else '?'} on Python {flask[-1] if flask else '?'}, "
        f"gunicorn {version_in(said_by('/usr/bin/python3', '-m', 'gunicorn', '--version'))}, "
        f"PostgreSQL {version_in(said_by(str(world.pg_bin() / 'postgres'), '--version'))}, "
        f"pgBackRest {version_in(said_by('pgbackrest', 'version'))}.")
