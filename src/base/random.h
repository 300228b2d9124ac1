// Seeded random numbers that are the same on every machine, compiler and thread count: the standard library's
// distributions are not. xoshiro256++ (Blackman and Vigna, 2019) seeded through splitmix64. One object, one thread.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace vigie {

class Random {
 public:
  explicit Random(std::uint64_t seed);

  // An independent stream for part `stream` of a work: results do not depend on who asks first.
  Random(std::uint64_t seed, std::uint64_t stream);

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // Uniform in [0, 1), 53 bits.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  // Uniform in [0, bound), without bias (Lemire 2019). bound > 0.
  std::uint64_t below(std::uint64_t bound);

  double normal();  // mean 0, deviation 1 (Marsaglia's polar method)
  double normal(double mean, double deviation) { return mean + deviation * normal(); }
  double exponential(double mean);
  std::uint64_t poisson(double mean);  // mean >= 0
  bool bernoulli(double probability) { return uniform() < probability; }

  template <typename T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

  // `count` distinct indices out of [0, population), in random order. count <= population.
  std::vector<std::uint32_t> sample(std::uint32_t population, std::uint32_t count);

 private:
  std::array<std::uint64_t, 4> state_;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace vigie
