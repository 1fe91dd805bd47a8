"""Every due time is answered for exactly once: whatever is down, killed, asleep or set back meanwhile.

Real PostgreSQL, pgBackRest and restpoint; only restpoint's wall clock is shifted.
"""
import contextlib
import pathlib
import random
import shutil
import signal
import sqlite3
import time

import pytest

from support import clock as shifted
from support import world
from support.fixtures import repetitions

HOURLY = "30 * * * *"
DUE_WITHIN = 25  # real seconds: restpoint looks at a clock that stepped every 15


class Scheduler:
    """A service with schedules, a clock of its own, and a gate that holds pgBackRest's backups back."""

    def __init__(self, folder, service, clock):
        self.folder, self.service, self.clock = folder, service, clock
        self.gate = folder / "gate"
        self.head = service.toml.read_text()

    @property
    def config(self):
        return self.service.toml

    def write(self, *schedules):
        self.config.write_text(self.head + "".join(schedules))

    def start(self, **how):
        self.service.start(**how)
        return self

    def kill(self, how=signal.SIGKILL):
        code = self.service.kill(how)
        self.clock.forget(self.service.pid())
        return code

    def down_until(self, when):
        self.kill(signal.SIGTERM)
        self.clock.set(when)
        return self.start()

    def runs(self, name):
        """{due: (outcome, late, job)} as the store has them, newest due time last."""
        with contextlib.closing(sqlite3.connect(f"file:{self.service.state}/restpoint.db?mode=ro", uri=True)) as rows:
            found = rows.execute("select due_us, outcome, late, job from schedule_runs where schedule = ? order by due_us", (name,))
            return {time.strftime("%d. %H:%M", time.gmtime(due / 1e6)): (outcome, bool(late), job and str(job))
                    for due, outcome, late, job in found}

    def wait_until_known(self, count):
        """Until so many schedules stand in the store: only from then on is there a time that they can miss."""
        def known():
            with contextlib.closing(sqlite3.connect(f"file:{self.service.state}/restpoint.db?mode=ro", uri=True)) as rows:
                return rows.execute("select count(*) from schedule_memory").fetchone()[0] >= count
        world.wait_until(known, 30, f"{count} schedules in the store")

    def jobs(self, name):
        return [job for job in reversed(self.service.jobs()) if job["requested_by"] == f"schedule {name}"]

    def wait_for_jobs(self, name, count=1):
        """The jobs of a schedule once there are `count` and all have ended."""
        def ended():
            jobs = self.jobs(name)
            assert len(jobs) <= count, jobs
            return jobs if len(jobs) == count and all(j["finished"] for j in jobs) else None
        return world.wait_until(ended, 90, f"the end of {count} jobs of {name}")

    def wait_for_run(self, name, due, seconds=DUE_WITHIN):
        return world.wait_until(lambda: self.runs(name).get(due), seconds, f"the run of {name} at {due}")

    def wait_for_line(self, text, level=None, offset=0, seconds=DUE_WITHIN):
        return world.wait_until(lambda: self.lines(text, level, offset), seconds, f"a line '{text}'")

    def lines(self, text="", level=None, offset=0):
        return [line for line in self.service.log_lines(offset)
                if text in line["message"] and (level is None or line["level"] == level)]

    def errors(self, name):
        return [line for line in self.lines(level="error") if line.get("schedule") == name]

    def hang_up(self):
        """Sends SIGHUP and returns where in the log that was."""
        offset = self.service.log.stat().st_size
        self.service.process.send_signal(signal.SIGHUP)
        return offset

    def look(self):
        """Has restpoint look at its clock now, and returns once it has: a reload does so first of all."""
        self.wait_for_line("schedule kept", offset=self.hang_up())

    def step_to(self, when):
        """Sets the clock and has restpoint see it."""
        self.clock.set(when)
        self.look()

    def backups(self):
        return set(self.service.cluster.labels())


def schedule(name, cron=HOURLY, action="backup", kind="incr", **more):
    settings = {"name": name, "action": action, "cron": cron, **more}
    if action == "backup":
        settings["type"] = kind
    lines = [f'{key} = {str(value).lower() if isinstance(value, (bool, int)) else chr(34) + value + chr(34)}\n'
             for key, value in settings.items()]
    return "\n[[schedule]]\n" + "".join(lines)


@pytest.fixture
def new_scheduler(new_service):
    """A factory: the time at which the clock begins, then schedules. The service is started."""
    folders, made = [], []

    def make(begin, *schedules, cluster=None):
        folder = world.make_folder()
        folders.append(folder)
        clock = shifted.Clock(folder, begin)
        program = folder / "pgbackrest"
        program.write_text("#!/bin/sh\nunset LD_PRELOAD\n"
                           f'case " $* " in *" backup "*) while [ -e {folder}/gate ]; do sleep 0.05; done ;; esac\n'
                           'exec pgbackrest "$@"\n')
        program.chmod(0o755)
        environment = {**clock.environment(), "RESTPOINT_PGBACKREST_BINARY": str(program)}
        service = new_service(environment=environment, start=False)
        if cluster:
            service.toml.write_text(service.toml.read_text().replace(str(service.cluster.folder), str(cluster.folder)))
            service.cluster = cluster
        made.append(Scheduler(folder, service, clock))
        made[-1].write(*schedules)
        made[-1].start().wait_until_known(sum("enabled = false" not in text for text in schedules))
        return made[-1]

    yield make
    for scheduler in made:
        scheduler.gate.unlink(missing_ok=True)
        if scheduler.service.process.poll() is None:
            scheduler.kill(signal.SIGTERM)
        scheduler.service.end_jobs()
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def own_cluster():
    """A cluster that a test may stop and promote."""
    folder = world.make_folder()
    made = world.Cluster(folder)
    yield made
    made.stop()
    shutil.rmtree(folder)


# Downtime.

def test_a_run_missed_while_down_is_made_up_for_once(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:00:00", schedule("hourly"))
    assert scheduler.runs("hourly") == {} and scheduler.jobs("hourly") == []

    scheduler.down_until("2027-03-01 10:45:00")
    job, = scheduler.wait_for_jobs("hourly")
    scheduler.down_until("2027-03-01 10:50:00")
    scheduler.look()

    assert job["state"] == "succeeded", job
    assert scheduler.runs("hourly") == {"01. 10:30": ("started", True, job["id"])}
    assert [j["id"] for j in scheduler.jobs("hourly")] == [job["id"]]
    assert scheduler.errors("hourly") == []


def test_of_several_missed_runs_the_newest_is_made_up_for_and_the_others_are_told(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:00:00", schedule("hourly"))

    scheduler.down_until("2027-03-01 13:45:00")
    job, = scheduler.wait_for_jobs("hourly")
    scheduler.down_until("2027-03-01 13:50:00")
    scheduler.look()

    runs = scheduler.runs("hourly")
    assert runs.pop("01. 13:30") == ("started", True, job["id"])
    assert [outcome for outcome, _, _ in runs.values()] == ["missed"]
    assert len(scheduler.jobs("hourly")) == 1
    assert len(scheduler.errors("hourly")) == 1


def test_without_catch_up_a_missed_run_is_told_and_not_run(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:00:00", schedule("hourly", catch_up=False))

    scheduler.down_until("2027-03-01 10:45:00")
    scheduler.wait_for_run("hourly", "01. 10:30")
    scheduler.step_to("2027-03-01 11:30:01")
    job, = scheduler.wait_for_jobs("hourly")

    assert scheduler.runs("hourly") == {"01. 10:30": ("missed", False, None), "01. 11:30": ("started", False, job["id"])}
    assert len(scheduler.errors("hourly")) == 1


# Restarts.

def check_ran_once(scheduler, due, jobs_before, backups_before):
    """Exactly one job and one backup came of the due time."""
    job = scheduler.wait_for_jobs("hourly", jobs_before + 1)[-1]
    outcome, _, run_job = scheduler.runs("hourly")[due]
    assert job["state"] == "succeeded", job
    assert (outcome, run_job) == ("started", job["id"])
    assert scheduler.backups() - backups_before == {job["result"]["label"]}
    assert scheduler.service.raw_log(job["id"]).count("backup command begin") == 1


def test_a_restart_at_the_due_second_twice_runs_once(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:29:57", schedule("hourly"))
    before = scheduler.backups()

    scheduler.clock.wait_until("2027-03-01 10:30:00")
    for _ in range(2):
        scheduler.kill()
        scheduler.start()

    check_ran_once(scheduler, "01. 10:30", 0, before)


def test_a_restart_right_after_the_run_was_taken_on_runs_once(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:29:58", schedule("hourly"))
    before = scheduler.backups()

    scheduler.wait_for_run("hourly", "01. 10:30")
    for _ in range(2):
        scheduler.kill()
        scheduler.start()

    check_ran_once(scheduler, "01. 10:30", 0, before)


def test_kills_at_random_moments_around_the_due_time_run_once(new_scheduler):
    seed = time.time_ns()
    print("seed", seed)  # shown when it fails
    chance = random.Random(seed)
    scheduler = new_scheduler("2027-03-01 01:00:00", schedule("hourly"))
    for done in range(repetitions(2, 10)):
        due = f"2027-03-01 {done + 1:02}:30:00"
        before = scheduler.backups()
        scheduler.down_until(shifted.instant(due) - 2)
        for moment in sorted(chance.uniform(-0.5, 1.2) for _ in range(2)):
            time.sleep(max(0, shifted.instant(due) + moment - scheduler.clock.now()))
            scheduler.kill()
            scheduler.start()

        check_ran_once(scheduler, f"01. {done + 1:02}:30", done, before)


# A hand on a schedule.

def test_a_pause_outlives_restarts_and_leaves_nothing_to_make_up_for(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:00:00", schedule("hourly", action="expire"))
    paused = scheduler.service.ask("/api/v1/schedules/hourly/pause", "POST").json()
    assert paused["paused"]["since"].startswith("2027-03-01T10:00") and paused["next_runs"] == []

    scheduler.kill()
    scheduler.start()
    scheduler.step_to("2027-03-01 10:30:01")
    assert scheduler.wait_for_run("hourly", "01. 10:30") == ("paused", False, None)
    scheduler.down_until("2027-03-01 13:45:00")
    assert scheduler.wait_for_run("hourly", "01. 13:30") == ("paused", False, None)
    resumed = scheduler.service.ask("/api/v1/schedules/hourly/resume", "POST").json()
    assert resumed["paused"] is None and resumed["next_runs"][0]["due"] == "2027-03-01T14:30:00.000Z"
    scheduler.down_until("2027-03-01 13:50:00")
    scheduler.look()
    assert scheduler.jobs("hourly") == []
    scheduler.step_to("2027-03-01 14:30:01")
    job, = scheduler.wait_for_jobs("hourly")

    assert scheduler.runs("hourly") == {"01. 10:30": ("paused", False, None), "01. 13:30": ("paused", False, None),
                                        "01. 14:30": ("started", False, job["id"])}
    assert scheduler.errors("hourly") == []


def test_a_schedule_runs_when_it_is_asked_to(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:00:00", schedule("hourly"))
    answer = scheduler.service.ask("/api/v1/schedules/hourly/run", "POST", headers={"Prefer": "wait=60"})

    assert (answer.status, answer.json()["state"], answer.json()["type"]) == (202, "succeeded", "incr"), answer.text
    scheduler.look()
    told, = scheduler.service.ask("/api/v1/schedules").json()["schedules"]
    assert told["last_runs"] == [] and told["next_runs"][0]["due"] == "2027-03-01T10:30:00.000Z"


# Several servers.

def test_a_standby_runs_nothing_until_it_is_promoted(new_scheduler, own_cluster):
    own_cluster.stop()
    (own_cluster.data / "standby.signal").touch()
    own_cluster.start()
    assert own_cluster.sql("select pg_is_in_recovery()") == "t"
    scheduler = new_scheduler("2027-03-01 10:29:58", schedule("hourly"), schedule("anywhere", action="expire", run_on="any"),
                              cluster=own_cluster)

    assert scheduler.wait_for_run("hourly", "01. 10:30") == ("standby", False, None)
    assert scheduler.wait_for_run("anywhere", "01. 10:30")[0] == "started"
    own_cluster.sql("select pg_promote()")
    own_cluster.sql("checkpoint")  # until then pg_control tells the old timeline, and pgBackRest refuses
    scheduler.step_to("2027-03-01 11:30:01")
    job, = scheduler.wait_for_jobs("hourly")

    assert job["state"] == "succeeded", job
    assert scheduler.runs("hourly") == {"01. 10:30": ("standby", False, None), "01. 11:30": ("started", False, job["id"])}
    assert scheduler.errors("hourly") == []


def test_a_server_that_is_down_gets_its_run_when_it_is_back(new_scheduler, own_cluster):
    own_cluster.stop()
    scheduler = new_scheduler("2027-03-01 10:29:58", schedule("hourly"), cluster=own_cluster)

    world.wait_until(lambda: scheduler.errors("hourly"), DUE_WITHIN + 10, "a line that nobody knows the primary")
    assert scheduler.runs("hourly") == {} and scheduler.jobs("hourly") == []
    own_cluster.start()
    job, = scheduler.wait_for_jobs("hourly")

    assert job["state"] == "succeeded", job
    assert list(scheduler.runs("hourly")) == ["01. 10:30"]
    assert len(scheduler.errors("hourly")) == 1


# Reloading.

def test_sighup_adds_changes_and_removes_schedules(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:00:00", schedule("old"))

    scheduler.write(schedule("new", action="expire"))
    offset = scheduler.hang_up()
    line, = scheduler.wait_for_line("configuration reloaded", "info", offset)
    scheduler.clock.set("2027-03-01 10:29:58")
    job, = scheduler.wait_for_jobs("new")

    assert line["schedules"] == 1
    assert scheduler.runs("new") == {"01. 10:30": ("started", False, job["id"])}
    assert scheduler.runs("old") == {} and scheduler.jobs("old") == []


def test_a_broken_file_changes_nothing_and_says_why(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:00:00", schedule("kept", action="expire"))
    lines = scheduler.head.count("\n")

    scheduler.write(schedule("kept", cron="0 30 * * * *", action="expire", jiter_s=5))
    offset = scheduler.hang_up()
    scheduler.wait_for_line("configuration not reloaded", "error", offset)
    scheduler.clock.set("2027-03-01 10:30:01")
    job, = scheduler.wait_for_jobs("kept")

    told = {line["where"]: line["error"] for line in scheduler.lines("a problem in the configuration", "error", offset)}
    assert f"{scheduler.config}:{lines + 5}" in told and f"{scheduler.config}:{lines + 6}" in told, told
    assert "schedule.jiter_s" in told[f"{scheduler.config}:{lines + 6}"]
    assert scheduler.lines("configuration reloaded", offset=offset) == []
    assert scheduler.runs("kept") == {"01. 10:30": ("started", False, job["id"])}


def test_a_key_that_needs_a_start_is_named(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:00:00")

    scheduler.config.write_text(scheduler.head.replace("[server]", "[server]\nmax_connections = 77"))
    offset = scheduler.hang_up()
    scheduler.wait_for_line("configuration reloaded", "info", offset)
    warned, = scheduler.lines("takes effect at the next start", "warn", offset)

    assert warned["key"] == "server.max_connections"


def test_a_reload_at_the_due_second_loses_nothing(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:29:58", schedule("hourly", action="expire"))

    scheduler.clock.wait_until("2027-03-01 10:30:00")
    scheduler.write(schedule("other", action="expire"))
    scheduler.hang_up()
    job, = scheduler.wait_for_jobs("hourly")

    assert scheduler.runs("hourly") == {"01. 10:30": ("started", False, job["id"])}


def test_a_file_that_is_gone_changes_nothing(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:00:00", schedule("kept", action="expire"))

    aside = scheduler.config.rename(scheduler.config.with_suffix(".aside"))
    offset = scheduler.hang_up()
    scheduler.wait_for_line("configuration not reloaded", "error", offset)
    aside.rename(scheduler.config)
    scheduler.step_to("2027-03-01 10:30:01")
    job, = scheduler.wait_for_jobs("kept")

    assert scheduler.runs("kept") == {"01. 10:30": ("started", False, job["id"])}


def test_sighup_ends_neither_a_start_nor_a_stop(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:00:00", schedule("hourly"))
    scheduler.kill(signal.SIGTERM)
    offset = scheduler.service.log.stat().st_size
    rows = sqlite3.connect(scheduler.service.state / "restpoint.db", isolation_level=None)
    rows.execute("begin immediate")  # the start waits here

    scheduler.start(expect_ready=False)
    process = scheduler.service.process
    world.wait_until(lambda: (scheduler.service.state / "restpoint.db") in open_files(process.pid), 10, "that the store is opened")
    process.send_signal(signal.SIGHUP)
    rows.execute("rollback")
    rows.close()
    scheduler.wait_for_line("configuration reloaded", offset=offset)
    process.send_signal(signal.SIGTERM)
    while process.poll() is None:
        process.send_signal(signal.SIGHUP)

    assert process.returncode == 0


def open_files(pid):
    files = set()
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            files.add(link.readlink())
    return files


# Clocks that step.

def test_a_clock_that_is_set_back_repeats_nothing(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:29:58", schedule("hourly", action="expire"))
    first, = scheduler.wait_for_jobs("hourly")

    scheduler.step_to("2027-03-01 09:30:05")
    scheduler.step_to("2027-03-01 10:29:59")
    scheduler.clock.wait_until("2027-03-01 10:30:01")
    scheduler.look()
    assert [j["id"] for j in scheduler.jobs("hourly")] == [first["id"]]
    scheduler.step_to("2027-03-01 11:30:01")
    _, second = scheduler.wait_for_jobs("hourly", 2)

    assert scheduler.runs("hourly") == {
        "01. 10:30": ("started", False, first["id"]), "01. 11:30": ("started", False, second["id"])}
    assert scheduler.errors("hourly") == []


def test_a_machine_that_slept_over_several_runs_makes_up_for_the_newest(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:00:00", schedule("hourly", action="expire"))

    scheduler.clock.set("2027-03-01 13:45:00")
    job, = scheduler.wait_for_jobs("hourly")
    scheduler.look()

    runs = scheduler.runs("hourly")
    assert runs.pop("01. 13:30") == ("started", True, job["id"])
    assert [outcome for outcome, _, _ in runs.values()] == ["missed"]
    assert len(scheduler.jobs("hourly")) == 1


# Merging.

def test_of_the_backups_that_queue_up_the_strongest_runs(new_scheduler):
    later = "31 * * * *"
    scheduler = new_scheduler("2027-03-01 10:29:58", schedule("diff", kind="diff"), schedule("full", later, kind="full"),
                              schedule("incr", later, kind="incr"), schedule("check", later, action="check"))
    scheduler.gate.touch()
    by_hand = [scheduler.service.back_up("incr", queue=True) for _ in range(2)]

    assert scheduler.wait_for_run("diff", "01. 10:30")[0] == "started"
    scheduler.step_to("2027-03-01 10:31:01")
    for name in ("full", "incr", "check"):
        scheduler.wait_for_run(name, "01. 10:31")
    before = scheduler.backups()
    scheduler.gate.unlink()
    by_hand = [scheduler.service.wait_for(job) for job in by_hand]
    full, = scheduler.wait_for_jobs("full")
    scheduler.wait_for_jobs("check")

    assert {job["state"] for job in [full, *by_hand]} == {"succeeded"}
    assert scheduler.runs("full") == {"01. 10:31": ("started", False, full["id"])}
    assert scheduler.runs("diff") == {"01. 10:30": ("superseded", False, full["id"])}
    assert scheduler.runs("incr") == {"01. 10:31": ("superseded", False, full["id"])}
    pushed_aside, = scheduler.jobs("diff")
    assert (pushed_aside["state"], pushed_aside["error"]["name"]) == ("cancelled", "superseded")
    assert full["id"] in pushed_aside["error"]["message"]
    assert scheduler.jobs("incr") == []
    assert scheduler.backups() - before == {job["result"]["label"] for job in [full, *by_hand]}


# What is kept of jobs.

def test_old_jobs_go_and_the_newest_success_stays(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:00:00", schedule("hourly", action="expire"))
    for hour in (10, 11, 12):
        scheduler.step_to(f"2027-03-01 {hour}:30:01")
        *_, newest = scheduler.wait_for_jobs("hourly", hour - 9)
    old, *_ = scheduler.jobs("hourly")

    scheduler.write()
    scheduler.down_until("2027-05-30 10:20:00")  # not ninety days after the first
    scheduler.service.ask(f"/api/v1/jobs/{old['id']}/cancel", "POST")  # which is on record
    assert len(scheduler.jobs("hourly")) == 3
    scheduler.down_until("2027-05-31 10:00:00")

    world.wait_until(lambda: len(scheduler.jobs("hourly")) == 1, 20, "that the older jobs go")
    assert scheduler.jobs("hourly")[0]["id"] == newest["id"]
    gone = scheduler.service.ask(f"/api/v1/jobs/{old['id']}")
    assert (gone.status, gone.json()["code"]) == (410, "gone"), gone.text
    assert scheduler.service.raw_log(newest["id"])


def test_a_date_that_is_far_off_costs_no_history(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:00:00", schedule("hourly", action="expire"))
    for hour in (10, 11, 12):
        scheduler.step_to(f"2027-03-01 {hour}:30:01")
        scheduler.wait_for_jobs("hourly", hour - 9)
    before = scheduler.jobs("hourly")
    scheduler.write()

    scheduler.down_until("2029-01-01 10:00:00")

    scheduler.wait_for_line("the clock is far from what it was", "warn")
    assert scheduler.jobs("hourly") == before


def test_a_reload_takes_up_how_long_jobs_are_kept(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:29:58", schedule("hourly", action="expire"))
    scheduler.wait_for_jobs("hourly")
    scheduler.step_to("2027-03-02 10:20:00")  # less than a day: a longer step would be doubted
    scheduler.wait_for_jobs("hourly", 2)
    time.sleep(10)  # the round behind the end of a job has seen this step

    scheduler.config.write_text(scheduler.head.replace("[state]", "[state]\nkeep_jobs_days = 1") + schedule("hourly", action="expire"))
    offset = scheduler.hang_up()
    scheduler.wait_for_line("configuration reloaded", "info", offset)

    assert scheduler.lines("takes effect at the next start", offset=offset) == []
    scheduler.step_to("2027-03-02 11:30:01")  # the end of a job has the old ones looked at
    world.wait_until(lambda: len(scheduler.jobs("hourly")) == 2 and scheduler.jobs("hourly")[0]["created"] > "2027-03-02",
                     60, "that the first job goes")


# The old image's variables.

def test_the_stanza_is_made_ready_after_the_start(new_service):
    service = new_service(environment={"PG_BACKUP_TIME": "03:00"})

    def both_done():
        done = {j["kind"]: j["state"] for j in service.jobs()}
        return done if done.get("check") in ("succeeded", "failed") else None

    assert world.wait_until(both_done, 60, "stanza-create and check") == {
        "stanza-create": "succeeded", "check": "succeeded"}


def test_the_old_variables_run_what_is_due(new_scheduler):
    scheduler = new_scheduler("2027-03-01 10:00:00")
    scheduler.service.environment["PG_BACKUP_TIME"] = "10:30"

    scheduler.down_until("2027-03-01 10:29:58")
    backup, = scheduler.wait_for_jobs("PG_BACKUP_TIME_MON")

    assert (backup["type"], backup["state"]) == ("diff", "succeeded"), backup


def test_a_bad_time_stops_the_start_with_a_sentence(new_service):
    service = new_service(environment={"PG_BACKUP_TIME_SUN": "25:00"}, start=False)
    service.start(expect_ready=False)

    assert service.process.wait(20) == 2
    assert "PG_BACKUP_TIME_SUN" in service.log_text() and "25:00" in service.log_text()


def test_without_schedules_nothing_runs_by_itself(service):
    assert service.jobs() == []
