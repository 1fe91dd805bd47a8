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


def test_a_wrong_key_and_a_container_that_is_missing_are_said(home):
    with home.configured(repo1_azure_key="YW5vdGhlciBrZXk="):
        home.is_in_trouble("403", "refused the key")
    with home.configured(repo1_azure_container="nosuch"):
        # To pgBackRest a file of a bucket that is missing is a file that is missing; only its listings tell.
        home.is_in_trouble("404", "no such bucket or container", job_says_it=False)
    home.is_well_again()
