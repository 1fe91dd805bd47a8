"""A repo in S3, made by config/recipes/s3.conf."""
import pytest

from store_tests import *  # noqa: F401,F403
from support import store_home, stores, world


@pytest.fixture(scope="module")
def store(packages):
    folder = world.make_folder()
    made = stores.S3(folder, packages).start()
    yield made
    made.end()


@pytest.fixture(scope="module")
def home(store):
    def cluster(folder):
        return store_home.RecipeCluster(folder, store.recipe, store.settings())
    with store_home.StoreHome(store.folder, cluster, begin=False) as made:
        made.cluster.bare("repo-create")
        made.begin()
        yield made
