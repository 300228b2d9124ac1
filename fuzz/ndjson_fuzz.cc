// Any bytes as NDJSON: no crash, and the outcome does not depend on how the bytes arrive.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dataset/ndjson.h"

namespace {

std::string outcome(std::string_view text, std::size_t block, std::size_t piece) {
  using namespace vigie::dataset;
  const ReadOptions options{
      .on_bad_row = OnBadRow::kReject, .threads = 1, .max_record_bytes = 4096, .block_bytes = block};
  const auto reading = read_ndjson(bytes_in_memory(text, "fuzz", piece), options);
  if (!reading) return reading.error().to_string();
  std::string said = std::to_string(reading->rejected);
  for (const auto& column : reading->table.columns()) {
    said += '\n' + column.name() + std::string(to_string(column.type()));
    for (std::size_t row = 0; row < column.size(); ++row) column.append_text(row, said += '|');
  }
  return said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (outcome(text, std::size_t{1} << 20, 0) != outcome(text, 16, 5)) std::abort();
  return 0;
}
