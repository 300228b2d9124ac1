#include "base/clock.h"

#include <gtest/gtest.h>

namespace vigie {
namespace {

using std::chrono::microseconds;

TEST(FormatTime, IsRfc3339InUtc) {
  EXPECT_EQ(format_time(WallTime{}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_time(WallTime(microseconds(1'795'230'703'000'123))), "2026-11-21T03:11:43.000123Z");
  EXPECT_EQ(format_time(WallTime(microseconds(951'782'399'999'999))), "2000-02-28T23:59:59.999999Z");
  EXPECT_EQ(format_time(WallTime(microseconds(951'782'400'000'000))), "2000-02-29T00:00:00.000000Z");
  EXPECT_EQ(format_time(WallTime(microseconds(-1))), "1969-12-31T23:59:59.999999Z");
}

TEST(SystemClock, IsTheMachines) {
  const auto before = std::chrono::floor<microseconds>(std::chrono::system_clock::now());
  const WallTime now = system_clock().now();
  const auto after = std::chrono::ceil<microseconds>(std::chrono::system_clock::now());
  EXPECT_LE(before, now);
  EXPECT_LE(now, after);
}

}  // namespace
}  // namespace vigie
