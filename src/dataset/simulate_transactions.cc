#include "dataset/simulate_transactions.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/number.h"
#include "base/random.h"

namespace vigie::dataset {
namespace {

constexpr std::uint32_t kDaySeconds = 86'400;
constexpr double kMapSide = 100;
constexpr std::uint32_t kMostParties = 10'000'000;
constexpr std::uint32_t kMostDays = 3'650;

constexpr double kLargeAmount = 220;         // scenario 1: every amount above it
constexpr std::uint32_t kTerminalsADay = 2;  // scenario 2: terminals taken over each day,
constexpr std::uint32_t kTerminalDays = 28;  // and for how long
constexpr std::uint32_t kCustomersADay = 3;  // scenario 3: customers whose details leak each day,
constexpr std::uint32_t kCustomerDays = 14;  // for how long,
constexpr std::size_t kSpentOneIn = 3;       // how many of their transactions are the thief's,
constexpr double kSpentTimes = 5;            // and how much more the thief spends

// Every customer, terminal and day has a stream of its own, so that one more of the former does not change the others.
enum class Stream : std::uint64_t { kTerminal = 1, kCustomer, kTerminalFraud, kCustomerFraud };

Random stream(const TransactionSimulation& options, Stream kind, std::uint64_t index) {
  return Random(options.seed, (static_cast<std::uint64_t>(kind) << 48) | index);
}

struct Transaction {
  std::uint32_t second;  // since the start
  std::uint32_t customer;
  std::uint32_t terminal;
  std::uint8_t scenario = 0;
  double amount;
};

struct Terminal {
  double x;
  double y;
  std::uint32_t id;
};

double cents(double amount) { return std::round(amount * 100) / 100; }

Status check_count(std::uint32_t value, std::uint32_t most, const char* what) {
  if (value >= 1 && value <= most) return {};
  return fail(Code::kInvalidArgument, with_thousands(value) + " " + what, {},
              std::string("give a number of ") + what + " from 1 to " + with_thousands(most));
}

Status check(const TransactionSimulation& options) {
  VIGIE_TRY(check_count(options.customers, kMostParties, "customers"));
  VIGIE_TRY(check_count(options.terminals, kMostParties, "terminals"));
  VIGIE_TRY(check_count(options.days, kMostDays, "days"));
  if (!(options.reach > 0)) {
    return fail(Code::kInvalidArgument, "the reach is " + format_double(options.reach), {},
                "give a distance above 0; the map is 100 wide");
  }
  const std::uint64_t expected = std::uint64_t{2} * options.customers * options.days;
  if (expected > (std::uint64_t{1} << 31)) {
    return fail(Code::kResourceExhausted, "about " + with_thousands(expected) + " rows would come of this", {},
                "ask for fewer customers or days, or simulate in several files with different seeds");
  }
  return {};
}

// West to east, so that the terminals near a customer are in one short run.
std::vector<Terminal> place_terminals(const TransactionSimulation& options) {
  std::vector<Terminal> terminals(options.terminals);
  for (std::uint32_t id = 0; id < options.terminals; ++id) {
    Random random = stream(options, Stream::kTerminal, id);
    const double x = random.uniform(0, kMapSide);
    terminals[id] = {x, random.uniform(0, kMapSide), id};
  }
  std::sort(terminals.begin(), terminals.end(),
            [](const Terminal& a, const Terminal& b) { return std::pair(a.x, a.id) < std::pair(b.x, b.id); });
  return terminals;
}

void live(const TransactionSimulation& options, std::uint32_t customer, std::span<const Terminal> terminals,
          std::vector<std::uint32_t>& near, std::vector<Transaction>& transactions) {
  Random random = stream(options, Stream::kCustomer, customer);
  const double x = random.uniform(0, kMapSide);
  const double y = random.uniform(0, kMapSide);
  const double mean = random.uniform(5, 100);
  const double a_day = random.uniform(0, 4);
  near.clear();
  const auto first = std::lower_bound(terminals.begin(), terminals.end(), x - options.reach,
                                      [](const Terminal& terminal, double west) { return terminal.x < west; });
  for (auto at = first; at != terminals.end() && at->x <= x + options.reach; ++at) {
    const double dx = at->x - x;
    const double dy = at->y - y;
    if (dx * dx + dy * dy < options.reach * options.reach) near.push_back(at->id);
  }
  if (near.empty()) return;
  for (std::uint32_t day = 0; day < options.days; ++day) {
    for (std::uint64_t count = random.poisson(a_day); count > 0; --count) {
      const double second = std::trunc(random.normal(kDaySeconds / 2.0, 20'000));
      double amount = random.normal(mean, mean / 2);
      if (amount < 0) amount = random.uniform(0, 2 * mean);
      const std::uint32_t terminal = near[random.below(near.size())];
      // The book drops what falls outside the day rather than draw again.
      if (!(second > 0 && second < kDaySeconds)) continue;
      transactions.push_back(
          {day * kDaySeconds + static_cast<std::uint32_t>(second), customer, terminal, 0, cents(amount)});
    }
  }
}

// The rows of each party (a customer or a terminal), in order of time: rows[starts[p]] .. rows[starts[p + 1]].
struct RowsOf {
  std::vector<std::uint32_t> rows;
  std::vector<std::uint32_t> starts;

  RowsOf(const std::vector<Transaction>& transactions, std::uint32_t Transaction::* party, std::uint32_t parties)
      : rows(transactions.size()), starts(parties + std::size_t{1}) {
    for (const auto& transaction : transactions) ++starts[transaction.*party + 1];
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    std::vector<std::uint32_t> next(starts.begin(), starts.end() - 1);
    for (std::uint32_t row = 0; row < transactions.size(); ++row) rows[next[transactions[row].*party]++] = row;
  }

  // Those within `days` days from the start of day `day`.
  std::span<const std::uint32_t> within(const std::vector<Transaction>& transactions, std::uint32_t party,
                                        std::uint32_t day, std::uint32_t days) const {
    const auto before = [&](std::uint32_t row, std::uint64_t second) { return transactions[row].second < second; };
    const auto begin = rows.begin() + starts[party];
    const auto end = rows.begin() + starts[party + 1];
    const auto from = std::lower_bound(begin, end, std::uint64_t{day} * kDaySeconds, before);
    const auto to = std::lower_bound(from, end, (std::uint64_t{day} + days) * kDaySeconds, before);
    return {from, to};
  }
};

// In the book's order: where scenarios meet on a row, the later one names it.
void defraud(const TransactionSimulation& options, std::vector<Transaction>& transactions) {
  for (auto& transaction : transactions) {
    if (transaction.amount > kLargeAmount) transaction.scenario = 1;
  }
  const RowsOf by_terminal(transactions, &Transaction::terminal, options.terminals);
  for (std::uint32_t day = 0; day < options.days; ++day) {
    Random random = stream(options, Stream::kTerminalFraud, day);
    for (const auto terminal : random.sample(options.terminals, std::min(kTerminalsADay, options.terminals))) {
      for (const auto row : by_terminal.within(transactions, terminal, day, kTerminalDays)) {
        transactions[row].scenario = 2;
      }
    }
  }
  const RowsOf by_customer(transactions, &Transaction::customer, options.customers);
  std::vector<std::uint32_t> exposed;
  for (std::uint32_t day = 0; day < options.days; ++day) {
    Random random = stream(options, Stream::kCustomerFraud, day);
    exposed.clear();
    for (const auto customer : random.sample(options.customers, std::min(kCustomersADay, options.customers))) {
      const auto rows = by_customer.within(transactions, customer, day, kCustomerDays);
      exposed.insert(exposed.end(), rows.begin(), rows.end());
    }
    const auto count = static_cast<std::uint32_t>(exposed.size());
    for (const auto pick : random.sample(count, static_cast<std::uint32_t>(count / kSpentOneIn))) {
      Transaction& transaction = transactions[exposed[pick]];
      transaction.amount = cents(transaction.amount * kSpentTimes);
      transaction.scenario = 3;
    }
  }
}

Table to_table(const TransactionSimulation& options, const std::vector<Transaction>& transactions) {
  const auto integers = [&](auto value) {
    std::vector<std::int64_t> values(transactions.size());
    for (std::size_t row = 0; row < values.size(); ++row) values[row] = value(transactions[row]);
    return values;
  };
  std::vector<std::int64_t> numbers(transactions.size());
  std::iota(numbers.begin(), numbers.end(), 0);
  std::vector<double> amounts(transactions.size());
  for (std::size_t row = 0; row < amounts.size(); ++row) amounts[row] = transactions[row].amount;

  std::vector<Column> columns;
  columns.reserve(9);
  const auto add = [&](const char* name, ColumnType type, auto value) {
    columns.emplace_back(name, type, integers(value));
  };
  columns.emplace_back("TRANSACTION_ID", ColumnType::kInteger, std::move(numbers));
  add("TX_DATETIME", ColumnType::kTimestamp,
      [&](const Transaction& t) { return options.start + std::int64_t{t.second} * 1'000'000; });
  add("CUSTOMER_ID", ColumnType::kInteger, [](const Transaction& t) { return t.customer; });
  add("TERMINAL_ID", ColumnType::kInteger, [](const Transaction& t) { return t.terminal; });
  columns.emplace_back("TX_AMOUNT", std::move(amounts));
  add("TX_TIME_SECONDS", ColumnType::kInteger, [](const Transaction& t) { return t.second; });
  add("TX_TIME_DAYS", ColumnType::kInteger, [](const Transaction& t) { return t.second / kDaySeconds; });
  add("TX_FRAUD", ColumnType::kInteger, [](const Transaction& t) { return t.scenario != 0 ? 1 : 0; });
  add("TX_FRAUD_SCENARIO", ColumnType::kInteger, [](const Transaction& t) { return t.scenario; });
  return Table(std::move(columns));
}

}  // namespace

Result<Table> simulate_transactions(const TransactionSimulation& options, Progress& progress) {
  VIGIE_TRY(check(options));
  const std::vector<Terminal> terminals = place_terminals(options);
  std::vector<Transaction> transactions;
  transactions.reserve(static_cast<std::size_t>(2.0 * options.customers * options.days));
  std::vector<std::uint32_t> near;
  progress.begin("simulate", options.customers, "customers");
  for (std::uint32_t customer = 0; customer < options.customers; ++customer) {
    live(options, customer, terminals, near, transactions);
    if (customer % 256 == 0) progress.advance_to(customer);
  }
  progress.advance_to(options.customers);
  progress.end();
  if (transactions.empty()) {
    return fail(Code::kInvalidData, "no customer made a transaction", {},
                "ask for more customers, terminals or days, or a wider reach");
  }
  // By every field, so that the order is the same whatever the sort does with equals.
  std::sort(transactions.begin(), transactions.end(), [](const Transaction& a, const Transaction& b) {
    return std::tie(a.second, a.customer, a.terminal, a.amount) < std::tie(b.second, b.customer, b.terminal, b.amount);
  });
  defraud(options, transactions);
  return to_table(options, transactions);
}

}  // namespace vigie::dataset
