"""The smallest Flask application that answers with bytes it holds in memory."""
import logging
import os
import pathlib
import sys

import flask

BODY = pathlib.Path(os.environ["BENCH_BODY"]).read_bytes()
TYPE = os.environ["BENCH_TYPE"]
app = flask.Flask(__name__)


@app.get("/page")
def page():
    return flask.Response(BODY, content_type=TYPE)


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app.run("127.0.0.1", int(sys.argv[1]))
