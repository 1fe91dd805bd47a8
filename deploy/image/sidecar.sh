#!/usr/bin/env bash
# The entry point of the sidecar: restpoint for a PostgreSQL that somebody else runs. 'sidecar.sh serve', or any command.
set -euo pipefail
# shellcheck source=deploy/image/settings.sh
. "$(dirname "$0")/settings.sh"

case "${1:-serve}" in
serve | config | schedule) set -- restpoint "$@" ;;
esac
if [ "$1" = restpoint ] && [ "${2:-}" = serve ]; then
    own_folder "$run" 0700
    own_folder "$home" 0700
    from_file POSTGRES_USER
    write_pgbackrest_conf
    export_settings
fi
exec "$@"
