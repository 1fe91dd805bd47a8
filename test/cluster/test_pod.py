"""The pod that deploy/kubernetes ships, under podman: a restore inside it needs no operator, no API of Kubernetes, and no luck."""
import copy

import pytest

from support import fixtures, manifests, pods, rendering, world

# Both containers get at the repo by what the Secret says, or not at all.
CIPHER = "[global]\nrepo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass=not-so-secret\n"
SECRETS = [{"kind": "Secret", "metadata": {"name": "restpoint"},
            "stringData": {"postgres-password": "not-so-secret", "pgbackrest.conf": CIPHER}}]
HELD = "PostgreSQL is not started: it is held by"
STANZA = f"/api/v1/stanzas/{world.STANZA}"


@pytest.fixture(scope="module")
def podman():
    made = pods.Podman()
    try:
        made.make_image()
        yield made
    finally:
        made.end()


@pytest.fixture(scope="module")
def pod(podman, kubernetes):
    """It runs, and has a backup."""
    pod = pods.Pod(podman, kubernetes.kustomize(rendering.KUSTOMIZE / "base"), SECRETS)
    pod.create()
    pod.start()
    world.wait_until(pod.is_ready, 120, "the database's readiness")
    pod.sql("create table told (n int primary key, moment text not null)")
    pod.done(pod.begin(f"{STANZA}/backups", {"type": "full"}))
    return pod


class Story:
    """Rows before a restore point and rows behind it."""

    def __init__(self, pod, name):
        self.pod, self.name = pod, name
        world.wait_until(pod.is_ready, 120, "the database's readiness")
        self.write("before")
        pod.sql(f"select pg_create_restore_point('{name}')")
        self.target = self.rows()
        self.write("behind")
        self.all = self.rows()
        segment = pod.sql("select pg_walfile_name(pg_switch_wal())")
        world.wait_until(lambda: pod.sql(f"select last_archived_wal >= '{segment}' from pg_stat_archiver") == "t", 60,
                         f"{segment} in the repo")

    def write(self, moment):
        self.pod.sql(f"insert into told select coalesce(max(n), 0) + g, '{self.name} {moment}' from told right join "
                     "generate_series(1, 50) g on true group by g")

    def rows(self, pod=None):
        return (pod or self.pod).sql("select count(*) || ' ' || md5(string_agg(n || moment, ',' order by n)) from told")

    def restore(self):
        plan = self.pod.ask(f"{STANZA}/restore-plans", "POST", {"target": {"type": "name", "value": self.name}}).json()
        assert plan["can_be_carried_out"], plan["refusals"]
        return self.pod.begin(f"{STANZA}/restores", {"plan": plan["id"], "digest": plan["digest"], "confirm": world.STANZA})

    def is_whole(self, job):
        """At the target when the job succeeded, where it was when it failed; and it is served, archived, and not held."""
        world.wait_until(self.pod.is_ready, 120, "the database's readiness")
        world.wait_until(lambda: self.pod.sql("select pg_is_in_recovery()") == "f", 60, "the server's writes")
        expected = self.target if job["state"] == "succeeded" else self.all
        assert self.rows() == expected, f"{job}\n{self.pod.log_of(job['id'])[-6000:]}"
        assert not self.pod.hold.exists()
        self.pod.wait_until_quiet()
        self.pod.done(self.pod.begin(f"{STANZA}/checks", {}))
        return True


def in_the_middle(pod, name, step):
    """A story and its restore, which has just begun that step. One that was over before anybody looked is followed by another."""
    for attempt in range(3):
        story = Story(pod, f"{name}-{attempt}")
        older = set(pod.journals())
        job = story.restore()

        def seen(older=older, job=job):
            if f"begin {step}" in pod.journal(older):
                return "begun"
            return "over" if pod.job(job)["state"] not in ("queued", "running") else None

        if world.wait_until(seen, 120, f"the step {step}") == "begun":
            return story, job
        assert story.is_whole(pod.done(job))
    raise AssertionError(f"no restore was ever seen to begin {step}")


def test_a_backup_is_taken_over_the_api_and_every_restriction_holds(pod):
    backups = pod.ask(f"{STANZA}/backups").json()["backups"]
    assert [one["type"] for one in backups] == ["full"]
    for name in ("postgres", "restpoint"):
        status = pod.exec(name, "cat", "/proc/1/status").stdout
        assert "Uid:\t999\t999\t999\t999" in status and "NoNewPrivs:\t1" in status and "CapEff:\t0000000000000000" in status
        assert pod.exec(name, "touch", "/usr/x", check=False).returncode != 0
        assert "KUBERNETES" not in pod.exec(name, "env").stdout


def test_a_restore_needs_nothing_but_the_pod(pod):
    story = Story(pod, "plain")
    job = pod.done(story.restore())
    assert story.is_whole(job)


def test_a_restore_is_taken_back(pod):
    story = Story(pod, "undone")
    restored = pod.done(story.restore())
    assert story.is_whole(restored)
    pod.done(pod.begin(f"/api/v1/jobs/{restored['id']}/undo", {"confirm": world.STANZA}))
    assert story.rows() == story.all
    pod.wait_until_quiet()


@pytest.mark.parametrize("step", fixtures.repetitions(("restore", "swap", "start"),
                                                      ("restore", "replay", "stop", "settle", "swap", "start", "release")))
def test_the_database_container_is_killed_in_the_middle_of_a_restore(pod, step):
    for turn in range(fixtures.repetitions(1, 5)):
        story, job = in_the_middle(pod, f"killed-{step}-{turn}", step)
        pod.kill("postgres")
        seen = pod.logs("postgres").count(HELD)
        pod.start_one("postgres")
        job = pod.wait_for(job)
        assert step != "swap" or pod.logs("postgres").count(HELD) == seen + 1
        assert story.is_whole(job)


@pytest.mark.parametrize("step", fixtures.repetitions(("swap",), ("restore", "replay", "stop", "swap", "start", "release")))
def test_the_sidecar_is_killed_in_the_middle_of_a_restore(pod, step):
    story, job = in_the_middle(pod, f"sidecar-{step}", step)
    pod.kill("restpoint")
    pod.start_one("restpoint")
    assert story.is_whole(pod.wait_for(job))


def test_the_pod_is_lost_in_the_middle_of_a_restore(pod):
    story, job = in_the_middle(pod, "lost", "swap")
    pod.lose()
    pod.create()
    # The worst order there can be: nobody is there yet who knows of the restore.
    pod.start_one("postgres")
    world.wait_until(lambda: HELD in pod.logs("postgres"), 60, "the agent's word that PostgreSQL is held")
    assert not pod.is_ready()
    pod.start_one("restpoint")
    assert story.is_whole(pod.wait_for(job))


def test_the_pod_ends_within_its_time_and_archives_its_last_rows(pod):
    pod.sql("insert into told select max(n) + 1, 'the last' from told")
    segment = pod.sql("select pg_walfile_name(pg_current_wal_lsn())")
    assert pod.stop("postgres") == 0
    assert pod.stop("restpoint") == 0
    assert list((pod.volumes / "repo").glob(f"archive/{world.STANZA}/*/{segment[:16]}/{segment}-*"))
    pod.start()
    world.wait_until(pod.is_ready, 60, "the database's readiness")
    assert pod.sql("select moment from told order by n desc limit 1") == "the last"


def in_a_folder(documents, base):
    """The replica set with a folder that both pods see in place of the object store."""
    documents = copy.deepcopy(documents)
    them = manifests.Manifests(documents)
    them.one("ConfigMap")["data"]["pgbackrest.conf"] = manifests.Manifests(base).one("ConfigMap")["data"]["pgbackrest.conf"]
    them.pod["spec"]["volumes"].append({"name": "repo", "emptyDir": {}})
    for one in them.containers.values():
        one["volumeMounts"].append({"name": "repo", "mountPath": "/var/lib/pgbackrest"})
    return documents


def test_another_pod_of_a_replica_set_is_seeded_follows_and_takes_over(pod, podman, kubernetes):
    documents = in_a_folder(kubernetes.kustomize(rendering.KUSTOMIZE / "overlays/replicas"), pod.shipped.documents)
    other = pods.Pod(podman, documents, SECRETS, "restpoint-1", {"repo": pod.volumes / "repo"})
    other.create()
    other.start()
    world.wait_until(other.is_ready, 120, "the standby's readiness")
    assert other.sql("select pg_is_in_recovery()") == "t"

    story = Story(pod, "followed")
    world.wait_until(lambda: story.rows(other) == story.all, 60, "the primary's rows")
    pod.lose()
    assert other.sql("select pg_promote()") == "t"
    assert story.rows(other) == story.all
    other.done(other.begin(f"{STANZA}/checks", {}))
    assert other.done(other.begin(f"{STANZA}/backups", {"type": "incr"}))["result"]["label"]
