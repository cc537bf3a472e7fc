#!/usr/bin/env bash
# Builds the console. Usage: build.sh OUT_FOLDER [SOURCE.cc]
# The packages are those of the lock file; they stay in console/node_modules for the next build.
set -euo pipefail
out=$(realpath -m "$1")
source=${2:+$(realpath -m "$2")}
cd "$(dirname "$0")"
mkdir -p "$out"
exec 9>package-lock.json.lock  # builds of several folders share the packages
flock 9
if ! cmp -s package-lock.json node_modules/.installed; then
  npm ci --no-audit --no-fund --loglevel=error >/dev/null ||
    { echo "console: npm ci failed; without the console: cmake -DPAWL_CONSOLE=OFF" >&2; exit 1; }
  cp package-lock.json node_modules/.installed
fi
node_modules/.bin/vite build --logLevel warn --outDir "$out/dist" --emptyOutDir
[ -z "$source" ] || node embed.mjs "$out/dist" "$source"
