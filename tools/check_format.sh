#!/usr/bin/env bash
# Every C++ file is as clang-format 14 prints it, but those of tools/format_exceptions.txt.
# Usage: tools/check_format.sh [FILE...]      (default: every .cc and .h of src/, tests/ and fuzz/)
set -euo pipefail
cd "$(dirname "$0")/.."
files=("$@")
[ "${#files[@]}" -gt 0 ] || mapfile -t files < <(git ls-files 'src/*.cc' 'src/*.h' 'tests/*.cc' 'tests/*.h' 'fuzz/*.cc' 'fuzz/*.h' |
  grep -vxFf tools/format_exceptions.txt)
# A list that ends up empty would check nothing and pass.
[ "${#files[@]}" -gt 0 ] || { echo "check_format: no file to look at" >&2; exit 2; }
unformatted=$(printf '%s\n' "${files[@]}" | xargs -P 2 -n 50 clang-format-14 --dry-run -Werror 2>&1 |
  grep -E 'error:' | cut -d: -f1 | sort -u) || true
[ -z "$unformatted" ] || { printf '%s: not formatted (clang-format-14 -i FILE)\n' $unformatted; exit 1; }
