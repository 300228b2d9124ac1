#include "base/decimal_cells.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cpu.h"
#include "base/number.h"
#include "base/random.h"

namespace vigie {
namespace {

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

// Cells side by side as in a file, with what may lie around them.
class Cells {
 public:
  void add(std::string_view cell) {
    text_ += cell;
    text_ += ',';
    ends_.push_back(text_.size() - 1);
  }

  // All ways must say what strtod says of the cells that they read, and read at least those that are easy.
  void expect_like_strtod() {
    const std::string text = std::string(kCellSlack, '.') + text_ + std::string(kCellSlack, '7');
    const char* const base = text.data() + kCellSlack;
    std::vector<TextCell> cells;
    std::size_t begin = 0;
    for (const std::size_t end : ends_) {
      cells.push_back({base + begin, base + end});
      begin = end + 1;
    }
    for (const auto& [level, parse] : {std::pair{CpuLevel::kBaseline, &parse_cells_portable},
                                       {CpuLevel::kAvx2, &parse_cells_avx2},
                                       {CpuLevel::kAvx512, &parse_cells_avx512}}) {
      if (cpu_level() < level) continue;
      std::vector<double> values(cells.size());
      for (std::size_t done = 0; done < cells.size(); ++done) {
        const std::size_t first = done;
        done += parse(std::span(cells).subspan(done), values.data() + done);
        for (std::size_t i = first; i < done; ++i) {
          const std::string cell(cells[i].begin, cells[i].end);
          char* rest = nullptr;
          ASSERT_EQ(bits(values[i]), bits(std::strtod(cell.c_str(), &rest))) << '"' << cell << '"';
          ASSERT_EQ(*rest, '\0') << '"' << cell << '"';
          ASSERT_TRUE(parse_double(cell).has_value()) << '"' << cell << '"';
        }
        if (done < cells.size() && is_easy({cells[done].begin, cells[done].end})) {
          FAIL() << "not read: " << std::string(cells[done].begin, cells[done].end);
        }
      }
    }
    text_.clear();
    ends_.clear();
  }

 private:
  // What readers rely on being fast: up to 15 digits, a point, a sign.
  static bool is_easy(std::string_view cell) {
    if (cell.starts_with('-')) cell.remove_prefix(1);
    std::size_t digits = 0;
    std::size_t points = 0;
    for (const char c : cell) {
      if (c == '.') {
        ++points;
      } else if (c >= '0' && c <= '9') {
        ++digits;
      } else {
        return false;
      }
    }
    return digits >= 1 && digits <= 15 && points <= 1 && cell != "0.";
  }

  std::string text_;
  std::vector<std::size_t> ends_;
};

std::string random_digits(std::size_t count, Random& random) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += static_cast<char>('0' + random.below(10));
  return text;
}

TEST(ParseCells, DecimalsOfEveryLengthAndPointLikeTheCLibrary) {
  Random random(1);
  Cells cells;
  for (int i = 0; i < 3'000'000; ++i) {
    const std::size_t digits = 1 + random.below(22);
    std::string text = random_digits(digits, random);
    if (random.bernoulli(0.9)) text.insert(random.below(digits + 1), ".");
    if (random.bernoulli(0.3)) text = "0." + random_digits(digits, random);
    if (random.bernoulli(0.5)) text.insert(0, "-");
    cells.add(text);
    if (i % 30 == 29) {
      ASSERT_NO_FATAL_FAILURE(cells.expect_like_strtod());
    }
  }
}

TEST(ParseCells, PrintedDoublesLikeTheCLibrary) {
  Random random(2);
  Cells cells;
  for (int i = 0; i < 1'000'000; ++i) {
    const double value = random.bernoulli(0.5) ? random.normal() * std::exp2(random.uniform(-40, 60))
                                               : std::bit_cast<double>(random.next());
    if (!std::isfinite(value)) continue;
    cells.add(format_double(value));
    if (i % 30 == 29) {
      ASSERT_NO_FATAL_FAILURE(cells.expect_like_strtod());
    }
  }
}

TEST(ParseCells, HalfwayBetweenTwoDoubles) {
  // 2^53 + an odd number lies halfway; so do the same digits with a point and zeros behind.
  Random random(3);
  Cells cells;
  for (int i = 0; i < 300'000; ++i) {
    const auto halfway = static_cast<double>((std::uint64_t{1} << 52) + random.below(std::uint64_t{1} << 52));
    const auto exponent = static_cast<int>(random.below(8));
    std::string text = std::to_string((static_cast<std::uint64_t>(halfway) << 1 | 1) << exponent);
    const auto last = static_cast<std::size_t>(text.back());
    if (random.bernoulli(0.5)) text.back() = static_cast<char>(last + (last == '9' ? 0 : 1));
    if (text.size() < 19 && random.bernoulli(0.5)) text += ".0";
    cells.add(text);
    // Sums of powers of two down to 2^-8 are exact in few digits: some are halfway too.
    cells.add(std::to_string((std::uint64_t{1} << 52) + random.below(1000)) + ".5");
    cells.add(std::to_string((std::uint64_t{1} << 51) + random.below(1000)) + (random.bernoulli(0.5) ? ".25" : ".75"));
    if (i % 10 == 9) {
      ASSERT_NO_FATAL_FAILURE(cells.expect_like_strtod());
    }
  }
}

TEST(ParseCells, AnyShortTextOfTheAlphabet) {
  constexpr std::string_view kAlphabet = "019+-.e ";
  Cells cells;
  for (std::size_t length = 0; length <= 6; ++length) {
    const auto count = static_cast<std::size_t>(std::pow(kAlphabet.size(), length));
    for (std::size_t code = 0; code < count; ++code) {
      std::string text;
      for (std::size_t rest = code, i = 0; i < length; ++i, rest /= kAlphabet.size()) {
        text += kAlphabet[rest % kAlphabet.size()];
      }
      cells.add(text);
      if (code % 16 == 15) {
        ASSERT_NO_FATAL_FAILURE(cells.expect_like_strtod());
      }
    }
    ASSERT_NO_FATAL_FAILURE(cells.expect_like_strtod());
  }
}

TEST(ParseCells, BytesAroundTheDigitsAreNotTaken) {
  Cells cells;
  for (const char* text : {"12345678901234567", ".1234567890123456", "1234567890123456.", "0.", "-", "-0.", "-.5", "/1",
                           ":1", "1:", "1/", "\xB0\xB1", "1.2.3", "0.1.2", "1..2", "00.5", "-0", "0"}) {
    cells.add(text);
    cells.add("1.5");
    ASSERT_NO_FATAL_FAILURE(cells.expect_like_strtod()) << text;
  }
}

}  // namespace
}  // namespace vigie
