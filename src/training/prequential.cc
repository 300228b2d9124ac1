#include "training/prequential.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/clock.h"
#include "training/metrics.h"
#include "training/ranking.h"

namespace vigie::training {
namespace {

using Clients = std::unordered_set<std::int32_t>;
constexpr std::int64_t kMicrosecondsADay = 86'400'000'000;

void add_compromised(const dataset::TransactionRows& rows, RowRange range, Clients& known) {
  for (std::uint32_t row = range.begin; row < range.end; ++row) {
    if (rows.labels[row] != 0) known.insert(rows.client.codes()[row]);
  }
}

Status check(const PrequentialOptions& options) {
  const std::pair<std::string_view, std::uint32_t> all[] = {{"folds", options.folds},
                                                            {"train_days", options.train_days},
                                                            {"test_days", options.test_days},
                                                            {"cards", options.cards}};
  for (const auto& [name, value] : all) {
    if (value >= 1 && value <= 1'000'000) continue;
    return fail(Code::kInvalidArgument, std::to_string(value) + " is out of range", {.field = std::string(name)},
                "give 1 or more");
  }
  return {};
}

// The first day that a fold's training and the last that its test may have.
Result<std::int64_t> start_of(const dataset::TransactionRows& rows, const PrequentialOptions& options) {
  if (options.start) return *options.start;
  const std::int64_t first = day_of(rows, 0);
  const std::int64_t last = day_of(rows, rows.rows() - 1);
  const std::int64_t fold = std::int64_t{options.train_days} + options.delay_days + options.test_days;
  const std::int64_t earlier = std::int64_t{options.folds - 1} * options.test_days;
  const auto fits = [&](std::int64_t start) { return start - earlier >= first && start + fold - 1 <= last; };
  for (const std::int64_t start : {kBookStartDay, last + 1 - fold}) {
    if (fits(start)) return start;
  }
  return fail(Code::kInvalidData,
              "the rows go from " + date_of(first) + " to " + date_of(last) + ", and " + std::to_string(options.folds) +
                  " folds need " + std::to_string(earlier + fold) + " days",
              {.field = "date"}, "give more days, or fewer folds");
}

Status check_classes(const dataset::TransactionRows& rows, std::span<const std::uint32_t> part, std::string_view what,
                     std::int64_t from) {
  for (const std::uint8_t label : {std::uint8_t{0}, std::uint8_t{1}}) {
    if (std::ranges::any_of(part, [&](std::uint32_t row) { return rows.labels[row] == label; })) continue;
    return fail(Code::kInvalidData,
                "the " + std::string(what) + " days from " + date_of(from) + " on have no row of class " +
                    std::to_string(label),
                {.field = "fraude"}, "give longer or fewer folds");
  }
  return {};
}

}  // namespace

std::string date_of(std::int64_t day) {
  constexpr std::size_t kDateLength = 10;
  return format_time(WallTime(std::chrono::days(day))).substr(0, kDateLength);
}

RowRange rows_of_days(const dataset::TransactionRows& rows, std::int64_t from, std::int64_t to) {
  const auto first = [&](std::int64_t day) {
    const auto at = std::lower_bound(rows.time.begin(), rows.time.end(), day * kMicrosecondsADay);
    return static_cast<std::uint32_t>(at - rows.time.begin());
  };
  return {.begin = first(from), .end = first(to)};
}

std::int64_t day_of(const dataset::TransactionRows& rows, std::size_t row) {
  return rows.time[row] / kMicrosecondsADay;
}

Result<std::vector<PrequentialSplit>> prequential_folds(const dataset::TransactionRows& rows,
                                                        const PrequentialOptions& options) {
  VIGIE_TRY(check(options));
  if (rows.rows() == 0) return fail(Code::kInvalidData, "there is no transaction", {}, "give some");
  const std::int64_t latest = VIGIE_TRY(start_of(rows, options));
  std::vector<PrequentialSplit> folds;
  for (std::uint32_t f = 0; f < options.folds; ++f) {
    PrequentialSplit fold;
    fold.train_from = latest - std::int64_t{f} * options.test_days;
    const std::int64_t train_to = fold.train_from + options.train_days;
    fold.test_from = train_to + options.delay_days;
    const RowRange train = rows_of_days(rows, fold.train_from, train_to);
    for (std::uint32_t row = train.begin; row < train.end; ++row) fold.train.push_back(row);
    Clients known;
    add_compromised(rows, train, known);
    for (std::int64_t day = 0; day < options.test_days; ++day) {
      // The book's: of the days after training, the last that is known is one more than the delay before.
      add_compromised(rows, rows_of_days(rows, train_to + day - 1, train_to + day), known);
      const RowRange test = rows_of_days(rows, fold.test_from + day, fold.test_from + day + 1);
      for (std::uint32_t row = test.begin; row < test.end; ++row) {
        if (!known.contains(rows.client.codes()[row])) fold.test.push_back(row);
      }
    }
    VIGIE_TRY(check_classes(rows, fold.train, "training", fold.train_from));
    VIGIE_TRY(check_classes(rows, fold.test, "test", fold.test_from));
    folds.push_back(std::move(fold));
  }
  return folds;
}

double card_precision(const dataset::TransactionRows& rows, std::span<const std::uint32_t> test,
                      std::span<const double> scores, std::uint32_t cards) {
  struct Card {
    std::int32_t client;
    double score;
    bool fraud;
  };
  Clients found;
  double sum = 0;
  std::size_t days = 0;
  for (std::size_t i = 0; i < test.size(); ++days) {
    const std::int64_t day = day_of(rows, test[i]);
    std::vector<Card> today;
    std::unordered_map<std::int32_t, std::size_t> place;
    for (; i < test.size() && day_of(rows, test[i]) == day; ++i) {
      const std::int32_t client = rows.client.codes()[test[i]];
      if (found.contains(client)) continue;
      const auto [at, added] = place.emplace(client, today.size());
      if (added) today.push_back({client, scores[i], false});
      Card& card = today[at->second];
      card.score = std::max(card.score, scores[i]);
      card.fraud = card.fraud || rows.labels[test[i]] != 0;
    }
    std::ranges::stable_sort(today, std::greater(), &Card::score);
    if (today.size() > cards) today.resize(cards);
    for (const Card& card : today) {
      if (!card.fraud) continue;
      sum += 1;
      found.insert(card.client);
    }
  }
  return days == 0 ? 0 : sum / static_cast<double>(cards) / static_cast<double>(days);
}

Result<model::PrequentialFigures> prequential_figures(const dataset::TransactionRows& rows,
                                                      std::span<const std::uint32_t> test,
                                                      std::span<const double> scores, std::uint32_t cards) {
  std::vector<std::uint8_t> labels;
  for (const std::uint32_t row : test) labels.push_back(rows.labels[row]);
  VIGIE_TRY(check_ranking_input(scores, labels, {}, "the test rows"));
  const Ranking ranking = rank(scores, labels, {});
  return model::PrequentialFigures{.roc_auc = roc_auc(ranking),
                                   .average_precision = average_precision(ranking),
                                   .card_precision = card_precision(rows, test, scores, cards)};
}

void summarise(model::PrequentialScorer& scorer) {
  using Figures = model::PrequentialFigures;
  const auto count = static_cast<double>(scorer.folds.size());
  for (const auto figure : {&Figures::roc_auc, &Figures::average_precision, &Figures::card_precision}) {
    double sum = 0;
    for (const Figures& fold : scorer.folds) sum += fold.*figure;
    const double mean = sum / count;
    double squares = 0;
    for (const Figures& fold : scorer.folds) squares += (fold.*figure - mean) * (fold.*figure - mean);
    scorer.mean.*figure = mean;
    scorer.deviation.*figure = count > 1 ? std::sqrt(squares / (count - 1)) : 0;
  }
}

}  // namespace vigie::training
