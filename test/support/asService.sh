#!/bin/sh
# asService.sh UNIT REPOSITORY DIRECTORY: what systemd would make of a unit of ours, as far as it can be had without systemd: its
# program under nobody, without capabilities, in a file system in which only DIRECTORY (seen as /media) and its own /tmp can be
# written, with its system calls alone. The environment is the caller's. Root only.
set -eu
unit=$1
exec unshare --mount --pid --fork --kill-child sh -eu -c '
  unit=$1
  mount --make-rprivate /
  mount --bind "$2" /mnt
  mount --bind "$3" /media
  unit=/mnt/systemd/$unit
  cd /mnt
  mount -t proc -o subset=pid,hidepid=2 proc /proc
  mount -t tmpfs tmpfs /home
  mount -t tmpfs -o mode=1777 tmpfs /tmp
  mount -t tmpfs -o mode=1777 tmpfs /var/tmp
  mount -o remount,bind,ro /
  mount -o remount,bind,ro /mnt
  umask "$(sed -n s/^UMask=//p "$unit")"
  word=$(sed -n "s/^ExecStart=.* //p" "$unit")
  exec setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all -- \
    /usr/bin/python3 test/support/withSystemCalls.py "$unit" bin/selfprov "$word"
' service "$unit" "$2" "$3"
