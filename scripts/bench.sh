#!/bin/sh
# Figures of this machine, see bench.ts.
set -eu
cd "$(dirname "$0")/.."
. scripts/prepare.sh

prepare_packages
prepare_asterisk
sh scripts/install-test-packages.sh
install_debian 'the load of the benchmark' wrk
exec node --experimental-websocket --import tsx scripts/bench.ts
