// Random recorded transactions for tests.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"
#include "dataset/transaction_rows.h"

namespace vigie::training {

// In order of time, over `days` days from 2018-07-01 on. Some share a second, a client's terminal or nothing at all;
// some have no terminal, some an id that was there before.
inline dataset::TransactionRows random_transactions(std::size_t count, std::int64_t days, Random& random) {
  dataset::TransactionRows rows;
  constexpr std::int64_t kStart = 1'530'403'200;
  std::vector<std::int64_t> times;
  for (std::size_t i = 0; i < count; ++i) {
    times.push_back(kStart +
                    static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(days) * 86'400 / 7)) * 7);
  }
  std::ranges::sort(times);
  const std::size_t people = count / 40 + 2;
  for (std::size_t i = 0; i < count; ++i) {
    const bool again = i > 0 && random.bernoulli(0.01);
    rows.id.append("T" + std::to_string(again ? i - 1 : i));
    rows.client.append("C" + std::to_string(random.below(people)));
    random.bernoulli(0.1) ? rows.terminal.append_missing()
                          : rows.terminal.append("S" + std::to_string(random.below(people / 2 + 1)));
    random.bernoulli(0.5) ? rows.country.append_missing() : rows.country.append(random.bernoulli(0.5) ? "FR" : "NG");
    rows.currency.append_missing();
    rows.channel.append_missing();
    rows.amount.push_back(static_cast<double>(random.below(50'000)) / 100);
    rows.type.push_back(static_cast<std::uint8_t>(random.below(5)));
    rows.time.push_back(times[i] * 1'000'000 + static_cast<std::int64_t>(random.below(1'000'000)));
    rows.unpaid.push_back(random.bernoulli(0.5) ? dataset::kMissingNumber : static_cast<double>(random.below(4)));
    rows.labels.push_back(random.bernoulli(0.05) ? 1 : 0);
  }
  std::ranges::sort(rows.time);  // within a second, too
  return rows;
}

}  // namespace vigie::training
