#include "http/media_range.h"

#include <algorithm>
#include <optional>

#include "base/number.h"
#include "http/message.h"

namespace vigie::http {
namespace {

// Takes what stands before the next `separator` off `text`.
std::string_view next_part(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return trimmed(part);
}

// 3: the type itself, 2: `text/*`, 1: `*/*`, 0: another.
int specificity(std::string_view range, std::string_view type) {
  if (equals_ignoring_case(range, type)) return 3;
  if (range == "*/*") return 1;
  const std::string_view family = type.substr(0, type.find('/') + 1);
  return range.ends_with("/*") && equals_ignoring_case(range.substr(0, range.size() - 1), family) ? 2 : 0;
}

// A `q` that is no number is 0.
double weight_of(std::string_view value) { return std::clamp(parse_double(value).value_or(0), 0.0, 1.0); }

}  // namespace

double accept_quality(std::string_view accept, std::string_view type, std::string_view version) {
  if (trimmed(accept).empty()) return 1;
  int best = 0;
  double quality = 0;
  while (!accept.empty()) {
    std::string_view item = next_part(accept, ',');
    const int specific = specificity(next_part(item, ';'), type);
    double weight = 1;
    bool same_version = true;
    while (!item.empty()) {
      std::string_view parameter = next_part(item, ';');
      const std::string_view name = next_part(parameter, '=');
      if (equals_ignoring_case(name, "q")) weight = weight_of(parameter);
      if (equals_ignoring_case(name, "version")) same_version = parameter == version;
    }
    if (!same_version || specific < best || specific == 0) continue;
    quality = specific == best ? std::max(quality, weight) : weight;
    best = specific;
  }
  return quality;
}

double coding_quality(std::string_view accept_encoding, std::string_view coding) {
  std::optional<double> own;
  double any = 0;
  while (!accept_encoding.empty()) {
    std::string_view item = next_part(accept_encoding, ',');
    const std::string_view name = next_part(item, ';');
    double weight = 1;
    while (!item.empty()) {
      std::string_view parameter = next_part(item, ';');
      if (equals_ignoring_case(next_part(parameter, '='), "q")) weight = weight_of(parameter);
    }
    if (name == "*") any = std::max(any, weight);
    if (equals_ignoring_case(name, coding)) own = std::max(own.value_or(0), weight);
  }
  return own.value_or(any);
}

}  // namespace vigie::http
