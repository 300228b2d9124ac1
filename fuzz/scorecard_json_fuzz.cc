// Any bytes as a scorecard: parsing ends, what it accepts scores every value, and it is written as it was read.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "model/json_reader.h"
#include "model/scorecard_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vigie::model::JsonDocument;
  const auto json = JsonDocument::parse({reinterpret_cast<const char*>(data), size});
  if (!json) return 0;
  const auto scorecard = vigie::model::parse_scorecard_json(json->root());
  if (!scorecard) {
    if (scorecard.error().code == vigie::Code::kInternal) std::abort();
    return 0;
  }
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {0.0, -1.5, 1e300, infinity, -infinity, std::nan("")}) {
    const std::vector<double> row(scorecard->fields.size(), value);
    const double points = scorecard->scale(scorecard->margin(row));
    if (!(points >= scorecard->scale.least && points <= scorecard->scale.most)) std::abort();
  }
  const std::string text = vigie::model::scorecard_json(*scorecard);
  const auto again = JsonDocument::parse(text);
  if (!again) std::abort();
  const auto same = vigie::model::parse_scorecard_json(again->root());
  if (!same || vigie::model::scorecard_json(*same) != text) std::abort();
  return 0;
}
