"""What `pgbackrest info --output=json` says of the one stanza that it was asked for, in a line for the entry point:

none | half | empty SYSTEM VERSION | backups SYSTEM VERSION LABEL; or why nobody can tell, and exit code 1.
"""
import json
import sys


def judge(stanzas):
    if not stanzas:
        return "none", 0
    stanza = stanzas[0]
    # One of the stanza's two files is there, and the other is not.
    if stanza["status"]["code"] == 3 and all(r["status"]["code"] in (1, 3) for r in stanza.get("repo", [])) and not stanza["backup"]:
        return "half", 0
    bad = [r["status"] for r in stanza.get("repo", []) if r["status"]["code"] not in (0, 1, 2)]
    if stanza["status"]["code"] not in (0, 1, 2, 4) or bad:
        why = (bad[0] if bad else stanza["status"])["message"].splitlines()[0]
        # What a wrong passphrase makes of a file is told as a file that is broken.
        sealed = stanza.get("cipher", "none") != "none" and "Error]" in why
        return why + (" Is the cipher pass the right one?" if sealed else ""), 1
    if not stanza["db"]:
        return "none", 0
    newest = stanza["db"][-1]
    backups = [b for b in stanza["backup"] if b["database"]["id"] == newest["id"]]
    if not backups:
        return f"empty {newest['system-id']} {newest['version']}", 0
    return f"backups {newest['system-id']} {newest['version']} {backups[-1]['label']}", 0


def main():
    text = sys.stdin.buffer.read().decode(errors="replace")
    try:
        line, code = judge(json.loads(text, strict=False))  # messages may hold any byte
    except (ValueError, KeyError, IndexError, TypeError):
        line, code = " ".join(text.split()), 1
    print(line)
    return code


sys.exit(main())
