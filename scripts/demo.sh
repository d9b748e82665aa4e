#!/bin/sh
# The whole story on this machine, without a phone: see demo/demo.ts.
set -eu
cd "$(dirname "$0")/.."
. scripts/prepare.sh

prepare_packages
prepare_build
prepare_asterisk
install_debian 'the demo, whose phones register and call with it,' baresip-core
exec node --import tsx scripts/demo/demo.ts "$@"
