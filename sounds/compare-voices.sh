#!/bin/sh
# Lets voices say every prompt of a language and prints what can be measured of each, before make-prompts.sh evens it out.
#
#   sounds/compare-voices.sh <language> <voice>...
#
# A voice is written as in prompts.txt, for example "flite -voice slt".
set -eu

cd "$(dirname "$0")"
. ./speech.sh

language=${1:-}
[ -f "$language/prompts.txt" ] && [ $# -gt 1 ] || fail "usage: $0 <language> <voice>..."
need sox sox
shift

raw=$(mktemp -d)
trap 'rm -rf "$raw"' EXIT
prompts "$language/prompts.txt" >"$raw/prompts"

# band HZ: dBFS of that band over all the prompts.
band() {
  sox "$raw"/*.wav -t wav - sinc "$1" | sox -t wav - -n stats 2>&1 | awk '/^RMS lev dB/ { print $4 }'
}

cat <<'TABLE'
| voice | peak dBFS | level dBFS: mean, quietest, loudest | peak over level, dB | silence before, after, ms | longest pause, ms | background under level, dB | clarity, dB | words a minute |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
TABLE
for voice; do
  while IFS= read -r prompt; do
    name=${prompt%%:*}
    words=${prompt#*: }
    speak "$voice" "$name" "$words" "$raw/$name.wav"
    echo "$(measure "$raw/$name.wav") $(echo "$words" | wc -w)"
  done <"$raw/prompts" >"$raw/numbers"
  awk -v voice="$voice" -v low="$(band 300-1000)" -v high="$(band 2000-3400)" '
    function most(a, b) { return NR == 1 || a > b ? a : b }
    function least(a, b) { return NR == 1 || a < b ? a : b }
    {
      peak = most($1, peak); sum += $2; quietest = least($2, quietest); loudest = most($2, loudest)
      crest = most($1 - $2, crest); lead = most($3, lead); trail = most($4, trail); pause = most($5, pause)
      # Words that follow each other without a pause do not show the background.
      if ($5 >= 100) { floor += $6; pauses++ }
      minutes += ($7 - $3 - $4) / 60000; words += $8
    }
    END {
      printf "| %s | %.1f | %.1f, %.1f, %.1f | %.1f | %d, %d | %d | %.0f | %.1f | %.0f |\n", voice, peak,
        sum / NR, quietest, loudest, crest, lead, trail, pause, floor / pauses, high - low, words / minutes
    }' "$raw/numbers"
done
