// Time zones: fixed offsets, and those of the IANA database as the system has it compiled (RFC 8536, TZif).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vigie::rules {

// When a yearly change of the clocks is: the `week`-th (5: the last) `day` of the week (0: Sunday) of `month`.
struct YearlyChange {
  int month = 0;
  int week = 0;
  int day = 0;
  std::int64_t time = 7200;  // seconds after local midnight
};

struct Zone {
  std::vector<std::int64_t> moments;  // UTC seconds at which the offset changes, ascending
  std::vector<std::int64_t> offsets;  // seconds ahead of UTC: before the first moment, then from each moment on
  // After the last moment, where the clocks go on changing each year.
  struct Yearly {
    std::int64_t standard;
    std::int64_t summer;
    YearlyChange to_summer;
    YearlyChange to_standard;
  };
  std::optional<Yearly> yearly;
};

std::int64_t offset_at(const Zone& zone, std::int64_t seconds);

// "+11:00", "-02:30", "02:00", "UTC", "Z" as seconds ahead of UTC.
std::optional<std::int64_t> parse_offset(std::string_view text);

// The bytes of a TZif file of version 2 or later. kInvalidData for anything else.
Result<Zone> parse_zone(std::string_view bytes);

// Reads each zone once: what it gave stays for as long as it does.
class ZoneCache {
 public:
  // "Europe/Paris". kNotFound with a remedy where the system does not have it.
  Result<std::shared_ptr<const Zone>> find(const std::string& name);

 private:
  std::map<std::string, std::shared_ptr<const Zone>, std::less<>> zones_;
};

}  // namespace vigie::rules
