#!/usr/bin/env bash
# Checks every #include of src/ against tools/layers.txt. Prints each forbidden one; exit 1 if any.
# Usage: tools/check_layers.sh [SOURCE_FOLDER [LAYERS_FILE]]
set -euo pipefail
cd "$(dirname "$0")/.."
src=${1:-src}
layers=${2:-tools/layers.txt}
find "$src" -name '*.h' -o -name '*.cc' | sort | xargs awk -v src="$src/" -v layers="$layers" '
  BEGIN {
    while ((getline line < layers) > 0) {
      if (line ~ /^#/ || line !~ /:/) continue
      extra = sub(/^\+/, "", line)
      folder = line; sub(/:.*/, "", folder)
      sub(/^[^:]*:/, "", line)
      known[folder] = 1
      if (extra) joins[folder] = joins[folder] " " line " "
      else allowed[folder] = allowed[folder] " " line " "
    }
  }
  function folder_of(path) { sub(/\/[^\/]*$/, "", path); return path }
  FNR == 1 {
    file = FILENAME; sub("^" src, "", file)
    from = index(file, "/") ? folder_of(file) : "app"
    join_file = file ~ /_(control|observer|api)\.(h|cc)$/ || file ~ /_board\.h$/
    if (!(from in known)) { print FILENAME ": folder " from " is not in " layers; bad = 1 }
  }
  /^#include "/ {
    target = $2; gsub(/"/, "", target)
    to = folder_of(target)
    if (to == from || allowed[from] ~ /\*/) next
    if (index(allowed[from], " " to " ") > 0) next
    if (join_file && index(joins[from], " " to " ") > 0) next
    print FILENAME ":" FNR ": " from " may not include " to " (" target ")"
    bad = 1
  }
  END { exit bad }
'
