#include "training/binning.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>
#include <span>

#include "training/quantiles.h"
#include "training/ranking.h"

namespace vigie::training {
namespace {

using model::Trend;

constexpr double kNone = -std::numeric_limits<double>::infinity();

// What is best over the first candidates, by where its last range begins and ends.
class Prefixes {
 public:
  Prefixes(const CutSearch& search, bool reversed, bool rising) : size_(search.good.size()), best_(square(), kNone) {
    begun_.resize(square());
    load(search, reversed);
    for (std::size_t end = 1; end <= size_; ++end) extend(search, 0, end, rising);
    for (std::size_t begin = 1; begin < size_; ++begin) {
      for (std::size_t end = begin + 1; end <= size_; ++end) extend(search, begin, end, rising);
    }
  }

  // Over [0, end); kNone where no cut is allowed.
  double best(std::size_t end) const { return best_[cell(last(end), end)]; }
  // Where its ranges begin, and `end` behind them.
  std::vector<std::size_t> cuts(std::size_t end) const {
    std::vector<std::size_t> at = {end};
    std::size_t begin = last(end);
    while (true) {
      at.push_back(begin);
      if (begin == 0) break;
      const std::size_t before = begun_[cell(begin, end)];
      end = begin;
      begin = before;
    }
    std::ranges::reverse(at);
    return at;
  }

 private:
  std::size_t square() const { return (size_ + 1) * (size_ + 1); }
  std::size_t cell(std::size_t begin, std::size_t end) const { return begin * (size_ + 1) + end; }

  void load(const CutSearch& search, bool reversed) {
    good_.assign(1, 0);
    bad_.assign(1, 0);
    for (std::size_t i = 0; i < size_; ++i) {
      const std::size_t at = reversed ? size_ - 1 - i : i;
      good_.push_back(good_.back() + search.good[at]);
      bad_.push_back(bad_.back() + search.bad[at]);
    }
  }

  double share_of_bad(std::size_t begin, std::size_t end) const {
    const double bad = bad_[end] - bad_[begin];
    return bad / (bad + good_[end] - good_[begin]);
  }

  // [begin, end) behind the best ranges that end where it begins and whose last one has less risk, or more.
  void extend(const CutSearch& search, std::size_t begin, std::size_t end, bool rising) {
    const double good = good_[end] - good_[begin];
    const double bad = bad_[end] - bad_[begin];
    if (good + bad < search.least_all || good < search.least_each || bad < search.least_each) return;
    const double own = information_value(good, bad, search.total_good, search.total_bad);
    if (begin == 0) {
      best_[cell(0, end)] = own;
      return;
    }
    const double share = share_of_bad(begin, end);
    double most = kNone;
    std::size_t begun = 0;
    for (std::size_t before = 0; before < begin; ++before) {
      const double value = best_[cell(before, begin)];
      if (value <= most) continue;
      const double other = share_of_bad(before, begin);
      if (rising ? other >= share : other <= share) continue;
      most = value;
      begun = before;
    }
    if (most == kNone) return;
    best_[cell(begin, end)] = most + own;
    begun_[cell(begin, end)] = begun;
  }

  std::size_t last(std::size_t end) const {
    std::size_t best = 0;
    for (std::size_t begin = 1; begin < end; ++begin) {
      if (best_[cell(begin, end)] > best_[cell(best, end)]) best = begin;
    }
    return best;
  }

  std::size_t size_;
  std::vector<double> good_;  // running sums
  std::vector<double> bad_;
  std::vector<double> best_;
  std::vector<std::size_t> begun_;  // where the range before the last one begins
};

Cuts monotone_cuts(const CutSearch& search, Trend trend) {
  const std::size_t size = search.good.size();
  const Prefixes prefixes(search, false, trend == Trend::kRising);
  if (prefixes.best(size) == kNone) return {.at = {0, size}, .trend = trend};
  return {.at = prefixes.cuts(size), .trend = trend, .information_value = prefixes.best(size)};
}

// Up to the turn one way, from the turn on the other: the second half is a first half read backwards.
Cuts turning_cuts(const CutSearch& search, Trend trend) {
  const std::size_t size = search.good.size();
  const bool rising = trend == Trend::kPeak;
  const Prefixes front(search, false, rising);
  const Prefixes back(search, true, rising);
  Cuts cuts = monotone_cuts(search, Trend::kRising);
  if (Cuts falling = monotone_cuts(search, Trend::kFalling); falling.information_value > cuts.information_value) {
    cuts = std::move(falling);
  }
  cuts.trend = trend;
  for (std::size_t turn = 1; turn < size; ++turn) {
    const double value = front.best(turn) + back.best(size - turn);
    if (value <= cuts.information_value) continue;
    cuts.information_value = value;
    cuts.at = front.cuts(turn);
    const std::vector<std::size_t> behind = back.cuts(size - turn);
    for (std::size_t i = behind.size() - 1; i-- > 0;) cuts.at.push_back(size - behind[i]);
  }
  return cuts;
}

struct Classes {
  double good = 0;
  double bad = 0;

  void add(bool is_bad, double weight) { (is_bad ? bad : good) += weight; }
};

Status check(const BinningOptions& options) {
  const auto refuse = [](const char* field, const char* message) {
    return fail(Code::kInvalidArgument, message, {.field = field});
  };
  if (options.candidates < 2 || options.candidates > 200) return refuse("candidates", "it must be 2 to 200");
  if (!(options.least_share >= 0) || options.least_share > 0.5) return refuse("least_share", "it must be 0 to 0.5");
  if (!(options.least_each >= 0)) return refuse("least_each", "it must be 0 or more");
  if (!(options.turn_gain >= 0)) return refuse("turn_gain", "it must be 0 or more");
  for (const double value : options.special) {
    if (!std::isfinite(value)) return refuse("special", "its values must be finite");
  }
  return {};
}

// Where values are few, every one of them is a range to start from, be it ever so rare: a flag that nearly everybody
// has can be cut as well as one that hardly anybody has. Otherwise quantiles.
std::vector<double> candidate_edges(std::span<const double> numbers, std::span<const double> weights,
                                    std::size_t candidates) {
  std::set<double> distinct;
  for (std::size_t i = 0; i < numbers.size() && distinct.size() <= candidates; ++i) {
    if (weights[i] > 0) distinct.insert(numbers[i]);
  }
  if (distinct.empty()) return {};
  if (distinct.size() <= candidates) return {distinct.begin(), std::prev(distinct.end())};
  std::vector<double> edges;
  const Quantiles quantile(numbers, weights);
  const double largest = *std::ranges::max_element(numbers);
  for (std::size_t i = 1; i < candidates; ++i) {
    const double edge = quantile(static_cast<double>(i) / static_cast<double>(candidates));
    if (edge < largest && (edges.empty() || edge > edges.back())) edges.push_back(edge);
  }
  return edges;
}

Cuts fitting_cuts(const CutSearch& search, const BinningOptions& options) {
  if (options.trend) return best_cuts(search, *options.trend);
  Cuts best = best_cuts(search, Trend::kRising);
  const auto take_if_better = [&](Trend trend, double factor) {
    Cuts cuts = best_cuts(search, trend);
    if (cuts.information_value > best.information_value * factor) best = std::move(cuts);
  };
  take_if_better(Trend::kFalling, 1);
  const double monotone = best.information_value;
  for (const Trend trend : {Trend::kPeak, Trend::kValley}) {
    take_if_better(trend, best.information_value > monotone ? 1 : 1 + options.turn_gain);
  }
  return best;
}

}  // namespace

double weight_of_evidence(double good, double bad, double total_good, double total_bad) {
  return std::log(((good + 0.5) / (total_good + 0.5)) / ((bad + 0.5) / (total_bad + 0.5)));
}

double information_value(double good, double bad, double total_good, double total_bad) {
  return (good / total_good - bad / total_bad) * weight_of_evidence(good, bad, total_good, total_bad);
}

Cuts best_cuts(const CutSearch& search, Trend trend) {
  const bool turns = trend == Trend::kPeak || trend == Trend::kValley;
  return turns ? turning_cuts(search, trend) : monotone_cuts(search, trend);
}

Result<model::ScorecardField> fit_binning(std::span<const double> values, std::span<const std::uint8_t> labels,
                                          std::span<const double> weights, const BinningOptions& options) {
  VIGIE_TRY(check(options));
  const auto weight_of = [&](std::size_t row) { return weights.empty() ? 1.0 : weights[row]; };
  std::vector<double> numbers;
  std::vector<double> number_weights;
  model::ScorecardField field{.special = options.special};
  Classes total;
  for (std::size_t row = 0; row < values.size(); ++row) {
    total.add(labels[row] == 1, weight_of(row));
    if (std::isinf(values[row])) {
      return fail(Code::kInvalidData, "a value is infinite", {.line = row + 1}, "leave it out or mark it as missing");
    }
    if (std::isnan(values[row]) || std::ranges::find(field.special, values[row]) != field.special.end()) continue;
    numbers.push_back(values[row]);
    number_weights.push_back(weight_of(row));
  }
  if (!(total.good > 0) || !(total.bad > 0)) {
    return fail(Code::kInvalidData, "rows of both outcomes are needed", {}, "give data with good and bad rows");
  }

  field.edges = candidate_edges(numbers, number_weights, options.candidates);
  field.bins.resize(field.edges.size() + 1 + field.special.size() + 1);
  std::vector<Classes> classes(field.bins.size());
  for (std::size_t row = 0; row < values.size(); ++row) {
    classes[field.bin_of(values[row])].add(labels[row] == 1, weight_of(row));
  }

  const std::size_t candidates = field.edges.size() + 1;
  std::vector<double> good(candidates);
  std::vector<double> bad(candidates);
  for (std::size_t i = 0; i < candidates; ++i) {
    good[i] = classes[i].good;
    bad[i] = classes[i].bad;
  }
  const Cuts cuts = fitting_cuts({.good = good,
                                  .bad = bad,
                                  .total_good = total.good,
                                  .total_bad = total.bad,
                                  .least_all = options.least_share * (total.good + total.bad),
                                  .least_each = options.least_each},
                                 options);
  field.trend = cuts.trend;

  std::vector<Classes> joined;
  std::vector<double> kept;
  for (std::size_t i = 0; i + 1 < cuts.at.size(); ++i) {
    Classes range;
    for (std::size_t at = cuts.at[i]; at < cuts.at[i + 1]; ++at) {
      range.good += good[at];
      range.bad += bad[at];
    }
    joined.push_back(range);
    if (i + 2 < cuts.at.size()) kept.push_back(field.edges[cuts.at[i + 1] - 1]);
  }
  const std::size_t ranges = joined.size();
  joined.insert(joined.end(), classes.begin() + static_cast<std::ptrdiff_t>(candidates), classes.end());
  field.edges = std::move(kept);
  field.bins.clear();
  for (std::size_t i = 0; i < joined.size(); ++i) {
    const auto [bin_good, bin_bad] = joined[i];
    const bool enough = i < ranges || bin_good + bin_bad >= options.least_each;
    const double woe = enough ? weight_of_evidence(bin_good, bin_bad, total.good, total.bad) : 0;
    field.bins.push_back({.log_odds = -woe, .good = bin_good, .bad = bin_bad, .woe = woe});
    field.information_value += (bin_good / total.good - bin_bad / total.bad) * woe;
  }
  return field;
}

}  // namespace vigie::training
