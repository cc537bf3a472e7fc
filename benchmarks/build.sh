#!/usr/bin/env bash
# Builds pawl and the benchmarks with -O2 into FOLDER of this tree.
# Usage: benchmarks/build.sh FOLDER [NINJA_ARGUMENT...]   instead of all of them
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
shift
if [ ! -f "$folder/build.ninja" ]; then
  cmake -S . -B "$folder" -G Ninja -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DPAWL_TESTS=OFF -DPAWL_BENCH=ON >/dev/null
fi
if [ "$#" -gt 0 ]; then
  PAWL_BUILD=$folder exec tools/build.sh "$@"
fi
targets=(pawl)
if grep -q PAWL_BENCH CMakeLists.txt; then  # a revision from before the benchmarks has none
  targets+=(pawl_benches)
fi
PAWL_BUILD=$folder tools/build.sh "${targets[@]}"
