#!/usr/bin/env bash
# Tries tools/check_layers on small trees: a good one passes, each breach is named with its file and line.
set -euo pipefail
check=$(cd "$(dirname "$0")/../.." && pwd)/tools/check_layers
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

fresh_tree() {
  rm -rf "${tree:?}"/*
  mkdir -p "$tree"/cmake "$tree"/src/{base,model,http,training,api}
  printf '%s\n' '# rank folder may include' '0 base' '2 model base' '2 http base' '4 training base model' \
    '6 api base model http' > "$tree/cmake/ranks.txt"
  echo '#include <vector>' > "$tree/src/base/result.h"
  printf '#include "base/result.h"\n#include "model/node.h"\n' > "$tree/src/model/forest.h"
  echo 'struct Node {};' > "$tree/src/model/node.h"
  printf '#include "http/server.h"\n' > "$tree/src/api/predict.cc"
  echo '#include <boost/asio.hpp>' > "$tree/src/http/server.h"
}

# expect NAME PATTERN: the tree fails and says PATTERN.
expect() {
  local said
  if said=$("$check" "$tree" 2>&1); then
    echo "FAIL $1: passed"
    failures=$((failures + 1))
  elif ! grep -qE -- "$2" <<< "$said"; then
    printf 'FAIL %s: want /%s/, said:\n%s\n' "$1" "$2" "$said"
    failures=$((failures + 1))
  fi
  fresh_tree
}

fresh_tree
"$check" "$tree" > /dev/null || { echo "FAIL a good tree was refused"; failures=$((failures + 1)); }

printf '// a comment\n\n#include "model/forest.h"\n' > "$tree/src/http/router.cc"
expect "equal ranks" '^src/http/router\.cc:3: src/http \(rank 2\) may not include src/model \(rank 2\); its row allows: base$'

echo '#include "training/fit.h"' > "$tree/src/api/train.cc"
expect "api includes training" '^src/api/train\.cc:1: src/api .* may not include src/training'

echo '#include "api/predict.h"' > "$tree/src/training/fit_test.cc"
expect "training includes api, in a test" '^src/training/fit_test\.cc:1: src/training .* may not include src/api'

echo '6 extra base' >> "$tree/cmake/ranks.txt"
sed -i 's/^6 api base/6 api base training/' "$tree/cmake/ranks.txt"
expect "the table lets api see training" '^cmake/ranks\.txt: training and api never meet'

sed -i 's/^2 http base/2 http base model/' "$tree/cmake/ranks.txt"
expect "the table goes sideways" '^cmake/ranks\.txt:4: http \(rank 2\) may not include model \(rank 2\)'

sed -i 's/^2 http base/2 http base telemetry/' "$tree/cmake/ranks.txt"
expect "the table names a stranger" '^cmake/ranks\.txt:4: http may include telemetry, which has no row'

mkdir "$tree/src/utils"
echo 'int x;' > "$tree/src/utils/misc.cc"
expect "a folder without a row" '^src/utils/misc\.cc: src/utils has no row'

echo '  #  include "nowhere/thing.h"' > "$tree/src/model/stray.cc"
expect "an unknown folder" '^src/model/stray\.cc:1: "nowhere/thing\.h": no folder "nowhere"'

echo '#include "node.h"' > "$tree/src/model/short.cc"
expect "a name without its folder" '^src/model/short\.cc:1: "node\.h": name our own files from src/'

echo '#include "model/../http/server.h"' > "$tree/src/model/sly.cc"
expect "a way round through .." '^src/model/sly\.cc:1: '

printf '\n#include "model/forest.h"\n' > "$tree/src/model/node.h"
expect "headers in a circle" '^src/model/node\.h:2: includes go round:.*model/forest\.h'

seq 601 > "$tree/src/model/long.cc"
expect "a file too long" '^src/model/long\.cc: 601 lines'

rm -r "$tree/src"
expect "not a project" 'has no cmake/ranks\.txt and src/'

((failures == 0)) || exit 1
echo "check_layers_test: all passed"
