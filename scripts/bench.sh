#!/bin/sh
# Figures of this machine: `npm run bench [part …] [-- --quick]`, see bench/run.ts. The server that is measured is the built one; what asks
# it is compiled too, since tsx changes code so that it runs slower.
set -eu
cd "$(dirname "$0")/.."
. scripts/prepare.sh

prepare_packages
prepare_build
prepare_asterisk
sh scripts/install-test-packages.sh
without_service nginx tftpd-hpa
install_debian 'the yardsticks of the bench' nginx-light tftpd-hpa
rm -rf var/bench
npx tsc -p tsconfig.json --noEmit false --outDir var/bench
exec node --experimental-websocket var/bench/scripts/bench/run.js "$@"
