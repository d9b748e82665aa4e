#!/bin/sh
# Makes the audio of every prompt from the words in <folder>/prompts.txt.
#
#   sounds/make-prompts.sh <folder of a language>
#
# Each prompt is said by the first voice in that file that has it. Every prompt becomes two files, 16 bit mono PCM with a
# plain header, both played by Asterisk's format_wav: <name>.wav with 8 kHz and <name>.wav16 with 16 kHz.
set -eu

# Speech as loud as in Asterisk's own prompts, because its digits may be played between ours; no peak above this.
level=-18
peak=-1.5
# Silence that stays before and after the speech, in ms.
lead=60
trail=90
# What stays of a pause between two sentences, in seconds: the voices leave up to 0.8.
pause=0.15

. "$(dirname "$0")/speech.sh"

folder=${1:-}
[ -f "$folder/prompts.txt" ] || fail "usage: $0 <folder>, one with a prompts.txt in it"
need sox sox
# What prompts.txt says of folders is seen from where it lies.
cd "$folder"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/raw" "$work/finished"

# say NAME WORDS: the raw sound, from the first voice that has it.
say() {
  while IFS= read -r voice; do
    if speak "$voice" "$1" "$2" "$work/raw/$1.wav" </dev/null; then return; fi
  done <"$work/voices"
  fail "No voice in $folder/prompts.txt has \"$1\"."
}

# edges FILE: the effects that leave only so much silence around the speech in FILE.
edges() {
  # The columns of measure: 1 peak, 2 level, 3 lead, 4 trail.
  measure "$1" | awk -v lead=$lead -v trail=$trail '
    function more(a, b) { return a > b ? (a - b) / 1000 : 0 }
    {
      printf "trim %.3f -%.3f fade 0.01 -0 0.02 pad %.3f %.3f",
        more($3, lead), more($4, trail), more(lead, $3), more(trail, $4)
    }'
}

# shorter FILE: the effects that shorten the pauses in FILE; silence is what is 35 dB below the speech.
shorter() {
  measure "$1" | awk -v pause=$pause '{ printf "silence -l 1 0.01 %.1fd -1 %s %.1fd", $2 - 35, pause, $2 - 35 }'
}

# finish NAME: the same level, the same edges, two sampling rates. Each of them has a level of its own, because a caller hears
# all prompts in one, and what an s adds to the level is hardly there at 8 kHz.
finish() {
  raw=$work/raw/$1.wav
  cut=$work/cut.wav
  measure "$raw" >/dev/null || fail "There is only silence in \"$1\"."
  # Long silence around a short word would count: the speech is measured without it. The effects are several words.
  # shellcheck disable=SC2046
  sox -D "$raw" -c 1 "$work/trimmed.wav" $(edges "$raw")
  # shellcheck disable=SC2046
  sox -D "$work/trimmed.wav" "$cut" $(shorter "$work/trimmed.wav")
  for rate in 8000 16000; do
    file=$work/finished/$1.wav
    [ $rate = 8000 ] || file=${file}16
    gain=$(measure "$cut" $rate | awk -v level=$level -v peak=$peak '{ print level - $2 < peak - $1 ? level - $2 : peak - $1 }')
    # shellcheck disable=SC2046
    sox -D "$cut" -c 1 -b 16 -e signed-integer -t wav "$file" gain "$gain" highpass 80 $(edges "$cut") rate $rate
  done
}

voices prompts.txt >"$work/voices"
prompts prompts.txt >"$work/prompts"
while IFS= read -r prompt; do
  name=${prompt%%:*}
  say "$name" "$(echo "${prompt#*: }" | spoken prompts.txt)"
  finish "$name"
done <"$work/prompts"

# Only now, when nothing has failed, do the new files take the place of the old.
rm -f ./*.wav ./*.wav16
cp "$work/finished"/* .
# What the audio was made from. The tests compare it with the text as it is then.
grep -vE '^(#|$)' prompts.txt | sha256sum | cut -d ' ' -f 1 >prompts.sha256

echo "$(wc -l <"$work/prompts") prompts in $folder, voice: $(paste -s -d ';' "$work/voices")"
