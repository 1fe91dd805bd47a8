# shellcheck shell=bash
# What entrypoint.sh and sidecar.sh share: where things lie, and pgBackRest's configuration. Sourced.

home=/var/lib/restpoint          # a volume: survives the container
run=/run/restpoint               # sockets, and what is made anew with each start
share=/usr/local/share/restpoint # templates
stanza=${RESTPOINT_PGBACKREST_STANZA:-appbackups}
port=${PGPORT:-5432}
: "${PGDATA:=/var/lib/postgresql/data}"

say() { echo "restpoint image: $*"; }
fail() {
    echo "restpoint image: $*" >&2
    exit 1
}

# NAME from the file that NAME_FILE names, as for every image with secrets.
from_file() { # NAME
    local name=$1 file="$1_FILE"
    [ -n "${!file:-}" ] || return 0
    [ -z "${!name:-}" ] || fail "$name and $file are both set: leave one of them"
    [ -r "${!file}" ] || fail "$file names '${!file}', which cannot be read"
    export "$name=$(<"${!file}")"
    unset "$file"
}

own_folder() { # FOLDER MODE
    mkdir -p "$1" 2>/dev/null && [ -w "$1" ] ||
        fail "uid $(id -u) cannot write into $1: give the volume to it (chown -R $(id -u):$(id -g)), or start once with --user 0"
    [ ! -O "$1" ] || chmod "$2" "$1"
}

# Options whose value is a secret can be given as NAME_FILE. They go into a file of their own outside every volume, and not
# into the environment: 'docker exec … pgbackrest' finds them there too, and 'docker inspect' does not.
write_secrets() {
    local name option count=0
    own_folder "$run/conf.d" 0700
    (umask 077 && : >"$run/conf.d/secrets.conf")
    for name in $(compgen -v PGBACKREST_); do
        [[ $name =~ ^PGBACKREST_(REPO[0-9]+_(CIPHER_PASS|S3_KEY|S3_KEY_SECRET|S3_TOKEN|AZURE_KEY|SFTP_PRIVATE_KEY_PASSPHRASE))_FILE$ ]] ||
            continue
        option=${BASH_REMATCH[1],,}
        from_file "${name%_FILE}"
        [ $((count++)) != 0 ] || echo "[global]" >>"$run/conf.d/secrets.conf"
        name=${name%_FILE}
        echo "${option//_/-}=${!name}" >>"$run/conf.d/secrets.conf"
        unset "$name"
    done
}

# Whoever mounts a file of his own is left alone with it. Ours is made anew with each start; the timeline that restpoint notes
# in it for restores by hand stays. It is replaced only by another one: a full volume is no reason not to start.
write_pgbackrest_conf() {
    local file=$home/pgbackrest.conf given=/etc/pgbackrest/pgbackrest.conf fresh=$run/pgbackrest.conf noted cores
    write_secrets
    if [ -f "$given" ]; then
        [ "$(readlink "$file" || true)" = "$given" ] || ln -sfn "$given" "$file"
        return
    fi
    noted=$(sed -n '/^# restpoint: the live timeline/,/^# restpoint: end of it/p' "$file" 2>/dev/null || true)
    cores=$(($(nproc) / 2))
    [ "$cores" -ge 1 ] || cores=1
    [ "$cores" -le 4 ] || cores=4
    {
        sed -e "s|@PROCESS_MAX@|$cores|" -e "s|@PG_DATA@|$PGDATA|" -e "s|@PG_PORT@|$port|" -e "s|^\[main\]|[$stanza]|" \
            "$share/pgbackrest.conf"
        [ -z "${POSTGRES_USER:-}" ] || echo "pg1-user=$POSTGRES_USER"
        [ -z "$noted" ] || printf '\n%s\n' "$noted"
    } >"$fresh"
    cmp -s "$fresh" "$file" || replace_pgbackrest_conf "$fresh" "$file"
}

replace_pgbackrest_conf() { # FRESH FILE
    (umask 077 && cp "$1" "$2.new") && sync "$2.new" && mv -f "$2.new" "$2" && return
    rm -f "$2.new"
    [ -s "$2" ] || fail "$2 could not be written, for the reason above"
    say "$2 could not be written, for the reason above, and the older one is used"
}

# What restpoint must know beyond its own configuration file.
export_settings() {
    export RESTPOINT_POSTGRES_DATA_DIR=${RESTPOINT_POSTGRES_DATA_DIR:-$PGDATA}
    export RESTPOINT_POSTGRES_PORT=${RESTPOINT_POSTGRES_PORT:-$port}
    [ -z "${POSTGRES_USER:-}" ] || export RESTPOINT_POSTGRES_USER=${RESTPOINT_POSTGRES_USER:-$POSTGRES_USER}
    export PGBACKREST_CONFIG=$home/pgbackrest.conf PGBACKREST_CONFIG_INCLUDE_PATH=${PGBACKREST_CONFIG_INCLUDE_PATH:-$run/conf.d}
}
