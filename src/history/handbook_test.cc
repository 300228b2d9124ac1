// The features of the "Reproducible Machine Learning for Credit Card Fraud Detection" handbook on its own transactions,
// which come with the shared data (VIGIE_DATA_DIR) and are skipped where that is not there: the history against the
// book's definitions, computed from the list of all transactions.
#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/number.h"
#include "history/embedded_history.h"

namespace vigie::history {
namespace {

constexpr std::int64_t kBookStart = 1'522'540'800;  // 2018-04-01
constexpr std::size_t kRows = 400'000;              // 41 days: the longest window with its delay, and some

struct Transaction {
  domain::Event event;
  bool fraud = false;
};

std::filesystem::path book_file() {
  const char* const folder = std::getenv("VIGIE_DATA_DIR");
  return std::filesystem::path(folder != nullptr ? folder : "../shared/data") / "transaction" /
         "handbook-transactions.csv.xz";
}

std::vector<std::string> first_lines(const std::filesystem::path& path, std::size_t count) {
  const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(), archive_read_free);
  archive_read_support_filter_xz(reader.get());
  archive_read_support_format_raw(reader.get());
  archive_entry* entry = nullptr;
  std::vector<std::string> lines;
  if (archive_read_open_filename(reader.get(), path.c_str(), 1 << 16) != ARCHIVE_OK ||
      archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) {
    return lines;
  }
  std::string line;
  std::array<char, 1 << 16> buffer;
  for (la_ssize_t got = 0;
       lines.size() < count && (got = archive_read_data(reader.get(), buffer.data(), buffer.size())) > 0;) {
    for (la_ssize_t i = 0; i < got && lines.size() < count; ++i) {
      if (buffer[static_cast<std::size_t>(i)] != '\n') {
        line += buffer[static_cast<std::size_t>(i)];
      } else {
        lines.push_back(std::move(line));
        line.clear();
      }
    }
  }
  return lines;
}

// TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_TIME_SECONDS,TX_TIME_DAYS,TX_FRAUD,TX_FRAUD_SCENARIO
Transaction transaction_of(const std::string& line) {
  std::vector<std::string_view> cells;
  for (std::string_view rest = line;;) {
    const auto comma = rest.find(',');
    cells.push_back(rest.substr(0, comma));
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  const auto number = [&](std::size_t cell) { return static_cast<std::uint64_t>(*parse_int(cells.at(cell))); };
  return {.event = {.id = number(0),
                    .client = number(2),
                    .terminal = number(3) + 1,  // 0 is a terminal of the book's
                    .cents = *domain::cents_of(*parse_double(cells.at(4))),
                    .time = kBookStart + static_cast<std::int64_t>(number(5))},
          .fraud = number(7) == 1};
}

using Row = std::array<double, kFeatures>;

// A customer's count and mean amount over 1, 7 and 30 days, this transaction and all before it; a terminal's count and
// share of frauds over the same, of transactions that are at least 7 days old. The book takes the latter as what is in
// the window with the delay less what is in the delay: the same transactions.
void expect_the_books(const Transaction& now, const std::vector<const Transaction*>& of_customer,
                      const std::vector<const Transaction*>& of_terminal, const Row& row) {
  const std::array<std::int64_t, 3> days = {1, 7, 30};
  for (std::size_t window = 0; window < days.size(); ++window) {
    double count = 1;
    std::uint64_t cents = now.event.cents;
    for (const Transaction* const other : of_customer) {
      if (other->event.time <= now.event.time - days[window] * kDay) continue;
      ++count;
      cents += other->event.cents;
    }
    ASSERT_EQ(row[kCount + 1 + window], count);
    ASSERT_NEAR(row[kMean + 1 + window], static_cast<double>(cents) / 100 / count, 1e-9);
    double uses = 0;
    double frauds = 0;
    for (const Transaction* const other : of_terminal) {
      const std::int64_t age = now.event.time - other->event.time;
      if (age < kRiskDelay || age >= kRiskDelay + days[window] * kDay) continue;
      ++uses;
      frauds += other->fraud ? 1 : 0;
    }
    ASSERT_EQ(row[kTerminalCount + window], uses);
    ASSERT_EQ(row[kTerminalRisk + window], uses == 0 ? 0 : frauds / uses);
  }
  const std::int64_t day = (now.event.time - kBookStart) / kDay;  // the book begins on a Sunday
  ASSERT_EQ(row[kWeekend], day % 7 == 0 || day % 7 == 6 ? 1 : 0);
  ASSERT_EQ(row[kNight], now.event.time % kDay / kHour <= 6 ? 1 : 0);
}

TEST(Handbook, FeaturesAreTheBooks) {
  if (!std::filesystem::exists(book_file())) GTEST_SKIP() << "no transactions beside the project: set VIGIE_DATA_DIR";
  const auto lines = first_lines(book_file(), kRows + 1);
  ASSERT_EQ(lines.size(), kRows + 1);
  std::vector<Transaction> all;
  all.reserve(kRows);
  for (std::size_t i = 1; i < lines.size(); ++i) all.push_back(transaction_of(lines[i]));

  const auto history = *EmbeddedHistory::make({});
  std::map<std::uint64_t, std::vector<const Transaction*>> customers;
  std::map<std::uint64_t, std::vector<const Transaction*>> terminals;
  Row row;
  double frauds_seen = 0;
  for (const Transaction& now : all) {
    ASSERT_EQ(*history->observe(now.event, now.event.time, row), Outcome::kCounted);
    // In the book each label is known as soon as its window reaches it.
    ASSERT_EQ(*history->label(
                  {.id = now.event.id, .terminal = now.event.terminal, .time = now.event.time, .fraud = now.fraud}),
              LabelOutcome::kTaken);
    auto& of_customer = customers[now.event.client];
    auto& of_terminal = terminals[now.event.terminal];
    expect_the_books(now, of_customer, of_terminal, row);
    if (HasFatalFailure()) FAIL() << "transaction " << now.event.id;
    frauds_seen += row[kTerminalRisk + 2] > 0 ? 1 : 0;
    of_customer.push_back(&now);
    of_terminal.push_back(&now);
  }
  EXPECT_GT(frauds_seen, 1'000) << "the rows were to reach terminals with known frauds";
}

}  // namespace
}  // namespace vigie::history
