import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import engine as engines  # noqa: E402
from support import world  # noqa: E402


def pytest_configure(config):
    if os.geteuid() != 0:
        pytest.exit("the image tier starts a Docker engine: run it as root", 1)


@pytest.fixture(scope="session")
def engine():
    engines.needed_tools()
    made = engines.Engine().start()
    yield made
    made.stop()


@pytest.fixture(scope="session", params=["own", "debian13"] if os.environ.get("TEST_LONG") == "1" else ["own"])
def image(engine, request):
    """The image for this machine's Debian with the program under test; with TEST_LONG=1 also as a user builds it: Debian 13,
    compiled in the container. TEST_IMAGE names one that is there already."""
    if os.environ.get("TEST_IMAGE"):
        return os.environ["TEST_IMAGE"]
    if request.param == "own":
        assert world.PROGRAM.exists(), f"{world.PROGRAM} is not built"
        return engine.build("restpoint:test", engines.os_release("VERSION_CODENAME"), world.PROGRAM)
    return engine.build("restpoint:debian13", "trixie")


@pytest.fixture
def lab(engine, image):
    made = engines.Lab(engine, image)
    yield made
    made.clean()


@pytest.fixture(scope="module")
def shared_lab(engine, image):
    made = engines.Lab(engine, image)
    yield made
    made.clean()
