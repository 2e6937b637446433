#!/bin/sh
# Runs the agent for a moment, for its two kinds of threads, so that Node keeps what it compiled of them: with types stripped
# already, a start takes half the time and 40 MiB less. Network: one port of this machine that the system chooses.
#
#   scripts/warm-compile-cache.sh COMMAND...        for example bin/promline, by its whole path
set -eu

[ $# -ge 1 ] || { echo "usage: $0 COMMAND..." >&2; exit 2; }
warm=$(mktemp -d)
trap 'rm -rf "$warm"' EXIT
printf '[[inputs.prom]]\nurls = ["%s/page.prom"]\ninterval = "1s"\n' "$warm" > "$warm/warm.conf"
printf '# TYPE up_time gauge\nup_time 1\n' > "$warm/page.prom"
# The command may run as another user.
chmod 777 "$warm"
chmod 644 "$warm/warm.conf" "$warm/page.prom"
(cd "$warm" && ENV_HTTP_LISTEN=127.0.0.1:0 timeout -s INT 5 "$@" run --conf-dir "$warm" > "$warm/log" 2>&1) || {
  code=$?
  # 124: timeout had to say stop, which is what was wanted.
  [ "$code" = 124 ] || [ "$code" = 0 ] || { cat "$warm/log" >&2; exit "$code"; }
}
