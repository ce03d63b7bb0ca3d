#!/bin/sh
set -eu
. /lab/boot-login.sh
. /lab/boot-jitsi.sh
# Less memory than the machine has, as everything that reads /proc/meminfo sees it (LAB_MEMORY, bytes).
if [ -n "${LAB_MEMORY:-}" ]; then
  sed -e "s/^\(MemTotal\|MemAvailable\|MemFree\):.*/\1: $((LAB_MEMORY / 1024)) kB/" /proc/meminfo > /lab/meminfo
  mount --bind /lab/meminfo /proc/meminfo
fi
# On cgroup v2 the container's own hierarchy is mounted read-only.
[ ! -e /sys/fs/cgroup/cgroup.controllers ] || mount -o remount,rw /sys/fs/cgroup
exec /lib/systemd/systemd
