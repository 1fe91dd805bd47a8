#!/usr/bin/env bash
# From a bare Debian to a PostgreSQL with a backup that one can look at in a browser. Everything lives in one folder.
#
#   deploy/quickstart.sh [--dir FOLDER] [--port PORT]   make it, or bring it up again; changes nothing that is there
#   deploy/quickstart.sh --stop   [--dir FOLDER]        stop restpoint and PostgreSQL; nothing is lost
#   deploy/quickstart.sh --remove [--dir FOLDER]        stop, ask, and delete the folder
set -euo pipefail
export LC_ALL=C.UTF-8

tree=$(cd "$(dirname "$0")/.." && pwd)
dir=$tree/.restpoint
dir_given=
port=
action=start
stanza=main
marker=.restpoint-quickstart

fail() {
    echo "quickstart: $*" >&2
    exit 1
}
say() { echo "── $*"; }

while [ $# -gt 0 ]; do
    case "$1" in
    --dir) [ $# -gt 1 ] || fail "--dir needs a folder"; dir=$2 dir_given=yes; shift ;;
    --dir=*) dir=${1#*=} dir_given=yes ;;
    --port) [ $# -gt 1 ] || fail "--port needs a number"; port=$2; shift ;;
    --port=*) port=${1#*=} ;;
    --stop) action=stop ;;
    --remove) action=remove ;;
    -h | --help)
        sed -n '2,6s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *) fail "unknown argument '$1': see --help" ;;
    esac
    shift
done
if [ -n "$port" ]; then
    [[ $port =~ ^[0-9]{1,5}$ ]] && [ "$port" -ge 1 ] && [ "$port" -le 65535 ] ||
        fail "--port takes a number from 1 to 65535, not '$port'"
fi
[ "$(id -u)" = 0 ] || fail "run it as root or with sudo: it installs packages and starts PostgreSQL as user postgres"

as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups --reset-env -- "$@"; }

# True when the process of a pid file is alive and runs the program it should.
alive() { # PIDFILE PROGRAM
    local pid
    pid=$(head -n 1 "$1" 2>/dev/null) && [ -n "$pid" ] && [ "$(readlink "/proc/$pid/exe" 2>/dev/null)" = "$2" ]
}

pg_bin() { find /usr/lib/postgresql -maxdepth 3 -name initdb 2>/dev/null | sort -V | tail -n 1 | xargs -r dirname; }

stop_all() {
    local bin
    if alive "$dir/restpoint.pid" "$dir/bin/restpoint"; then
        local pid
        pid=$(cat "$dir/restpoint.pid")
        kill "$pid"
        for _ in $(seq 300); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -0 "$pid" 2>/dev/null && fail "restpoint (pid $pid) did not end within 30 s"
        say "restpoint is stopped"
    fi
    rm -f "$dir/restpoint.pid"
    bin=$(pg_bin)
    if [ -f "$dir/data/postmaster.pid" ] && as_postgres "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1; then
        as_postgres "$bin/pg_ctl" -D "$dir/data" -m fast -w stop >/dev/null ||
            fail "PostgreSQL did not stop: see $dir/log/postgresql.log"
        say "PostgreSQL is stopped"
    fi
}

if [ "$action" != start ]; then
    if [ ! -e "$dir" ]; then
        echo "there is nothing in $dir"
        exit 0
    fi
    dir=$(readlink -f "$dir")
    [ -f "$dir/$marker" ] || fail "$dir was not made by quickstart.sh, so it is not touched"
    stop_all
    if [ "$action" = remove ]; then
        printf 'Delete %s with its database and its backups? Type yes: ' "$dir"
        read -r answer || answer=
        [ "$answer" = yes ] || { echo "nothing was deleted"; exit 1; }
        rm -rf "$dir"
        [ ! -L "$tree/.restpoint" ] || rm -f "$tree/.restpoint"
        say "$dir is deleted"
    fi
    exit 0
fi

# ── what it needs ────────────────────────────────────────────────────────────────────────────────────────────────────
"$tree/deploy/install-deps.sh" build run || fail "the packages could not be installed"
getent passwd postgres >/dev/null || fail "there is no user 'postgres': the package postgresql-common should have made it"
bin=$(pg_bin)
[ -n "$bin" ] || fail "no PostgreSQL server under /usr/lib/postgresql"

free_mb() { df --output=avail -m "$1" | tail -n 1 | tr -d ' '; }
[ "$(free_mb "$tree")" -ge 1500 ] || [ -x "$tree/build/release/restpoint" ] ||
    fail "less than 1500 MB are free for the build under $tree"

say "building restpoint"
mkdir -p "$tree/build"
if ! (cd "$tree" && cmake --preset release && cmake --build --preset release) >"$tree/build/quickstart.log" 2>&1; then
    tail -n 15 "$tree/build/quickstart.log" >&2
    fail "the build failed: all of its output is in $tree/build/quickstart.log"
fi

# ── the folder ───────────────────────────────────────────────────────────────────────────────────────────────────────
reachable() { # whether user postgres can enter the folder, or the nearest one above it that is there
    local at=$1
    while [ ! -e "$at" ]; do at=$(dirname "$at"); done
    as_postgres test -x "$at"
}
if [ ! -e "$dir" ] && ! reachable "$dir"; then
    [ -z "$dir_given" ] || fail "user postgres cannot enter $dir: choose a folder below one that everybody may enter"
    [ ! -e /var/lib/restpoint-quickstart ] || [ -f "/var/lib/restpoint-quickstart/$marker" ] ||
        fail "user postgres cannot enter $tree, and /var/lib/restpoint-quickstart is taken: choose a folder with --dir"
    say "user postgres cannot enter $tree, so everything goes to /var/lib/restpoint-quickstart"
    mkdir -p /var/lib/restpoint-quickstart
    ln -s /var/lib/restpoint-quickstart "$dir"
fi
dir=$(readlink -m "$dir")
if [ -e "$dir" ] && [ ! -f "$dir/$marker" ] && [ -n "$(ls -A "$dir")" ]; then
    fail "$dir is there already and was not made by quickstart.sh: choose another folder with --dir"
fi
[ "$(printf %s "$dir/run/.s.PGSQL.5432" | wc -c)" -le 107 ] ||
    fail "the path $dir is too long for a Unix socket: choose a shorter one with --dir"
mkdir -p "$dir"
touch "$dir/$marker"
for sub in bin run log repo lock state; do mkdir -p "$dir/$sub"; done
chown postgres:postgres "$dir" "$dir"/{run,log,repo,lock,state}
chmod 0700 "$dir"/{run,repo,lock,state}
[ "$(free_mb "$dir")" -ge 1000 ] || [ -d "$dir/data" ] || fail "less than 1000 MB are free for the database in $dir"
if ! cmp -s "$tree/build/release/restpoint" "$dir/bin/restpoint"; then
    if alive "$dir/restpoint.pid" "$dir/bin/restpoint"; then
        say "a newer restpoint was built: run quickstart.sh --stop, then this again, to use it"
    else
        cp "$tree/build/release/restpoint" "$dir/bin/restpoint.new"
        mv "$dir/bin/restpoint.new" "$dir/bin/restpoint"
    fi
fi

# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────────────────────
processes=$(($(nproc) / 2))
[ "$processes" -ge 1 ] || processes=1
[ "$processes" -le 4 ] || processes=4
if [ ! -f "$dir/pgbackrest.conf" ]; then
    sed -e "s|@PROCESS_MAX@|$processes|" -e "s|@PG_DATA@|$dir/data|" -e "s|@PG_PORT@|5432|" \
        -e "s|^repo1-path=.*|repo1-path=$dir/repo\nlock-path=$dir/lock|" \
        -e "s|^pg1-socket-path=.*|pg1-socket-path=$dir/run|" "$tree/config/pgbackrest.conf" >"$dir/pgbackrest.conf"
fi
psql() { as_postgres "$bin/psql" -X -q -h "$dir/run" -p 5432 -d postgres -v ON_ERROR_STOP=1 "$@"; }

if [ ! -f "$dir/data/PG_VERSION" ]; then
    say "making a PostgreSQL cluster in $dir/data"
    [ ! -e "$dir/data" ] || fail "$dir/data is there but holds no cluster: look into it, or use --remove"
    as_postgres "$bin/initdb" -D "$dir/data" -A peer -U postgres --data-checksums -E UTF8 --locale=C.UTF-8 \
        >"$dir/log/initdb.log" 2>&1 || { tail -n 5 "$dir/log/initdb.log" >&2; fail "initdb failed"; }
    {
        echo
        sed -e "s|/etc/pgbackrest/pgbackrest.conf|$dir/pgbackrest.conf|" "$tree/config/postgresql.conf"
        echo "listen_addresses = ''"
        echo "unix_socket_directories = '$dir/run'"
        echo "port = 5432"
    } >>"$dir/data/postgresql.conf"
fi
if ! as_postgres "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1; then
    say "starting PostgreSQL"
    as_postgres "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log/postgresql.log" start >/dev/null ||
        { tail -n 5 "$dir/log/postgresql.log" >&2; fail "PostgreSQL did not start: see $dir/log/postgresql.log"; }
fi
if [ "$(psql -At -c "select count(*) from pg_database where datname = 'shop'")" = 0 ]; then
    say "filling a demo database"
    psql -c 'create database shop' >/dev/null
    for part in 1 2 3 4 5 6 7 8; do
        echo "create table orders_$part as select g id, md5(g::text) customer, md5((g * 7)::text) item, random() price
              from generate_series($part * 150000, ($part + 1) * 150000) g;"
    done | psql -d shop >/dev/null
fi

# ── restpoint ────────────────────────────────────────────────────────────────────────────────────────────────────────
if [ ! -f "$dir/restpoint.toml" ]; then
    cat >"$dir/restpoint.toml" <<TOML
# Made by quickstart.sh. config/restpoint.toml in the source explains every key.
[server]
listen = "127.0.0.1:${port:-5000}"

[pgbackrest]
config = "$dir/pgbackrest.conf"
stanza = "$stanza"

[postgres]
socket_dir = "$dir/run"

[state]
dir = "$dir/state"
TOML
elif [ -n "$port" ] && ! grep -q "^listen = \"127.0.0.1:$port\"" "$dir/restpoint.toml"; then
    alive "$dir/restpoint.pid" "$dir/bin/restpoint" && fail "restpoint runs on another port: use --stop first, then --port $port"
    sed -i "s|^listen = .*|listen = \"127.0.0.1:$port\"|" "$dir/restpoint.toml"
fi
port=$(sed -n 's/^listen = "127.0.0.1:\([0-9]*\)"/\1/p' "$dir/restpoint.toml")
url=http://127.0.0.1:$port

if ! alive "$dir/restpoint.pid" "$dir/bin/restpoint"; then
    say "starting restpoint on $url"
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        fail "port $port is taken by another program: choose one with --port"
    fi
    touch "$dir/log/restpoint.log"
    chown postgres:postgres "$dir/log/restpoint.log"
    setsid setpriv --reuid=postgres --regid=postgres --init-groups --reset-env -- \
        "$dir/bin/restpoint" serve --config "$dir/restpoint.toml" </dev/null >>"$dir/log/restpoint.log" 2>&1 &
    echo $! >"$dir/restpoint.pid"
fi
for _ in $(seq 100); do
    curl -fs -o /dev/null "$url/livez" 2>/dev/null && break
    alive "$dir/restpoint.pid" "$dir/bin/restpoint" || [ ! -s "$dir/log/restpoint.log" ] ||
        sleep 0.3 # between fork and exec the name is another one
    alive "$dir/restpoint.pid" "$dir/bin/restpoint" ||
        { tail -n 3 "$dir/log/restpoint.log" >&2; fail "restpoint ended at once: see $dir/log/restpoint.log"; }
    sleep 0.1
done
curl -fs -o /dev/null "$url/livez" || fail "restpoint does not answer on $url: see $dir/log/restpoint.log"

# ── a backup ─────────────────────────────────────────────────────────────────────────────────────────────────────────
value() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" <<<"$2" | head -n 1; }

progress_bar() { # PERCENT TEXT
    local width=40 filled
    filled=$(($(printf '%.0f' "$1") * width / 100))
    printf '\r   [%s%s] %5.1f %%  %-24s' "$(printf '%*s' "$filled" '' | tr ' ' '#')" \
        "$(printf '%*s' $((width - filled)) '' | tr ' ' '.')" "$1" "$2"
}

info=$(curl -fs "$url/pgBackRest/info") || fail "the info page does not answer: see $dir/log/restpoint.log"
if ! grep -q 'full backup: ' <<<"$info"; then
    say "creating the stanza"
    created=$(curl -s "$url/pgBackRest/create?wait=true")
    grep -q '<h1> Success </h1>' <<<"$created" || fail "stanza-create failed: see $url/pgBackRest/jobs"
    say "taking a full backup"
    job=$(curl -s -X POST -H 'Content-Type: application/json' -d '{"type":"full"}' "$url/api/v1/stanzas/$stanza/backups")
    id=$(value id "$job")
    [ -n "$id" ] || fail "the backup was refused: $job"
    while :; do
        job=$(curl -fs "$url/api/v1/jobs/$id") || fail "job $id cannot be asked for: see $dir/log/restpoint.log"
        state=$(value state "$job")
        percent=$(value percent "$job")
        [[ $percent =~ ^[0-9] ]] || percent=0
        [ "$state" != succeeded ] || percent=100
        if [ -t 1 ]; then progress_bar "$percent" "$(value phase "$job")"; fi
        case "$state" in
        queued | running) sleep 0.2 ;;
        *) break ;;
        esac
    done
    if [ -t 1 ]; then echo; else progress_bar "$percent" "$state"; echo; fi
    [ "$state" = succeeded ] || fail "the backup ended as $state: see $url/pgBackRest/jobs/$id"
fi

as_postgres pgbackrest --config="$dir/pgbackrest.conf" --stanza="$stanza" --log-level-console=off info
cat <<EOT

restpoint is up. Look at it in a browser:

   $url/                          what is there, and buttons for backups
   $url/pgBackRest/info           the backups
   curl -N $url/pgBackRest/backup/diff    a backup, line by line

   $0 --stop      stops it; run quickstart.sh again to go on
   $0 --remove    deletes $dir
EOT
