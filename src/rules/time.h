// Timestamps and durations as the language reads, writes and adds them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rules/value.h"
#include "rules/zone.h"

namespace vigie::rules {

// RFC 3339 with up to nine digits of a second and an offset: "2026-11-21T03:11:43.5+01:00". Faults: kConversion; kRange
// outside the years 1 to 9999.
Value parse_timestamp(std::string_view text);
std::string format_timestamp(const Value& timestamp);  // in UTC, with as many digits of a second as there are

// Numbers with units h, m, s, ms, us, ns, after an optional sign: "1h30m", "-1.5s". Faults: kConversion, kRange.
Value parse_duration(std::string_view text);
std::string format_duration(const Value& duration);  // in seconds: "5400s"

// Faults: kRange.
Value timestamp_of(std::int64_t seconds, std::int64_t nanos);
Value add(const Value& timestamp, std::int64_t nanoseconds);
Value difference(const Value& later, const Value& earlier);

// A moment's calendar at a place that is `offset` seconds ahead of UTC.
struct Calendar {
  std::int64_t year;
  int month;        // 1..12
  int day;          // 1..31
  int day_of_year;  // 0..365
  int day_of_week;  // 0 is Sunday
  int hour;
  int minute;
  int second;
};
Calendar calendar(std::int64_t seconds, std::int64_t offset);

}  // namespace vigie::rules
