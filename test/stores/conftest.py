import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import programs, world  # noqa: E402
from support.fixtures import pytest_configure  # noqa: E402,F401

# Below build/, so that nothing is ever installed into the tree.
INSTALLED = pathlib.Path(os.environ.get("TEST_STORES", world.ROOT / "build/stores"))


@pytest.fixture(scope="session")
def packages():
    """A folder with the stores' servers below node_modules."""
    return programs.installed(pathlib.Path(__file__).parent, INSTALLED)
