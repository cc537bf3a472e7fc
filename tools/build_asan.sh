#!/usr/bin/env bash
# Builds into build-asan/ with clang, AddressSanitizer and UndefinedBehaviorSanitizer; the same objects
# serve the fuzz targets, the unit tests and the program. Usage: tools/build_asan.sh [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."
export PAWL_BUILD=build-asan
export PAWL_CMAKE="-DCMAKE_CXX_COMPILER=clang++-19 -DPAWL_SANITIZE=address,undefined -DPAWL_FUZZ=ON"
exec tools/build.sh "$@"
