#!/bin/sh
# Makes the audio of every prompt from the words in <language>/prompts.txt.
#
#   sounds/make-prompts.sh <language>
#
# The voice is the one that the file names. Every prompt becomes two files, 16 bit mono PCM with a plain header, both
# played by Asterisk's format_wav: <name>.wav with 8 kHz and <name>.wav16 with 16 kHz.
set -eu

# Speech as loud as in Asterisk's own prompts, because its digits are played between ours; no peak above this.
level=-18
peak=-3
# Silence that stays before and after the speech, in ms.
lead=60
trail=90

cd "$(dirname "$0")"
. ./speech.sh

language=${1:-}
[ -f "$language/prompts.txt" ] || fail "usage: $0 <language>, a folder here with a prompts.txt in it"
need sox sox

voice=$(sed -n 's/^voice = //p' "$language/prompts.txt")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/raw" "$work/finished"

# finish NAME: the same level, the same edges, two sampling rates.
finish() {
  measure "$work/raw/$1.wav" >"$work/numbers" || fail "There is only silence in \"$1\"."
  # The columns of measure: 1 peak, 2 level, 3 lead, 4 trail.
  effects=$(awk -v level=$level -v peak=$peak -v lead=$lead -v trail=$trail '
    function more(a, b) { return a > b ? (a - b) / 1000 : 0 }
    {
      gain = level - $2
      if (gain > peak - $1) gain = peak - $1
      printf "gain %.1f trim %.3f -%.3f fade 0.01 -0 0.02 pad %.3f %.3f",
        gain, more($3, lead), more($4, trail), more(lead, $3), more(trail, $4)
    }' "$work/numbers")
  for rate in 8000 16000; do
    file=$work/finished/$1.wav
    [ $rate = 8000 ] || file=${file}16
    # The effects are several words. shellcheck disable=SC2086
    sox -D "$work/raw/$1.wav" -c 1 -b 16 -e signed-integer -t wav "$file" highpass 80 $effects rate $rate
  done
}

prompts "$language/prompts.txt" >"$work/prompts"
while IFS= read -r prompt; do
  name=${prompt%%:*}
  speak "$voice" "$name" "${prompt#*: }" "$work/raw/$name.wav"
  finish "$name"
done <"$work/prompts"

# Only now, when nothing has failed, do the new files take the place of the old.
rm -f "$language"/*.wav "$language"/*.wav16
cp "$work/finished"/* "$language"
# What the audio was made from. The tests compare it with the words as they are then.
sha256sum <"$work/prompts" | cut -d ' ' -f 1 >"$language/prompts.sha256"

echo "$(wc -l <"$work/prompts") prompts in sounds/$language, voice: $voice"
