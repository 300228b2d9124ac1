// Any bytes as the parts of a package that strangers may send: the marker, model.json, the isolation forest, reference
// and evaluation, those of a credit model, and the archive around them. The first byte picks the part. What reads must
// write and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "model/card_contents.h"
#include "model/credit_contents.h"
#include "model/credit_json.h"
#include "model/evaluation_json.h"
#include "model/isolation_json.h"
#include "model/json_reader.h"
#include "model/model_json.h"
#include "model/package_archive.h"
#include "model/package_contents.h"
#include "model/reference_json.h"

namespace {

using namespace vigie::model;

// Reading what was written gives the same text again.
template <typename Parse, typename Write>
void round_trip(std::string_view json, Parse parse, Write write) {
  const auto document = JsonDocument::parse(json);
  if (!document) return;
  const auto first = parse(document->root());
  if (!first) return;
  const std::string text = write(*first);
  const auto again = JsonDocument::parse(text);
  if (!again) std::abort();
  const auto second = parse(again->root());
  if (!second || write(*second) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 9) {
    case 0: (void)parse_marker(bytes); break;
    case 1:
      // model.json also carries a summary of the figures, which parse_model_json leaves to evaluation.json.
      round_trip(bytes, parse_model_json, model_json);
      break;
    case 2: round_trip(bytes, parse_isolation_json, isolation_json); break;
    case 3: round_trip(bytes, parse_reference_json, reference_json); break;
    case 4: round_trip(bytes, parse_evaluation_json, evaluation_json); break;
    case 5:
      if (auto contents = unpack(bytes, "fuzz.tar.zst")) {
        (void)read_card_contents(*contents);
        (void)read_credit_contents(*contents);
      }
      break;
    case 6:
      // The summary of the figures is evaluation.json's here as well.
      round_trip(bytes, parse_credit_model_json, credit_model_json);
      break;
    case 7: round_trip(bytes, parse_fairness_json, fairness_json); break;
    default: round_trip(bytes, parse_points_reference_json, points_reference_json);
  }
  return 0;
}
