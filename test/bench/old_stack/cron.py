"""A stand-in for the Python cron of that image: PG_BACKUP_TIME and its weekdays, a full backup on Sunday, else a differential one."""
import os
import subprocess
import sys
import time

DAYS = ["MON", "TUE", "WED", "THUR", "FRI", "SAT", "SUN"]
BINARY = sys.argv[1]


def due(now):
    usual = os.environ.get("PG_BACKUP_TIME", "00:30")
    return os.environ.get(f"PG_BACKUP_TIME_{DAYS[now.tm_wday]}", usual) == time.strftime("%H:%M", now)


while True:
    today = time.localtime()
    if due(today):
        kind = "full" if today.tm_wday == 6 else "diff"
        subprocess.run([BINARY, "--stanza=main", f"--type={kind}", "backup"], stdout=subprocess.DEVNULL, check=False)
    time.sleep(60 - time.time() % 60)
