"""Fixtures that the system and browser tiers share."""
import itertools
import os
import shutil

import pytest

from support import world


def pytest_configure(config):
    if os.geteuid() != 0:
        pytest.exit("the system tier starts PostgreSQL as user postgres: run it as root", 1)
    if not world.PROGRAM.exists():
        pytest.exit(f"{world.PROGRAM} is not built", 1)


@pytest.fixture(scope="session")
def cluster():
    folder = world.make_folder()
    made = world.Cluster(folder)
    yield made
    made.stop()
    shutil.rmtree(folder)


@pytest.fixture
def new_service(cluster, tmp_path_factory):
    """A factory of services; each has a state directory of its own and ends with the test."""
    made = []
    number = itertools.count()
    folder = world.make_folder()

    def make(config=None, settings="", environment=None, start=True):
        service = world.Service(cluster, folder / str(next(number)), config, settings, environment)
        made.append(service)
        return service.start() if start else service

    yield make
    for service in made:
        service.stop()
        service.end_jobs()
    world.wait_until(lambda: not cluster.backrest_processes(), 60, "the end of every pgbackrest")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def service(new_service):
    return new_service()


@pytest.fixture
def slow_service(new_service, cluster):
    """A service whose backups take seconds."""
    return new_service(config=cluster.slow_config)


def repetitions(few, many):
    return many if os.environ.get("TEST_LONG") == "1" else few
