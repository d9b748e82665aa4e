#!/bin/sh
# Hand-overs while selfprov and Asterisk are killed, see kills.ts. Arguments: how many, a seed.
set -eu
cd "$(dirname "$0")/.."
. scripts/prepare.sh

prepare_packages
prepare_asterisk
sh scripts/install-test-packages.sh
exec node --import tsx scripts/kills.ts "$@"
