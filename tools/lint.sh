#!/usr/bin/env bash
# Checks that need no build: layers, rows of the conformance pages, formatting, results of OpenSSL (and that each
# check can fail), ASCII sources, long lines, long files.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0

tools/check_layers.sh || failed=1

tools/check_conformance.sh || failed=1

tools/check_format.sh || failed=1

tools/check_openssl.sh || failed=1

# The layer check must be able to fail.
probe=$(mktemp -d)
trap 'rm -rf "$probe"' EXIT
mkdir -p "$probe/base"
printf '#include "gateway/call.h"\n' >"$probe/base/probe.h"
if tools/check_layers.sh "$probe" >/dev/null; then
  echo "lint: a forbidden include was not found"
  failed=1
fi

# So must the check of the conformance pages, for each kind of mistake; a good row passes.
good='| a | OURS | `src/gateway/call.cc`: `decide` | `tests/gateway/stop_test.cc`: `Stop.LeavesOthersAlone` |'
conformance_probe() {  # prints what is found in a page of one row
  printf '%s\n' '| Rule | Grade | Code | Test |' '|---|---|---|---|' "$good" "$1" >"$probe/page.md"
  tools/check_conformance.sh "$probe/page.md" || true
}
while IFS= read -r row; do
  if ! conformance_probe "$row" | grep -q 'page.md:4: '; then
    echo "lint: this row of a conformance page was taken: $row"
    failed=1
  fi
done <<'END'
| a | OURS | `src/gateway/call.cc`: `decide` | `tests/gateway/stop_test.cc`: `Stop.NoSuchTest` |
| a | OURS | `src/gateway/call.cc`: `no_such_name` | `tests/gateway/stop_test.cc`: `Stop.LeavesOthersAlone` |
| a | OURS | `src/gateway/no_such_file.cc`: `decide` | `tests/gateway/stop_test.cc`: `Stop.LeavesOthersAlone` |
| a | OURS | `src/gateway/call.cc`: `decide` | `tests/vectors/ect/tokens.json`: `no such case` |
| a | OURS | `src/gateway/call.cc`: `decide` | `tests/e2e/stop.test.mjs`: `no such title` |
| a | OURS | `src/gateway/call.cc`: `decide` | - |
| a | OURS | decide() | `tests/gateway/stop_test.cc`: `Stop.LeavesOthersAlone` |
| a | SURE | `src/gateway/call.cc`: `decide` | `tests/gateway/stop_test.cc`: `Stop.LeavesOthersAlone` |
| a | OURS | not yet: no such slice | - |
| a | OURS | not yet: another issue |
END
if [ -n "$(conformance_probe "$good")" ]; then
  echo "lint: a good row of a conformance page was refused"
  failed=1
fi
printf '| a | b | `tests/gateway/stop_test.cc`: `Stop.NoSuchTest` |\n' >"$probe/page.md"
if tools/check_conformance.sh "$probe/page.md" >/dev/null; then
  echo "lint: a test that does not exist was not missed"
  failed=1
fi

# And that of the formatting.
printf 'int  two_spaces;\n' >"$probe/probe.cc"
if tools/check_format.sh "$probe/probe.cc" >/dev/null; then
  echo "lint: an unformatted file was not found"
  failed=1
fi

# And that of the results of OpenSSL.
printf 'bool f() { return SSL_set_fd(ssl, 1) == 1; }\n' >"$probe/base/probe.h"
if tools/check_openssl.sh "$probe" >/dev/null; then
  echo "lint: an unchecked result of OpenSSL was not found"
  failed=1
fi

if LC_ALL=C grep -nP '[^\x00-\x7F]' $(git ls-files '*.cc' '*.h'); then
  echo "lint: sources are ASCII only"
  failed=1
fi
if awk 'length > 100 { print FILENAME ":" FNR ": over 100 columns"; bad = 1 } END { exit bad }' \
  $(git ls-files 'src/*.cc' 'src/*.h'); then :; else
  failed=1
fi
if git ls-files 'src/*.cc' 'src/*.h' | xargs wc -l | awk '$2 != "total" && $1 > 400 { print $2 ": " $1 " lines"; bad = 1 } END { exit bad }'; then :; else
  echo "lint: a file over 400 lines holds a second idea"
  failed=1
fi

# What agents wrote is never HTML or code: no way to make it so in the console. Without node, by grep.
console_words='innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document *[.] *write|[^a-z]eval *[(]'
console_lint() {  # console_lint FOLDER
  if command -v node >/dev/null 2>&1; then
    node console/lint.mjs "$1"
  else
    ! grep -rnE "$console_words" "$1"
  fi
}
console_lint console/src || failed=1
mkdir -p "$probe/console"
for words in 'a.innerHTML = b' 'a.outerHTML = b' 'a.insertAdjacentHTML(b, c)' 'document.write(a)' ' eval(a)' '<a dangerouslySetInnerHTML={b} />'; do
  echo "$words" >"$probe/console/probe.tsx"
  if console_lint "$probe/console" >/dev/null || ! grep -qE "$console_words" "$probe/console/probe.tsx"; then
    echo "lint: this was not found in the console: $words"
    failed=1
  fi
done
exit "$failed"
