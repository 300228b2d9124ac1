// A strict reader of exposition text, for tests: what it accepts, Prometheus accepts. It refuses what scrapers forgive.
#pragma once

#include <cmath>
#include <cstdlib>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "telemetry/exposition.h"

namespace vigie::telemetry {

struct CheckedExposition {
  std::string fault;                      // empty: the text is right
  std::map<std::string, double> samples;  // by name and labels as they are written: `a_total{b="c"}`

  double operator[](const std::string& sample) const {
    const auto found = samples.find(sample);
    return found == samples.end() ? -1 : found->second;
  }
};

// Each family has HELP and TYPE before its samples and is not interrupted; samples are named as their type asks and are
// distinct; buckets rise to +Inf, which is _count; OpenMetrics ends with # EOF.
inline CheckedExposition check_exposition(const std::string& text, TextFormat format) {
  static const std::regex kDescription(R"(# (HELP|TYPE|UNIT) ([a-z_][a-z0-9_]*) (.+))");
  static const std::regex kSample(
      R"rx(([a-z_][a-z0-9_]*)(\{[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")*\})? (\S+))rx");
  static const std::regex kBound(R"rx(,?le="([^"]+)")rx");
  const bool open = format == TextFormat::kOpenMetrics;
  CheckedExposition checked;
  std::map<std::string, std::string> types;
  std::set<std::string> helped;
  std::string family;
  std::map<std::string, std::pair<double, double>> buckets;  // by labels without `le`: last bound and count
  bool ended = false;
  std::istringstream lines(text);
  const auto fail = [&](const std::string& why, const std::string& line) {
    checked.fault = why + ": " + line;
    return checked;
  };
  if (!text.ends_with('\n')) return fail("no line end", text.substr(text.rfind('\n') + 1));
  for (std::string line; std::getline(lines, line);) {
    std::smatch part;
    if (ended) return fail("text after # EOF", line);
    if (line == "# EOF") {
      if (!open) return fail("# EOF is OpenMetrics'", line);
      ended = true;
    } else if (std::regex_match(line, part, kDescription)) {
      const std::string name = part[2];
      if (part[1] == "HELP") {
        if (!helped.insert(name).second) return fail("a second HELP", line);
      } else if (part[1] == "TYPE") {
        if (!helped.contains(name)) return fail("TYPE without HELP", line);
        if (!types.emplace(name, part[3]).second) return fail("a second TYPE", line);
        if (part[3] == "counter" && name.ends_with("_total") == open) return fail("wrong counter name", line);
        family = name;
        buckets.clear();
      } else if (!open || name != family || !name.ends_with("_" + part[3].str())) {
        return fail("wrong UNIT", line);
      }
    } else if (std::regex_match(line, part, kSample)) {
      const std::string name = part[1];
      std::string labels = part[2];
      const std::string type = types[family];
      const std::string suffix = name.starts_with(family) ? name.substr(family.size()) : "?";
      const bool named = type == "counter"     ? suffix == (open ? "_total" : "")
                         : type == "histogram" ? suffix == "_bucket" || suffix == "_sum" || suffix == "_count"
                                               : type == "gauge" && suffix.empty();
      if (!named) return fail("a sample outside its family", line);
      char* end = nullptr;
      const std::string number = part[3];
      const double value = std::strtod(number.c_str(), &end);
      if (*end != '\0' || (type != "gauge" && value < 0)) return fail("no value", line);
      if (!checked.samples.emplace(name + labels, value).second) return fail("a second time", line);
      if (suffix == "_bucket") {
        std::smatch bound;
        if (!std::regex_search(labels, bound, kBound)) return fail("a bucket without le", line);
        const double le = std::strtod(bound[1].str().c_str(), nullptr);
        labels = std::regex_replace(labels, kBound, "");
        const auto [last, first] = buckets.try_emplace(labels == "{}" ? "" : labels, le, value);
        if (!first && (le <= last->second.first || value < last->second.second)) return fail("falling buckets", line);
        last->second = {le, value};
      } else if (suffix == "_count") {
        const auto last = buckets.find(labels);
        if (last == buckets.end() || !std::isinf(last->second.first) || last->second.second != value) {
          return fail("_count is not the +Inf bucket", line);
        }
      }
    } else {
      return fail("no line of the format", line);
    }
  }
  if (open && !ended) return fail("no # EOF", "");
  return checked;
}

}  // namespace vigie::telemetry
