# shellcheck shell=bash disable=SC2154
# A new cluster, by the variables and the folder of scripts that users of the official postgres image know. Sourced.

make_new_cluster() {
    if [ -e "$growing/filled" ]; then
        say "an earlier start made the new cluster, with the variables it had, and not the stanza: going on"
    else
        grow_new_cluster
        touch "$growing/filled"
        sync -f "$growing"
    fi
    make_stanza "$growing/data" ||
        fail "the stanza '$stanza' could not be made in the repo: see above. The new cluster waits for it, and the next start goes on"
}

grow_new_cluster() {
    local user=${POSTGRES_USER:-postgres} method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
    # What an earlier start left half made is ours alone.
    rm -rf "$growing"
    begin_growing initdb
    say "making a new cluster in $PGDATA"
    local -a more=()
    [ -z "${POSTGRES_INITDB_ARGS:-}" ] || eval "more=($POSTGRES_INITDB_ARGS)"
    [ -z "${POSTGRES_INITDB_WALDIR:-}" ] || more+=(--waldir "$POSTGRES_INITDB_WALDIR")
    if [ -n "${POSTGRES_PASSWORD:-}" ]; then
        (umask 077 && printf '%s\n' "$POSTGRES_PASSWORD" >"$run/password")
        more+=(--pwfile="$run/password")
    fi
    initdb -D "$growing/data" --username="$user" --auth-local=trust --auth-host=scram-sha-256 --data-checksums \
        --encoding=UTF8 "${more[@]}" >"$growing/initdb.log" 2>&1 || {
        tail -n 5 "$growing/initdb.log" >&2
        rm -rf "$growing" "$run/password"
        fail "initdb failed, for the reason above"
    }
    rm -f "$run/password"
    [ -n "${POSTGRES_PASSWORD:-}" ] || [ "$method" = trust ] ||
        say "no POSTGRES_PASSWORD: nobody can log in over the network until there is one: docker exec -it CONTAINER psql -U $user -c '\\password'"
    [ "$method" != trust ] || say "POSTGRES_HOST_AUTH_METHOD=trust: whoever reaches port $port is let in without a password"
    printf '\nhost all all all %s\n' "$method" >>"$growing/data/pg_hba.conf"
    "$parts/fill.sh" "$growing/data" "$user" || {
        rm -rf "$growing"
        fail "the new cluster could not be filled, and nothing of it is kept: see above"
    }
}
