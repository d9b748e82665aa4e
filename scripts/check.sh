#!/bin/sh
# Everything that needs no Asterisk.
set -eu
cd "$(dirname "$0")/.."
. scripts/prepare.sh

prepare_packages

# Beside each other; what each has to say comes when it is over.
said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT
beside() {
  name=$1
  shift
  (
    result=0
    "$@" >"$said/$name" 2>&1 || result=$?
    cat "$said/$name"
    exit "$result"
  ) &
}
result=0
beside types npx tsc --noEmit -p .
types=$!
beside lint npx oxlint --type-aware
lint=$!
beside format npx prettier --check --log-level warn .
format=$!
for part in "$types" "$lint" "$format"; do wait "$part" || result=$?; done
[ "$result" = 0 ] || exit "$result"
npx mocha --parallel --jobs 2 'test/unit/**/*.test.ts'
