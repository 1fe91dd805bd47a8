import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from package import roots  # noqa: E402


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    return roots.built_package(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="session")
def base(package):
    return roots.base_of(package)


# One root for all tests of a kind, which install the package and purge it again: making one takes longer than most tests.
@pytest.fixture(scope="session")
def made_root(base):
    made = roots.Root(base)
    yield made
    made.remove()


@pytest.fixture
def root(made_root):
    """Without the package, and without systemd as first process."""
    yield made_root
    made_root.purge()


@pytest.fixture(scope="session")
def booted(base):
    made = roots.Root(base)
    try:
        roots.boot(made)
        yield made
    finally:
        made.remove()


@pytest.fixture
def machine(booted):
    """Without the package, and with systemd as first process."""
    yield booted
    booted.purge()
