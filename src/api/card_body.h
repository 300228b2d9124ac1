// From the bytes of a request to card transactions. The fast reader parses once, straight into the row that the model
// wants, and says no to anything unusual; then the exact reader tells every problem at once. What the fast one takes,
// the exact one takes with the same bits.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "api/problem.h"
#include "base/json_cursor.h"
#include "schema/card.h"

namespace vigie::api {

using CardRow = std::span<double, schema::kCardRaw>;

// `body` must be followed by http::kBodyPadding readable bytes. false: ask read_card().
bool read_card_fast(std::string_view body, CardRow row);

struct CardReading {
  std::optional<JsonFault> fault;  // malformed: 400
  std::vector<Problem> problems;   // 422
  bool ok() const { return !fault && problems.empty(); }
};
CardReading read_card(std::string_view body, CardRow row);

// Why a text is no UTF-8 JSON at all, before any of it is read.
std::optional<JsonFault> encoding_fault(std::string_view body);

// A batch: an array of transactions, or an object whose "transactions" is one.
struct BatchReading {
  std::optional<JsonFault> fault;
  std::vector<Problem> problems;  // of the whole: no list, unknown fields; rows' own go to the sink
  bool object_form = false;
  bool too_many_rows = false;
};
// Called in order with each row's index; `problems` is empty for a good row.
using RowSink = std::function<void(std::size_t index, CardRow row, std::span<const Problem> problems)>;

inline constexpr std::size_t kMostRows = 400'000;  // no valid transaction is so short that 64 MiB hold more

// false: something is unusual, what the sink was told is void, ask read_batch(). Padding as in read_card_fast().
bool read_batch_fast(std::string_view body, BatchReading& reading, const RowSink& sink);
BatchReading read_batch(std::string_view body, const RowSink& sink);

}  // namespace vigie::api
