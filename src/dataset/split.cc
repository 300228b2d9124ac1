#include "dataset/split.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "base/number.h"
#include "base/random.h"

namespace vigie::dataset {
namespace {

using Rows = std::vector<std::uint32_t>;

constexpr const char* kMoreRows = "give more data";

Status check_size(std::size_t rows) {
  if (rows > std::numeric_limits<std::uint32_t>::max()) {
    return fail(Code::kResourceExhausted, "more than 4,294,967,295 rows", {}, "split the file first");
  }
  return {};
}

Status check_share(double share) {
  if (!(share > 0 && share < 1)) {
    return fail(Code::kInvalidArgument, "the test share is " + format_double(share), {},
                "give a share above 0 and under 1, such as 0.2");
  }
  return {};
}

std::size_t wanted(std::size_t rows, double share) {
  return static_cast<std::size_t>(std::floor(static_cast<double>(rows) * share + 0.5));
}

// The rows of every class that occurs, by label, each list ascending.
Result<std::vector<std::pair<std::uint8_t, Rows>>> rows_by_class(std::span<const std::uint8_t> labels) {
  VIGIE_TRY(check_size(labels.size()));
  std::array<std::size_t, 256> counts{};
  for (const auto label : labels) ++counts[label];
  std::vector<std::pair<std::uint8_t, Rows>> classes;
  std::array<std::size_t, 256> slot{};
  for (std::size_t label = 0; label < counts.size(); ++label) {
    if (counts[label] == 0) continue;
    slot[label] = classes.size();
    classes.emplace_back(static_cast<std::uint8_t>(label), Rows{}).second.reserve(counts[label]);
  }
  if (classes.empty()) return fail(Code::kInvalidData, "there are no rows to split", {}, "give a file with rows");
  if (classes.size() == 1) {
    return fail(Code::kInvalidData,
                "every row has label " + std::to_string(classes.front().first) + ": there is one class only", {},
                "give data with both classes, or name another label column");
  }
  for (std::size_t row = 0; row < labels.size(); ++row) {
    classes[slot[labels[row]]].second.push_back(static_cast<std::uint32_t>(row));
  }
  return classes;
}

// By flags, so that both lists come out ascending without a sort.
Split from_flags(const std::vector<bool>& in_test, std::size_t tests) {
  Split split;
  split.test.reserve(tests);
  split.train.reserve(in_test.size() - tests);
  for (std::size_t row = 0; row < in_test.size(); ++row) {
    (in_test[row] ? split.test : split.train).push_back(static_cast<std::uint32_t>(row));
  }
  return split;
}

}  // namespace

Result<Split> split_random(std::span<const std::uint8_t> labels, double test_share, std::uint64_t seed) {
  VIGIE_TRY(check_share(test_share));
  auto classes = VIGIE_TRY(rows_by_class(labels));
  std::vector<bool> in_test(labels.size());
  std::size_t tests = 0;
  for (auto& [label, rows] : classes) {
    if (rows.size() < 2) {
      return fail(Code::kInvalidData,
                  "label " + std::to_string(label) + " has a single row: training and test cannot both have one", {},
                  kMoreRows);
    }
    const std::size_t take = std::clamp<std::size_t>(wanted(rows.size(), test_share), 1, rows.size() - 1);
    // A stream a class: one class's rows do not move when another class grows.
    Random random(seed, label);
    random.shuffle(std::span(rows));
    for (std::size_t i = 0; i < take; ++i) in_test[rows[i]] = true;
    tests += take;
  }
  return from_flags(in_test, tests);
}

Result<Split> split_by_time(std::span<const double> time, double test_share) {
  VIGIE_TRY(check_share(test_share));
  VIGIE_TRY(check_size(time.size()));
  for (std::size_t row = 0; row < time.size(); ++row) {
    if (!std::isfinite(time[row])) {
      return fail(Code::kInvalidData, "row " + with_thousands(row + 1) + " has no time", {},
                  "drop rows without a time first (vigie data clean --missing drop)");
    }
  }
  std::vector<double> sorted(time.begin(), time.end());
  std::sort(sorted.begin(), sorted.end());
  if (sorted.empty() || sorted.front() == sorted.back()) {
    return fail(Code::kInvalidData, sorted.empty() ? "there are no rows to split" : "every row has the same time", {},
                "name a column whose value grows with time, or split at random");
  }
  const std::size_t want = wanted(sorted.size(), test_share);
  // Where the run of equal times around the wanted cut begins and ends: the two cuts that part no moment.
  const double moment = sorted[sorted.size() - std::clamp<std::size_t>(want, 1, sorted.size())];
  const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), moment);
  const auto with_moment = static_cast<std::size_t>(sorted.end() - first);
  const auto without_moment = static_cast<std::size_t>(sorted.end() - last);
  const bool keep_out = without_moment > 0 && (first == sorted.begin() || with_moment - want >= want - without_moment);
  std::vector<bool> in_test(time.size());
  for (std::size_t row = 0; row < time.size(); ++row)
    in_test[row] = keep_out ? time[row] > moment : time[row] >= moment;
  return from_flags(in_test, keep_out ? without_moment : with_moment);
}

Result<std::vector<std::uint8_t>> fold_assignment(std::span<const std::uint8_t> labels, unsigned folds,
                                                  std::uint64_t seed) {
  if (folds < 2 || folds > 255) {
    return fail(Code::kInvalidArgument, std::to_string(folds) + " folds", {}, "give a number of folds from 2 to 255");
  }
  auto classes = VIGIE_TRY(rows_by_class(labels));
  std::vector<std::uint8_t> assignment(labels.size());
  std::size_t next = 0;  // runs on from class to class, so that remainders do not all fall on fold 0
  for (auto& [label, rows] : classes) {
    if (rows.size() < folds) {
      return fail(Code::kInvalidData,
                  "label " + std::to_string(label) + " has " + std::to_string(rows.size()) + " rows, fewer than " +
                      std::to_string(folds) + " folds",
                  {}, rows.size() < 2 ? kMoreRows : "take at most " + std::to_string(rows.size()) + " folds");
    }
    Random random(seed, label);
    random.shuffle(std::span(rows));
    for (const auto row : rows) assignment[row] = static_cast<std::uint8_t>(next++ % folds);
  }
  return assignment;
}

Split fold_split(std::span<const std::uint8_t> assignment, unsigned fold) {
  std::vector<bool> in_test(assignment.size());
  std::size_t tests = 0;
  for (std::size_t row = 0; row < assignment.size(); ++row) {
    in_test[row] = assignment[row] == fold;
    tests += in_test[row] ? 1 : 0;
  }
  return from_flags(in_test, tests);
}

}  // namespace vigie::dataset
