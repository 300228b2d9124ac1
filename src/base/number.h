// Text to number and back, without locale, exactly: parse_double rounds correctly, format_double gives the shortest
// text that reads back to the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vigie {

// The whole text as a decimal number ("1", "-2.5e3", "+7"); nothing for anything else, "nan", "inf" and an
// overflow included. Spaces are not skipped.
std::optional<double> parse_double(std::string_view text);
std::optional<std::int64_t> parse_int(std::string_view text);

// The shortest text that reads back to `value`, into at least kMostDoubleChars at `to`; returns its end. "nan", "inf"
// and "-inf" where the value is not finite: such text is no JSON.
inline constexpr std::size_t kMostDoubleChars = 32;
char* print_double(char* to, double value);
void append_double(std::string& out, double value);
std::string format_double(double value);

// For people: "1,234,567", and 3 significant digits with a unit ("1.23 M", "45.6 MB").
std::string with_thousands(std::uint64_t value);
std::string with_unit(double value, std::string_view unit);

}  // namespace vigie
