# shellcheck shell=bash disable=SC2154
# What lies in the data directory, and how a new cluster gets there. Sourced.
#
# A cluster grows in a folder of its own within the volume, and moves to its place by renames once it is whole:
#
#   .restpoint-bootstrap/data      grows: whatever has happened to it, nobody takes it for a cluster
#   .restpoint-bootstrap/filled    a new one is made, and all that it lacks is its stanza
#   .restpoint-bootstrap/complete  it is whole, and moves; a start that finds this goes on with it
#
# So what stands in its place is whole, and is never overwritten.

growing=$PGDATA/.restpoint-bootstrap

contents() { # of the data directory, as far as it is anybody's
    find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name .restpoint-bootstrap -printf '%f\n'
}

make_ready() {
    if [ -e "$growing/complete" ]; then
        say "an earlier start was interrupted while the new cluster took its place: going on"
        take_place
    fi
    if [ -s "$PGDATA/PG_VERSION" ] || under_restore; then
        check_existing
        include_settings
        return
    fi
    local strange
    strange=$(contents | head -n 5 | tr '\n' ' ')
    [ -z "$strange" ] ||
        fail "there is no cluster in $PGDATA, but other things are ($strange): nothing is put over them. Give an empty volume, or look what they are"
    bootstrap
    touch "$growing/complete"
    sync -f "$growing"
    take_place
    include_settings
}

take_place() {
    local entry
    if [ -d "$growing/data" ]; then
        while IFS= read -r -d '' entry; do
            mv -T "$entry" "$PGDATA/${entry##*/}"
        done < <(find "$growing/data" -mindepth 1 -maxdepth 1 -print0)
        rmdir "$growing/data"
    fi
    sync -f "$PGDATA"
    rm -rf "$growing"
}

# The first start on an empty volume.
bootstrap() {
    local known way=$RESTPOINT_BOOTSTRAP
    known=$(look_into_repo) || fail "the repo cannot be looked into, so nothing is made here: $known"
    if [ "$way" != restore ] && stanza_is_ours "$known"; then
        [ "$known" != half ] || remove_half
        make_new_cluster
        return
    fi
    case "$way-${known%% *}" in
    auto-none) way=initdb ;;
    auto-backups) way=restore ;;
    initdb-backups)
        fail "the repo has backups of stanza '$stanza' already (the newest is $(newest_in "$known")), and a new cluster could not be archived there. RESTPOINT_BOOTSTRAP=restore brings it back; or name another stanza, or an empty repo"
        ;;
    *-empty)
        fail "the repo has a stanza '$stanza' of another cluster, without a backup: a new cluster could not be archived there. Remove it with 'pgbackrest --stanza=$stanza stop' and 'stanza-delete', or name another stanza"
        ;;
    *-half)
        fail "the repo has half of a stanza '$stanza': archive.info or backup.info is missing. If a stanza-create was cut off, remove it with 'pgbackrest --stanza=$stanza stop' and 'stanza-delete'; else look what has become of the other file, or name another stanza"
        ;;
    restore-none)
        fail "RESTPOINT_BOOTSTRAP is restore, and the repo has no stanza '$stanza'. Check the repo's settings; RESTPOINT_BOOTSTRAP=initdb makes a new cluster"
        ;;
    esac
    if [ -e "$growing" ] && [ "$(cat "$growing/way" 2>/dev/null)" != "$way" ]; then
        rm -rf "$growing"
    fi
    case "$way" in
    initdb) make_new_cluster ;;
    restore) restore_cluster "$known" ;;
    esac
}

begin_growing() { # WAY
    mkdir -p "$growing"
    echo "$1" >"$growing/way"
}

# Whether what the repo has can be what an earlier start of ours began, and was cut off.
stanza_is_ours() { # what look_into_repo() says
    local ours
    [ -e "$growing/filled" ] || return 1
    ours=$(system_of "$growing/data")
    case "$1" in
    "empty $ours "* | half) ;;
    *) return 1 ;;
    esac
}

# What stanza-create would refuse to go on with. Of a half that is another's it says so itself.
remove_half() {
    local step found
    found=$(pgbackrest --stanza="$stanza" --log-level-console=off repo-get "archive/$stanza/archive.info" 2>/dev/null || true)
    [ "$(sed -n 's/^db-system-id=//p' <<<"$found")" = "$(system_of "$growing/data")" ] || return 0
    for step in stop stanza-delete start; do
        pgbackrest --stanza="$stanza" --log-level-console=error "$step" ||
            fail "half of the stanza '$stanza' is in the repo, and could not be removed: see above"
    done
}

# "none", "half" (of a stanza's two files), "empty SYSTEM VERSION", "backups SYSTEM VERSION LABEL"; or why it is not known, and false.
look_into_repo() {
    local answer
    answer=$(timeout "${1:-120}" pgbackrest --stanza="$stanza" --log-level-console=off --log-level-stderr=error \
        info --output=json 2>&1) || {
        echo "${answer:-no answer within ${1:-120} s}" | tail -n 3 | tr '\n' ' '
        return 1
    }
    python3 "$parts/repo_state.py" <<<"$answer"
}

newest_in() { cut -d ' ' -f 4 <<<"$1"; }

system_of() { # FOLDER
    LC_ALL=C pg_controldata -D "$1" | sed -n 's/^Database system identifier: *//p'
}

# A cluster that is there. It is served also while the repo is away: a database is not to depend on it.
check_existing() {
    local found known ours
    found=$(cat "$PGDATA/PG_VERSION" 2>/dev/null || true)
    ours=$(postgres --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
    [ -z "$found" ] || [ "$found" = "$ours" ] ||
        fail "the cluster in $PGDATA is of PostgreSQL $found, and this image has $ours: use the image with $found, or move the data with pg_upgrade or pg_dump"
    if ! known=$(look_into_repo 20); then
        say "the repo cannot be looked into now, and PostgreSQL starts all the same: $known"
        return
    fi
    [ -e "$PGDATA/global/pg_control" ] || return 0
    if [ "$known" = half ]; then
        say "the repo has half of the stanza '$stanza': archive.info or backup.info is missing. PostgreSQL starts all the same"
        return
    fi
    if [ "${known%% *}" = none ]; then
        make_stanza "$PGDATA" || say "the stanza '$stanza' could not be made; PostgreSQL starts all the same"
        return
    fi
    if [ "$(cut -d ' ' -f 2 <<<"$known")" != "$(system_of "$PGDATA")" ] && [ "${RESTPOINT_BOOTSTRAP_OTHER_SYSTEM:-}" != serve ]; then
        fail "the stanza '$stanza' in the repo is of another cluster (system $(cut -d ' ' -f 2 <<<"$known")) than the one in $PGDATA (system $(system_of "$PGDATA")): nothing could be archived. Name another stanza or repo; RESTPOINT_BOOTSTRAP_OTHER_SYSTEM=serve starts it without archiving, for instance before 'stanza-upgrade'"
    fi
}

# Without a running server: the first segment finds its place in the repo.
make_stanza() { # FOLDER
    pgbackrest --stanza="$stanza" --pg1-path="$1" --log-level-console=warn --no-online stanza-create
}

# Clusters of other images, and restored ones, take up our settings by one line at the end of theirs.
include_settings() {
    local file=$PGDATA/postgresql.conf line="include_if_exists = '$run/postgresql.conf'"
    [ -f "$file" ] && ! grep -qF "$line" "$file" || return 0
    printf "\n# The image's settings: archiving, addresses, the command line. What should win over them goes below.\n%s\n" "$line" >>"$file"
    say "added to $file: $line"
}

# Whether restpoint has stopped the server for a restore, and not started it again: then the data directory may be half of
# each cluster, and only restpoint knows. Without a stop the way back touches no server. By the words of its journals, see
# lib/restore/route.hpp.
under_restore() {
    local journal
    for journal in "$PGDATA"/.restpoint/*/journal "$PGDATA".restpoint/*/journal; do
        [ -f "$journal" ] || continue
        tr -d '\0' <"$journal" | awk '
            $2 == "begin" && $3 == "stop" { stopped = 1 }
            $2 == "begin" && ($3 == "stop" || $3 == "halt") { held = stopped }
            $2 == "end" && ($3 == "start" || $3 == "start_old") { held = 0 }
            $2 == "done" { held = 0 }
            END { exit !held }' && return 0
    done
    return 1
}

# The image's own variables mean nothing to restpoint.
forget_bootstrap() {
    local name
    for name in $(compgen -v RESTPOINT_BOOTSTRAP); do unset "$name"; done
}
