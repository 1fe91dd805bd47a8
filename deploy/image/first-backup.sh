#!/usr/bin/env bash
# A full backup as soon as it can be, where the repo has none: a database without a backup is one that can be lost.
set -euo pipefail
# shellcheck source=deploy/image/settings.sh
. "$(dirname "$0")/settings.sh"

wait_for() { # WHAT COMMAND...
    local what=$1 told=
    shift
    until "$@" >/dev/null 2>&1; do
        [ -n "$told" ] || say "the first backup waits for $what"
        told=yes
        sleep 0.5
    done
}

wait_for PostgreSQL pg_isready -q -h /var/run/postgresql -p "$port" -U "${POSTGRES_USER:-postgres}" -d postgres
wait_for restpoint restpoint jobs --limit 1
# The stanza is made by the entry point, or by restpoint where it was an older volume's.
wait_for "the stanza" sh -c "pgbackrest --stanza='$stanza' --log-level-console=off info --output=json | grep -q '\"db\":\[{'"
if pgbackrest --stanza="$stanza" --log-level-console=off info --output=json | grep -q '"backup":\[{'; then
    say "stanza '$stanza' has a backup"
    exit 0
fi
say "stanza '$stanza' has no backup yet: here is its first"
exec restpoint backup --stanza "$stanza" --type full --queue --annotation reason=first
