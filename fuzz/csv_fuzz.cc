// Any bytes as CSV: no crash, and the outcome does not depend on how the bytes are cut into blocks.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dataset/csv.h"

namespace {

std::string outcome(std::string_view text, std::size_t block, std::size_t piece) {
  using namespace vigie::dataset;
  const CsvOptions options{
      .delimiter = '\0', .on_bad_row = OnBadRow::kReject, .max_record_bytes = 4096, .block_bytes = block};
  std::string said;
  auto reader = CsvReader::open(bytes_in_memory(text, "fuzz", piece), options);
  if (!reader) return reader.error().to_string();
  const std::size_t columns = reader->header().names.size();
  CsvBlock rows;
  for (;;) {
    const auto more = reader->next(rows);
    if (!more) return said + more.error().to_string();
    if (!*more) return said;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      said += std::to_string(rows.line(row));
      for (std::size_t column = 0; column < columns; ++column) said += '|' + std::string(rows.field(row, column));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string whole = outcome(text, std::size_t{1} << 20, 0);
  if (outcome(text, 1, 3) != whole || outcome(text, 64, 0) != whole) std::abort();
  (void)vigie::dataset::read_csv(vigie::dataset::bytes_in_memory(text, "fuzz"),
                                 {.on_bad_row = vigie::dataset::OnBadRow::kReject, .threads = 1});
  return 0;
}
