#!/usr/bin/env bash
# Everything that can fail, in one command. Installs what the tests need.
#
#   test/run.sh           format, architecture, tidy, unit and component with sanitizers, fuzz, system, and surroundings:
#                         Prometheus and other tools, a browser, object stores, the package, manifests, a pod
#   test/run.sh --quick   unit and component without sanitizers, for the loop while writing
#   test/run.sh --long    the same with the repetitions that CI has no time for, and the image
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

mode=full
case "${1:-}" in
"") ;;
--quick) mode=quick ;;
--long) mode=long ;;
*)
    sed -n '2,7s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac

summary=()
failed=0
tier() { # NAME COMMAND...
    local name=$1 begun=$SECONDS outcome
    shift
    echo
    echo "══ $name"
    if "$@"; then outcome=passed; else
        outcome=FAILED
        failed=$((failed + 1))
    fi
    summary+=("$(printf '%-14s %-8s %4d s' "$name" "$outcome" $((SECONDS - begun)))")
    [ "$outcome" = passed ]
}

finish() {
    echo
    echo "══ summary ($SECONDS s)"
    printf '%s\n' "${summary[@]}"
    echo "$((${#summary[@]} - failed)) passed, $failed failed"
    exit $((failed > 0))
}

build() { cmake --preset "$1" >"build/$1-configure.log" 2>&1 || { tail -n 20 "build/$1-configure.log"; return 1; }
    cmake --build --preset "$@" | grep -v '^\[' || [ "${PIPESTATUS[0]}" = 0 ]; }

# Under the thread sanitizer: the unit tests have no threads.
build_components() {
    local names
    names=$(for folder in test/component/*/; do echo "component_$(basename "$folder")"; done)
    # shellcheck disable=SC2086
    build "$1" --target $names
}

tests() { ctest --preset "$1" -L "$2" --no-tests=error -j "$(nproc)"; }

formatted() {
    git ls-files '*.cpp' '*.hpp' | xargs -r clang-format-19 --dry-run -Werror
}

# Reads the precompiled headers of the asan build, which is clang's everywhere; two files at a time. It begins behind the
# tests of real servers, which leave half of the processors alone, and takes what they leave.
begin_tidy() {
    git ls-files 'lib/*.cpp' 'app/*.cpp' |
        nice -n 19 xargs -r -n 4 -P 2 clang-tidy-19 -p build/asan --quiet >build/tidy.log 2>&1 &
    tidying=$!
}
tidy() { wait "$tidying" || { grep -E 'error:|warning:' build/tidy.log | head -n 20; return 1; }; }

unit_asan() {
    rm -rf build/asan/profiles
    LLVM_PROFILE_FILE="$PWD/build/asan/profiles/%p.profraw" tests asan unit
}

# The unit tests alone must run every line of the pure files.
coverage() { /usr/bin/python3 test/coverage/check_coverage.py "$PWD/build/asan"; }

mkdir -p build
tier dependencies ./deploy/install-deps.sh build run test || finish
if [ "$mode" = quick ]; then
    tier build build dev && {
        tier unit tests dev unit
        tier component tests dev component
    }
    finish
fi

tier build-release build release || finish
tier format formatted
tier architecture /usr/bin/python3 test/architecture/check_includes.py
tier readme /usr/bin/python3 test/architecture/check_readme.py build/release/restpoint
tier scripts shellcheck -S warning -x deploy/*.sh deploy/image/*.sh test/run.sh test/fuzz/run.sh .ci/run
tier build-asan build asan && {
    tier unit unit_asan && tier coverage coverage
    tier component tests asan component
    if [ "$mode" = long ]; then each=600; else each=5; fi
    tier fuzz test/fuzz/run.sh "$each"
}
tier build-tsan build_components tsan && tier component-tsan tests tsan component
[ "$mode" != long ] || export TEST_LONG=1
begin_tidy
tier system /usr/bin/python3 -m pytest -q -ra -n 4 --dist loadfile test/system
tier surroundings /usr/bin/python3 -m pytest -q -ra -n 4 --dist loadfile \
    test/tools test/browser test/stores test/package test/manifests test/cluster
[ "$mode" != long ] || tier image /usr/bin/python3 -m pytest -q -ra test/image
tier tidy tidy
finish
