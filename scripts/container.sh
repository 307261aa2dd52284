#!/bin/sh
# What the build image does: build the warehouse and publish it, or another command of patronage.
set -eu
umask 027 # customers' data are not for everybody
cd "$(dirname "$0")/.."

if [ "${1:-build}" = build ]; then
    [ $# -eq 0 ] || shift
    dbt build "$@"
    set -- publish
fi
exec patronage "$@"
