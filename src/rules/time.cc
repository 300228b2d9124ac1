#include "rules/time.h"

#include <chrono>
#include <optional>

namespace vigie::rules {
namespace {

// The number that the next `digits` characters are, which are taken off; nothing where they are no digits.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

// Up to nine digits behind a point as nanoseconds; nothing where a point has none.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  if (!take(text, ".")) return 0;
  std::int64_t nanos = 0;
  std::int64_t unit = kNanosPerSecond;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9' && unit > 1) {
    unit /= 10;
    nanos += unit * (text[0] - '0');
    text.remove_prefix(1);
  }
  if (unit == kNanosPerSecond) return std::nullopt;
  return nanos;
}

void append_fraction(std::string& out, std::uint32_t nanos) {
  if (nanos == 0) return;
  std::string digits = std::to_string(nanos);
  digits.insert(0, 9 - digits.size(), '0');
  digits.erase(digits.find_last_not_of('0') + 1);
  out += "." + digits;
}

__extension__ using Wide = __int128;

}  // namespace

Value timestamp_of(std::int64_t seconds, std::int64_t nanos) {
  if (seconds < kFirstSecond || seconds > kLastSecond) return Value::error(Fault::kRange);
  return Value::timestamp(seconds, static_cast<std::uint32_t>(nanos));
}

Value parse_timestamp(std::string_view text) {
  const Value bad = Value::error(Fault::kConversion);
  const auto year = take_digits(text, 4);
  if (!year) return bad;
  if (!text.empty() && text[0] >= '0' && text[0] <= '9') return Value::error(Fault::kRange);  // five digits
  if (!take(text, "-")) return bad;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, "-")) return bad;
  const auto day = take_digits(text, 2);
  if (!day || (!take(text, "T") && !take(text, "t"))) return bad;
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ":")) return bad;
  const auto minute = take_digits(text, 2);
  if (!minute || !take(text, ":")) return bad;
  const auto second = take_digits(text, 2);
  if (!second) return bad;
  const auto nanos = take_fraction(text);
  if (!nanos) return bad;
  std::int64_t offset = 0;
  if (!take(text, "Z") && !take(text, "z")) {
    const bool west = take(text, "-");
    if (!west && !take(text, "+")) return bad;
    const auto hours = take_digits(text, 2);
    if (!hours || !take(text, ":")) return bad;
    const auto minutes = take_digits(text, 2);
    if (!minutes || *hours > 23 || *minutes > 59) return bad;
    offset = (west ? -1 : 1) * (*hours * 3600 + *minutes * 60);
  }
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!text.empty() || !date.ok() || *hour > 23 || *minute > 59 || *second > 59) return bad;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return timestamp_of(days * 86'400 + *hour * 3600 + *minute * 60 + *second - offset, *nanos);
}

std::string format_timestamp(const Value& timestamp) {
  const Calendar at = calendar(timestamp.seconds(), 0);
  const auto padded = [](std::int64_t number, std::size_t width) {
    std::string digits = std::to_string(number);
    return std::string(width - digits.size(), '0') + digits;
  };
  std::string out = padded(at.year, 4) + "-" + padded(at.month, 2) + "-" + padded(at.day, 2) + "T" +
                    padded(at.hour, 2) + ":" + padded(at.minute, 2) + ":" + padded(at.second, 2);
  append_fraction(out, timestamp.nanos());
  return out + "Z";
}

Value parse_duration(std::string_view text) {
  const Value bad = Value::error(Fault::kConversion);
  const bool negative = take(text, "-");
  if (!negative) take(text, "+");
  if (text == "0") return Value::duration(0);
  if (text.empty()) return bad;
  Wide nanos = 0;
  while (!text.empty()) {
    std::int64_t whole = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
      if (__builtin_mul_overflow(whole, 10, &whole) || __builtin_add_overflow(whole, text[digits] - '0', &whole)) {
        return Value::error(Fault::kRange);
      }
      ++digits;
    }
    text.remove_prefix(digits);
    std::int64_t fraction = 0;  // in billionths of the unit
    if (text.starts_with(".")) {
      if (text.size() > 1 && text[1] >= '0' && text[1] <= '9') {
        fraction = *take_fraction(text);
        while (!text.empty() && text[0] >= '0' && text[0] <= '9') text.remove_prefix(1);
      } else {
        text.remove_prefix(1);
        if (digits == 0) return bad;
      }
    } else if (digits == 0) {
      return bad;
    }
    std::int64_t unit = 0;
    if (take(text, "ns"))
      unit = 1;
    else if (take(text, "us") || take(text, "µs") || take(text, "μs"))
      unit = 1'000;
    else if (take(text, "ms"))
      unit = 1'000'000;
    else if (take(text, "s"))
      unit = kNanosPerSecond;
    else if (take(text, "m"))
      unit = 60 * kNanosPerSecond;
    else if (take(text, "h"))
      unit = 3600 * kNanosPerSecond;
    else
      return bad;
    nanos += Wide{whole} * unit + Wide{fraction} * unit / kNanosPerSecond;
    if (nanos > INT64_MAX) return Value::error(Fault::kRange);
  }
  return Value::duration(static_cast<std::int64_t>(negative ? -nanos : nanos));
}

std::string format_duration(const Value& duration) {
  const std::int64_t nanos = duration.as_nanoseconds();
  std::string out = nanos < 0 ? "-" : "";
  const std::uint64_t size = nanos < 0 ? 0 - static_cast<std::uint64_t>(nanos) : static_cast<std::uint64_t>(nanos);
  out += std::to_string(size / kNanosPerSecond);
  append_fraction(out, static_cast<std::uint32_t>(size % kNanosPerSecond));
  return out + "s";
}

Value add(const Value& timestamp, std::int64_t nanoseconds) {
  const Wide sum = Wide{timestamp.seconds()} * kNanosPerSecond + timestamp.nanos() + nanoseconds;
  std::int64_t seconds = static_cast<std::int64_t>(sum / kNanosPerSecond);
  std::int64_t nanos = static_cast<std::int64_t>(sum % kNanosPerSecond);
  if (nanos < 0) nanos += kNanosPerSecond, --seconds;
  return timestamp_of(seconds, nanos);
}

Value difference(const Value& later, const Value& earlier) {
  const Wide nanos = Wide{later.seconds() - earlier.seconds()} * kNanosPerSecond + later.nanos() - earlier.nanos();
  if (nanos > INT64_MAX || nanos < INT64_MIN) return Value::error(Fault::kRange);
  return Value::duration(static_cast<std::int64_t>(nanos));
}

Calendar calendar(std::int64_t seconds, std::int64_t offset) {
  using namespace std::chrono;
  const sys_seconds moment{std::chrono::seconds(seconds + offset)};
  const sys_days day = floor<days>(moment);
  const year_month_day date(day);
  const auto within = static_cast<int>((moment - day).count());
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<int>(static_cast<unsigned>(date.month())),
          .day = static_cast<int>(static_cast<unsigned>(date.day())),
          .day_of_year = static_cast<int>((day - sys_days(date.year() / January / 1)).count()),
          .day_of_week = static_cast<int>(weekday(day).c_encoding()),
          .hour = within / 3600,
          .minute = within / 60 % 60,
          .second = within % 60};
}

}  // namespace vigie::rules
