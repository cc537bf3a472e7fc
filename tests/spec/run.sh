#!/usr/bin/env bash
# Checks the models of spec/ with spin: claims that must hold, claims that must fail, and that each of the
# former fails when the model is broken. Needs spin and gcc. Usage: tests/spec/run.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v spin >/dev/null || { echo "spec: spin is missing (Debian package spin)"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# build NAME [-DMACRO...]
build() {
  mkdir -p "$work/$1"
  (cd "$work/$1" && spin "${@:2}" -a "$OLDPWD/spec/approval.pml" >spin.log 2>&1 &&
    gcc -O2 -DVECTORSZ=2048 -DNFAIR=3 -w -o pan pan.c) || { cat "$work/$1/spin.log"; exit 1; }
}

# check NAME CLAIM holds|fails
check() {
  local out found=holds
  local fair=()
  [ "$2" = not_lost ] && fair=(-f)  # who can always go on, does
  out=$(cd "$work/$1" && timeout 300 ./pan -a "${fair[@]}" -m200000 -N "$2" 2>&1) || true
  if ! grep -q 'errors:' <<<"$out" || grep -qi 'max search depth\|out of memory' <<<"$out"; then
    found='was not searched to its end'
  elif ! grep -q 'errors: 0' <<<"$out"; then
    found=fails
  fi
  local states
  states=$(awk '/states, stored/ {print $1; exit}' <<<"$out")
  if [ "$found" = "$3" ]; then
    echo "ok    $1: $2 $3 ($states states)"
  else
    echo "WRONG $1: $2 $found, expected: $3"
    failed=1
  fi
}

reached='never_executed never_all_uses never_changed never_denied never_expired never_lost_between'
kept='single_use quorum denied_is_denied not_lost'

for uses in 1 2; do  # each person signs twice, or once
  build "uses-$uses" -DUSES=$uses -DSIGNS=$((3 - uses))
  for claim in $kept; do check "uses-$uses" "$claim" holds; done
  for claim in $reached; do check "uses-$uses" "$claim" fails; done
done

while read -r macro claim; do
  build "$macro" -DUSES=1 -DSIGNS=1 "-D$macro"
  check "$macro" "$claim" fails
done <<'END'
BREAK_SPENT_IN_MEMORY single_use
BREAK_LOOK_THEN_SPEND single_use
BREAK_COUNT_ANEW quorum
BREAK_RULE_COUNTS quorum
BREAK_NO_CLOCK not_lost
END
exit $failed
