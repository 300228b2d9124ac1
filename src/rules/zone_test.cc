#include "rules/zone.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "rules/time.h"

namespace vigie::rules {
namespace {

std::int64_t at(const char* moment) {
  const Value time = parse_timestamp(moment);
  EXPECT_FALSE(time.is_error()) << moment;
  return time.seconds();
}

// A TZif file as new ones are: moments up to 1996 and the yearly rule. No old part, no moments here but the yearly
// ones.
std::string file_with(std::string_view yearly) {
  const auto header = [](char types) {
    std::string out = "TZif2" + std::string(15, '\0');
    for (const char count : {'\0', '\0', '\0', '\0', types, '\0'}) out += std::string(3, '\0') + count;
    return out;
  };
  return header(0) + header(1) + std::string("\0\0\x0e\x10\0\0", 6) + "\n" + std::string(yearly) + "\n";
}

TEST(Zone, TheClocksOfParisChangeOnTheLastSundaysOfMarchAndOctober) {
  const auto zone = parse_zone(file_with("CET-1CEST,M3.5.0,M10.5.0/3"));
  ASSERT_TRUE(zone) << zone.error().to_string();
  EXPECT_EQ(offset_at(*zone, at("2050-03-27T00:59:59Z")), 3600);
  EXPECT_EQ(offset_at(*zone, at("2050-03-27T01:00:00Z")), 7200);
  EXPECT_EQ(offset_at(*zone, at("2050-10-30T00:59:59Z")), 7200);
  EXPECT_EQ(offset_at(*zone, at("2050-10-30T01:00:00Z")), 3600);
}

TEST(Zone, SouthOfTheEquatorSummerIsAroundTheNewYear) {
  const auto zone = parse_zone(file_with("AEST-10AEDT,M10.1.0,M4.1.0/3"));
  ASSERT_TRUE(zone);
  EXPECT_EQ(offset_at(*zone, at("2045-01-15T00:00:00Z")), 11 * 3600);
  EXPECT_EQ(offset_at(*zone, at("2045-07-15T00:00:00Z")), 10 * 3600);
}

TEST(Zone, AYearlyRuleOfOneOffsetIsNone) {
  const auto zone = parse_zone(file_with("<+0545>-5:45"));
  ASSERT_TRUE(zone);
  EXPECT_EQ(offset_at(*zone, at("2045-01-15T00:00:00Z")), 3600) << "the file's own";
}

TEST(Zone, TheSystemsZonesAreRead) {
  ZoneCache zones;
  const auto paris = zones.find("Europe/Paris");
  if (!paris) GTEST_SKIP() << "this machine has no time zones";
  EXPECT_EQ(offset_at(**paris, at("1930-01-15T12:00:00Z")), 0);
  EXPECT_EQ(offset_at(**paris, at("2026-01-15T12:00:00Z")), 3600);
  EXPECT_EQ(offset_at(**paris, at("2026-07-15T12:00:00Z")), 7200);
  EXPECT_EQ(offset_at(**paris, at("2090-07-15T12:00:00Z")), 7200);
  EXPECT_EQ(zones.find("Europe/Paris")->get(), paris->get()) << "read once";
}

TEST(Zone, NamesThatLeaveTheFolderAreUnknown) {
  ZoneCache zones;
  for (const char* name :
       {"", "/etc/passwd", "../../../etc/passwd", "Europe", "Europe/../Europe/Paris", "Europe/Paris\n"}) {
    EXPECT_FALSE(zones.find(name)) << name;
  }
}

TEST(Zone, OffsetsAreRead) {
  EXPECT_EQ(parse_offset("+11:00"), 39'600);
  EXPECT_EQ(parse_offset("-02:30"), -9'000);
  EXPECT_EQ(parse_offset("02:00"), 7'200);
  EXPECT_EQ(parse_offset("UTC"), 0);
  for (const char* text : {"", "+", "2:00", "+24:00", "+01:60", "+01:00:00", "--01:00", "+0100", "Paris"}) {
    EXPECT_FALSE(parse_offset(text)) << text;
  }
}

TEST(Zone, BrokenFilesAreRefusedOrReadButNeverWorse) {
  const std::string good = file_with("CET-1CEST,M3.5.0,M10.5.0/3");
  const std::size_t footer = good.find('\n');
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(parse_zone(good.substr(0, size)).has_value(), size >= footer) << size;
  }
  Random random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string broken = good;
    for (int j = 0; j < 3; ++j) broken[random.below(broken.size())] = static_cast<char>(random.below(256));
    if (const auto zone = parse_zone(broken)) (void)offset_at(*zone, static_cast<std::int64_t>(random.below(1u << 31)));
  }
  EXPECT_FALSE(parse_zone(""));
  EXPECT_FALSE(parse_zone("TZif"));
}

TEST(Time, WhatIsWrittenIsReadBack) {
  Random random(1);
  for (int i = 0; i < 10'000; ++i) {
    const std::int64_t seconds =
        kFirstSecond +
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(kLastSecond - kFirstSecond + 1)));
    const Value time = Value::timestamp(seconds, static_cast<std::uint32_t>(random.below(1'000'000'000)));
    EXPECT_TRUE(equal(parse_timestamp(format_timestamp(time)), time)) << format_timestamp(time);
    const Value duration = Value::duration(static_cast<std::int64_t>(random.next()));
    if (duration.as_nanoseconds() != INT64_MIN) {
      EXPECT_TRUE(equal(parse_duration(format_duration(duration)), duration)) << format_duration(duration);
    }
  }
}

TEST(Time, WhatIsNoTimeIsRefused) {
  for (const char* text : {"", "2026", "2026-02-30T00:00:00Z", "2026-01-31", "2026-01-31T24:00:00Z",
                           "2026-01-31T00:00:00", "2026-01-31T00:00:00.Z", "2026-01-31T00:00:00+1:00",
                           "2026-1-31T00:00:00Z", "2026-01-31T00:00:00Zz", "2026-01-31 00:00:00Z"}) {
    EXPECT_TRUE(parse_timestamp(text).is_error()) << text;
  }
  for (const char* text : {"", "1", "h", "1d", "1.s5", ".s", "--1s", "1s ", "1e3s", "99999999999999999999s"}) {
    EXPECT_TRUE(parse_duration(text).is_error()) << text;
  }
  EXPECT_EQ(format_duration(parse_duration("1h30m0.5s")), "5400.5s");
  EXPECT_EQ(format_duration(parse_duration("-1.5ms")), "-0.0015s");
}

}  // namespace
}  // namespace vigie::rules
