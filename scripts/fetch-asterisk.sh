#!/bin/sh
# Makes a private copy of Asterisk 22 from Debian in .asterisk/root of this checkout. Needs no root and changes nothing
# outside that folder: apt works on a package database of its own there, and the packages are unpacked, not installed.
# Debian 12 and 13 carry no asterisk package, so it comes from Debian 14 (forky), out of the mirror that this machine's apt
# already uses; apt checks the signatures. A finished copy is kept; delete .asterisk to have a new one made.
#   SELFPROV_DEBIAN_MIRROR   URL of another Debian archive than the one that apt uses
set -eu

suite=forky
packages='asterisk asterisk-modules asterisk-config odbc-postgresql libodbcinst2'
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
home=$(cd "$(dirname "$0")/.." && pwd)/.asterisk
root=$home/root
work=$home/work.$$
log=$home/fetch.log

. "$(dirname "$0")/prepare.sh"
say() { printf 'Asterisk: %s\n' "$*"; }
fail() {
  printf 'Asterisk: %s\n' "$*" >&2
  exit 1
}
failed_step() {
  tail -n 15 "$log" >&2
  fail "$1 The whole story is in $log"
}

# The archive that this machine's Debian itself comes from. apt reads both spellings of its sources for us; suites of
# other vendors and of debian-security have other names.
mirror_of_this_machine() {
  codename=$(. /etc/os-release && printf %s "${VERSION_CODENAME:-}")
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v codename="$codename" '
      $3 == "main" && $2 ~ ("^(" codename "|oldstable|stable|testing|unstable|sid)$") && $1 ~ /^(http|https|mirror|file|copy):/ {
        sub(/\/$/, "", $1); print $1; exit
      }'
}

# A mirror may lag behind the date until which its lists count as fresh; their signatures are checked all the same.
private_apt() {
  apt-get -q -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
    -o Dir::State="$work/state" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" \
    -o APT::Sandbox::User= -o APT::Install-Recommends=false -o Acquire::Check-Valid-Until=false -o Acquire::Retries=3 "$@" >>"$log" 2>&1
}

# A copy of an earlier version has no driver for PostgreSQL.
if [ -x "$root/usr/sbin/asterisk" ] && [ -n "$(find "$root/usr/lib" -name psqlodbcw.so 2>/dev/null)" ]; then
  say "private copy is in $root"
  exit 0
fi

for tool in apt-get dpkg-deb awk; do
  command -v "$tool" >/dev/null || fail "no $tool on this machine: install Asterisk 20 or later yourself and start again."
done
[ -r "$keyring" ] || fail "$keyring is missing. Run this, then start again:  sudo apt-get install debian-archive-keyring"
mirror=${SELFPROV_DEBIAN_MIRROR:-$(mirror_of_this_machine)}
[ -n "$mirror" ] || fail "apt names no Debian archive here: set SELFPROV_DEBIAN_MIRROR, or install Asterisk 20 or later yourself."

trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
for old in "$home"/work.*; do
  [ ! -d "$old" ] || kill -0 "${old##*.}" 2>/dev/null || rm -rf "$old"
done
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/root"
: >"$work/status"
: >"$log"
printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$suite" >"$work/sources.list"

step "reading the package list of Debian $suite at $mirror" \
  private_apt -o APT::Update::Error-Mode=any update || failed_step "The package list cannot be read."
# shellcheck disable=SC2086 # the names are words
step "fetching the packages, about 80 MB" \
  private_apt -y --download-only install $packages || failed_step "The packages cannot be fetched."
unpack() {
  for package in "$work"/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$work/root" 2>>"$log" || return 1
  done
}
step "unpacking them, about 270 MB" unpack || failed_step "They cannot be unpacked."
[ -x "$work/root/usr/sbin/asterisk" ] || failed_step "There is no Asterisk in the packages."
rm -rf "$root"
mv "$work/root" "$root"
say "private copy is in $root"
