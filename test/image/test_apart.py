"""PostgreSQL under the agent and restpoint as its sidecar, in containers of their own; and what compose.yaml says of both."""
import re

import pytest
import yaml

from support import engine as engines
from support import world
from support.world import wait_until

COMPOSE = yaml.safe_load((world.ROOT / "deploy/compose.yaml").read_text())


def test_compose_names_what_there_is():
    services = COMPOSE["services"]
    used = {volume.partition(":")[0] for service in services.values() for volume in service["volumes"]}
    assert used - {"./store-certs"} == set(COMPOSE["volumes"])
    # What is kept of jobs, tokens and the restores under way outlives the container.
    shared, own = (services[name]["volumes"] for name in ("postgres", "sidecar"))
    assert own == [*shared, "separate-state:/var/lib/restpoint"]
    for service in services.values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{port} would be reached from elsewhere, and nobody is asked there"
    dockerfile = (world.ROOT / "deploy/Dockerfile").read_text()
    assert set(re.findall(r"AS (\w+)\n", dockerfile)) >= {services["sidecar"]["build"]["target"], "image"}
    # What looks like one of restpoint's settings is one.
    names = {name for service in services.values() for name in service.get("environment", {}) if name.startswith("RESTPOINT_")}
    table = engines.run([world.PROGRAM, "config", "table"]).stdout
    keys = {"RESTPOINT_" + key.upper().replace(".", "_") for key in re.findall(r"`([a-z_.]+)`", table)}
    assert names <= keys | {"RESTPOINT_BOOTSTRAP"}


@pytest.fixture
def sidecar_image(engine):
    return engine.build("restpoint-sidecar:test", engines.os_release("VERSION_CODENAME"), world.PROGRAM, "sidecar")


def test_apart(lab, sidecar_image):
    shared = {volume.split(":")[1] for volume in COMPOSE["services"]["postgres"]["volumes"]} - {"/var/lib/postgresql/data"}
    assert shared == {"/run/postgresql", "/run/restpoint-agent", "/run/pgbackrest"}
    data, repo = lab.volume(), lab.volume()
    volumes = {lab.volume(): at for at in shared}
    both = {"data": data, "repo": repo, "volumes": volumes, "PGBACKREST_LOCK_PATH": "/run/pgbackrest"}
    postgres = lab.container(command=["agent"], **both)
    wait_until(postgres.answers, 120, "PostgreSQL under the agent")
    service = lab.container(image=sidecar_image, command=["serve"], **both)
    wait_until(service.ready, 60, "the sidecar")

    postgres.sql("create table kept as select 1 as n")
    full = service.ask("/pgBackRest/backup/full?wait=true")
    assert full.status == 200, full.text
    postgres.sql("insert into kept values (2)")
    assert service.ask("/api/v1/postgres").json()["state"] == "running"
    service.succeeded(service.ask("/api/v1/postgres/stop", "POST").json()["id"])
    restored = service.ask("/pgBackRest/restore/delta?wait=true&start=true")
    assert restored.status == 200, restored.text

    wait_until(postgres.answers, 60, "PostgreSQL after the restore")
    assert postgres.sql("select array_agg(n order by n) from kept") == "{1,2}"
    assert postgres.running() and postgres.stop() < 10
    assert postgres.inspect()["ExitCode"] == 0
