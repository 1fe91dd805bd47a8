#!/bin/bash
# An empty volume becomes a standby of what the repo has. Only where the repo has nothing yet, the first pod may begin a new database.
set -euo pipefail

say() { echo "seed: $*"; }
begun=$PGDATA.seeding # what lies in the data directory is ours

if [ -e "$PGDATA/global/pg_control" ]; then # which a restore writes last
    rm -f "$begun"
    exit 0
fi
if [ -e "${PGDATA%/*}/agent/agent.sock.hold" ]; then
    say "a restore of restpoint is under way, and goes on by itself"
    exit 0
fi
found=$(pgbackrest --stanza=main --log-level-console=off info --output=json)
if grep -q '"label":"' <<<"$found"; then
    say "restoring a standby"
    # What lies there before these do, pgBackRest neither knows again nor takes for an empty folder.
    if [ -e "$begun" ] && [ ! -e "$PGDATA/backup.manifest" ] && [ ! -e "$PGDATA/PG_VERSION" ]; then
        rm -rf "$PGDATA"
    fi
    (umask 077 && mkdir -p "$PGDATA")
    [ -n "$(ls -A "$PGDATA")" ] || touch "$begun"
    pgbackrest --stanza=main --log-level-console=info --log-level-file=off --delta --type=standby restore
    rm -f "$begun"
    exit 0
fi
# A repo that cannot be read looks empty, but says so (code 99).
if [[ $POD_NAME == *-0 ]] && grep -Eq '"status":\{"code":[123],' <<<"$found" && ! grep -q '"code":99' <<<"$found"; then
    say "the repo has no backup: the database begins here"
    exit 0
fi
say "nothing to begin with yet: a standby needs a backup of the primary, and a repo that can be read: $found"
exit 1
