#!/usr/bin/env bash
# Tries tools/npm_packages with an npm of its own: what it brings once it does not ask for again, and a registry that cannot
# be reached is told and ends with 1, so that the build can go on without.
set -euo pipefail
script=$(cd "$(dirname "$0")/../.." && pwd)/tools/npm_packages
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0
mkdir -p "$tree"/tools "$tree"/web "$tree"/bin "$tree"/empty
cp "$script" "$tree/tools/npm_packages"
printf '{\n  "dependencies": {\n    "thing": "1.2.3"\n  }\n}\n' > "$tree/web/package.json"
echo '{}' > "$tree/web/package-lock.json"

# npm_that STATUS: the npm on PATH counts its calls, says why it fails, and ends with STATUS.
npm_that() {
  printf '#!/bin/bash\necho "$*" >> %q\n[[ %s == 0 ]] && mkdir -p node_modules/thing && exit 0\n%s\nexit %s\n' \
    "$tree/calls" "$1" 'echo "npm ERR! code ECONNREFUSED" >&2' "$1" > "$tree/bin/npm"
  chmod +x "$tree/bin/npm"
  : > "$tree/calls"
}

# expect NAME STATUS CALLS PATTERN: how it ends, how often it asked npm, what it says.
expect() {
  local said status=0
  said=$(PATH="$tree/bin:$PATH" "$tree/tools/npm_packages" web 2>&1) || status=$?
  if [[ $status != "$2" || $(wc -l < "$tree/calls") != "$3" ]] || ! grep -qE -- "$4" <<< "$said"; then
    printf 'FAIL %s: status %s, calls:\n%s\nsaid:\n%s\n' "$1" "$status" "$(< "$tree/calls")" "$said"
    failures=$((failures + 1))
  fi
}

npm_that 1
expect "a registry that cannot be reached" 1 1 'ECONNREFUSED'
expect "it is asked again, and the remedy is told" 1 2 'Check the network'
npm_that 0
expect "it is brought, by name and version" 0 1 'web: thing 1\.2\.3'
grep -q -- '--ignore-scripts' "$tree/calls" || { echo "FAIL scripts of packages are run"; failures=$((failures + 1)); }
expect "it is there: npm is not asked" 0 1 '^$'
echo '{"changed": true}' > "$tree/web/package-lock.json"
expect "another lock file is brought anew" 0 2 'thing'
rm -r "$tree/web/node_modules"
expect "so is a folder that went away" 0 3 'thing'

# Without npm: only what the script itself needs is on PATH.
for tool in bash dirname sha256sum; do ln -s "$(command -v "$tool")" "$tree/empty/$tool"; done
rm -r "$tree/web/node_modules"
status=0
said=$(PATH="$tree/empty" "$tree/empty/bash" "$tree/tools/npm_packages" web 2>&1) || status=$?
[[ $status == 1 && $said == *"npm is not installed; tools/setup installs it"* ]] ||
  { printf 'FAIL no npm: status %s, said %s\n' "$status" "$said"; failures=$((failures + 1)); }

((failures == 0)) || exit 1
echo "npm_packages_test: all passed"
