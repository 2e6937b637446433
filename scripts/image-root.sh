#!/bin/sh
# Puts together, in an empty directory, what the image has beside its base: the npm package, unpacked, and where it is found.
# There is nothing of a platform in it, and it needs no network and no container engine.
#
#   scripts/image-root.sh DIRECTORY TARBALL
set -eu

[ $# -eq 2 ] || { echo "usage: $0 DIRECTORY TARBALL" >&2; exit 2; }
mkdir -p "$1"
[ -z "$(ls -A "$1")" ] || { echo "$0: $1 is not empty" >&2; exit 2; }
app=$1/opt/promline

mkdir -p "$app" "$1/etc/promline/conf.d" "$1/usr/local/bin"
tar -xzf "$2" -C "$app" --strip-components=1 --no-same-owner
ln -s ../../../opt/promline/bin/promline "$1/usr/local/bin/promline"
for part in dist/main.js build/replay-kernel.wasm build/deflate.wasm; do
  [ -s "$app/$part" ] || { echo "$0: $2 has no $part" >&2; exit 1; }
done
echo "image root: $(du -sk --apparent-size "$1" | cut -f1) KiB, of it node_modules $(du -sk --apparent-size "$app/node_modules" | cut -f1) KiB"
