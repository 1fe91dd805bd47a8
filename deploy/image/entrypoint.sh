#!/usr/bin/env bash
# The entry point of the image: makes the cluster ready, or refuses with a sentence, and becomes Supervisor.
#
#   postgres [-c NAME=VALUE ...]   PostgreSQL, restpoint and the page at port 9001 (the default)
#   agent [FLAG ...]               PostgreSQL under 'restpoint agent', for a restpoint in a container of its own
#   anything else                  that command, in the same surroundings
set -euo pipefail
parts=$(dirname "$0")
# shellcheck source=deploy/image/settings.sh
. "$parts/settings.sh"
# shellcheck source=deploy/image/volume.sh
. "$parts/volume.sh"
# shellcheck source=deploy/image/private.sh
. "$parts/private.sh"
# shellcheck source=deploy/image/initdb.sh
. "$parts/initdb.sh"
# shellcheck source=deploy/image/restore.sh
. "$parts/restore.sh"

config=/etc/restpoint/supervisord.conf

# ── who we are ───────────────────────────────────────────────────────────────────────────────────────────────────────
# As root only the volumes change hands: those of an older image, or folders of the host.
become_postgres() {
    local folder
    mkdir -p "$PGDATA"
    for folder in "$PGDATA" /var/lib/pgbackrest "$home"; do
        [ "$(stat -c %u "$folder")" = "$(id -u postgres)" ] || chown -R postgres:postgres "$folder"
    done
    chown postgres:postgres /dev/fd/1 /dev/fd/2 2>/dev/null || true
    exec setpriv --reuid=postgres --regid=postgres --init-groups --inh-caps=-all -- "$0" "$@"
}

# ── the settings ─────────────────────────────────────────────────────────────────────────────────────────────────────
check_names() {
    local name
    for name in $(compgen -v RESTPOINT_BOOTSTRAP); do
        case "$name" in
        RESTPOINT_BOOTSTRAP | RESTPOINT_BOOTSTRAP_TARGET | RESTPOINT_BOOTSTRAP_TARGET_TYPE | \
            RESTPOINT_BOOTSTRAP_TIMELINE | RESTPOINT_BOOTSTRAP_SET | RESTPOINT_BOOTSTRAP_FIRST_BACKUP | \
            RESTPOINT_BOOTSTRAP_OTHER_SYSTEM) ;;
        *) fail "there is no $name: see RESTPOINT_BOOTSTRAP in the README" ;;
        esac
    done
    case "${RESTPOINT_BOOTSTRAP:=initdb}" in
    initdb | restore | auto) ;;
    *) fail "RESTPOINT_BOOTSTRAP cannot be '$RESTPOINT_BOOTSTRAP': initdb, restore or auto" ;;
    esac
    case "${RESTPOINT_BOOTSTRAP_FIRST_BACKUP:=yes}" in
    yes | no) ;;
    *) fail "RESTPOINT_BOOTSTRAP_FIRST_BACKUP cannot be '$RESTPOINT_BOOTSTRAP_FIRST_BACKUP': yes or no" ;;
    esac
    [[ $stanza =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$ ]] || fail "'$stanza' is no name of a stanza"
    [[ $port =~ ^[0-9]+$ ]] || fail "PGPORT is '$port', which is no port"
}

quoted() {
    local text=${1//\\/\\\\}
    printf "'%s'" "${text//\'/\'\'}"
}

# What the image sets for PostgreSQL, included by the cluster's own postgresql.conf; and what stands behind 'postgres' on the
# command line of the container, so that a restore's own server finds it too.
write_postgresql_conf() {
    local setting
    {
        sed -e "s|/etc/pgbackrest/pgbackrest.conf|$home/pgbackrest.conf|" -e "s|--stanza=main|--stanza=$stanza|" "$share/postgresql.conf"
        printf "\nlisten_addresses = '*'\nport = %s\nunix_socket_directories = '/var/run/postgresql'\njit = off\n" "$port"
        while [ $# -gt 0 ]; do
            case "$1" in
            -c) setting=${2:-} && shift ;;
            -c?*) setting=${1#-c} ;;
            --?*) setting=${1#--} ;;
            *) fail "'postgres $1' is not understood here: give settings as -c NAME=VALUE" ;;
            esac
            shift
            [[ $setting =~ ^([A-Za-z_][A-Za-z0-9_.-]*)=(.*)$ ]] || fail "'$setting' is no setting: -c NAME=VALUE"
            printf '%s = %s\n' "${BASH_REMATCH[1]//-/_}" "$(quoted "${BASH_REMATCH[2]}")"
        done
    } >"$run/postgresql.conf"
}

# The user and password of the page at port 9001. What is made up is told once, and kept as a hash.
write_dashboard() {
    local user password hash kept=$home/dashboard
    from_file SUPERVISOR_PASSWORD
    user=${SUPERVISOR_USER:-admin}
    [[ $user =~ ^[A-Za-z0-9._@-]+$ ]] || fail "SUPERVISOR_USER may have letters, digits and . _ @ - only"
    if [ -n "${SUPERVISOR_PASSWORD:-}" ]; then
        hash=$(printf %s "$SUPERVISOR_PASSWORD" | sha1sum | cut -d ' ' -f 1)
    elif [ -s "$kept" ]; then
        hash=$(<"$kept")
    else
        password=$(head -c 18 /dev/urandom | base64 | tr '+/' '-_')
        hash=$(printf %s "$password" | sha1sum | cut -d ' ' -f 1)
        (umask 077 && printf '%s\n' "$hash" >"$kept")
        say "the page at port 9001 (start, stop, logs): user $user, password $password"
    fi
    unset SUPERVISOR_PASSWORD
    (umask 077 && printf '[inet_http_server]\nport=*:%s\nusername=%s\npassword={SHA}%s\n' \
        "${SUPERVISOR_PORT:-9001}" "$user" "$hash" >"$run/dashboard.conf")
}

# Nobody is asked where RESTPOINT_AUTH_MODE=none says so; elsewhere somebody has to make the first token.
tell_about_tokens() {
    [ "${RESTPOINT_AUTH_MODE:-token}" = token ] && [ ! -s "$home/state/tokens" ] || return 0
    say "port 5000 asks for a token: docker exec CONTAINER restpoint token create --name me --role admin"
    say "or RESTPOINT_AUTH_MODE=none lets everybody who reaches the port do everything"
}

prepare() {
    check_names
    own_folder "$run" 0700
    own_folder "$home" 0700
    own_folder "$home/log" 0700
    own_folder "$PGDATA" 0700
    own_folder /var/run/postgresql 0775
    from_file POSTGRES_PASSWORD
    from_file POSTGRES_USER
    from_file POSTGRES_DB
    from_file POSTGRES_INITDB_ARGS
    write_pgbackrest_conf
    write_postgresql_conf "$@"
    make_ready
    unset POSTGRES_PASSWORD
    export_settings
}

[ "$(id -u)" != 0 ] || become_postgres "$@"

case "${1:-postgres}" in
postgres | -*)
    [ "${1:-}" != postgres ] || shift
    prepare "$@"
    write_dashboard
    tell_about_tokens
    export PGDATA POSTGRESQL_AUTOSTART=true FIRST_BACKUP_AUTOSTART=true
    if under_restore; then
        say "a restore was under way: restpoint goes on with it, and starts PostgreSQL"
        POSTGRESQL_AUTOSTART=false
    fi
    [ "$RESTPOINT_BOOTSTRAP_FIRST_BACKUP" = yes ] || FIRST_BACKUP_AUTOSTART=false
    forget_bootstrap
    exec supervisord -c "$config"
    ;;
agent)
    shift
    prepare
    forget_bootstrap
    exec restpoint agent --socket /run/restpoint-agent/agent.sock --term fast "$@" -- \
        /usr/local/lib/postgresql/bin/postgres -D "$PGDATA"
    ;;
*)
    mkdir -p "$run/conf.d"
    exec "$@"
    ;;
esac
