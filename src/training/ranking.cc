#include "training/ranking.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string>
#include <utility>

#include "base/random.h"

namespace vigie::training {
namespace {

struct Keyed {
  std::uint64_t key;
  std::uint32_t row;
};

// Ascending keys are descending scores; +0 and -0 are one score.
std::uint64_t descending_key(double score) {
  const auto bits = std::bit_cast<std::uint64_t>(score + 0.0);
  return (bits >> 63) != 0 ? bits : ~bits & ~(1ull << 63);
}

// Stable, 11 bits a pass; a pass in which all rows share the digit is skipped. Scores that began as floats leave the
// low digits zero, so they need half the passes.
void radix_sort(std::vector<Keyed>& items) {
  constexpr unsigned kBits = 11;
  constexpr std::size_t kBuckets = 1u << kBits;
  constexpr unsigned kPasses = 6;
  std::vector<std::array<std::uint32_t, kBuckets>> counts(kPasses);
  for (const Keyed& item : items) {
    for (unsigned pass = 0; pass < kPasses; ++pass) ++counts[pass][(item.key >> (pass * kBits)) % kBuckets];
  }
  std::vector<Keyed> other(items.size());
  for (unsigned pass = 0; pass < kPasses; ++pass) {
    auto& count = counts[pass];
    if (count[(items.front().key >> (pass * kBits)) % kBuckets] == items.size()) continue;
    std::uint32_t offset = 0;
    for (auto& bucket : count) offset += std::exchange(bucket, offset);
    for (const Keyed& item : items) other[count[(item.key >> (pass * kBits)) % kBuckets]++] = item;
    items.swap(other);
  }
}

}  // namespace

Ranking rank(std::span<const double> scores, std::span<const std::uint8_t> labels, std::span<const double> weights) {
  const std::size_t n = scores.size();
  std::vector<Keyed> items(n);
  for (std::size_t i = 0; i < n; ++i) items[i] = {descending_key(scores[i]), static_cast<std::uint32_t>(i)};
  constexpr std::size_t kWorthRadix = 4096;
  if (n >= kWorthRadix) {
    radix_sort(items);
  } else {
    std::stable_sort(items.begin(), items.end(), [](const Keyed& a, const Keyed& b) { return a.key < b.key; });
  }

  Ranking ranking;
  ranking.row.resize(n);
  ranking.score.resize(n);
  ranking.weight.resize(n);
  ranking.label.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t row = items[i].row;
    const double weight = weights.empty() ? 1 : weights[row];
    ranking.row[i] = row;
    ranking.score[i] = scores[row];
    ranking.weight[i] = weight;
    ranking.label[i] = labels[row];
    (labels[row] != 0 ? ranking.positives : ranking.negatives) += weight;
  }
  return ranking;
}

Status check_ranking_input(std::span<const double> scores, std::span<const std::uint8_t> labels,
                           std::span<const double> weights, std::string_view what) {
  if (scores.size() != labels.size() || (!weights.empty() && weights.size() != labels.size())) {
    return fail(Code::kInternal, "scores, labels and weights of the " + std::string(what) + " differ in number");
  }
  std::array<double, 2> total{};
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double weight = weights.empty() ? 1 : weights[i];
    if (!std::isfinite(scores[i])) {
      return fail(Code::kInvalidData, "the score of row " + std::to_string(i + 1) + " is not finite");
    }
    if (labels[i] > 1) {
      return fail(Code::kInvalidData, "the label of row " + std::to_string(i + 1) + " is neither 0 nor 1", {},
                  "label frauds 1 and the rest 0");
    }
    if (!(weight >= 0) || !std::isfinite(weight)) {
      return fail(Code::kInvalidData, "the weight of row " + std::to_string(i + 1) + " is negative or not finite", {},
                  "give weights of 0 or more");
    }
    total[labels[i]] += weight;
  }
  for (const std::size_t label : {1u, 0u}) {
    if (!(total[label] > 0)) {
      return fail(Code::kInvalidData, "the " + std::string(what) + " have no row of class " + std::to_string(label), {},
                  "give rows of both classes: metrics compare one with the other");
    }
  }
  return {};
}

void draw_replicate(std::uint64_t seed, std::uint64_t replicate, std::span<std::uint8_t> counts) {
  // Poisson(1) by inversion on 16 bits: bounds[k] = 65536 P(count <= k), rounded, and the count is the number of bounds
  // that are reached. Four rows a random number, and the comparisons of a block of rows in vectors.
  static constexpr std::array<std::uint16_t, 8> kBounds = {24109, 48219, 60273, 64291, 65296, 65497, 65531, 65535};
  constexpr std::size_t kBlock = 256;
  Random random(seed ^ 0xB007'57A9'0000'0000ull, replicate);
  std::array<std::uint16_t, kBlock> drawn{};
  std::array<std::uint16_t, kBlock> reached;
  for (std::size_t begin = 0; begin < counts.size(); begin += kBlock) {
    const std::size_t size = std::min(kBlock, counts.size() - begin);
    for (std::size_t i = 0; i < size; i += 4) {
      const std::uint64_t word = random.next();
      for (std::size_t k = 0; k < 4; ++k) drawn[i + k] = static_cast<std::uint16_t>(word >> (16 * k));
    }
    reached.fill(0);
    for (const std::uint16_t bound : kBounds) {
      for (std::size_t i = 0; i < kBlock; ++i)
        reached[i] = static_cast<std::uint16_t>(reached[i] + (drawn[i] >= bound));
    }
    std::copy_n(reached.begin(), size, counts.begin() + static_cast<std::ptrdiff_t>(begin));
  }
}

}  // namespace vigie::training
