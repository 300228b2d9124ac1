// The fast half of card_body.h: one pass over the text, straight into the row. It takes the usual spelling of valid
// transactions alone: no escapes in names, no true and false. Names and the ends of values come first, then all numbers
// at once.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string>

#include "api/card_body.h"
#include "base/decimal_cells.h"
#include "base/number.h"
#include "http/message.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace vigie::api {
namespace {

constexpr std::size_t kFields = schema::kCardRaw + schema::kCardEngineered;
constexpr std::size_t kNone = kFields;
constexpr std::uint64_t kAllRaw = (std::uint64_t{1} << schema::kCardRaw) - 1;

// Field names as they stand in a body, with both quotes.
class Names {
 public:
  Names() {
    const auto fields = schema::card_fields();
    for (std::size_t i = 0; i < kFields; ++i) {
      const std::string quoted = '"' + std::string(fields[i].name) + '"';
      if (quoted.size() > kMost) continue;  // never found here: read_card() knows it
      Name& name = names_[i];
      name.size = quoted.size();
      std::memcpy(name.text.data(), quoted.data(), quoted.size());
      std::fill(name.mask.begin() + static_cast<std::ptrdiff_t>(quoted.size()), name.mask.end(), 0);
    }
  }

  // Clients write fields in the same order each time, so the next one is nearly always the guess.
  std::size_t find(const char* key, std::size_t guess) const {
    if (guess < kFields && matches(key, guess)) return guess;
    for (std::size_t i = 0; i < kFields; ++i) {
      if (matches(key, i)) return i;
    }
    return kNone;  // unknown, or spelt with escapes
  }

  std::size_t size(std::size_t i) const { return names_[i].size; }

  static constexpr std::size_t kMost = 16;

 private:
  struct Name {
    Name() { mask.fill(0xFF); }
    std::array<char, kMost> text{};
    std::array<unsigned char, kMost> mask;
    std::size_t size = 0;
  };

  bool matches(const char* key, std::size_t i) const {
    const Name& name = names_[i];
    std::array<std::uint64_t, 2> given;
    std::array<std::uint64_t, 2> text;
    std::array<std::uint64_t, 2> mask;
    std::memcpy(given.data(), key, kMost);
    std::memcpy(text.data(), name.text.data(), kMost);
    std::memcpy(mask.data(), name.mask.data(), kMost);
    return (((given[0] & mask[0]) ^ text[0]) | ((given[1] & mask[1]) ^ text[1])) == 0;
  }

  std::array<Name, kFields> names_;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The first comma, closing brace or space at or behind `p`; somewhere behind `end` where there is none before it.
const char* value_end(const char* p, const char* end) {
#if defined(__x86_64__)
  for (; p < end; p += sizeof(__m128i)) {
    const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i space = _mm_cmpeq_epi8(_mm_max_epu8(text, _mm_set1_epi8(' ')), _mm_set1_epi8(' '));
    const __m128i comma = _mm_cmpeq_epi8(text, _mm_set1_epi8(','));
    const __m128i brace = _mm_cmpeq_epi8(text, _mm_set1_epi8('}'));
    const int ends = _mm_movemask_epi8(_mm_or_si128(space, _mm_or_si128(comma, brace)));
    if (ends != 0) return p + std::countr_zero(static_cast<unsigned>(ends));
  }
#else
  while (p < end && static_cast<unsigned char>(*p) > ' ' && *p != ',' && *p != '}') ++p;
#endif
  return p;
}

// A number as RFC 8259 spells it.
bool is_json_number(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const auto digits = [&] {
    const char* const begin = p;
    while (p != end && is_digit(*p)) ++p;
    return p - begin;
  };
  if (p != end && *p == '-') ++p;
  const bool zero = p != end && *p == '0';
  const auto whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (p != end && *p == '.') {
    ++p;
    if (digits() == 0) return false;
  }
  if (p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p != end && (*p == '+' || *p == '-')) ++p;
    if (digits() == 0) return false;
  }
  return p == end;
}

// The values of one object, in the order of its text.
struct Members {
  std::size_t count = 0;
  std::array<TextCell, kFields> cells;
  std::array<std::uint8_t, kFields> fields;
};

// The text from its first byte on. Nothing is taken that begins behind its end; what is looked at there is fewer bytes
// than the padding.
class Scan {
 public:
  explicit Scan(std::string_view text) : begin_(text.data()), p_(begin_), end_(begin_ + text.size()) {}

  bool take(char c) {
    if (*p_ != c) skip_spaces();
    if (*p_ != c || p_ == end_) return false;
    ++p_;
    return true;
  }

  bool take(std::string_view word) {
    skip_spaces();
    if (!std::string_view(p_, static_cast<std::size_t>(end_ - p_)).starts_with(word)) return false;
    p_ += word.size();
    return true;
  }

  bool next_is(char c) {
    skip_spaces();
    return *p_ == c;
  }

  bool at_end() {
    skip_spaces();
    return p_ == end_;
  }

  // One object's names, each a card field's and there once, all raw fields among them; and where its values are, which
  // begin and end with a digit, but for a '-'.
  bool members(const Names& names, Members& out) {
    if (!take('{')) return false;
    std::uint64_t seen = 0;
    std::size_t guess = 0;
    std::size_t count = 0;
    const char* p = p_;  // in registers: what is written to `out` might else be one of ours
    const char* const end = end_;
    while (true) {
      if (*p != '"') p = behind_spaces(p, end);
      const std::size_t index = names.find(p, guess);
      if (index == kNone) return false;
      p += names.size(index);
      guess = index + 1;
      const std::uint64_t bit = std::uint64_t{1} << index;
      if ((seen & bit) != 0) return false;
      seen |= bit;
      if (*p != ':') p = behind_spaces(p, end);
      if (*p != ':' || p >= end) return false;
      ++p;
      if (static_cast<unsigned char>(*p) <= ' ') p = behind_spaces(p, end);
      const char* const digits = p + (*p == '-' ? 1 : 0);
      const char* const behind = value_end(digits, end);
      if (behind >= end || !is_digit(digits[0]) || !is_digit(behind[-1])) return false;
      if (digits[0] == '0' && is_digit(digits[1])) return false;
      out.cells[count] = {p, behind};
      out.fields[count++] = static_cast<std::uint8_t>(index);
      p = behind;
      if (*p != ',') p = behind_spaces(p, end);
      if (*p != ',') break;
      ++p;
    }
    out.count = count;
    p_ = p;
    return take('}') && (seen & kAllRaw) == kAllRaw;
  }

  // The numbers that the members' values are.
  bool numbers(const Members& members, double* out) const {
    const std::span<const TextCell> cells(members.cells.data(), members.count);
    for (std::size_t i = 0; i < cells.size();) {
      if (cells[i].end - begin_ >= static_cast<std::ptrdiff_t>(kCellSlack)) i += parse_cells(cells.subspan(i), out + i);
      if (i == cells.size()) break;
      const std::string_view text(cells[i].begin, static_cast<std::size_t>(cells[i].end - cells[i].begin));
      const auto value = is_json_number(text) ? parse_double(text) : std::nullopt;
      if (!value) return false;
      out[i++] = *value;
    }
    return true;
  }

 private:
  static const char* behind_spaces(const char* p, const char* end) {
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) ++p;
    return p;
  }
  void skip_spaces() { p_ = behind_spaces(p_, end_); }

  const char* begin_;
  const char* p_;
  const char* end_;
};

static_assert(http::kBodyPadding >= kCellSlack && http::kBodyPadding >= Names::kMost);

// Reads one object, all members; false at anything that read_card() should look at.
bool read_members(Scan& scan, CardRow row) {
  static const Names names;
  const auto fields = schema::card_fields();
  Members members;
  std::array<double, kFields> values;
  if (!scan.members(names, members) || !scan.numbers(members, values.data())) return false;
  for (std::size_t i = 0; i < members.count; ++i) {
    const std::size_t field = members.fields[i];
    if (!schema::accepts(fields[field], values[i])) return false;
    if (field < schema::kCardRaw) row[field] = values[i];
  }
  return true;
}

// An array of transactions.
bool read_rows(Scan& scan, const RowSink& sink) {
  std::array<double, schema::kCardRaw> row{};
  if (!scan.take('[')) return false;
  if (scan.take(']')) return true;
  std::size_t index = 0;
  do {
    if (index == kMostRows || !read_members(scan, row)) return false;
    sink(index++, row, {});
  } while (scan.take(','));
  return scan.take(']');
}

}  // namespace

bool read_card_fast(std::string_view body, CardRow row) {
  Scan scan(body);
  return read_members(scan, row) && scan.at_end();
}

bool read_batch_fast(std::string_view body, BatchReading& reading, const RowSink& sink) {
  Scan scan(body);
  reading.object_form = scan.next_is('{');
  if (!reading.object_form) return read_rows(scan, sink) && scan.at_end();
  return scan.take('{') && scan.take(R"("transactions")") && scan.take(':') && read_rows(scan, sink) &&
         scan.take('}') && scan.at_end();
}

}  // namespace vigie::api
