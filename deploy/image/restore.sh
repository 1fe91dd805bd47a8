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
    (umask 077 && mkdir -p "$growing/data")
    # One that was cut off goes on: what is there and right is kept.
    [ -z "$(ls -A "$growing/data")" ] || how+=(--delta)
    pgbackrest --stanza="$stanza" --pg1-path="$growing/data" --log-level-console=info "${how[@]}" \
        --recovery-option=restore_command="pgbackrest --config=$home/pgbackrest.conf --stanza=$stanza archive-get %f \"%p\"" \
        restore || {
        # Nothing was brought: nothing is kept.
        [ -e "$growing/data/backup.manifest" ] || [ -n "$(ls -A "$growing/data")" ] || rm -rf "$growing"
        fail "the restore failed, for the reason above: the volume holds no cluster, and the next start goes on"
    }
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
                -c hot_standby=on
        ) || not_replayed
        until [ "$(psql -X -At -h "$run/private" -U "$user" -d postgres -c 'select pg_is_in_recovery()' 2>/dev/null)" = f ]; do
            pg_ctl -D "$growing/data" status >/dev/null 2>&1 || not_replayed
            if [ $((SECONDS - begun)) -ge 30 ]; then
                begun=$SECONDS
                say "still replaying: $(psql -X -At -h "$run/private" -U "$user" -d postgres -c 'select pg_last_wal_replay_lsn()' 2>/dev/null || echo 'it takes no questions yet')"
            fi
            sleep 0.2
        done
        stop_private "$growing/data"
    fi
    say "restored, and on timeline $(LC_ALL=C pg_controldata -D "$growing/data" | sed -n "s/^Latest checkpoint's TimeLineID: *//p")"
}

not_replayed() {
    tail -n 15 "$run/private/log" >&2
    fail "the restored cluster does not reach its target, for the reason above: the volume holds no cluster. With another target, empty the volume first (rm -rf .restpoint-bootstrap in it)"
}
