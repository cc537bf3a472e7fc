#!/usr/bin/env bash
# Runs the fuzz targets, two at a time, each from its corpus, and says how many executions each made.
# Usage: tools/fuzz.sh [--seconds N] [TARGET...]     (default: every target for 5 seconds)
# Without --seconds the mutations begin from one seed: what fails then is a change, not luck.
# A broken property or a crash leaves its input in build-asan/fuzz/run/TARGET/ and fails.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=5
export first_seed=1
if [ "${1:-}" = --seconds ]; then
  seconds=${2:?--seconds needs a number}
  first_seed=0  # libFuzzer's word for a new one each time
  shift 2
fi
targets=("$@")
if [ "${#targets[@]}" -eq 0 ]; then
  for source in fuzz/*_fuzz.cc; do
    targets+=("$(basename "$source" _fuzz.cc)")
  done
fi
for target in "${targets[@]}"; do
  [ -f "fuzz/${target}_fuzz.cc" ] || { echo "fuzz: no target \"$target\" in fuzz/" >&2; exit 2; }
  [ -n "$(ls -A "fuzz/corpus/$target" 2>/dev/null)" ] || { echo "fuzz: no corpus of $target" >&2; exit 2; }
done

tools/build_asan.sh "${targets[@]/%/_fuzz}"

run_one() {
  target=$1
  out=build-asan/fuzz/run/$target
  mkdir -p "$out/found"
  # Once over every seed, then mutations of them; what is new goes to `found`, not to the corpus.
  if ! ASAN_OPTIONS=detect_stack_use_after_return=0 "build-asan/fuzz/${target}_fuzz" \
    -seed="$first_seed" -max_total_time="$2" -timeout=10 -rss_limit_mb=3000 -max_len=8192 -print_final_stats=1 -verbosity=1 \
    -artifact_prefix="$out/" "$out/found" "fuzz/corpus/$target" >"$out/log" 2>&1; then
    echo "fuzz: $target FAILED, input in $out/:"
    grep -vE '^#[0-9]+' "$out/log" | tail -40
    return 1
  fi
  executions=$(sed -n 's/^stat::number_of_executed_units: //p' "$out/log")
  printf '  %-16s %10s executions from %s seeds\n' "$target" "$executions" "$(ls "fuzz/corpus/$target" | wc -l)"
}
export -f run_one
printf '%s\n' "${targets[@]}" | xargs -P 2 -I{} bash -c "run_one {} $seconds"
