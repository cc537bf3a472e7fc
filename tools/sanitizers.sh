#!/usr/bin/env bash
# The unit tests of cores, parsers and gateway under AddressSanitizer and UndefinedBehaviorSanitizer, the
# threaded shell under ThreadSanitizer; `daemon`: one end-to-end file against the program with the former.
# Usage: tools/sanitizers.sh [--quick] [asan] [tsan] [daemon]    (default: asan tsan; daemon builds the rest of the tree)
# --quick: fewer test programs, those of quick_asan and quick_tsan.
set -euo pipefail
cd "$(dirname "$0")/.."
quick=
if [ "${1:-}" = --quick ]; then
  quick=1
  shift
fi
parts=("$@")
[ "${#parts[@]}" -gt 0 ] || parts=(asan tsan)

# Folders whose tests feed bytes or decisions; the objects are those of the fuzz targets.
quick_asan=(foundation_jose foundation_schema foundation_ect foundation_rules foundation_ledger infrastructure_jsonrpc
  infrastructure_mcp infrastructure_http infrastructure_identity operators_override)
asan_tests=("${quick_asan[@]}" base foundation_crypto foundation_keys foundation_records gateway)
# Folders with a second thread in them: the ledger's writer and publisher, the check of tokens, the dispatch
# gate with the override thread, posts to the event loop, sockets, hashing in parallel, the scrub.
quick_tsan=(foundation_ledger infrastructure_net gateway)
tsan_tests=("${quick_tsan[@]}" foundation_crypto infrastructure_http app_daemon)
if [ -n "$quick" ]; then
  asan_tests=("${quick_asan[@]}")
  tsan_tests=("${quick_tsan[@]}")
fi

export ASAN_OPTIONS=detect_stack_use_after_return=0:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1
# Not with UndefinedBehaviorSanitizer: to see what an object is it opens a pipe, and this test has taken all
# descriptors away; what then logs would seem to ask something that is no clock.
asan_filter=-ServerTest.BacksOffWithoutDescriptorsAndServesAgainLater
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/tools/tsan_suppressions.txt

# run BUILD TEST...: two at a time, output only of what failed.
run() {
  local build=$1
  shift
  printf '%s\n' "$@" | xargs -P 2 -I{} bash -c '
    log='"$build"'/{}.log
    if '"$build"'/tests/{}_test --gtest_brief=1 >"$log" 2>&1; then
      printf "  %-28s %s\n" "{}" "$(grep -E "tests? from .* ran" "$log" | tail -1)"
    else
      echo "sanitizers: {}_test FAILED"; tail -80 "$log"; exit 255
    fi'
}

for part in "${parts[@]}"; do
  echo "-- $part"
  case "$part" in
    asan)
      tools/build_asan.sh "${asan_tests[@]/%/_test}"
      GTEST_FILTER=$asan_filter run build-asan "${asan_tests[@]}"
      ;;
    tsan)
      PAWL_BUILD=build-tsan PAWL_CMAKE="-DCMAKE_CXX_COMPILER=clang++-19 -DPAWL_SANITIZE=thread" \
        tools/build.sh "${tsan_tests[@]/%/_test}"
      run build-tsan "${tsan_tests[@]}"
      ;;
    daemon)
      tools/build_asan.sh pawl
      (cd tests/e2e && PAWL_BIN=$PWD/../../build-asan/pawl ./node22 --test bad_input.test.mjs)
      ;;
    *)
      echo "sanitizers: no part \"$part\"; parts: asan tsan daemon" >&2
      exit 2
      ;;
  esac
done
