#!/usr/bin/env bash
# Builds into build/ (or $PAWL_BUILD, configured with $PAWL_CMAKE). Usage: tools/build.sh [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."
build=${PAWL_BUILD:-build}
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
export CCACHE_DIR=${CCACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/pawl-ccache}
mkdir -p "$build"
exec 9>"$build/.lock"  # parts of ./test run side by side, and build first: one at a time
flock 9
if [ ! -f "$build/build.ninja" ]; then
  cmake -S . -B "$build" -G Ninja -DCMAKE_CXX_COMPILER_LAUNCHER=ccache ${PAWL_CMAKE:-} >"$build.cmake.log" 2>&1 ||
    { cat "$build.cmake.log"; exit 1; }
  rm -f "$build.cmake.log"
fi
NINJA_STATUS='[%f/%t] ' ninja -C "$build" "$@"
