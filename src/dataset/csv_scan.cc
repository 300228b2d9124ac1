#include "dataset/csv_scan.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vigie::dataset {
namespace {

constexpr std::size_t kStep = 64;

// One bit a byte, for 64 bytes.
struct Masks {
  std::uint64_t delimiter;
  std::uint64_t line_feed;
  std::uint64_t quote;
  std::uint64_t carriage_return;
  std::uint64_t nul;
  std::uint64_t high;
};

// What the bytes of one step say, joined to what was found before.
class Collector {
 public:
  explicit Collector(Structure& out) : out_(out) {}

  __attribute__((always_inline)) void add(const Masks& masks, std::uint32_t base) {
    const std::uint64_t marks = masks.delimiter | masks.line_feed | masks.quote;
    for (std::uint64_t rest = masks.line_feed; rest != 0; rest &= rest - 1) {
      const std::uint64_t below = (rest & (~rest + 1)) - 1;
      out_.line_ends.push_back(static_cast<std::uint32_t>(out_.marks.size()) +
                               static_cast<std::uint32_t>(std::popcount(marks & below)));
    }
    write(marks, base);
    quote_ |= masks.quote;
    nul_ |= masks.nul;
    high_ |= masks.high;
    // A CR wants an LF in the next place, the first place of the next step included.
    lone_cr_ |= (masks.carriage_return << 1 | cr_before_) & ~masks.line_feed;
    cr_before_ = masks.carriage_return >> 63;
  }

  void finish() {
    out_.quote = quote_ != 0;
    out_.nul = nul_ != 0;
    out_.high = high_ != 0;
    out_.lone_cr = (lone_cr_ | cr_before_) != 0;
  }

 private:
  // Eight at a time without asking how many there are; those in excess are overwritten by the next step.
  __attribute__((always_inline)) void write(std::uint64_t marks, std::uint32_t base) {
    if (marks == 0) return;
    const auto count = static_cast<std::size_t>(std::popcount(marks));
    std::uint32_t* to = out_.marks.grow(kStep + 8);
    for (std::size_t done = 0; done < count; done += 8) {
      for (int i = 0; i < 8; ++i) {
        *to++ = base + static_cast<std::uint32_t>(std::countr_zero(marks));
        marks &= marks - 1;
      }
    }
    out_.marks.advance(count);
  }

  Structure& out_;
  std::uint64_t quote_ = 0;
  std::uint64_t nul_ = 0;
  std::uint64_t high_ = 0;
  std::uint64_t lone_cr_ = 0;
  std::uint64_t cr_before_ = 0;
};

constexpr std::uint64_t kOnes = 0x0101010101010101ull;
constexpr std::uint64_t kLow7 = 0x7F7F7F7F7F7F7F7Full;

// The top bit of each of eight bytes, gathered into the low eight bits.
std::uint64_t gather(std::uint64_t tops) { return (tops >> 7) * 0x0102040810204080ull >> 56; }

// Exact for every byte: no carry passes from one byte to the next.
std::uint64_t zero_bytes(std::uint64_t word) { return gather(~(((word & kLow7) + kLow7) | word | kLow7)); }

Masks masks_portable(const char* p, char delimiter) {
  Masks masks{};
  const std::uint64_t delimiters = kOnes * static_cast<unsigned char>(delimiter);
  for (unsigned i = 0; i < 8; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, p + i * 8, 8);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    const unsigned shift = i * 8;
    masks.delimiter |= zero_bytes(word ^ delimiters) << shift;
    masks.line_feed |= zero_bytes(word ^ kOnes * '\n') << shift;
    masks.quote |= zero_bytes(word ^ kOnes * '"') << shift;
    masks.carriage_return |= zero_bytes(word ^ kOnes * '\r') << shift;
    masks.nul |= zero_bytes(word) << shift;
    masks.high |= gather(word & ~kLow7) << shift;
  }
  return masks;
}

// The last bytes, padded with something that is never a delimiter.
struct Tail {
  char bytes[kStep];
  Tail(const char* from, std::size_t count) {
    std::memset(bytes, '0', kStep);
    std::memcpy(bytes, from, count);
  }
};

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,popcnt"), always_inline)) inline std::uint64_t equal_mask(__m256i low, __m256i high,
                                                                                          __m256i wanted) {
  const auto a = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)));
  const auto b = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)));
  return a | std::uint64_t{b} << 32;
}

__attribute__((target("avx2,bmi,popcnt"), always_inline)) inline Masks masks_avx2(const char* p, char delimiter) {
  const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
  const auto tops_low = static_cast<std::uint32_t>(_mm256_movemask_epi8(low));
  const auto tops_high = static_cast<std::uint32_t>(_mm256_movemask_epi8(high));
  return {equal_mask(low, high, _mm256_set1_epi8(delimiter)), equal_mask(low, high, _mm256_set1_epi8('\n')),
          equal_mask(low, high, _mm256_set1_epi8('"')),       equal_mask(low, high, _mm256_set1_epi8('\r')),
          equal_mask(low, high, _mm256_setzero_si256()),      tops_low | std::uint64_t{tops_high} << 32};
}
#endif

}  // namespace

void Offsets::reallocate(std::size_t least) {
  const std::size_t capacity = std::max(least, capacity_ * 2);
  auto grown = std::make_unique_for_overwrite<std::uint32_t[]>(capacity);
  std::copy_n(data_.get(), size_, grown.get());
  data_ = std::move(grown);
  capacity_ = capacity;
}

void Structure::clear() {
  marks.clear();
  line_ends.clear();
  quote = nul = high = lone_cr = false;
}

void scan_portable(std::string_view bytes, char delimiter, Structure& out) {
  out.clear();
  Collector collector(out);
  std::size_t at = 0;
  for (; at + kStep <= bytes.size(); at += kStep) {
    collector.add(masks_portable(bytes.data() + at, delimiter), static_cast<std::uint32_t>(at));
  }
  if (at < bytes.size()) {
    const Tail tail(bytes.data() + at, bytes.size() - at);
    collector.add(masks_portable(tail.bytes, delimiter), static_cast<std::uint32_t>(at));
  }
  collector.finish();
}

#if defined(__x86_64__)
bool avx2_available() {
  static const bool available =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
  return available;
}

__attribute__((target("avx2,bmi,popcnt"))) void scan_avx2(std::string_view bytes, char delimiter, Structure& out) {
  out.clear();
  Collector collector(out);
  std::size_t at = 0;
  for (; at + kStep <= bytes.size(); at += kStep) {
    collector.add(masks_avx2(bytes.data() + at, delimiter), static_cast<std::uint32_t>(at));
  }
  if (at < bytes.size()) {
    const Tail tail(bytes.data() + at, bytes.size() - at);
    collector.add(masks_avx2(tail.bytes, delimiter), static_cast<std::uint32_t>(at));
  }
  collector.finish();
}
#else
bool avx2_available() { return false; }
void scan_avx2(std::string_view bytes, char delimiter, Structure& out) { scan_portable(bytes, delimiter, out); }
#endif

void scan_structure(std::string_view bytes, char delimiter, Structure& out) {
  if (avx2_available()) {
    scan_avx2(bytes, delimiter, out);
  } else {
    scan_portable(bytes, delimiter, out);
  }
}

}  // namespace vigie::dataset
