#include "base/random.h"

#include <bit>
#include <cassert>
#include <cmath>
#include <unordered_set>

namespace vigie {
namespace {

std::uint64_t splitmix64(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) {
  for (auto& word : state_) word = splitmix64(seed);
}

Random::Random(std::uint64_t seed, std::uint64_t stream) {
  std::uint64_t mixed = seed;
  std::uint64_t key = splitmix64(mixed) ^ (stream * 0xD1342543DE82EF95ull + 1);
  for (auto& word : state_) word = splitmix64(key);
}

std::uint64_t Random::below(std::uint64_t bound) {
  assert(bound > 0);
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(next()) * bound;
  auto low = static_cast<std::uint64_t>(product);
  if (low < bound) {
    const std::uint64_t threshold = (0 - bound) % bound;
    while (low < threshold) {
      product = static_cast<Wide>(next()) * bound;
      low = static_cast<std::uint64_t>(product);
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double Random::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  double u = 0;
  double v = 0;
  double s = 0;
  do {
    u = uniform(-1, 1);
    v = uniform(-1, 1);
    s = u * u + v * v;
  } while (s >= 1 || s == 0);
  const double factor = std::sqrt(-2 * std::log(s) / s);
  spare_ = v * factor;
  has_spare_ = true;
  return u * factor;
}

double Random::exponential(double mean) { return -mean * std::log1p(-uniform()); }

std::uint64_t Random::poisson(double mean) {
  assert(mean >= 0);
  // Knuth's product in slices, so that exp(-mean) never underflows.
  std::uint64_t count = 0;
  while (mean > 0) {
    const double slice = mean > 500 ? 500 : mean;
    mean -= slice;
    const double limit = std::exp(-slice);
    double product = uniform();
    while (product > limit) {
      ++count;
      product *= uniform();
    }
  }
  return count;
}

std::vector<std::uint32_t> Random::sample(std::uint32_t population, std::uint32_t count) {
  assert(count <= population);
  // Floyd's method: `count` draws whatever the population; the shuffle makes the order random as well.
  std::vector<std::uint32_t> chosen;
  chosen.reserve(count);
  std::unordered_set<std::uint32_t> seen;
  seen.reserve(count);
  for (std::uint32_t j = population - count; j < population; ++j) {
    const auto candidate = static_cast<std::uint32_t>(below(j + 1ull));
    const std::uint32_t pick = seen.insert(candidate).second ? candidate : j;
    if (pick == j) seen.insert(j);
    chosen.push_back(pick);
  }
  shuffle(std::span(chosen));
  return chosen;
}

}  // namespace vigie
