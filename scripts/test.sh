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
npx mocha 'test/integration/**/*.test.ts' 'test/promises/**/*.test.ts' 'test/e2e/**/*.test.ts' 'test/model/**/*.test.ts'
