#!/usr/bin/env bash
# Every call of OpenSSL in src/ is in tools/openssl_results.txt, which says what its result means, and goes
# through the check of that name (src/base/openssl_result.h) where the result can be a failure.
# Usage: tools/check_openssl.sh [SOURCE_FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
find "${1:-src}" -name '*.cc' -o -name '*.h' | sort |
  xargs -r awk -v all="${1:-yes}" -v table=tools/openssl_results.txt '
  BEGIN {
    while ((getline line < table) > 0) {
      if (line ~ /^#/ || line == "") continue
      split(line, part, " ")
      contract[part[1]] = part[2]
    }
    # one, positive, zero, verify, count: the call stands in the parentheses of check_CONTRACT.
    split("one positive zero verify count", list, " ")
    for (i in list) wrapped[list[i]] = 1
    calls = "(ASN1|BIO|BN|CRYPTO|ECDSA|EVP|ERR|GENERAL|OPENSSL|OSSL|PEM|RAND|RSA|SHA256|SSL|X509|d2i|i2d|sk)_[A-Za-z0-9_]+\\("
  }
  function look(file, text,    name, before, want) {
    while (match(text, calls)) {
      name = substr(text, RSTART, RLENGTH - 1)
      before = substr(text, 1, RSTART - 1)
      text = substr(text, RSTART + RLENGTH)
      if (before ~ /[A-Za-z0-9_]$/) continue
      seen[name] = 1
      want = contract[name]
      if (want == "") { print file ": " name " is not in " table; bad = 1 }
      else if ((want in wrapped) && before !~ ("check_" want "\\($")) {
        print file ": the result of " name " does not go through check_" want; bad = 1
      }
    }
  }
  FNR == 1 && file != "" { look(file, text); text = "" }
  { file = FILENAME; line = $0; sub(/\/\/.*/, "", line); gsub(/[ \t]+/, " ", line); sub(/^ /, "", line); text = text line }
  END {
    look(file, text)
    for (name in contract) if (all == "yes" && !(name in seen)) { print table ": nothing calls " name; bad = 1 }
    exit bad
  }
'
