# shellcheck shell=bash disable=SC2154
# A cluster from the repo on an empty volume: restored, replayed to its target and promoted on a private server, before it
# takes its place. Archiving waits until then, so nothing reaches the repo from what is not whole. Sourced.

restore_cluster() { # what look_into_repo() says
    local system version label ours
    read -r _ system version label <<<"$1"
    ours=$(postgres --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
    [ "$version" = "$ours" ] ||
        fail "the backups of stanza '$stanza' are of PostgreSQL $version, and this image has $ours: use the image with $version"
    [ ! -e "$growing" ] || say "an earlier start was interrupted during the restore: going on with what is there"
    begin_growing restore
    if [ ! -e "$growing/restored" ]; then
        say "restoring stanza '$stanza' (its newest backup is $label) into $PGDATA"
        restore_files
        touch "$growing/restored"
    fi
    [ "$(system_of "$growing/data")" = "$system" ] ||
        fail "what was restored is of system $(system_of "$growing/data"), and not of $system as the stanza says"
    replay
}

restore_files() {
    local -a how=(--type=default)
    local type=${RESTPOINT_BOOTSTRAP_TARGET_TYPE:-time}
    if [ -n "${RESTPOINT_BOOTSTRAP_TARGET:-}" ] || [ "$type" = immediate ]; then
        how=(--type="$type" --target-action=promote)
        [ "$type" = immediate ] || how+=(--target="$RESTPOINT_BOOTSTRAP_TARGET")
    fi
    [ -z "${RESTPOINT_BOOTSTRAP_SET:-}" ] || how+=(--set="$RESTPOINT_BOOTSTRAP_SET")
    [ -z "${RESTPOINT_BOOTSTRAP_TIMELINE:-}" ] || how+=(--target-timeline="$RESTPOINT_BOOTSTRAP_TIMELINE")
    # What lies there before these do, pgBackRest neither knows again nor takes for an empty folder.
    [ -e "$growing/data/backup.manifest" ] || [ -e "$growing/data/PG_VERSION" ] || rm -rf "$growing/data"
    (umask 077 && mkdir -p "$growing/data")
    # One that was cut off goes on: what is there and right is kept.
    [ -z "$(ls -A "$growing/data")" ] || how+=(--delta)
    pgbackrest --stanza="$stanza" --pg1-path="$growing/data" --log-level-console=info "${how[@]}" restore || {
        # Nothing was brought: nothing is kept.
        [ -e "$growing/data/backup.manifest" ] || [ -n "$(ls -A "$growing/data")" ] || rm -rf "$growing"
        fail "the restore failed, for the reason above: the volume holds no cluster, and the next start goes on"
    }
    # pgBackRest's own names the folder it grows in. By --recovery-option it would take the place of all that stand in
    # pgbackrest.conf, where restpoint notes the live timeline.
    printf "restore_command = 'pgbackrest --config=%s --stanza=%s archive-get %%f \"%%p\"'\n" "$home/pgbackrest.conf" "$stanza" \
        >>"$growing/data/postgresql.auto.conf"
}

# To the target. The server ends by itself where it cannot reach it.
replay() {
    local user=${POSTGRES_USER:-postgres} begun=$SECONDS
    if [ -e "$growing/data/recovery.signal" ] || [ -e "$growing/data/postmaster.pid" ]; then
        say "replaying WAL to the target"
        rm -f "$growing/data/postmaster.pid"
        (
            # pgBackRest refuses a restore_command that works in another folder than its pg1-path.
            export PGBACKREST_PG1_PATH=$growing/data
            start_private "$growing/data" "$run/private" -c listen_addresses='' -c archive_command='' -c primary_conninfo='' \
                -c hot_standby=on -c recovery_target_action=promote
        ) || not_replayed
        until in_production "$growing/data"; do
            pg_ctl -D "$growing/data" status >/dev/null 2>&1 || not_replayed
            if [ $((SECONDS - begun)) -ge 30 ]; then
                begun=$SECONDS
                say "still replaying: $(psql -X -At -h "$run/private" -p "$port" -U "$user" -d postgres -c 'select pg_last_wal_replay_lsn()' 2>/dev/null || echo 'it takes no questions yet')"
            fi
            sleep 0.2
        done
        stop_private "$growing/data"
    fi
    say "restored, and on timeline $(LC_ALL=C pg_controldata -D "$growing/data" | sed -n "s/^Latest checkpoint's TimeLineID: *//p")"
}

# Whether its recovery is over. Asked without a user, whom the cluster may not have; pg_control alone says it also of a copy of a
# running server that has not begun its recovery.
in_production() { # FOLDER
    pg_isready -q -h "$run/private" -p "$port" &&
        [ "$(LC_ALL=C pg_controldata -D "$1" | sed -n 's/^Database cluster state: *//p')" = "in production" ]
}

not_replayed() {
    tail -n 15 "$run/private/log" >&2
    fail "the restored cluster does not reach its target, for the reason above: the volume holds no cluster. With another target, empty the volume first (rm -rf .restpoint-bootstrap in it)"
}
