"""A restore sets what it needs behind the settings of the cluster, and takes nothing but that out again."""
import contextlib
import os
import signal
import threading
import time

import pytest

from support import restores, restoring

#: In postgresql.conf, where a restore writes nothing: forgotten by an operator, and meant for his standby.
LEFT = """
recovery_target_time = '2001-01-01 00:00:00+00'
recovery_min_apply_delay = '1h'
recovery_end_command = 'touch {failed_over}'
"""


def stop_behind(home, entry, then):
    """restore-exec stands still as soon as its journal has `entry`, while `then` is done."""
    older = home.journals()

    def run():
        end = time.monotonic() + 120
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                if entry in home.journal(older):
                    pids = home.victims.find("restore-exec")
                    for pid in pids:
                        os.kill(pid, signal.SIGSTOP)
                    try:
                        then()
                    finally:
                        for pid in pids:
                            with contextlib.suppress(ProcessLookupError):
                                os.kill(pid, signal.SIGCONT)
                    return
            time.sleep(0.0005)
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("way", ["beside", "in_place"])
def test_no_setting_of_an_operator_is_lost(way, tmp_path):
    tmp_path.chmod(0o777)
    failed_over = tmp_path / "failed-over"
    with restoring.Restoring(cluster_settings=LEFT.format(failed_over=failed_over)) as home:
        command = home.cluster.sql("show archive_command")
        for setting in (f"archive_command = '{command}'", "restore_command = 'cp /nowhere/%f %p'",
                        "primary_conninfo = 'host=other'", "recovery_target_time = '2002-02-02 00:00:00+00'"):
            home.cluster.sql(f"alter system set {setting}")
        writer = home.write()
        before = home.chain()
        target = home.moment()

        # ALTER SYSTEM writes the file anew, without the marks that stand around what the restore has set.
        meanwhile = stop_behind(home, "end start", lambda: home.cluster.sql("alter system set work_mem = '5MB'"))
        home.done(home.restore(target, way=way))
        meanwhile.join(120)
        writer.write_more(20)
        home.queued_backup_ends()

        assert "target" in home.verdict(target, before).places
        restores.archiver_is_well(home.cluster)
        assert not failed_over.exists(), "the command of a failover was run"
        lines = (home.cluster.data / "postgresql.auto.conf").read_text().splitlines()
        assert [line for line in lines if line and not line.startswith("#")] == [
            f"archive_command = '{command}'", "restore_command = 'cp /nowhere/%f %p'", "primary_conninfo = 'host=other'",
            "recovery_target_time = '2002-02-02 00:00:00+00'", "work_mem = '5MB'"]
