#!/bin/sh
# Puts together the file system of the image in an empty directory: the program with what it needs at run time, and a compile
# cache, warmed, so that a pod starts in half the time. Runs wherever Node 26 and npm are; needs no container engine.
#
#   scripts/image-root.sh DIRECTORY
#
# USER_ID (default 65532, as in the Dockerfile) is who will run it: as root, the cache is warmed as that user.
set -eu

[ $# -eq 1 ] || { echo "usage: $0 DIRECTORY" >&2; exit 2; }
mkdir -p "$1"
[ -z "$(ls -A "$1")" ] || { echo "$0: $1 is not empty" >&2; exit 2; }
out=$(CDPATH='' cd "$1" && pwd -P)
source=$(CDPATH='' cd "$(dirname "$0")/.." && pwd -P)
user=${USER_ID:-65532}
app=$out/opt/promline

mkdir -p "$app" "$out/etc/promline/conf.d" "$out/usr/local/bin"
cp -R "$source/src" "$source/bin" "$source/package.json" "$source/package-lock.json" "$source/LICENSE" "$app/"
# Not `npm ci`: the lock names packages of platforms that were not there when it was written.
(cd "$app" && npm install --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error)

cat > "$out/usr/local/bin/promline" <<'SCRIPT'
#!/bin/sh
# Node finds what it compiled at build time wherever the directory lies, and writes nothing: the root is read-only.
root=$(CDPATH='' cd "$(dirname "$0")/../../../opt/promline" && pwd -P)
export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$root/compile-cache}" NODE_COMPILE_CACHE_PORTABLE=1
exec "$root/bin/promline" "$@"
SCRIPT
chmod 755 "$out/usr/local/bin/promline"

# One run of the agent, for its two kinds of threads, as the user who will run it: the cache is that user's.
mkdir "$app/compile-cache"
as_user=
if [ "$(id -u)" = 0 ] && [ "$user" != 0 ]; then
  chown -R "$user:$user" "$app/compile-cache"
  as_user="setpriv --reuid=$user --regid=$user --clear-groups"
fi
# shellcheck disable=SC2086
"$source/scripts/warm-compile-cache.sh" $as_user "$out/usr/local/bin/promline"
[ -n "$(ls -A "$app/compile-cache")" ] || { echo "$0: no compile cache was written" >&2; exit 1; }
chmod -R go+rX "$out"
