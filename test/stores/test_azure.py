"""A repo in Azure Blob Storage, made by config/recipes/azure.conf."""
import pytest

from store_tests import *  # noqa: F401,F403
from support import store_home, stores


@pytest.fixture(scope="module")
def store(packages):
    made = stores.Azure.make(packages)
    yield made
    made.end()


@pytest.fixture(scope="module")
def home(store):
    with store_home.StoreHome.at(store) as made:
        yield made


@pytest.fixture
def way():
    return "in_place"
