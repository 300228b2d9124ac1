#include "base/clock.h"

#include <fmt/format.h>

namespace vigie {

const Clock& system_clock() {
  class System : public Clock {
    WallTime now() const override {
      return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
  };
  static const System clock;
  return clock;
}

std::string format_time(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

}  // namespace vigie
