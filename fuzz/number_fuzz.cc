// parse_double against the C library on every text that both read, round trips through the shortest form, and the
// readers of cells against parse_double.
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "base/cpu.h"
#include "base/decimal_cells.h"
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

// The text as a cell among others that are plain.
void require_same_cell(const std::string& text) {
  const std::string around(vigie::kCellSlack, '8');
  const std::string file = around + text + around;
  const char* const begin = file.data() + around.size();
  const vigie::TextCell cell{begin, begin + text.size()};
  const vigie::TextCell plain{begin + text.size(), begin + text.size() + 3};
  for (const auto& [level, parse] : {std::pair{vigie::CpuLevel::kBaseline, &vigie::parse_cells_portable},
                                     {vigie::CpuLevel::kAvx2, &vigie::parse_cells_avx2},
                                     {vigie::CpuLevel::kAvx512, &vigie::parse_cells_avx512}}) {
    if (vigie::cpu_level() < level) continue;
    for (const auto& cells : {std::array{cell, plain}, std::array{plain, cell}}) {
      std::array<double, 2> values{};
      const std::size_t read = parse(cells, values.data());
      for (std::size_t i = 0; i < read; ++i) {
        const auto slow = vigie::parse_double(std::string(cells[i].begin, cells[i].end));
        require(slow.has_value() && bits(*slow) == bits(values[i]));
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  require_same_cell(text);
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
