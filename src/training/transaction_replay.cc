#include "training/transaction_replay.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/keyed_hash.h"
#include "domain/event.h"
#include "features/transaction_rows.h"
#include "history/embedded_history.h"
#include "history/event_keys.h"

namespace vigie::training {
namespace {

// Keys of a replay leave the process as little as its history does, and equal files must give equal models.
constexpr KeyedHash::Secret kSecret = {0, 0};
constexpr std::size_t kProgressRows = 10'000;

// As a server's, and none of the file's clients or terminals is forgotten for another.
history::Bounds bounds_of(const dataset::TransactionRows& rows) {
  history::Bounds bounds;
  const auto at_least = [](std::uint32_t bound, const dataset::TextColumn& names) {
    // What is forgotten goes by 64ths of the keys, which are never equally full.
    return std::max(bound, static_cast<std::uint32_t>(std::min<std::size_t>(2 * names.dictionary().size(), 1u << 31)));
  };
  bounds.clients = at_least(bounds.clients, rows.client);
  bounds.terminals = at_least(bounds.terminals, rows.terminal);
  return bounds;
}

}  // namespace

Status replay_transactions(const dataset::TransactionRows& rows, std::int64_t label_delay,
                           const std::function<void(std::size_t, features::TransactionView)>& visit,
                           Progress& progress) {
  if (label_delay < 0) {
    return fail(Code::kInvalidArgument, "labels cannot come before their transactions", {.field = "label_delay"},
                "give 0 days or more");
  }
  const history::EventKeys keys{KeyedHash(kSecret)};
  const auto history = VIGIE_TRY(history::EmbeddedHistory::make(bounds_of(rows)));
  std::vector<domain::Label> frauds;  // in order of time, those from `known` on not yet known
  std::size_t known = 0;
  std::array<double, features::kTransactionInputs> inputs{};
  progress.begin("replaying", rows.rows(), "transactions");
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const domain::Transaction transaction = features::transaction_at(rows, row);
    const domain::Event event = keys.event(transaction);
    for (; known < frauds.size() && frauds[known].time + label_delay <= event.time; ++known) {
      VIGIE_TRY(history->label(frauds[known]));
    }
    features::fill_own_part(transaction, inputs);
    VIGIE_TRY(history->observe(event, event.time, features::history_part(inputs)));
    visit(row, inputs);
    if (rows.labels[row] != 0 && event.terminal != 0) {
      frauds.push_back({.id = event.id, .terminal = event.terminal, .time = event.time, .fraud = true});
    }
    if (row % kProgressRows == 0) progress.advance_to(row);
  }
  progress.end();
  return {};
}

Result<TransactionMatrix> transaction_matrix(const dataset::TransactionRows& rows, std::int64_t label_delay,
                                             std::vector<std::size_t> inputs, std::size_t first, Progress& progress) {
  TransactionMatrix matrix{.inputs = std::move(inputs), .first = first, .values = {}};
  matrix.values.reserve((rows.rows() - first) * matrix.width());
  VIGIE_TRY(replay_transactions(
      rows, label_delay,
      [&](std::size_t row, features::TransactionView values) {
        if (row < first) return;
        for (const std::size_t input : matrix.inputs) matrix.values.push_back(static_cast<float>(values[input]));
      },
      progress));
  return matrix;
}

}  // namespace vigie::training
