// Any bytes as rows of JSON: no crash, the outcome does not depend on how the bytes are cut into blocks, and a row that
// is taken for good is a JSON object that the slow reader takes too.
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dataset/card_json.h"

namespace {

using namespace vigie::dataset;

std::string outcome(std::string_view text, std::size_t block, std::size_t piece) {
  auto reader =
      JsonRowReader::open(bytes_in_memory(text, "fuzz", piece), {.block_bytes = block, .max_record_bytes = 4096});
  if (!reader) return "no reader";
  CardJsonParser parser({});
  JsonBlock rows;
  CardBlock parsed;
  std::string said;
  std::string refused;
  for (;;) {
    const auto more = reader->next(rows);
    if (!more) return said + refused + more.error().message;  // its column is known only where its line is in the block
    if (!*more) return said + refused;
    for (const auto& row : rows.rows) said += std::to_string(row.line) + '|' + std::string(rows.record(row));
    parser.parse(rows, parsed);
    for (const BadRow& bad : parsed.bad) refused += '!' + std::to_string(bad.line) + bad.field + bad.reason;
    for (const std::uint32_t good : parsed.rows) {
      simdjson::dom::parser slow;
      const simdjson::padded_string copy(rows.record(rows.rows[good]));
      simdjson::dom::object object;
      if (slow.parse(copy).get(object) != simdjson::SUCCESS) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string whole = outcome(text, std::size_t{1} << 20, 0);
  if (outcome(text, 1, 3) != whole || outcome(text, 64, 0) != whole) std::abort();
  return 0;
}
