#!/bin/sh
# Build the warehouse and publish it: what cron starts every night (docs/deploy.md).
set -eu
umask 027 # customers' data are for this user and its group
cd "$(dirname "$0")/.."
. .venv/bin/activate

exec 9>>warehouse/.nightly.lock
flock --nonblock 9 || {
    echo "nightly.sh: the run before this one has not ended" >&2
    exit 1
}
dbt --quiet build
patronage publish
if [ -n "${PATRONAGE_POSTGRES_URL:-}" ]; then
    patronage publish postgres --url "$PATRONAGE_POSTGRES_URL" \
        --password-file /etc/patronage/postgres-password
fi
