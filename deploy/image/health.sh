#!/usr/bin/env bash
# Healthy: restpoint answers, and PostgreSQL takes connections, or was stopped by somebody: a restore, or a hand on the page at
# port 9001. Whatever restarts unhealthy containers must not end a restore.
set -euo pipefail

restpoint jobs --limit 1 >/dev/null 2>&1 || {
    echo "restpoint does not answer"
    exit 1
}
pg_isready -q -h /var/run/postgresql -p "${PGPORT:-5432}" -U "${POSTGRES_USER:-postgres}" -d postgres && exit 0
state=$(supervisorctl -c /etc/restpoint/supervisord.conf status postgresql 2>/dev/null || true)
echo "$state"
[[ $state == *" STOPPED "* ]]
