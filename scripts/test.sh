#!/bin/sh
# Everything: checks, integration tests, and end-to-end tests on a real Asterisk with real SIP user agents.
set -eu
cd "$(dirname "$0")/.."
. scripts/prepare.sh

prepare_packages
prepare_build
prepare_asterisk
sh scripts/install-test-packages.sh
sh scripts/check.sh
npx mocha 'test/integration/**/*.test.ts' 'test/promises/**/*.test.ts'

# The explorer needs nothing but a processor, and end-to-end tests need one only now and then.
stories=$(mktemp)
nice -n 19 node --import=tsx node_modules/mocha/lib/cli/cli.js 'test/model/**/*.test.ts' >"$stories" 2>&1 &
explorer=$!
trap 'kill "$explorer" 2>/dev/null || true; rm -f "$stories"' EXIT
npx mocha 'test/e2e/**/*.test.ts'
result=0
wait "$explorer" || result=$?
cat "$stories"
exit "$result"
