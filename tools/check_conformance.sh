#!/usr/bin/env bash
# Checks that every test named in docs/conformance.md exists: `FILE`: `NAME`, where NAME is
# Suite.Name of a GoogleTest file, or words of the title of a JavaScript test.
# Usage: tools/check_conformance.sh [PAGE]
set -euo pipefail
cd "$(dirname "$0")/.."
page=${1:-docs/conformance.md}
failed=0
count=0
while IFS= read -r pair; do
  count=$((count + 1))
  file=${pair#\`}
  file=${file%%\`*}
  name=${pair##*: \`}
  name=${name%\`}
  if [ ! -f "$file" ]; then
    echo "$page: there is no $file"
    failed=1
    continue
  fi
  case "$file" in
    *.cc) grep -qE "^TEST(_F|_P)?\(${name%%.*}, ${name#*.}\)" "$file" || missing=1 ;;
    *) grep -qF -- "$name" "$file" || grep -qF -- "control('${name#control: }'" "$file" || missing=1 ;;
  esac
  if [ "${missing:-0}" = 1 ]; then
    echo "$page: $file has no test \"$name\""
    failed=1
    missing=0
  fi
done < <(grep -oE '`tests/[^`]+`: `[^`]+`' "$page")
if [ "$count" = 0 ]; then
  echo "$page: names no test"
  failed=1
fi
# A row of the first table without a test is a promise without proof.
if awk '/^## Not there yet/ { exit } /^\| / && !/^\| Trap/ && !/`tests\// { print FILENAME ":" FNR ": no test"; bad = 1 } END { exit bad }' "$page"; then :; else
  failed=1
fi
exit "$failed"
