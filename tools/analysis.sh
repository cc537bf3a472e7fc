#!/usr/bin/env bash
# clang's thread-safety analysis over every file that sees a lock, clang-tidy (.clang-tidy) over every
# source. Two files at a time; what passed is not looked at again until the file, a header of ours that it
# sees, the checks or the compiler change (remembered outside the clone, under ~/.cache, by content).
# Usage: tools/analysis.sh [--quick|--deep] [FILE...]      (default: every .cc of src/ and fuzz/)
# --quick: clang-tidy only over what reads bytes of others (quick_tidy below), the rest over everything.
# --deep: with the path-sensitive checks of clang's analyzer, which take twice as long.
set -euo pipefail
cd "$(dirname "$0")/.."
quick_tidy='^src/(base/(json|base64|utf8)|foundation/(cose|ect)|infrastructure/(jsonrpc|mcp))'
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pawl-analysis
mkdir -p "$cache"
tidy=clang-tidy-19
tidied=.
case "${1:-}" in
  --quick) tidied=$quick_tidy; shift ;;
  --deep) tidy='clang-tidy-19 --checks=clang-analyzer-*'; shift ;;
esac
files=("$@")
[ "${#files[@]}" -gt 0 ] || mapfile -t files < <(git ls-files 'src/*.cc' 'fuzz/*.cc')

flags="-std=c++20 -Isrc -I. -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-deprecated-declarations"
checker=$(clang-tidy-19 --version | tr -d '\n'; sha256sum <.clang-tidy)
export cache flags tidy
export CPLUS_INCLUDE_PATH=/usr/include/p11-kit-1  # of the one library whose headers stand in a folder of their own

# For each FILE a line: its name, and the name and hash of all that the compiler sees of ours.
what_is_seen() {
  git ls-files -co --exclude-standard '*.cc' '*.h' | xargs sh -c 'sha256sum "$@"; grep -HE "^#include \"" "$@"' sh |
    awk -v files="$*" '
      /^[0-9a-f]+  / { hash[$2] = $1; next }
      { split($0, part, "\""); sub(/:.*/, "", part[1]); includes[part[1]] = includes[part[1]] " " part[2] }
      function see(file, count, i, name, path) {
        if (file in seen) return
        seen[file] = 1
        line = line " " file "=" hash[file]
        count = split(includes[file], name, " ")
        for (i = 1; i <= count; i++) {
          path = file
          sub(/[^\/]*$/, "", path)
          path = (("src/" name[i]) in hash) ? "src/" name[i] : (name[i] in hash) ? name[i] : path name[i]
          if (path in hash) see(path)
        }
      }
      END {
        count = split(files, wanted, " ")
        for (k = 1; k <= count; k++) {
          split("", seen)
          line = wanted[k]
          see(wanted[k])
          print line
        }
      }'
}

# check CHECK FILE KEY: silent when it passes, and then remembered.
check() {
  [ ! -e "$cache/$3" ] || { touch "$cache/$3"; return 0; }
  case "$1" in
    threads) clang++-19 $flags -fsyntax-only -Wthread-safety -Wreserved-identifier -Werror "$2" || return 1 ;;
    tidy)
      $tidy --quiet "$2" -- $flags >"$cache/$3.log" 2>/dev/null || { cat "$cache/$3.log"; rm "$cache/$3.log"; return 1; }
      rm "$cache/$3.log"
      ;;
  esac
  touch "$cache/$3"
}
export -f check

failed=0
declare -A count=([threads]=0 [tidy]=0)
work=()
while read -r file seen; do
  checks=()
  [[ "$seen" != *" src/base/mutex.h="* ]] || checks+=(threads)
  [[ ! "$file" =~ $tidied ]] || checks+=(tidy)
  for one in "${checks[@]}"; do
    key=$(printf '%s\n' "$one $checker $flags $tidy $seen" | sha256sum | cut -d' ' -f1)
    work+=("$one $file $key")
    count[$one]=$((count[$one] + 1))
  done
done < <(what_is_seen "${files[@]}")
# A list that ends up empty would check nothing and pass.
[ "${#work[@]}" -gt 0 ] || { echo "analysis: no file to look at" >&2; exit 2; }
printf '%s\n' "${work[@]}" | xargs -P 2 -L 1 bash -c 'check "$@"' check || failed=1
echo "analysis: locks in ${count[threads]} files, clang-tidy over ${count[tidy]} of ${#files[@]}"
# Old results go; what still holds was touched at most thirty days ago.
find "$cache" -type f -mtime +30 -delete
exit "$failed"
