#!/usr/bin/env bash
# Installs from the distribution what a purpose needs, and only what is missing: build, run, test, bench (any of them, in one
# call). Debian 12 and 13. Says one sentence when it cannot.
set -euo pipefail

fail() {
    echo "install-deps: $*" >&2
    exit 1
}

[ $# -gt 0 ] || fail "say what for: build, run, test or bench"
command -v apt-get >/dev/null || fail "there is no apt-get: restpoint's scripts know Debian 12 and 13 only"
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "${ID:-unknown} ${VERSION_ID:-unknown}")
case "$release" in
"debian 12" | "debian 13") release=${release#debian } ;;
*) fail "this is $release, and the package names are known for Debian 12 and 13 only" ;;
esac

packages=()
for purpose in "$@"; do
    case "$purpose" in
    build)
        packages+=(cmake ninja-build ccache pkg-config libsqlite3-dev libpq-dev libssl-dev libfmt-dev
            libtomlplusplus-dev libhowardhinnant-date-dev)
        case "$release" in
        12)
            packages+=(clang-19 lld-19)
            boost=1.81
            ;;
        13)
            packages+=(g++)
            boost=1.83
            ;;
        esac
        packages+=("libboost$boost-dev")
        for part in json log program-options filesystem system; do
            packages+=("libboost-$part$boost-dev")
        done
        ;;
    run)
        packages+=(postgresql pgbackrest curl procps util-linux tzdata)
        ;;
    test)
        packages+=(catch2 python3 python3-pytest python3-pytest-xdist python3-jsonschema python3-yaml openssl testssl.sh curl procps util-linux iproute2 git shellcheck e2fsprogs mount faketime slowhttptest supervisor)
        packages+=(podman runc conmon catatonit netavark)
        case "$release" in
        12) packages+=(clang-tidy-19 clang-format-19 libclang-rt-19-dev llvm-19) ;;
        *) packages+=(clang-19 lld-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev llvm-19) ;;
        esac
        # A Debian to install the package in, and what makes the package.
        packages+=(mmdebstrap dpkg-dev file)
        packages+=(chromium chromium-driver python3-selenium prometheus nodejs zsh)
        packages+=(mmdebstrap iproute2 iptables binutils python3-yaml) # for the image, and an engine to run it
        # Debian's npm is 370 packages; other makers' nodejs brings one along, and conflicts with Debian's.
        command -v npm >/dev/null || packages+=(npm)
        ;;
    bench)
        packages+=(nginx wrk slowhttptest python3 python3-flask python3-gunicorn supervisor util-linux git)
        ;;
    *)
        fail "unknown purpose '$purpose': use build, run, test or bench"
        ;;
    esac
done

missing=()
for package in "${packages[@]}"; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

[ "$(id -u)" = 0 ] || fail "these packages are missing and only root can install them: ${missing[*]}"
echo "installing ${#missing[@]} packages: ${missing[*]}"
log=$(mktemp)
hold=/etc/postgresql-common/createcluster.d/zz-restpoint-install.conf
policy=
trap 'rm -f "$log" "$hold" $policy' EXIT

# Debian's postgresql would make and start a cluster of its own; nobody asked for that one.
made_folder=
if [ ! -d /etc/postgresql-common/createcluster.d ]; then
    mkdir -p /etc/postgresql-common/createcluster.d
    made_folder=yes
fi
echo 'create_main_cluster = false' >"$hold"

# And Debian's nginx, prometheus and supervisor would run, and listen, now and after each start of the machine; the bench and
# the tests start their own.
services=()
for service in nginx prometheus supervisor; do
    [[ " ${missing[*]} " != *" $service "* ]] || services+=("$service")
done
if [ ${#services[@]} -gt 0 ] && [ ! -e /usr/sbin/policy-rc.d ]; then
    policy=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
if ! apt-get update >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    fail "apt-get update failed: look at the lines above, then run this again"
fi
if ! apt-get install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    fail "apt-get install failed: look at the lines above, then run this again"
fi
rm -f "$hold" $policy
if [ ${#services[@]} -gt 0 ] && command -v systemctl >/dev/null; then
    systemctl disable "${services[@]}" >"$log" 2>&1 || true
fi
[ -z "$made_folder" ] || rmdir --ignore-fail-on-non-empty /etc/postgresql-common/createcluster.d
