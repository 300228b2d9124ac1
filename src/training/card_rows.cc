#include "training/card_rows.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "base/number.h"
#include "training/prevalence.h"

namespace vigie::training {
namespace {

std::uint64_t hash_row(std::span<const double, schema::kCardRaw> row, std::uint8_t label) {
  std::uint64_t hash = label + 1;
  for (const double value : row) {
    hash ^= std::bit_cast<std::uint64_t>(value + 0.0);  // +0 and -0 are one value
    hash *= 0x9E3779B97F4A7C15ull;
    hash ^= hash >> 32;
  }
  return hash;
}

bool same_row(const CardData& data, std::uint32_t a, std::uint32_t b) {
  if (data.labels[a] != data.labels[b]) return false;
  const auto left = data.row(a);
  const auto right = data.row(b);
  return std::equal(left.begin(), left.end(), right.begin());
}

}  // namespace

Status check_card_rows(const CardData& data) {
  if (data.raw.size() != data.rows() * schema::kCardRaw ||
      (!data.weights.empty() && data.weights.size() != data.rows())) {
    return fail(Code::kInternal, "card rows, labels and weights differ in number");
  }
  if (data.rows() > std::numeric_limits<std::uint32_t>::max()) {
    return fail(Code::kUnsupported, "more than 4,294,967,295 rows", {}, "train on a sample of them");
  }
  const auto fields = schema::card_raw_fields();
  std::array<std::uint64_t, 2> classes{};
  for (std::size_t i = 0; i < data.rows(); ++i) {
    const auto where = [&] { return "row " + std::to_string(i + 1); };
    const auto row = data.row(i);
    for (std::size_t f = 0; f < row.size(); ++f) {
      if (std::isfinite(row[f])) continue;
      return fail(Code::kInvalidData, "the value of " + where() + " is not finite",
                  {.field = std::string(fields[f].name)}, "clean the data first: vigie data clean");
    }
    if (data.labels[i] > 1) {
      return fail(Code::kInvalidData, "the label of " + where() + " is neither 0 nor 1", {.field = "Class"},
                  "label frauds 1 and the rest 0");
    }
    if (!(data.weight(i) >= 0) || !std::isfinite(data.weight(i))) {
      return fail(Code::kInvalidData, "the weight of " + where() + " is negative or not finite", {},
                  "give weights of 0 or more");
    }
    ++classes[data.labels[i]];
  }
  if (data.rows() == 0)
    return fail(Code::kInvalidData, "there are no rows to train on", {}, "give labelled transactions");
  for (const std::size_t label : {1u, 0u}) {
    if (classes[label] >= 2) continue;
    return fail(Code::kInvalidData,
                classes[label] == 0 ? "all rows have class " + std::to_string(1 - label)
                                    : "only one row has class " + std::to_string(label),
                {.field = "Class"}, "give transactions of both classes: frauds labelled 1, the rest 0");
  }
  return {};
}

std::vector<std::uint32_t> distinct_card_rows(const CardData& data) {
  constexpr std::uint32_t kFree = std::numeric_limits<std::uint32_t>::max();
  const std::size_t slots = std::bit_ceil(data.rows() * 2 + 1);
  std::vector<std::uint32_t> table(slots, kFree);
  std::vector<std::uint32_t> distinct;
  distinct.reserve(data.rows());
  for (std::uint32_t i = 0; i < data.rows(); ++i) {
    std::size_t slot = hash_row(data.row(i), data.labels[i]) & (slots - 1);
    while (table[slot] != kFree && !same_row(data, table[slot], i)) slot = (slot + 1) & (slots - 1);
    if (table[slot] != kFree) continue;
    table[slot] = i;
    distinct.push_back(i);
  }
  return distinct;
}

Result<std::vector<double>> card_weights(const CardData& data, std::optional<double> prevalence) {
  std::vector<double> weights(data.weights.begin(), data.weights.end());
  if (!prevalence) return weights;
  if (weights.empty()) return prevalence_weights(data.labels, prevalence);
  if (!(*prevalence > 0 && *prevalence < 1)) {
    return fail(Code::kInvalidArgument, format_double(*prevalence) + " is no share of frauds", {.field = "prevalence"},
                "give a number between 0 and 1, such as 0.00172749");
  }
  std::array<double, 2> total{};
  for (std::size_t i = 0; i < weights.size(); ++i) total[data.labels[i]] += weights[i];
  if (!(total[0] > 0) || !(total[1] > 0)) {
    return fail(Code::kInvalidData, "a class has no weight", {}, "give weights above 0 to rows of both classes");
  }
  const double factor = total[1] * (1 - *prevalence) / (*prevalence * total[0]);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (data.labels[i] == 0) weights[i] *= factor;
  }
  return weights;
}

}  // namespace vigie::training
