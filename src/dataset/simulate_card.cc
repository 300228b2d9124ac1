#include "dataset/simulate_card.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <string>
#include <vector>

#include "base/number.h"
#include "base/random.h"
#include "schema/card.h"

namespace vigie::dataset {
namespace {

constexpr std::size_t kComponents = schema::kCardComponents;

// One component of a normal row is deviation * (body * z + tail * z^3 + skew * (z^2 - 1)) with z standard normal, times
// the row's own volatility: a narrow body with heavy tails, leaning to one side. `amount` and `hour` say how it moves
// with the logarithm of the amount and with the time of day; `fraud` is where frauds lie, in its own units.
struct Component {
  double deviation;
  double body;
  double tail;
  double skew;
  double amount;
  double hour;
  double fraud;
};

constexpr std::array<Component, kComponents> kShape{{
    {1.60, 0.80, 0.050, -0.22, -0.15, 0.05, -3.6},   // V1
    {1.20, 0.55, 0.110, -0.10, -0.55, 0.00, 3.0},    // V2
    {1.35, 0.85, 0.030, -0.15, -0.15, 0.30, -5.6},   // V3
    {1.30, 0.85, 0.030, 0.10, 0.10, -0.05, 4.6},     // V4
    {1.15, 0.60, 0.100, -0.05, -0.42, 0.05, -2.4},   // V5
    {1.20, 0.60, 0.090, 0.18, 0.22, -0.05, -1.4},    // V6
    {1.05, 0.60, 0.100, 0.03, 0.40, 0.04, -4.4},     // V7
    {1.00, 0.32, 0.180, -0.12, -0.10, 0.00, 0.5},    // V8
    {1.05, 0.85, 0.040, 0.10, -0.04, 0.00, -2.6},    // V9
    {0.95, 0.60, 0.090, 0.15, -0.10, 0.03, -4.9},    // V10
    {1.02, 0.98, 0.002, 0.03, 0.00, -0.25, 3.7},     // V11
    {0.95, 0.80, 0.050, -0.18, 0.00, 0.12, -5.6},    // V12
    {1.00, 0.97, 0.005, 0.03, 0.00, -0.06, -0.1},    // V13
    {0.90, 0.70, 0.070, -0.08, 0.03, -0.08, -6.4},   // V14
    {0.91, 0.96, 0.008, -0.05, 0.00, -0.16, -0.1},   // V15
    {0.86, 0.85, 0.040, -0.08, 0.00, 0.01, -3.8},    // V16
    {0.75, 0.80, 0.050, 0.02, 0.01, -0.05, -5.8},    // V17
    {0.83, 0.87, 0.035, -0.02, 0.03, 0.08, -2.1},    // V18
    {0.81, 0.84, 0.040, 0.01, -0.05, 0.02, 0.7},     // V19
    {0.62, 0.24, 0.200, 0.10, 0.35, -0.03, 0.4},     // V20
    {0.66, 0.27, 0.190, 0.08, 0.12, 0.04, 0.7},      // V21
    {0.72, 0.92, 0.020, -0.03, -0.05, 0.10, 0.0},    // V22
    {0.52, 0.26, 0.190, -0.02, -0.10, 0.03, 0.0},    // V23
    {0.60, 0.93, 0.015, -0.12, 0.01, -0.01, -0.1},   // V24
    {0.51, 0.88, 0.030, -0.04, -0.04, -0.15, 0.05},  // V25
    {0.48, 0.90, 0.020, 0.14, 0.00, -0.03, 0.05},    // V26
    {0.38, 0.20, 0.210, -0.06, 0.02, 0.00, 0.2},     // V27
    {0.28, 0.22, 0.205, 0.05, 0.02, 0.00, 0.1},      // V28
}};

// Transactions an hour, relative to the day's mean: quiet from one to six, busy from nine to ten at night.
constexpr std::array<double, 24> kHourly{0.80, 0.50, 0.34, 0.24, 0.22, 0.30, 0.52, 0.86, 1.10, 1.28, 1.34, 1.36,
                                         1.34, 1.30, 1.28, 1.26, 1.25, 1.27, 1.32, 1.33, 1.30, 1.24, 1.13, 0.96};

enum class Amounts : std::uint8_t { kUsual, kLarge, kSmall, kBait };

// A way of defrauding. `severity` scales the components' fraud direction and has a log-normal spread; `noise` is the
// deviation of a fraud from its own centre, relative to a normal row's.
struct Pattern {
  double share;
  double severity;
  double spread;
  double noise;
  Amounts amounts;
};

constexpr std::array<Pattern, 5> kPatterns{{
    {0.46, 1.05, 0.50, 1.7, Amounts::kBait},   // loud: stolen numbers used in bulk
    {0.24, 0.48, 0.38, 1.5, Amounts::kUsual},  // middling
    {0.08, 0.06, 0.50, 1.0, Amounts::kUsual},  // subtle: nearly a normal row
    {0.12, 0.60, 0.40, 1.7, Amounts::kLarge},  // one large purchase
    {0.10, 0.42, 0.35, 1.3, Amounts::kSmall},  // trying whether a card works
}};

constexpr double kCampaignShare = 0.35;     // of the frauds, those that come in runs of one pattern
constexpr std::size_t kCampaignFrauds = 6;  // a run's length in frauds
constexpr std::size_t kCampaignRows = 400;  // and in rows
constexpr double kOddShare = 0.01;          // normal rows of unusual volatility
constexpr double kLimit = 400;              // |V| stays under it, so that 13 decimals are exact in a double

// The moment, in days, until which a share `mass` of whole days' transactions has happened.
double day_at(double mass) {
  double total = 0;
  for (const double weight : kHourly) total += weight;
  const double whole = std::floor(mass);
  double left = (mass - whole) * total;
  std::size_t hour = 0;
  while (hour + 1 < kHourly.size() && left >= kHourly[hour]) left -= kHourly[hour++];
  return whole + (static_cast<double>(hour) + left / kHourly[hour]) / 24;
}

// Where a block's frauds are and what they are: 0 is no fraud, p + 1 one of pattern p.
std::vector<std::uint8_t> place_frauds(const CardSimulation& options, std::uint64_t block, Random& random) {
  const auto until = [&](std::uint64_t blocks) {
    return static_cast<std::uint64_t>(
        std::floor(static_cast<double>(blocks) * static_cast<double>(kCardBlock) * options.fraud_rate + 0.5));
  };
  auto left = static_cast<std::size_t>(until(block + 1) - until(block));
  std::vector<std::uint8_t> kinds(kCardBlock);
  const auto pick_pattern = [&] {
    double at = random.uniform();
    std::uint8_t pattern = 0;
    while (pattern + 1u < kPatterns.size() && at >= kPatterns[pattern].share) at -= kPatterns[pattern++].share;
    return static_cast<std::uint8_t>(pattern + 1);
  };
  const auto place = [&](std::size_t row, std::uint8_t kind) {
    while (kinds[row] != 0) row = (row + 1) % kCardBlock;
    kinds[row] = kind;
    --left;
  };
  while (left > 0) {
    if (random.uniform() >= kCampaignShare / (kCampaignShare + (1 - kCampaignShare) * kCampaignFrauds)) {
      place(random.below(kCardBlock), pick_pattern());
      continue;
    }
    const std::size_t first = random.below(kCardBlock - kCampaignRows);
    const std::uint8_t kind = pick_pattern();
    for (std::size_t i = std::min(left, kCampaignFrauds); i > 0; --i) place(first + random.below(kCampaignRows), kind);
  }
  return kinds;
}

double price(double amount, Random& random) {
  const double habit = random.uniform();
  if (habit < 0.20) return std::max(1.0, std::round(amount));
  if (habit < 0.42) return std::floor(amount) + 0.99;
  return std::round(amount * 100) / 100;
}

// An amount and the normal deviate behind it, which moves some components with it.
struct Drawn {
  double amount;
  double level;
};

Drawn draw_amount(Amounts kind, Random& random) {
  double level = random.normal();
  const double pick = random.uniform();
  switch (kind) {
    case Amounts::kUsual:
      if (pick < 0.007) return {0, level};
      if (pick < 0.055) return {1, -1.9};
      return {price(std::min(std::exp(3.05 + 1.55 * level), 25'000.0), random), level};
    case Amounts::kLarge: {
      const double amount = price(std::min(std::exp(6.0 + 0.6 * level), 5'000.0), random);
      return {amount, (std::log(std::max(amount, 0.01)) - 3.05) / 1.55};
    }
    case Amounts::kSmall: {
      constexpr std::array<double, 4> kTried{0, 0.76, 1, 1};
      return {pick < 0.75 ? kTried[random.below(kTried.size())] : price(0.5 + 4 * random.uniform(), random), -1.9};
    }
    case Amounts::kBait:
      if (pick < 0.35) return {1, -1.9};
      if (pick < 0.50) return {99.99, 1.0};
      return {price(std::exp(3.2 + 1.9 * level), random), level};
  }
  return {0, 0};
}

// 13 decimals, as the original prints: short text, and exact because the scaled value is a whole number under 2^53.
double printed(double value) { return std::round(std::clamp(value, -kLimit, kLimit) * 1e13) / 1e13; }

}  // namespace

Status check(const CardSimulation& options) {
  if (!(options.fraud_rate >= 0 && options.fraud_rate <= 0.5)) {
    return fail(Code::kInvalidArgument, "the fraud rate is " + format_double(options.fraud_rate), {},
                "give a share from 0 to 0.5, such as 0.0017");
  }
  if (!(options.rows_per_day >= 1 && options.rows_per_day <= 1e12)) {
    return fail(Code::kInvalidArgument, "the number of rows a day is " + format_double(options.rows_per_day), {},
                "give a number from 1 to 1e12");
  }
  return {};
}

std::uint64_t card_blocks(std::uint64_t rows) { return rows / kCardBlock + (rows % kCardBlock != 0 ? 1 : 0); }

std::size_t card_block_rows(std::uint64_t rows, std::uint64_t block) {
  return static_cast<std::size_t>(std::min<std::uint64_t>(kCardBlock, rows - block * kCardBlock));
}

Table simulate_card_block(const CardSimulation& options, std::uint64_t block, std::size_t rows) {
  assert(rows <= kCardBlock);
  Random random(options.seed, block);
  const auto kinds = place_frauds(options, block, random);

  std::vector<std::int64_t> time(rows);
  std::array<std::vector<double>, kComponents> components;
  for (auto& values : components) values.resize(rows);
  std::vector<double> amounts(rows);
  std::vector<std::int64_t> classes(rows);

  for (std::size_t row = 0; row < rows; ++row) {
    const bool fraud = kinds[row] != 0;
    const Pattern* pattern = fraud ? &kPatterns[kinds[row] - 1u] : nullptr;
    const auto number = static_cast<double>(block * kCardBlock + row);
    const double day = day_at((number + random.uniform()) / options.rows_per_day);
    const double hour = std::cos((day - std::floor(day)) * 6.283185307179586 - 2.1);
    const Drawn drawn = draw_amount(fraud ? pattern->amounts : Amounts::kUsual, random);
    double volatility = std::exp(0.24 * random.normal());
    double severity = 0;
    if (fraud) {
      severity = pattern->severity * std::exp(pattern->spread * random.normal());
      volatility *= pattern->noise;
    } else if (random.uniform() < kOddShare) {
      volatility *= 2.4;
    }
    time[row] = static_cast<std::int64_t>(std::floor(day * 86'400));
    amounts[row] = drawn.amount;
    classes[row] = fraud ? 1 : 0;
    for (std::size_t k = 0; k < kComponents; ++k) {
      const Component& shape = kShape[k];
      const double z = random.normal();
      const double own = z * (shape.body + shape.tail * z * z) + shape.skew * (z * z - 1);
      const double moved = shape.amount * drawn.level + shape.hour * hour;
      components[k][row] = printed(shape.deviation * (volatility * own + moved) + severity * shape.fraud);
    }
  }

  std::vector<Column> columns;
  columns.reserve(kComponents + 3);
  columns.emplace_back("Time", ColumnType::kInteger, std::move(time));
  for (std::size_t k = 0; k < kComponents; ++k) {
    columns.emplace_back("V" + std::to_string(k + 1), std::move(components[k]));
  }
  columns.emplace_back("Amount", std::move(amounts));
  columns.emplace_back("Class", ColumnType::kInteger, std::move(classes));
  return Table(std::move(columns));
}

}  // namespace vigie::dataset
