#!/usr/bin/env bash
# Installs what building and testing need, when it is missing. Without root it prints the one line to
# run and stops. Usage: tools/install.sh [build|test|bench]
set -euo pipefail
cd "$(dirname "$0")/.."

build_packages=(g++ cmake ninja-build ccache pkg-config libboost1.81-dev libboost-json1.81-dev
  libboost-url1.81-dev libboost-system1.81-dev libssl-dev libsodium-dev libcbor-dev libp11-kit-dev liburing-dev libsqlite3-dev libyaml-cpp-dev libcli11-dev
  libspdlog-dev libfmt-dev prometheus-cpp-dev libre2-dev libcap-dev libexpected-dev libmimalloc-dev libgtest-dev libgmock-dev)
test_packages=(golang-go golang-golang-x-mod-dev clang-19 clang-tidy-19 clang-format-14 libclang-rt-19-dev softhsm2 opensc spin chromium fonts-liberation
  fonts-noto-core)
bench_packages=(nginx-light wrk libbenchmark-dev util-linux)

wanted=("${build_packages[@]}")
if [ "${1:-build}" = test ]; then
  wanted+=("${test_packages[@]}")
elif [ "${1:-build}" = bench ]; then
  wanted+=("${bench_packages[@]}")
fi

missing=()
for package in "${wanted[@]}"; do
  if ! dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed'; then
    missing+=("$package")
  fi
done
# Any npm with a node will do: the tests bring their own Node 22 as an npm package.
command -v npm >/dev/null 2>&1 || missing+=(nodejs npm)

if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "Some packages are missing. Run this once, then try again:" >&2
    echo "  sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  echo "Installing: ${missing[*]}"
  apt-get update -qq
  # RUNLEVEL=1: no service (nginx) is started by its installation.
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >/dev/null
fi

# install_npm FOLDER WHAT SIZE: the locked packages of a folder, again when the lock file has changed.
# Those of console/ are installed by its build (console/build.sh).
install_npm() {
  local stamp=$1/node_modules/.installed
  if ! cmp -s "$1/package-lock.json" "$stamp"; then
    echo "Installing the npm packages of $2 (some $3 MB with what they unpack to: minutes on a slow line)"
    npm ci --prefix "$1" --no-audit --no-fund --loglevel=error
    cp "$1/package-lock.json" "$stamp"
  fi
}

install_npm tests/e2e "the demo and the tests" 260
if [ "${1:-build}" = test ]; then
  install_npm tests/console "the tests of the console" 20
elif [ "${1:-build}" = bench ]; then
  install_npm benchmarks "the benchmarks" 260
fi
