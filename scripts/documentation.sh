#!/usr/bin/env bash
# Builds the modules' documentation from what `make build` left, into .build/documentation, and fails where a link leads
# nowhere.
set -euo pipefail
cd "$(dirname "$0")/.."
built=.build/release
out=.build/documentation

# The symbols of a module are read from its binary form, which imports C modules by these maps.
maps=()
for map in "$built"/C*.build/module.modulemap .build/checkouts/*/Sources/*/module.modulemap \
  .build/checkouts/*/Sources/*/include/module.modulemap Sources/*/module.modulemap; do
  maps+=(-Xcc "-fmodule-map-file=$map")
done

rm -rf "$out"
failed=0
for catalogue in Sources/*/*.docc; do
  module=$(basename "$catalogue" .docc)
  mkdir -p "$out/symbols/$module"
  swift symbolgraph-extract -module-name "$module" -I "$built/Modules" "${maps[@]}" -target "$(uname -m)-unknown-linux-gnu" \
    -minimum-access-level public -skip-inherited-docs -output-dir "$out/symbols/$module"
  docc convert "$catalogue" --additional-symbol-graph-dir "$out/symbols/$module" --fallback-display-name "$module" \
    --fallback-bundle-identifier "org.sonarsweep.$module" --output-path "$out/$module" >"$out/$module.log" 2>&1 || failed=1
  # Not every parameter needs words of its own.
  if grep -E '^(warning|error)' "$out/$module.log" | grep -v 'is missing documentation'; then
    failed=1
    echo "$module: see $out/$module.log"
  fi
done
[ "$failed" = 0 ] || exit 1
echo "$out/MODULE/index.html; to read them: python3 -m http.server --directory $out/SweepSpec, then /documentation/sweepspec"
