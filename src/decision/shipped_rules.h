// The rules that POST /fraude has where the settings give no others; `vigie config default` writes them into
// config.yaml.
#pragma once

#include <string_view>

namespace vigie::decision {

// YAML, as docs/rules.md describes it.
std::string_view shipped_rules();

}  // namespace vigie::decision
