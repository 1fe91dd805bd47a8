#!/usr/bin/env bash
# The database of a new cluster, and what users' scripts make in it, on a server that nobody else reaches: fill.sh DATA USER.
# A process of its own, which ends at the first thing that fails, and whose variables the scripts may change as they like. An
# unset variable is empty, as scripts for the official image may count on.
set -eo pipefail
# shellcheck source=deploy/image/settings.sh
. "$(dirname "$0")/settings.sh"
# shellcheck source=deploy/image/private.sh
. "$(dirname "$0")/private.sh"

# By these names scripts of users may call them.
docker_process_sql() {
    psql -X -v ON_ERROR_STOP=1 --no-password --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"
}

docker_process_init_files() {
    local file
    for file in "$@"; do
        [ -e "$file" ] || continue
        say "running $file"
        case "$file" in
        *.sh)
            if [ -x "$file" ]; then
                "$file"
            else
                # shellcheck source=/dev/null
                . "$file"
            fi
            ;;
        *.sql) docker_process_sql -f "$file" ;;
        *.sql.gz) gunzip -c "$file" | docker_process_sql ;;
        *.sql.xz) xzcat "$file" | docker_process_sql ;;
        *.sql.zst) zstd -dc "$file" | docker_process_sql ;;
        *) say "leaving out $file: it is no .sh, .sql, .sql.gz, .sql.xz or .sql.zst" ;;
        esac
    done
}

export PGDATA=$1 POSTGRES_USER=$2 POSTGRES_DB=${POSTGRES_DB:-$2}
export PGHOST=$run/private PGUSER=$POSTGRES_USER PGDATABASE=$POSTGRES_DB
start_private "$PGDATA" "$PGHOST" -c listen_addresses= -c archive_command= -c fsync=off
if [ "$POSTGRES_DB" != postgres ]; then
    psql -X -q -v ON_ERROR_STOP=1 -d postgres -v name="$POSTGRES_DB" <<<'create database :"name"'
fi
docker_process_init_files /docker-entrypoint-initdb.d/*
stop_private "$1"
# What was not synced so far, is before anybody counts on it.
initdb -D "$1" --sync-only >/dev/null 2>&1
