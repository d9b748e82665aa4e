#!/bin/sh
# Everything from a fresh clone to a running selfprov; a second start skips what is done already.
set -eu
cd "$(dirname "$0")/.."
. scripts/prepare.sh

prepare_packages
prepare_build
prepare_asterisk
exec node --max-semi-space-size=2 --max-old-space-size=512 dist/src/main.js start
