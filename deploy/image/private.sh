# shellcheck shell=bash disable=SC2154
# A server while the entry point works on a cluster. Sourced.

# A server on a socket that only we reach, with the cluster's own settings otherwise. One that recovers for longer than pg_ctl waits
# lives, and whoever needs more of it than that waits himself.
start_private() { # DATA SOCKET-FOLDER OPTION...
    local data=$1 folder=$2
    shift 2
    mkdir -p "$folder"
    chmod 0700 "$folder"
    printf 'local all all trust\n' >"$folder/pg_hba.conf"
    pg_ctl -D "$data" -s -w -t 60 -l "$folder/log" -o "$(printf '%q ' "$@" -c "unix_socket_directories=$folder" -c "hba_file=$folder/pg_hba.conf" \
        -c "port=$port" -c logging_collector=off -c log_destination=stderr -c ssl=off)" start || pg_ctl -D "$data" status >/dev/null 2>&1 || {
        tail -n 10 "$folder/log" >&2
        return 1
    }
}

stop_private() { # DATA
    pg_ctl -D "$1" -s -m fast -w -t 3600 stop
}
