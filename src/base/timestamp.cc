#include "base/timestamp.h"

#include <chrono>

namespace vigie {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads fixed-width decimal fields from the front of a text.
class Digits {
 public:
  explicit Digits(std::string_view text) : rest_(text) {}
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool number(std::size_t width, int& value) {
    if (rest_.size() < width) return false;
    value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (!is_digit(rest_[i])) return false;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(width);
    return true;
  }
  // ".ffffff": at least one digit, those after the sixth are read and cut off.
  bool fraction(int& microseconds) {
    microseconds = 0;
    int scale = 100'000;
    std::size_t used = 0;
    for (; used < rest_.size() && is_digit(rest_[used]); ++used) {
      microseconds += (rest_[used] - '0') * scale;
      scale /= 10;
    }
    rest_.remove_prefix(used);
    return used > 0;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// "", "Z", "+02:00", "+0200" or "+02": minutes east of UTC.
bool zone(Digits& digits, int& minutes) {
  minutes = 0;
  if (digits.rest().empty()) return true;
  if (digits.take('Z') || digits.take('z')) return digits.rest().empty();
  const bool west = digits.take('-');
  if (!west && !digits.take('+')) return false;
  int hour = 0;
  int minute = 0;
  if (!digits.number(2, hour)) return false;
  if (!digits.rest().empty()) {
    digits.take(':');
    if (!digits.number(2, minute)) return false;
  }
  if (hour > 23 || minute > 59 || !digits.rest().empty()) return false;
  minutes = (hour * 60 + minute) * (west ? -1 : 1);
  return true;
}

}  // namespace

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  Digits digits(text);
  int year = 0;
  int month = 0;
  int day = 0;
  if (!digits.number(4, year) || !digits.take('-') || !digits.number(2, month) || !digits.take('-') ||
      !digits.number(2, day)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1 || !date.ok()) return std::nullopt;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
  int east = 0;
  if (!digits.rest().empty()) {
    if (!digits.take('T') && !digits.take(' ') && !digits.take('t')) return std::nullopt;
    if (!digits.number(2, hour) || !digits.take(':') || !digits.number(2, minute)) return std::nullopt;
    if (digits.take(':')) {
      if (!digits.number(2, second)) return std::nullopt;
      if (digits.take('.') && !digits.fraction(microsecond)) return std::nullopt;
    }
    if (hour > 23 || minute > 59 || second > 59 || !zone(digits, east)) return std::nullopt;
  }
  const auto moment = std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(hour) +
                      std::chrono::minutes(minute - east) + std::chrono::seconds(second) +
                      std::chrono::microseconds(microsecond);
  return std::chrono::duration_cast<std::chrono::microseconds>(moment).count();
}

}  // namespace vigie
