// parse_double against the C library on every text that both read, and round trips through the shortest form.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "base/number.h"

namespace {

void require(bool condition) {
  if (!condition) __builtin_trap();
}

std::uint64_t bits(double value) {
  std::uint64_t word = 0;
  std::memcpy(&word, &value, sizeof word);
  return word;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto value = vigie::parse_double(text)) {
    require(std::isfinite(*value));
    char* rest = nullptr;
    require(bits(std::strtod(text.c_str(), &rest)) == bits(*value));
    require(rest == text.c_str() + text.size());
    require(bits(vigie::parse_double(vigie::format_double(*value)).value()) == bits(*value));
  }
  if (const auto value = vigie::parse_int(text)) {
    require(std::strtoll(text.c_str(), nullptr, 10) == *value);
    require(vigie::parse_double(text).has_value());
  }
  return 0;
}
