#!/usr/bin/env bash
# Runs the fuzz targets (preset `asan`, target fuzz_all), as many side by side as there are processors.
#
#   test/fuzz/run.sh SECONDS [TARGET...]   each target for so long; every one of them when none is named
#   test/fuzz/run.sh --keep [TARGET...]    takes what earlier runs found worth keeping into test/fuzz/corpus
#
# A target is a file here without .cpp. New inputs gather under build/fuzz/found, logs under build/fuzz/logs, and what
# breaks a property under build/fuzz/broken: such an input becomes a corpus file and a unit case.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

bin=build/asan/test/fuzz
most_kept=40 # files a target in the tree
# Names in stack traces, and memory that is freed is not held back for long.
ASAN_SYMBOLIZER_PATH=$(command -v llvm-symbolizer-19)
export ASAN_SYMBOLIZER_PATH ASAN_OPTIONS=quarantine_size_mb=32

limits() { # TARGET: no input is slow or hungry, or it is a finding
    case "$1" in
    log_* | json_*) echo -max_len=6000 ;;
    config_toml | http_request | api_*) echo -max_len=2000 ;;
    *) echo -max_len=400 ;;
    esac
    echo -timeout=60 -rss_limit_mb=1024
}

dictionary() { # TARGET: that of its family
    local file=test/fuzz/dictionaries/${1%%_*}.dict
    [ ! -f "$file" ] || echo "-dict=$file"
}

seed() { # SECONDS: short runs repeat themselves, so that they judge the change; long ones look for more
    [ "$1" -ge 60 ] || echo -seed=1
}

fuzz() { # TARGET SECONDS: in a process of its own, which it becomes
    local found=build/fuzz/found/$1 log=build/fuzz/logs/$1.log
    mkdir -p "$found" "test/fuzz/corpus/$1"
    # shellcheck disable=SC2046 # several words are meant
    exec "$bin/fuzz_$1" "$found" "test/fuzz/corpus/$1" -max_total_time="$2" -print_final_stats=1 -verbosity=1 \
        -artifact_prefix="build/fuzz/broken/$1-" $(limits "$1") $(dictionary "$1") $(seed "$2") >"$log" 2>&1
}

report() { # TARGET OUTCOME
    local log=build/fuzz/logs/$1.log
    printf '%-20s %-8s %10s runs %6s MB, %s\n' "$1" "$2" \
        "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" "$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")" \
        "$(grep -E '^property broken|^SUMMARY|^ERROR|runtime error|terminate called' "$log" | head -n 1 |
            grep . || grep -oE 'cov: [0-9]+ ft: [0-9]+ corp: [0-9]+' "$log" | tail -n 1)"
}

keep() { # TARGET
    local tree=test/fuzz/corpus/$1 fewer
    fewer=$(mktemp -d)
    # By lines reached and not by how often: a handful of files instead of hundreds.
    # shellcheck disable=SC2046
    "$bin/fuzz_$1" -merge=1 -set_cover_merge=1 -use_counters=0 $(limits "$1") \
        "$fewer" "$tree" "build/fuzz/found/$1" >"build/fuzz/logs/$1-keep.log" 2>&1 || return 1
    # Names that people gave stay: they are findings of old.
    find "$tree" -type f -regextype posix-extended -regex '.*/[0-9a-f]{40}' -delete
    find "$fewer" -type f -printf '%s %f\n' | sort -n | head -n "$most_kept" | cut -d' ' -f2 |
        grep -vxF "$(find "$tree" -type f -exec sha1sum {} + | cut -c1-40)" | # their own names are such sums
        while read -r name; do cp "$fewer/$name" "$tree/$name"; done
    rm -rf "$fewer"
    echo "$1: $(find "$tree" -type f | wc -l) files"
}

[ $# -gt 0 ] || { sed -n '4,8s/^# \{0,1\}//p' "$0"; exit 2; }
what=$1
shift
targets=("$@")
[ $# -gt 0 ] || for source in test/fuzz/*.cpp; do targets+=("$(basename "$source" .cpp)"); done
mkdir -p build/fuzz/{logs,broken}

if [ "$what" = --keep ]; then
    for target in "${targets[@]}"; do keep "$target" || exit 1; done
    exit 0
fi

declare -A running=()
failed=0
await() { # the end of one of those that run
    local pid status
    wait -n -p pid "${!running[@]}"
    status=$?
    if [ "$status" = 0 ]; then report "${running[$pid]}" passed; else
        report "${running[$pid]}" FAILED
        failed=$((failed + 1))
    fi
    unset "running[$pid]"
}
trap 'kill "${!running[@]}" 2>/dev/null; exit 130' INT TERM

for target in "${targets[@]}"; do
    [ "${#running[@]}" -lt "$(nproc)" ] || await
    fuzz "$target" "$what" &
    running[$!]=$target
done
while [ "${#running[@]}" -gt 0 ]; do await; done
echo "$((${#targets[@]} - failed)) passed, $failed failed"
exit $((failed > 0))
