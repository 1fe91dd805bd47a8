"""Copies what Supervisor's programs write to the container's log: an event listener, whose standard error that is.

The programs' own files, which the page at port 9001 shows, are written by supervisord; its second copy are these events.
"""
import sys


def main():
    # The protocol is lengths of bytes (Supervisor's manual, "Events").
    events = sys.stdin.buffer
    while True:
        print("READY", flush=True)
        header = events.readline()
        if not header:
            return
        length = int(dict(pair.split(":", 1) for pair in header.decode().split())["len"])
        _, _, text = events.read(length).partition(b"\n")
        sys.stderr.buffer.write(text)
        sys.stderr.buffer.flush()
        print("RESULT 2\nOK", end="", flush=True)


main()
