// What vigie serve says of itself on stderr: one JSON object a line, for whoever collects them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vigie::cli {

// What is served, and where; empty before it is.
struct Serving {
  std::string url{};
  std::vector<std::pair<std::string, std::string>> versions{};  // {"card", "b20069bd1235"}: of models and rules
};

// `level`: "info", "warn" or "error". `reason`: what led to it; empty: nothing to say. Any thread; lines stay whole.
void log_line(std::string_view level, std::string_view message, const Serving& serving, std::string_view reason = {});

}  // namespace vigie::cli
