#!/bin/sh
# What the container does: serve the published file, or build the warehouse and publish it.
set -eu
cd "$(dirname "$0")/.."

command=${1:-serve}
[ $# -eq 0 ] || shift
case "$command" in
    serve) exec patronage serve "$@" ;;
    build)
        dbt build "$@"
        exec patronage publish
        ;;
    publish) exec patronage publish "$@" ;;
    *)
        echo "patronage: found $command; accepted: serve, build, publish" >&2
        exit 2
        ;;
esac
