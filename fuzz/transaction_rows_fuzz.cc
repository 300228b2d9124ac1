// Any bytes as a file of recorded transactions: the first byte says whether as CSV or NDJSON. What is read is sound: a
// value a row in every column, in order of time, amounts and labels in range.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dataset/transaction_rows.h"

namespace {

void check(bool sound) {
  if (!sound) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie::dataset;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const FileForm form = data[0] % 2 == 0 ? FileForm::kCsv : FileForm::kNdjson;
  const auto rows = read_transaction_rows(bytes_in_memory(bytes), form, {.on_bad_row = OnBadRow::kReject});
  if (!rows) return 0;
  const std::size_t count = rows->rows();
  check(count > 0 && rows->amount.size() == count && rows->time.size() == count && rows->type.size() == count);
  check(rows->unpaid.size() == count && rows->id.codes().size() == count && rows->terminal.codes().size() == count);
  check(std::ranges::is_sorted(rows->time) && rows->time.front() >= 0);
  for (std::size_t row = 0; row < count; ++row) {
    check(rows->amount[row] >= 0 && std::isfinite(rows->amount[row]) && rows->labels[row] <= 1 && rows->type[row] < 5);
    check(!rows->id.at(row).empty() && !rows->client.at(row).empty());
  }
  return 0;
}
