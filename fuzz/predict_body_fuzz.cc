// Bodies of /predict and /predict-batch: what the fast reader takes, the exact one takes with the same bits.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "api/card_body.h"
#include "http/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vigie::api::CardRow;
  using Row = std::array<double, vigie::schema::kCardRaw>;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  bytes.append(vigie::http::kBodyPadding, '}');
  const std::string_view body = std::string_view(bytes).substr(0, size);

  Row fast{};
  Row exact{};
  const bool usual = vigie::api::read_card_fast(body, fast);
  const auto reading = vigie::api::read_card(body, exact);
  if (usual && (!reading.ok() || std::memcmp(fast.data(), exact.data(), sizeof fast) != 0)) std::abort();

  std::vector<double> fast_rows;
  std::vector<double> exact_rows;
  bool all_good = true;
  vigie::api::BatchReading fast_batch;
  const bool usual_batch = vigie::api::read_batch_fast(
      body, fast_batch, [&](std::size_t, CardRow row, std::span<const vigie::api::Problem>) {
        fast_rows.insert(fast_rows.end(), row.begin(), row.end());
      });
  const auto batch =
      vigie::api::read_batch(body, [&](std::size_t, CardRow row, std::span<const vigie::api::Problem> problems) {
        all_good = all_good && problems.empty();
        exact_rows.insert(exact_rows.end(), row.begin(), row.end());
      });
  if (usual_batch && (batch.fault || !batch.problems.empty() || !all_good || fast_rows != exact_rows ||
                      fast_batch.object_form != batch.object_form)) {
    std::abort();
  }
  return 0;
}
