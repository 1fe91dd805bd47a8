"""A verification fails over what is wrong in the repo, although pgbackrest exits 0."""
import shutil

import pytest

from support import world

STANZA = f"/api/v1/stanzas/{world.STANZA}"


@pytest.fixture(scope="module")
def small():
    folder = world.make_folder()
    cluster = world.SmallCluster(folder)
    cluster.backrest("--type=full", "backup")
    service = world.Service(cluster, folder / "service").start()
    yield service
    service.stop()
    service.end_jobs()
    cluster.stop()
    shutil.rmtree(folder)


def flip_a_byte(file):
    """Changes one byte in the middle of a file; twice, and it is as before."""
    with open(file, "r+b") as f:
        middle = file.stat().st_size // 2
        f.seek(middle)
        byte = f.read(1)[0]
        f.seek(middle)
        f.write(bytes([byte ^ 0x01]))


def verify(service):
    answer = service.ask(f"{STANZA}/verifications", "POST", {})
    assert answer.status == 202, answer.text
    return service.wait_for(answer.json()["id"])


@pytest.mark.parametrize("part", ["backup", "archive"])
def test_one_flipped_byte_fails_the_verification_and_is_named(small, part):
    assert verify(small)["state"] == "succeeded"
    assert small.ask(STANZA).json()["state"] == "ok"
    below = small.cluster.repo / part / world.STANZA
    file = max(below.glob("**/*.zst"), key=lambda f: f.stat().st_size)
    flip_a_byte(file)
    try:
        job = verify(small)

        assert (job["state"], job["exit_code"]) == ("failed", 0)
        assert job["error"]["name"] == "verify-error"
        # "invalid result" where the byte makes it impossible to decompress.
        assert job["error"]["message"].startswith("verify found errors in the repo: invalid ")
        assert str(file.relative_to(below)) in job["error"]["message"].partition("\n")[0]
        assert job["error"]["hint"]
        stanza = small.ask(STANZA).json()
        assert stanza["state"] == "degraded"
        assert stanza["reasons"][0]["code"] == "verification-failed"
        assert file.name in stanza["reasons"][0]["message"]
    finally:
        flip_a_byte(file)
    assert verify(small)["state"] == "succeeded"
    assert small.ask(STANZA).json()["state"] == "ok"


def test_a_file_that_is_gone_fails_the_verification_and_is_named(small):
    below = small.cluster.repo / "backup" / world.STANZA
    file = max(below.glob("**/*.zst"), key=lambda f: f.stat().st_size)
    kept = small.folder / "kept"
    shutil.move(file, kept)
    try:
        job = verify(small)
    finally:
        shutil.move(kept, file)

    assert job["state"] == "failed"
    assert f"file missing '{file.relative_to(below)}'" in job["error"]["message"]
