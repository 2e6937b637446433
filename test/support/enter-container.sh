#!/bin/sh
# What a container engine does between the namespaces and the program. Runs as root in new mount, pid, network, ipc, uts and
# cgroup namespaces:
#
#   enter-container.sh ROOT NODE CONF DATA COMMAND...
#
# ROOT becomes a read-only root, with the file NODE as its /usr/local/bin/node, the directory CONF read-only and DATA writable
# where the manifests mount them. COMMAND runs as uid 65532 in DATA without a capability, and can get none.
set -eu
root=$1 node=$2 conf=$3 data=$4
shift 4

# Binds $1 to $2 below the root, with the options $3.
bind() {
  mount --bind "$1" "$root$2"
  mount -o "remount,bind,$3" "$root$2"
}

mount --make-rprivate /
mount --bind "$root" "$root"
bind "$node" /usr/local/bin/node ro,nosuid,nodev
bind "$conf" /etc/promline/conf.d ro,nosuid,nodev,noexec
bind "$data" /var/lib/promline rw,nosuid,nodev,noexec
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o nosuid,noexec,mode=755,size=64k dev "$root/dev"
for device in null zero full random urandom; do
  : > "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  mount -t cgroup2 -o ro,nosuid,nodev,noexec cgroup "$root/sys/fs/cgroup"
else
  mount -t tmpfs -o nosuid,nodev,noexec,mode=755,size=64k cgroup "$root/sys/fs/cgroup"
  mkdir "$root/sys/fs/cgroup/memory"
  mount -t cgroup -o ro,nosuid,nodev,noexec,memory cgroup "$root/sys/fs/cgroup/memory"
fi
mount -o remount,bind,ro "$root"

cd "$root"
pivot_root . .old
umount -l /.old
cd /var/lib/promline
# Killed with the test: `unshare --kill-child` does not outlast the change of user.
exec setpriv --pdeathsig=KILL --reuid=65532 --regid=65532 --clear-groups --bounding-set=-all --inh-caps=-all \
  --ambient-caps=-all --no-new-privs "$@"
