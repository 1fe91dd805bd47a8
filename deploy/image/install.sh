#!/bin/sh
# Installs what one of the images holds, and leaves nothing behind: install.sh sidecar, then install.sh image. Only for
# deploy/Dockerfile.
set -eu

what=$1
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_ID")
case "$release" in
12)
    major=15
    libraries="libboost-atomic1.81.0 libboost-chrono1.81.0 libboost-container1.81.0 libboost-filesystem1.81.0 libboost-json1.81.0
        libboost-log1.81.0 libboost-program-options1.81.0 libboost-regex1.81.0 libboost-system1.81.0 libboost-thread1.81.0
        libfmt9 libtomlplusplus3 libdate-tz3"
    ;;
13)
    major=17
    libraries="libboost-atomic1.83.0 libboost-chrono1.83.0 libboost-container1.83.0 libboost-filesystem1.83.0 libboost-json1.83.0
        libboost-log1.83.0 libboost-program-options1.83.0 libboost-regex1.83.0 libboost-system1.83.0 libboost-thread1.83.0
        libfmt10 libtomlplusplus3t64 libdate-tz3"
    ;;
*)
    echo "install.sh: Debian $release is not known here: 12 and 13 are" >&2
    exit 1
    ;;
esac

install() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    apt-get install -y --no-install-recommends "$@"
}

install_sidecar() {
    # The ids of the official postgres image, so that volumes can be handed over.
    groupadd --gid 999 postgres
    useradd --uid 999 --gid 999 --home-dir /var/lib/postgresql --no-create-home --shell /bin/bash postgres
    mkdir -p /etc/postgresql-common/createcluster.d /usr/share/man/man1 /usr/share/man/man7 # links of psql lead there
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/none.conf
    # shellcheck disable=SC2086
    install "postgresql-$major" pgbackrest tzdata ca-certificates libsqlite3-0 $libraries
    # The one locale besides C.UTF-8 that clusters of the official image have.
    localedef -i en_US -f UTF-8 en_US.UTF-8
    ln -s "/usr/lib/postgresql/$major" /usr/local/lib/postgresql
    mkdir -p /usr/share/restpoint /etc/restpoint /etc/pgbackrest
}

case "$what" in
sidecar) install_sidecar ;;
image)
    install supervisor gzip xz-utils zstd
    mkdir -p /docker-entrypoint-initdb.d
    ;;
esac

# A key that everybody with the image would have, and what the packages bring for other ways to run.
rm -rf /etc/ssl/private/* /etc/ssl/certs/ssl-cert-snakeoil.pem /etc/pgbackrest.conf /etc/supervisor /etc/logrotate.d \
    /etc/cron* /usr/share/i18n /usr/share/postgresql/*/man /usr/include /var/log/* /var/cache/* /var/lib/apt/lists/* \
    /tmp/* /run/*
find / -xdev -name __pycache__ -prune -exec rm -rf {} +
# What is in here, for scanners and people.
dpkg-query -W -f='${Package}\t${Version}\t${Architecture}\t${source:Package}\n' >/usr/share/restpoint/packages.tsv

# A tmpfs takes the mode of what it hides: with --read-only, '--tmpfs /run --tmpfs /tmp' is enough.
chmod 1777 /run
# Volumes begin with the owner and the mode of what is here.
for folder in /var/lib/postgresql /var/lib/postgresql/data /var/lib/pgbackrest /var/lib/restpoint /run/restpoint-agent \
    /run/pgbackrest /run/postgresql; do
    mkdir -p "$folder"
    chown postgres:postgres "$folder"
    chmod 0700 "$folder"
done
chmod 0755 /var/lib/postgresql /run/postgresql
