#include "base/timestamp.h"

#include <gtest/gtest.h>

namespace vigie {
namespace {

TEST(ParseTimestamp, ReadsIso8601) {
  constexpr std::int64_t kSecond = 1'000'000;
  constexpr std::int64_t kDay = 86'400 * kSecond;
  EXPECT_EQ(parse_timestamp("1970-01-01"), 0);
  EXPECT_EQ(parse_timestamp("1970-01-02 00:00:01"), kDay + kSecond);
  EXPECT_EQ(parse_timestamp("1970-01-02T00:00:01.5Z"), kDay + kSecond + 500'000);
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00.1234569"), 123'456);
  EXPECT_EQ(parse_timestamp("1970-01-01T02:00:00+02:00"), 0);
  EXPECT_EQ(parse_timestamp("1969-12-31T22:30:00-0130"), 0);
  EXPECT_EQ(parse_timestamp("1969-12-31T23:59"), -60 * kSecond);
  EXPECT_EQ(parse_timestamp("2000-02-29"), 11'016 * kDay);
}

TEST(ParseTimestamp, RefusesWhatIsNoMoment) {
  for (const char* text :
       {"", "2018", "2018-4-1", "2018-02-30", "2019-02-29", "2018-13-01", "2018-04-01T", "2018-04-01 24:00:00",
        "2018-04-01 10:60:00", "2018-04-01 10:00:60", "2018-04-01 10:00:00.", "2018-04-01 10:00:00x",
        "2018-04-01 10:00:00+25:00", "2018-04-01 10:00:00Zz", "0000-01-01", "01/04/2018", " 2018-04-01"}) {
    EXPECT_FALSE(parse_timestamp(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace vigie
