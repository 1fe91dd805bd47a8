"""A repo in S3, made by config/recipes/s3.conf."""
import pytest

from store_tests import *  # noqa: F401,F403
from support import store_home, stores


@pytest.fixture(scope="module")
def store(packages):
    made = stores.S3.make(packages)
    yield made
    made.end()


@pytest.fixture(scope="module")
def home(store):
    with store_home.StoreHome.at(store) as made:
        yield made


@pytest.fixture
def way():
    return "beside"
