# Functions that the scripts of this folder share. They read this file with ".".

# fail WORDS: says the words on standard error and ends the script.
fail() {
  echo "$*" >&2
  exit 1
}

# need PROGRAM PACKAGE: ends the script unless PROGRAM is there, and names the Debian package that has it.
need() {
  command -v "$1" >/dev/null || fail "$1 is missing. On Debian: apt-get install $2"
}

# prompts FILE: the lines "name: words" of a prompts.txt.
prompts() {
  grep -E '^[a-z0-9-]+: ' "$1"
}

# voices FILE: the voices that a prompts.txt names, the best first.
voices() {
  sed -n 's/^voice = //p' "$1"
}

# spoken FILE: standard input as a voice must read it: each WORD of which FILE has a line "say WORD = SPELLING" is replaced.
spoken() {
  sed "$(sed -n 's/^say \([^ ]*\) = \(.*\)$/s|\\b\1\\b|\2|g/p' "$1")"
}

# speak VOICE NAME WORDS FILE: writes the words as they come from the voice into FILE, a wav file.
# VOICE is the name of an engine and then that engine's own options.
# The engine "recordings" takes FOLDER/NAME.wav, what somebody has said. It fails when that is not there.
speak() {
  engine=${1%% *}
  options=${1#* }
  case $engine in
    flite)
      need flite flite
      # The options are several words. shellcheck disable=SC2086
      flite $options -t "$3" "$4"
      ;;
    pico)
      need pico2wave 'libttspico-utils (non-free)'
      # The options are several words. shellcheck disable=SC2086
      pico2wave $options -w "$4" "$3"
      ;;
    festival)
      need text2wave 'festival (and the package of the voice, for example festvox-us-slt-hts)'
      printf '%s\n' "$3" | text2wave -eval "$options" -o "$4"
      ;;
    espeak-ng)
      need espeak-ng espeak-ng
      # The options are several words. shellcheck disable=SC2086
      espeak-ng $options -w "$4" "$3"
      ;;
    recordings)
      # make-prompts.sh would write over them. dash knows -ef. shellcheck disable=SC3013
      ! [ "$options" -ef . ] || fail 'Recordings must lie in a folder of their own.'
      [ -f "$options/$2.wav" ] || return 1
      cp "$options/$2.wav" "$4"
      ;;
    *)
      fail "Unknown engine in the voice \"$1\". Known are flite, pico, festival, espeak-ng and recordings."
      ;;
  esac
  [ -s "$4" ] || fail "The voice \"$1\" made no sound of \"$2\". Is the package of this voice installed?"
}

# measure FILE [HERTZ]: seven numbers about the speech in a sound file as that sampling rate carries it, 16 kHz unless told,
# from frames of 10 ms.
#   peak     dBFS
#   level    dBFS, mean power of the speech frames: those less than 20 dB below the mean of all frames
#   lead     ms before the first frame that is less than 35 dB below the level
#   trail    ms after the last such frame
#   pause    ms, the longest gap between two such frames
#   floor    dB below the level, where the quietest tenth of the frames between lead and trail begins
#   length   ms
measure() {
  # Half as loud, because a filter may add to a peak.
  sox -D "$1" -c 1 -r 16000 -b 16 -e signed-integer -t raw - gain -6.02 highpass 80 rate "${2:-16000}" | od -An -v -t d2 -w2 | awk '
    function db(power) { return power > 1e-10 ? 10 * log(power) / log(10) : -100 }
    {
      power = ($1 / 16384) ^ 2
      if (power > peak) peak = power
      sum += power
      if (NR % 160 == 0) { frame[++frames] = sum / 160; total += sum / 160; sum = 0 }
    }
    END {
      if (total == 0) exit 1
      for (i = 1; i <= frames; i++)
        if (frame[i] > total / frames / 100) { speech += frame[i]; spoken++ }
      level = speech / spoken
      for (i = 1; i <= frames; i++) {
        if (frame[i] <= level / 10 ^ 3.5) continue
        if (!first) first = i
        else if (i - last - 1 > pause) pause = i - last - 1
        last = i
      }
      for (i = first; i <= last; i++) below[int(db(level) - db(frame[i]) + 100)]++
      for (floor = 200; quiet < (last - first + 1) / 10; floor--) quiet += below[floor]
      printf "%.1f %.1f %d %d %d %d %d\n", db(peak), db(level),
        (first - 1) * 10, (frames - last) * 10, pause * 10, floor - 99, NR / 16
    }'
}
