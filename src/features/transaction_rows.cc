#include "features/transaction_rows.h"

#include <chrono>
#include <cmath>

namespace vigie::features {

domain::Transaction transaction_at(const dataset::TransactionRows& rows, std::size_t row) {
  domain::Transaction transaction{.id = rows.id.at(row),
                                  .client = rows.client.at(row),
                                  .amount = rows.amount[row],
                                  .type = rows.type[row],
                                  .time = WallTime(std::chrono::microseconds(rows.time[row])),
                                  .currency = rows.currency.at(row),
                                  .country = rows.country.at(row),
                                  .terminal = rows.terminal.at(row),
                                  .channel = rows.channel.at(row)};
  if (!std::isnan(rows.unpaid[row])) transaction.unpaid = rows.unpaid[row];
  return transaction;
}

}  // namespace vigie::features
