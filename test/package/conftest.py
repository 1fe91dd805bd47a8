import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from package import roots  # noqa: E402


@pytest.fixture(scope="session")
def package():
    return roots.built_package()


@pytest.fixture(scope="session")
def base(package):
    return roots.base_of(package)


@pytest.fixture(scope="session")
def shared_root(base):
    """One for all tests, which install the package and purge it again: making one takes longer than most tests."""
    made = roots.Root(base)
    yield made
    made.remove()


@pytest.fixture
def root(shared_root):
    """Without the package, and without systemd as first process."""
    assert not shared_root.first, "systemd runs here already: tests without it come first"
    yield shared_root
    shared_root.purge()


@pytest.fixture(scope="session")
def booted(shared_root):
    roots.boot(shared_root)
    return shared_root


@pytest.fixture
def machine(booted):
    """Without the package, and with systemd as first process."""
    yield booted
    booted.purge()
