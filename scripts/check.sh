#!/bin/sh
# Everything that needs no Asterisk, in seconds.
set -eu
cd "$(dirname "$0")/.."
. scripts/prepare.sh

prepare_packages
npx tsc --noEmit -p .
npx oxlint --type-aware
npx prettier --check --log-level warn .
npx mocha 'test/unit/**/*.test.ts'
