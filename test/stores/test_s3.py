"""A repo in S3, made by config/recipes/s3.conf."""
import pytest

from store_tests import *  # noqa: F401,F403
from store_troubles import *  # noqa: F401,F403
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


def test_a_wrong_key_and_a_bucket_that_is_missing_are_said(home):
    with home.configured(repo1_s3_key="WRONG"):
        home.is_in_trouble("403", "refused the key")
    with home.configured(repo1_s3_bucket="nosuch"):
        # To pgBackRest a file of a bucket that is missing is a file that is missing; only its listings tell.
        home.is_in_trouble("404", "no such bucket", job_says_it=False)
    home.is_well_again()
