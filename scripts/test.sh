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

# Commands and services are selfprov as it is shipped: from source each would take seconds to start.
export SELFPROV_TEST_BUILT=1

# The same tests on both engines, side by side. What is about SQLite's own file is left out on PostgreSQL, and so is what asks
# no database at all. There each statement goes to another process and back.
mocha='node --import=tsx node_modules/mocha/lib/cli/cli.js'
apart='sqlite/** api/access.test.ts api/authorisation.test.ts api/client.test.ts built.test.ts cli.test.ts completion.test.ts
  delivery.test.ts dhcp.test.ts own-language.test.ts pnp.test.ts refused-requests.test.ts
  site-overrides.test.ts static-files.test.ts'
set -f
ignored=$(printf -- '--ignore test/integration/%s ' $apart)
on_postgresql=$(mktemp)
SELFPROV_TEST_DATABASE=postgresql SELFPROV_TEST_PORTS=25000-29999 SELFPROV_SEEDS=1 \
  $mocha --timeout 30000 'test/integration/**/*.test.ts' 'test/promises/**/*.test.ts' $ignored >"$on_postgresql" 2>&1 &
postgresql=$!
set +f
trap 'kill "$postgresql" 2>/dev/null || true; rm -f "$on_postgresql"' EXIT
SELFPROV_TEST_PORTS=20000-24999 \
  $mocha 'test/integration/**/*.test.ts' 'test/promises/**/*.test.ts' --ignore 'test/integration/postgresql/**'
result=0
wait "$postgresql" || result=$?
printf '\nOn PostgreSQL:\n'
cat "$on_postgresql"
[ "$result" = 0 ] || exit "$result"
rm -f "$on_postgresql"

# The explorer needs nothing but a processor, and end-to-end tests need one only now and then. So many stories are told as fit
# beside them; by itself it tells five times as many.
stories=$(mktemp)
stories_on_postgresql=$(mktemp)
SELFPROV_STORIES=600 nice -n 19 $mocha 'test/model/**/*.test.ts' >"$stories" 2>&1 &
explorer=$!
SELFPROV_TEST_DATABASE=postgresql SELFPROV_TEST_PORTS=35000-35999 SELFPROV_STORIES=40 SELFPROV_PROCESSES=2 \
  nice -n 19 $mocha 'test/model/**/*.test.ts' >"$stories_on_postgresql" 2>&1 &
explorer_on_postgresql=$!
failed=$(mktemp)
trap 'kill "$explorer" "$explorer_on_postgresql" 2>/dev/null || true; rm -f "$stories" "$stories_on_postgresql" "$failed"' EXIT

# End to end. Most of it is waiting for what is spoken: three files at a time, the next one as soon as one is done, each with
# ports of its own, and those first that last longest. What measures time comes after them, by itself.
longest='database-away package ways-in doctor trouble'
{
  for name in $longest; do echo "test/e2e/$name.test.ts"; done
  find test/e2e -name '*.test.ts' ! -name performance.test.ts | sort -r |
    grep -vE "/($(echo "$longest" | tr ' ' '|'))\.test\.ts$"
} | MOCHA="$mocha" FAILED="$failed" xargs -P 3 -n 1 --process-slot-var=LANE sh -c '
  said=$(mktemp)
  SELFPROV_TEST_PORTS=$((20000 + LANE * 5000))-$((24999 + LANE * 5000)) $MOCHA "$1" >"$said" 2>&1 || { echo "$1"; cat "$said"; } >>"$FAILED"
  cat "$said"
  rm -f "$said"' lane
if [ -s "$failed" ]; then
  printf '\nOnce more, what has failed:\n'
  cat "$failed"
  exit 1
fi
result=0
$mocha test/e2e/performance.test.ts
# The story that all of this is for, on the other engine too.
SELFPROV_TEST_DATABASE=postgresql $mocha test/e2e/story.test.ts
wait "$explorer" || result=$?
wait "$explorer_on_postgresql" || result=$?
cat "$stories" "$stories_on_postgresql"
exit "$result"
