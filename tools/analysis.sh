#!/usr/bin/env bash
# clang's thread-safety analysis over every file with a lock or a thread, clang-tidy (.clang-tidy) over every
# source, clang-format (but tools/format_exceptions.txt). Two files at a time; a file that passed is not looked at again until it,
# a header of ours that it includes, the checks or the compiler change (kept outside the clone, under ~/.cache).
# Usage: tools/analysis.sh [--deep] [FILE...]      (default: every .cc of src/ and fuzz/)
# --deep: with the path-sensitive checks of clang's analyzer, which take twice as long.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pawl-analysis
mkdir -p "$cache"
export tidy=clang-tidy-19
if [ "${1:-}" = --deep ]; then
  tidy='clang-tidy-19 --checks=clang-analyzer-*'
  shift
fi
files=("$@")
[ "${#files[@]}" -gt 0 ] || mapfile -t files < <(git ls-files 'src/*.cc' 'fuzz/*.cc')

export flags="-std=c++20 -Isrc -I. -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-deprecated-declarations"
export cache
export version
version=$(clang-tidy-19 --version | tr -d '\n'; cat .clang-tidy | sha256sum)

check_one() {
  file=$1
  # What the compiler sees of ours: the file and its own headers, by content.
  inputs=$(clang++-19 $flags -MM -MT x "$file" | tr -d '\\' | tr ' ' '\n' | grep -E '^(src|fuzz|tests)/' | sort -u)
  key=$( (echo "$version $flags $tidy"; cat $inputs) | sha256sum | cut -d' ' -f1)
  if [ -e "$cache/$key" ]; then
    touch "$cache/$key"
    return 0
  fi
  if grep -qE 'base/mutex.h|<thread>|<atomic>|<condition_variable>' $inputs; then
    clang++-19 $flags -fsyntax-only -Wthread-safety -Wreserved-identifier -Werror "$file" || return 1
  fi
  if ! $tidy --quiet "$file" -- $flags >"$cache/$key.log" 2>/dev/null; then
    cat "$cache/$key.log"
    return 1
  fi
  rm -f "$cache/$key.log"
  touch "$cache/$key"
}
export -f check_one

failed=0
if ! git ls-files 'src/*.cc' 'src/*.h' 'tests/*.cc' 'tests/*.h' 'fuzz/*.cc' 'fuzz/*.h' |
  grep -vxFf tools/format_exceptions.txt | xargs clang-format-14 --dry-run -Werror 2>"$cache/format.log"; then
  grep -E 'error:' "$cache/format.log" | cut -d: -f1 | sort -u | sed 's/$/: not formatted (clang-format-14 -i FILE)/'
  failed=1
fi
printf '%s\n' "${files[@]}" | xargs -P 2 -I{} bash -c 'check_one {}' || failed=1
# Old results go; what still holds was touched at most thirty days ago.
find "$cache" -type f -mtime +30 -delete
exit "$failed"
