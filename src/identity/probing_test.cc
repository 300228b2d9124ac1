#include "identity/probing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include "base/random.h"

namespace vigie::identity {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kFields = 29;  // V1..V28 and Amount
constexpr std::size_t kAmount = 28;
constexpr std::uint64_t kMallory = 7;
constexpr std::uint32_t kSuspicious = 10;  // the header's example

SteadyTime at(std::chrono::nanoseconds since_start) { return SteadyTime(1000h + since_start); }

ProbingCounter counter_of(const ProbingOptions& options) {
  auto counter = ProbingCounter::make(options, KeyedHash({5, 6}));
  EXPECT_TRUE(counter) << counter.error().to_string();
  return std::move(*counter);
}

// A purchase by nobody in particular: components with narrow bodies and heavy tails, each with its own spread, and
// prices as shops make them.
std::vector<double> purchase(Random& random) {
  std::vector<double> values(kFields);
  for (std::size_t i = 0; i < kAmount; ++i) {
    const double z = random.normal();
    values[i] = (1.6 - 0.045 * static_cast<double>(i)) * (0.6 * z + 0.1 * z * z * z);
  }
  const double amount = std::exp(random.normal(3, 1.6));
  values[kAmount] = random.bernoulli(0.3) ? std::floor(amount) + 0.99 : std::round(amount * 100) / 100;
  return values;
}

TEST(ProbingTest, OrdinaryPurchasesDoNotCount) {
  ProbingCounter probing = counter_of({});
  Random random(1);
  int near = 0;
  constexpr int kRows = 50'000;
  for (int i = 0; i < kRows; ++i) {
    const ProbingCount count = probing.observe(kMallory, purchase(random), at(1ms * i));
    near += count.near > 0 ? 1 : 0;
    ASSERT_EQ(count.compared, static_cast<std::uint32_t>(std::min(i, 64)));
    ASSERT_EQ(count.repeated, 0U);
  }
  EXPECT_EQ(near, 0) << "of 3.2 million pairs";
}

TEST(ProbingTest, BisectingTheAmountCounts) {
  ProbingCounter probing = counter_of({});
  Random random(2);
  std::vector<double> values = purchase(random);
  double low = 1;
  double high = 5'000;
  std::uint32_t steps = 0;
  while (high - low > 0.01) {
    values[kAmount] = (low + high) / 2;
    const ProbingCount count = probing.observe(kMallory, values, at(1s * steps));
    ASSERT_EQ(count.near, steps) << "all that came before";
    ++steps;
    (values[kAmount] > 123.45 ? high : low) = values[kAmount];  // where this model's decision flips
  }
  EXPECT_GT(steps, kSuspicious);
}

TEST(ProbingTest, SweepingAFieldCounts) {
  ProbingCounter probing = counter_of({});
  Random random(3);
  std::vector<double> values = purchase(random);
  for (std::uint32_t i = 0; i < 200; ++i) {
    values[13] = -10 + 0.1 * i;
    EXPECT_EQ(probing.observe(kMallory, values, at(1s * i)).near, std::min(i, 64U));
  }
}

TEST(ProbingTest, GoingFromFieldToFieldCounts) {
  ProbingCounter probing = counter_of({});
  Random random(4);
  std::vector<double> values = purchase(random);
  std::uint32_t most = 0;
  for (std::size_t field = 0; field < kFields; ++field) {
    for (int i = 0; i < 4; ++i) {  // and stay where it was best
      values[field] += random.uniform(0.5, 1);
      most = std::max(most, probing.observe(kMallory, values, at(0s)).near);
    }
  }
  EXPECT_GE(most, kSuspicious);
}

TEST(ProbingTest, ProbesAmongOrdinaryPurchasesCount) {
  ProbingCounter probing = counter_of({});
  Random random(5);
  std::vector<double> probe = purchase(random);
  std::uint32_t last = 0;
  for (int i = 0; i < 30; ++i) {
    probe[kAmount] += 10;
    last = probing.observe(kMallory, probe, at(0s)).near;
    for (int j = 0; j < 3; ++j) ASSERT_EQ(probing.observe(kMallory, purchase(random), at(0s)).near, 0U);
  }
  EXPECT_EQ(last, 16U) << "one in four of the last 64";
}

// The most that any of 64 copies with noise in every field has near it.
std::uint32_t most_near_with_noise(double noise) {
  ProbingCounter probing = counter_of({});
  Random random(6);
  const std::vector<double> honest = purchase(random);
  std::uint32_t most = 0;
  for (int i = 0; i < 64; ++i) {
    std::vector<double> values = honest;
    for (double& value : values) value *= 1 + random.uniform(-noise, noise);
    most = std::max(most, probing.observe(kMallory, values, at(0s)).near);
  }
  return most;
}

TEST(ProbingTest, LittleNoiseInEveryFieldDoesNotHideAndMuchDoes) {
  EXPECT_EQ(most_near_with_noise(0.0001), 63U);
  EXPECT_EQ(most_near_with_noise(0.01), 63U) << "two copies are at most 2 % apart";
  EXPECT_EQ(most_near_with_noise(0.2), 0U) << "the score moves with the noise: these are other transactions";
}

TEST(ProbingTest, RetriesAreCountedApartAndPushNothingOut) {
  ProbingCounter probing = counter_of({});
  Random random(7);
  std::vector<double> probe = purchase(random);
  const std::vector<double> harmless = purchase(random);
  probing.observe(kMallory, probe, at(0s));
  for (std::uint32_t i = 0; i < 500; ++i) {
    const ProbingCount count = probing.observe(kMallory, harmless, at(0s));
    ASSERT_EQ(count.near, 0U);
    ASSERT_EQ(count.repeated, i);
    ASSERT_EQ(count.compared, 1U);
  }
  probe[kAmount] += 1;
  EXPECT_EQ(probing.observe(kMallory, probe, at(0s)).near, 1U) << "the first probe is still known";
  const ProbingCount again = probing.observe(kMallory, probe, at(0s));
  EXPECT_EQ(again.near, 1U) << "not near itself";
  EXPECT_EQ(again.repeated, 1U);
}

TEST(ProbingTest, OnlyTheLastOnesWithinTheWindowCount) {
  ProbingCounter probing = counter_of({.recent = 4, .window = 60s});
  Random random(8);
  std::vector<double> probe = purchase(random);
  const auto next = [&](std::chrono::seconds when) {
    probe[kAmount] += 1;
    return probing.observe(kMallory, probe, at(when));
  };
  for (std::uint32_t i = 0; i < 10; ++i) EXPECT_EQ(next(i * 1s).near, std::min(i, 4U));
  EXPECT_EQ(next(66s).near, 3U) << "those of 7, 8 and 9";
  EXPECT_EQ(next(68s).near, 2U) << "those of 9 and 66";
  EXPECT_EQ(next(1h).compared, 0U);
  const std::vector<double> other = purchase(random);
  probing.observe(kMallory, other, at(1h));
  EXPECT_EQ(probing.observe(kMallory, other, at(1h + 59s)).repeated, 1U);
  EXPECT_EQ(probing.observe(kMallory, other, at(1h + 100s)).repeated, 2U) << "the last one is 41 s old";
  EXPECT_EQ(probing.observe(kMallory, other, at(1h + 160s)).repeated, 0U);
}

TEST(ProbingTest, TheBorderOfWhatIsNear) {
  const auto is_near = [](std::vector<double> a, std::vector<double> b) {
    ProbingCounter probing = counter_of({.fields = 5, .free_fields = 2, .tolerance = 0.1});
    probing.observe(kMallory, a, at(0s));
    return probing.observe(kMallory, b, at(0s)).near == 1;
  };
  constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  constexpr double kHuge = std::numeric_limits<double>::max();
  EXPECT_TRUE(is_near({1, 2, 3, 4, 5}, {-9, 99, 3, 4, 5})) << "two differ";
  EXPECT_FALSE(is_near({1, 2, 3, 4, 5}, {-9, 99, 9, 4, 5})) << "three do";
  EXPECT_TRUE(is_near({1, 2, 3, 100, -100}, {9, 9, 3, 91, -91}));
  EXPECT_FALSE(is_near({1, 2, 3, 100, 5}, {9, 9, 3, 89, 5})) << "11 % apart";
  EXPECT_FALSE(is_near({1, 2, 3, 4, 5}, {9, 9, -3, 4, 5})) << "the other sign";
  EXPECT_FALSE(is_near({1, 2, 0, 4, 5}, {9, 9, 1e-9, 4, 5})) << "nothing but 0 is near 0";
  EXPECT_TRUE(is_near({1, 2, 0, kMissing, 5}, {9, 9, 0, kMissing, 5}));
  EXPECT_FALSE(is_near({1, 2, 0, kMissing, 5}, {9, 9, 0, 4, 5}));
  EXPECT_FALSE(is_near({1, 2, 0, kMissing, 5}, {9, 9, 0, 1e30, 5}));
  EXPECT_TRUE(is_near({1, 2, 0, kHuge, -kHuge}, {9, 9, 0, kHuge, -kHuge}));
  EXPECT_FALSE(is_near({1, 2, 0, kHuge, 5}, {9, 9, 0, -kHuge, 5}));

  ProbingCounter probing = counter_of({.fields = 5, .free_fields = 2});
  probing.observe(kMallory, std::vector<double>{0, kMissing, 3, 4, 5}, at(0s));
  EXPECT_EQ(probing.observe(kMallory, std::vector<double>{-0.0, -kMissing, 3, 4, 5}, at(0s)).repeated, 1U)
      << "the same values, whatever their bits";
}

TEST(ProbingTest, SubjectsAreApartAndTheSilentOneGivesWay) {
  ProbingCounter probing = counter_of({.subjects = 2});
  Random random(9);
  const std::vector<double> probe = purchase(random);
  std::vector<double> other = probe;
  other[kAmount] += 1;
  probing.observe(1, probe, at(0s));
  EXPECT_EQ(probing.observe(2, other, at(1s)).compared, 0U);
  EXPECT_EQ(probing.observe(1, other, at(2s)).near, 1U);
  EXPECT_EQ(probing.observe(3, probe, at(3s)).compared, 0U) << "in the place of 2, with nothing of its";
  EXPECT_EQ(probing.subjects(), 2U);
  EXPECT_EQ(probing.observe(1, probe, at(4s)).repeated, 1U) << "1 was kept";

  ProbingCounter alone = counter_of({.subjects = 1});
  alone.observe(1, purchase(random), at(0s));
  EXPECT_EQ(alone.observe(2, probe, at(1s)).compared, 0U);
  EXPECT_EQ(alone.observe(2, other, at(2s)).near, 1U) << "compared with its own, not with what 1 had bought";
}

TEST(ProbingTest, ThreadsLoseNoRequest) {
  ProbingCounter probing = counter_of({.recent = 1'024});
  Random random(10);
  const std::vector<double> probe = purchase(random);
  std::atomic<std::uint64_t> near{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        std::vector<double> mine = probe;
        for (int i = 0; i < 200; ++i) {
          mine[kAmount] = 1'000 + 200 * thread + i;
          near += probing.observe(kMallory, mine, at(0s)).near;
          probing.observe(static_cast<std::uint64_t>(i) << 48, mine, at(0s));
        }
      });
    }
  }
  EXPECT_EQ(near, 800U * 799U / 2U) << "of two, the later one sees the earlier one";
}

TEST(ProbingTest, RefusesOptionsOutOfRange) {
  const auto field_of = [](auto&& change) {
    ProbingOptions options;
    change(options);
    const auto made = ProbingCounter::make(options, KeyedHash({1, 2}));
    if (made) return std::string();
    EXPECT_EQ(made.error().code, Code::kInvalidArgument);
    return made.error().place.field;
  };
  EXPECT_EQ(field_of([](ProbingOptions&) {}), "");
  EXPECT_EQ(field_of([](ProbingOptions& o) { o.fields = 2; }), "fields");
  EXPECT_EQ(field_of([](ProbingOptions& o) { o.fields = 257; }), "fields");
  EXPECT_EQ(field_of([](ProbingOptions& o) { o.recent = 0; }), "recent");
  EXPECT_EQ(field_of([](ProbingOptions& o) { o.recent = 1'025; }), "recent");
  EXPECT_EQ(field_of([](ProbingOptions& o) { o.window = 0s; }), "window");
  EXPECT_EQ(field_of([](ProbingOptions& o) { o.window = std::chrono::nanoseconds::max(); }), "window");
  EXPECT_EQ(field_of([](ProbingOptions& o) { o.free_fields = 0; }), "free_fields");
  EXPECT_EQ(field_of([](ProbingOptions& o) { o.free_fields = 15; }), "free_fields");
  EXPECT_EQ(field_of([](ProbingOptions& o) { o.tolerance = -0.01; }), "tolerance");
  EXPECT_EQ(field_of([](ProbingOptions& o) { o.tolerance = 0.51; }), "tolerance");
  EXPECT_EQ(field_of([](ProbingOptions& o) { o.tolerance = std::nan(""); }), "tolerance");
  EXPECT_EQ(field_of([](ProbingOptions& o) { o.subjects = 0; }), "subjects");
  EXPECT_EQ(field_of([](ProbingOptions& o) { o.subjects = 1 << 20; }), "subjects") << "8 GB";
}

}  // namespace
}  // namespace vigie::identity
