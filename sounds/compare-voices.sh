#!/bin/sh
# Lets voices say every prompt of a language and prints what can be measured of each, before make-prompts.sh evens it out.
#
#   sounds/compare-voices.sh <folder of a language> <voice>...
#
# A voice is written as in prompts.txt, for example "flite -voice slt". The words that a recogniser of speech gets wrong are
# counted in English only, and where pocketsphinx is installed.
set -eu

. "$(dirname "$0")/speech.sh"

folder=${1:-}
[ -f "$folder/prompts.txt" ] && [ $# -gt 1 ] || fail "usage: $0 <folder> <voice>..."
need sox sox
shift
cd "$folder"

raw=$(mktemp -d)
trap 'rm -rf "$raw"' EXIT
prompts prompts.txt >"$raw/prompts"

# band HZ: dBFS of that band over all the prompts.
band() {
  sox "$raw"/*.wav -t wav - sinc "$1" | sox -t wav - -n stats 2>&1 | awk '/^RMS lev dB/ { print $4 }'
}

# misheard NAME WORDS: how many words pocketsphinx, which has never heard this voice, puts in, leaves out or takes for others.
misheard() {
  sox "$raw/$1.wav" -r 16000 -c 1 -b 16 "$raw/heard.WAV" pad 0.2 0.2
  {
    echo "$2" | sed 's/\b1\b/one/g; s/-/ /g'
    pocketsphinx_continuous -infile "$raw/heard.WAV" -logfn /dev/null </dev/null | paste -s -d ' '
  } | tr '[:upper:]' '[:lower:]' | tr -d ".,:?!" | awk '
    function least(a, b) { return a < b ? a : b }
    NR == 1 { said = split($0, want) }
    NR == 2 { heard = split($0, got) }
    END {
      for (j = 0; j <= heard; j++) row[j] = j
      for (i = 1; i <= said; i++) {
        above = row[0]; row[0] = i
        for (j = 1; j <= heard; j++) {
          best = least(least(row[j], row[j - 1]) + 1, above + (want[i] != got[j]))
          above = row[j]; row[j] = best
        }
      }
      print row[heard]
    }'
}

case $(basename "$PWD") in
  en*) recogniser=$(command -v pocketsphinx_continuous || true) ;;
  *) recogniser= ;;
esac

cat <<'TABLE'
| voice | peak dBFS | level dBFS: mean, quietest, loudest | peak over level, dB | silence before, after, ms | longest pause, ms | background under level, dB | clarity, dB | words a minute | words misheard, % |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
TABLE
for voice; do
  while IFS= read -r prompt; do
    name=${prompt%%:*}
    words=${prompt#*: }
    speak "$voice" "$name" "$(echo "$words" | spoken prompts.txt)" "$raw/$name.wav"
    wrong=0
    [ -z "$recogniser" ] || wrong=$(misheard "$name" "$words")
    echo "$(measure "$raw/$name.wav") $(echo "$words" | wc -w) $wrong"
  done <"$raw/prompts" >"$raw/numbers"
  awk -v voice="$voice" -v low="$(band 300-1000)" -v high="$(band 2000-3400)" -v recogniser="$recogniser" '
    function most(a, b) { return NR == 1 || a > b ? a : b }
    function least(a, b) { return NR == 1 || a < b ? a : b }
    {
      peak = most($1, peak); sum += $2; quietest = least($2, quietest); loudest = most($2, loudest)
      crest = most($1 - $2, crest); lead = most($3, lead); trail = most($4, trail); pause = most($5, pause)
      # Words that follow each other without a pause do not show the background.
      if ($5 >= 100) { floor += $6; pauses++ }
      minutes += ($7 - $3 - $4) / 60000; words += $8; wrong += $9
    }
    END {
      printf "| %s | %.1f | %.1f, %.1f, %.1f | %.1f | %d, %d | %d | %.0f | %.1f | %.0f | %s |\n", voice, peak,
        sum / NR, quietest, loudest, crest, lead, trail, pause, floor / pauses, high - low, words / minutes,
        recogniser ? sprintf("%.0f", 100 * wrong / words) : "-"
    }' "$raw/numbers"
done
