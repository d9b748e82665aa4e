#!/bin/sh
# Everything from a fresh clone to a running selfprov; a second start skips what is done already.
set -eu
cd "$(dirname "$0")/.."
. scripts/prepare.sh

# Fetched while the SQLite driver is compiled: one waits for the network, the other for the processor.
prepare_asterisk &
asterisk=$!
prepare_packages
prepare_build
wait "$asterisk"
exec bin/selfprov start
