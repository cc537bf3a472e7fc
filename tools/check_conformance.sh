#!/usr/bin/env bash
# Checks the pages that say what proves what: every `FILE`: `NAME` must exist. Of a test file NAME is
# Suite.Name (GoogleTest), words of a title (JavaScript) or the name of a case (a vector file); of
# src/ a name in the code, not in its comments; of docs/ words of the page.
# A row of docs/conformance.md names a test. A row of a table "| Rule | Grade | Code | Test |"
# (docs/conformance_drafts.md) has a grade, code and a test, or says "not yet: WORDS OF docs/plan.md",
# "none: WHY", "no test: WHY".
# Usage: tools/check_conformance.sh [PAGE...]
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- docs/conformance.md docs/conformance_drafts.md
awk '
function wrong(what) { print FILENAME ":" FNR ": " what; bad = 1 }

# Reads a file once: its tests, names and text.
function load(file,   line, parts, n, i, words) {
  if (file in found) return found[file]
  while ((n = (getline line < file)) > 0) {
    if (match(line, /^TEST(_F|_P)?\([A-Za-z0-9_]+, [A-Za-z0-9_]+\)/)) {
      words = substr(line, RSTART, RLENGTH)
      gsub(/^TEST(_F|_P)?\(|\)$/, "", words)
      sub(/, /, ".", words)
      has[file, words] = 1
    }
    if (file ~ /^src\//) {
      sub(/\/\/.*/, "", line)
      n = split(line, parts, /[^A-Za-z0-9_]+/)
      for (i = 1; i <= n; ++i) has[file, parts[i]] = 1
    } else {
      text[file] = text[file] line "\n"
    }
  }
  found[file] = n == 0
  if (n == 0) close(file)
  return found[file]
}

function check_pair(file, name) {
  if (!load(file)) { wrong("there is no " file); return }
  if (file ~ /^src\// || file ~ /\.cc$/) {
    if (!((file, name) in has)) wrong(file " has no " (file ~ /^src/ ? "name" : "test") " \"" name "\"")
  } else if (file ~ /\.json$/) {
    if (!index(text[file], "\"name\": \"" name "\"") && !index(text[file], "\"name\":\"" name "\"")) wrong(file " has no case \"" name "\"")
  } else if (!index(text[file], name) &&
             !(name ~ /^control: / && index(text[file], "control(\047" substr(name, 10) "\047"))) {
    wrong(file " has no \"" name "\"")
  }
}

# How many pairs stand in a text; each is checked.
function pairs(where,   count, pair, cut) {
  while (match(where, /`(src|tests|docs)\/[^`]+`: `[^`]+`/)) {
    pair = substr(where, RSTART + 1, RLENGTH - 2)
    where = substr(where, RSTART + RLENGTH)
    cut = index(pair, "`: `")
    check_pair(substr(pair, 1, cut - 1), substr(pair, cut + 4))
    ++count
  }
  return count + 0
}

function check_rule(line,   cells, n, code, test, words, rest) {
  n = split(line, cells, / *\| */)
  if (n != 6) { wrong("expected four cells"); return }
  rest = cells[3]
  gsub(/CERTAIN|PROBABLE|OURS|\(peer\)|,| /, "", rest)
  if (cells[3] == "" || rest != "") wrong("the grade is CERTAIN, PROBABLE or OURS")
  code = pairs(cells[4])
  test = pairs(cells[5])
  if (cells[4] ~ /^not yet: /) {
    words = substr(cells[4], 10)
    sub(/\..*/, "", words)
    load("docs/plan.md")
    if (words != "another issue" && !index(text["docs/plan.md"], words))
      wrong("docs/plan.md has no \"" words "\": if it is built, name its code and test")
  } else if (cells[4] !~ /^none: / && !code) {
    wrong("names no code")
  } else if (!test && cells[5] !~ /^no test: / && cells[4] !~ /^none: /) {
    wrong("no test")
  }
}

FNR == 1 {
  if (page != "" && !total) { print page ": names no test"; bad = 1 }
  page = FILENAME
  total = 0
  table = ""
}
/^## Not there yet/ { table = "planned" }
/^\| Trap / { if (table != "planned") table = "traps"; next }
/^\| Rule \| Grade \| Code \| Test \|/ { table = "rules"; next }
/^\|---/ { next }
!/^\| / { if (table == "rules") table = "" }
/^\| / && table == "rules" { check_rule($0); total += gsub(/`tests\//, "&"); next }
/^\| / && table != "planned" && !/`tests\// { wrong("no test") }
{ total += pairs($0) }
END {
  if (!total) { print page ": names no test"; bad = 1 }
  exit bad
}' "$@"
