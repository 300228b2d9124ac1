#include "dataset/cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "base/number.h"
#include "base/utf8.h"

namespace vigie::dataset {
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

bool is_not_finite_word(std::string_view text) {
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower == "nan" || lower == "inf" || lower == "infinity" || lower == "1.#inf" || lower == "1.#qnan";
}

bool is_too_large(std::string_view text) {
  double value = 0;
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc::result_out_of_range && rest == text.data() + text.size();
}

bool has_decimal_comma(std::string_view text) {
  const auto comma = text.find(',');
  if (comma == std::string_view::npos) return false;
  std::string pointed(text);
  pointed[comma] = '.';
  return parse_double(pointed).has_value();
}

bool is_whole_text(std::string_view text) {
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

std::string why_not_number(std::string_view text) {
  const std::string shown = excerpt(text);
  if (is_not_finite_word(text)) return shown + " is not a finite number";
  if (is_too_large(text)) return shown + " is too large for a number";
  if (has_decimal_comma(text)) return shown + " is not a number (decimals take a point)";
  return shown + " is not a number";
}

}  // namespace

MissingTokens::MissingTokens()
    : MissingTokens(std::vector<std::string>{"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?"}) {}

MissingTokens::MissingTokens(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {
  for (auto& token : tokens_) {
    token = std::string(trim_spaces(token));
    if (token.empty()) {
      empty_ = true;
    } else {
      starts_[static_cast<unsigned char>(token.front())] = true;
    }
  }
}

bool MissingTokens::listed(std::string_view text) const { return std::ranges::find(tokens_, text) != tokens_.end(); }

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  Digits digits(trim_spaces(text));
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

std::string excerpt(std::string_view text) {
  constexpr std::size_t kCharacters = 40;
  std::string out = "\"";
  std::size_t characters = 0;
  while (!text.empty() && characters < kCharacters) {
    const auto byte = static_cast<unsigned char>(text.front());
    const std::size_t length = utf8_sequence(text);
    if (length == 0 || byte < 0x20 || byte == 0x7F) {
      switch (byte) {
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default: out += fmt::format("\\x{:02x}", byte);
      }
      text.remove_prefix(1);
    } else {
      if (byte == '"') out += '\\';
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
    ++characters;
  }
  out += text.empty() ? "\"" : "…\"";
  return out;
}

std::string why_not(std::string_view text, ColumnType type) {
  text = trim_spaces(text);
  if (text.empty()) return "the cell is empty";
  switch (type) {
    case ColumnType::kNumber: return why_not_number(text);
    case ColumnType::kInteger:
      if (is_whole_text(text)) return excerpt(text) + " does not fit in 64 bits";
      if (parse_double(text)) return excerpt(text) + " is not a whole number";
      return why_not_number(text);
    case ColumnType::kTimestamp: return excerpt(text) + " is not a date or time like 2026-11-21T10:15:00Z";
    case ColumnType::kText: break;
  }
  return excerpt(text) + " is not text";
}

void TypeGuess::see(std::string_view text, const MissingTokens& missing) {
  text = trim_spaces(text);
  if (missing.contains(text)) return;
  ++values_;
  if (const auto whole = parse_int(text); whole && *whole != kMissingInteger) {
    ++integers_;
    ++numbers_;
  } else if (is_whole_text(text)) {
    return;  // digits that no int64 holds are an identifier: as a double it would lose its tail
  } else if (parse_double(text)) {
    ++numbers_;
  } else if (parse_timestamp(text)) {
    ++timestamps_;
  }
}

ColumnType TypeGuess::type() const {
  const auto most = [this](std::uint64_t count) { return count * 10 >= values_ * 9; };
  if (values_ == 0) return ColumnType::kNumber;
  if (most(numbers_)) return integers_ == numbers_ ? ColumnType::kInteger : ColumnType::kNumber;
  return most(timestamps_) ? ColumnType::kTimestamp : ColumnType::kText;
}

}  // namespace vigie::dataset
