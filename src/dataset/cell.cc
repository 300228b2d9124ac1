#include "dataset/cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/number.h"
#include "base/timestamp.h"
#include "base/utf8.h"

namespace vigie::dataset {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

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
