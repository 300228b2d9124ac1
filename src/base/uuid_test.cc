#include "base/uuid.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>

namespace vigie {
namespace {

WallTime at_milliseconds(std::int64_t milliseconds) { return WallTime(std::chrono::milliseconds(milliseconds)); }

std::string text(const UuidText& uuid) { return {uuid.begin(), uuid.end()}; }

// RFC 9562, appendix A.6: 2022-02-22 14:22:22.00 UTC-5 is 0x017F22E279B0.
TEST(UuidV7, TimeVersionAndVariantAreWhereTheRfcPutsThem) {
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = text(make_uuid_v7(at_milliseconds(1'645'557'742'000), random));
    ASSERT_EQ(uuid.size(), 36u);
    EXPECT_EQ(uuid.substr(0, 15), "017f22e2-79b0-7");
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
    for (std::size_t at = 0; at < uuid.size(); ++at) {
      const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
      EXPECT_NE(std::string(dash ? "-" : "0123456789abcdef").find(uuid[at]), std::string::npos) << uuid;
    }
  }
}

RC_GTEST_PROP(UuidV7, SortsByTime, (std::uint64_t seed)) {
  Random random(seed);
  const auto earlier = static_cast<std::int64_t>(random.below(1ull << 47));
  const auto later = earlier + 1 + static_cast<std::int64_t>(random.below(1ull << 40));
  RC_ASSERT(text(make_uuid_v7(at_milliseconds(earlier), random)) < text(make_uuid_v7(at_milliseconds(later), random)));
}

TEST(UuidV7, WritesTheBitsThatItDraws) {
  Random random(4);
  Random same(4);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t high = std::uint64_t{0x0123'4567'89AB} << 16 | 0x7000 | (same.next() & 0xFFF);
    const std::uint64_t low = std::uint64_t{1} << 63 | (same.next() & ~std::uint64_t{0} >> 2);
    std::string expected = fmt::format("{:016x}{:016x}", high, low);
    for (const std::size_t dash : {8, 13, 18, 23}) expected.insert(dash, "-");
    ASSERT_EQ(text(make_uuid_v7(at_milliseconds(0x0123'4567'89AB), random)), expected);
  }
}

TEST(UuidV7, ManyInOneMillisecondAreDistinct) {
  Random random(2);
  std::set<std::string> seen;
  for (int i = 0; i < 100'000; ++i) seen.insert(text(make_uuid_v7(at_milliseconds(1), random)));
  EXPECT_EQ(seen.size(), 100'000u);
}

TEST(UuidV7, SameTimeAndRandomGiveTheSame) {
  Random first(3);
  Random second(3);
  EXPECT_EQ(make_uuid_v7(at_milliseconds(5), first), make_uuid_v7(at_milliseconds(5), second));
}

}  // namespace
}  // namespace vigie
