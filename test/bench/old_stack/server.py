"""A stand-in for the Python server of the image that restpoint replaces: the same paths, as little as does them.

Flask with its own server, one process: the smallest that this framework has. Each call runs pgbackrest, waits, and answers
with all that it said.
"""
import html
import logging
import subprocess
import sys
import time

import flask

STANZA = "main"
BINARY = sys.argv[2]
app = flask.Flask(__name__)


def told(*argv):
    try:
        done = subprocess.run([BINARY, f"--stanza={STANZA}", *argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=75, check=False)
    except (OSError, subprocess.TimeoutExpired) as e:
        return f"<h1> Error </h1> <br/>{html.escape(str(e))}", 500
    return f"<h1> Success </h1> <br/>{html.escape(done.stdout)}".replace("\n", "<br/>")


@app.get("/pgBackRest/info")
def info():
    return told("info")


@app.get("/pgBackRest/backup/<any(full, diff, incr):kind>")
def backup(kind):
    return told(f"--type={kind}", "backup")


@app.get("/pgBackRest/create")
def create():
    return told("stanza-create")


@app.get("/pgBackRest/restore/delta")
def restore_delta():
    return told("--delta", "restore")


@app.get("/pgBackRest/restore/time/latest")
def restore_latest():
    return told("--delta", "--type=time", f"--target={time.strftime('%Y-%m-%d %H:%M:%S+00', time.gmtime())}",
                "--target-action=promote", "restore")


@app.get("/pgBackRest/restore/db")
def restore_db():
    return told("--delta", f"--db-include={flask.request.args.get('name', '')}", "--type=immediate",
                "--target-action=promote", "restore")


@app.get("/pgBackRest/db_status")
def db_status():
    running = subprocess.run(["pg_isready", "-q"], check=False).returncode == 0
    return f"Postgres status {running}"


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app.run("127.0.0.1", int(sys.argv[1]))
