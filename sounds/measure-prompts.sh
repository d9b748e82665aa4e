#!/bin/sh
# Prints what can be measured of sound files: the finished prompts, Asterisk's own ones, somebody's recordings.
#
#   sounds/measure-prompts.sh <file>...
set -eu

. "$(dirname "$0")/speech.sh"
need sox sox
[ $# -gt 0 ] || fail "usage: $0 <file>..."

row='%-28s %7s %7s %6s %6s %6s %6s %7s\n'
# shellcheck disable=SC2059
printf "$row" file peak level lead trail pause floor length
for file; do
  numbers=$(measure "$file") || fail "There is only silence in $file."
  # The numbers are several words. shellcheck disable=SC2059,SC2086
  printf "$row" "${file##*/}" $numbers
done
