"""Programs from elsewhere that the tools tier holds restpoint against: found, or missed loudly."""
import fcntl
import os
import pathlib
import shutil
import subprocess

import pytest

from support import world

TOOLS = pathlib.Path(__file__).resolve().parents[1] / "tools"
# Below build/, so that nothing is ever installed into the tree.
INSTALLED = pathlib.Path(os.environ.get("TEST_TOOLS", world.ROOT / "build/tools"))

NO_NETWORK = ("ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH")


def needed(name, *folders):
    """The path of a program, which may stand in one of `folders`. Where it is missing the test is skipped; under CI it fails."""
    path = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *folders]))
    if path is None:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say(f"{name} is not installed: 'deploy/install-deps.sh test' installs it")
    return path


def ran(*argv, **more):
    return subprocess.run([str(a) for a in argv], capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL,
                          check=False, **more)


def run(*argv, **more):
    """Its standard output; fails with everything that it said."""
    done = ran(*argv, **more)
    assert done.returncode == 0, f"{argv[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def install(npm, folder, options):
    # Scripts of packages are not run: none of these needs one.
    done = ran(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=30000", *options,
               cwd=folder)
    said = done.stdout + done.stderr
    if done.returncode != 0 and any(sign in said for sign in NO_NETWORK):
        pytest.skip("the npm registry cannot be reached, which says nothing about restpoint")
    assert done.returncode == 0, said


def installed(source, folder, *options):
    """`folder` with what package-lock.json of `source` pins below node_modules, and that folder's own files beside it. Of several
    who ask at the same time one installs."""
    needed("node")
    npm = needed("npm")
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "installing", "wb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        lock = (source / "package-lock.json").read_bytes()
        stamp = folder / "installed.json"  # last, so that half an installation is none
        if not stamp.exists() or stamp.read_bytes() != lock:
            stamp.unlink(missing_ok=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(source / name, folder / name)
            install(npm, folder, options)
            stamp.write_bytes(lock)
    return folder


@pytest.fixture(scope="session")
def installed_packages():
    return installed(TOOLS, INSTALLED)
