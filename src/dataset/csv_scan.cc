#include "dataset/csv_scan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/cpu.h"

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

  std::uint64_t marks() const { return delimiter | line_feed | quote; }
};

// What the bytes of one step say, joined to what was found before.
class Collector {
 public:
  explicit Collector(Structure& out) : out_(out) {}

  // Each step's `masks` in order; its marks are written behind those before.
  __attribute__((always_inline)) void note(const Masks& masks) {
    const std::uint64_t marks = masks.marks();
    for (std::uint64_t rest = masks.line_feed; rest != 0; rest &= rest - 1) {
      const std::uint64_t below = (rest & (~rest + 1)) - 1;
      out_.line_ends.push_back(static_cast<std::uint32_t>(out_.marks.size()) +
                               static_cast<std::uint32_t>(std::popcount(marks & below)));
    }
    quote_ |= masks.quote;
    nul_ |= masks.nul;
    high_ |= masks.high;
    // A CR wants an LF in the next place, the first place of the next step included.
    lone_cr_ |= (masks.carriage_return << 1 | cr_before_) & ~masks.line_feed;
    cr_before_ = masks.carriage_return >> 63;
  }

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

  __attribute__((always_inline)) void add(const Masks& masks, std::size_t base) {
    note(masks);
    write(masks.marks(), static_cast<std::uint32_t>(base));
  }

  void finish() {
    out_.quote = quote_ != 0;
    out_.nul = nul_ != 0;
    out_.high = high_ != 0;
    out_.lone_cr = (lone_cr_ | cr_before_) != 0;
  }

 private:
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
    collector.add(masks_portable(bytes.data() + at, delimiter), at);
  }
  if (at < bytes.size()) {
    const Tail tail(bytes.data() + at, bytes.size() - at);
    collector.add(masks_portable(tail.bytes, delimiter), at);
  }
  collector.finish();
}

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,popcnt"))) void scan_avx2(std::string_view bytes, char delimiter, Structure& out) {
  out.clear();
  Collector collector(out);
  std::size_t at = 0;
  for (; at + kStep <= bytes.size(); at += kStep) {
    collector.add(masks_avx2(bytes.data() + at, delimiter), at);
  }
  if (at < bytes.size()) {
    const Tail tail(bytes.data() + at, bytes.size() - at);
    collector.add(masks_avx2(tail.bytes, delimiter), at);
  }
  collector.finish();
}

#define VIGIE_AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt")))

namespace {

VIGIE_AVX512 __attribute__((always_inline)) inline Masks masks_avx512(const char* p, char delimiter) {
  const __m512i bytes = _mm512_loadu_si512(p);
  return {_mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(delimiter)),
          _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\n')),
          _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"')),
          _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\r')),
          _mm512_testn_epi8_mask(bytes, bytes),
          _mm512_movepi8_mask(bytes)};
}

// Sixteen at a time: the places of the bits, pressed together, become offsets.
VIGIE_AVX512 __attribute__((always_inline)) inline void write_avx512(std::uint64_t marks, std::size_t base,
                                                                     __m512i places, Offsets& out) {
  constexpr std::size_t kAtOnce = 16;
  const auto count = static_cast<std::size_t>(_mm_popcnt_u64(marks));
  std::uint32_t* to = out.grow(kStep + kAtOnce);
  __m512i rest = _mm512_maskz_compress_epi8(marks, places);
  const __m512i first = _mm512_set1_epi32(static_cast<int>(base));
  for (std::size_t done = 0; done < count; done += kAtOnce) {
    const __m512i offsets = _mm512_add_epi32(first, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(rest)));
    _mm512_storeu_si512(to + done, offsets);
    rest = _mm512_alignr_epi64(rest, rest, 2);
  }
  out.advance(count);
}

}  // namespace

VIGIE_AVX512 void scan_avx512(std::string_view bytes, char delimiter, Structure& out) {
  alignas(64) static constexpr auto kPlaces = [] {
    std::array<std::uint8_t, kStep> places{};
    for (std::size_t i = 0; i < kStep; ++i) places[i] = static_cast<std::uint8_t>(i);
    return places;
  }();
  const __m512i places = _mm512_load_si512(kPlaces.data());
  out.clear();
  Collector collector(out);
  std::size_t at = 0;
  for (; at + kStep <= bytes.size(); at += kStep) {
    const Masks masks = masks_avx512(bytes.data() + at, delimiter);
    collector.note(masks);
    write_avx512(masks.marks(), at, places, out.marks);
  }
  if (at < bytes.size()) {
    const Tail tail(bytes.data() + at, bytes.size() - at);
    collector.add(masks_avx512(tail.bytes, delimiter), at);
  }
  collector.finish();
}
#else
void scan_avx2(std::string_view bytes, char delimiter, Structure& out) { scan_portable(bytes, delimiter, out); }
void scan_avx512(std::string_view bytes, char delimiter, Structure& out) { scan_portable(bytes, delimiter, out); }
#endif

void scan_structure(std::string_view bytes, char delimiter, Structure& out) {
  switch (cpu_level()) {
    case CpuLevel::kAvx512: return scan_avx512(bytes, delimiter, out);
    case CpuLevel::kAvx2: return scan_avx2(bytes, delimiter, out);
    case CpuLevel::kBaseline: return scan_portable(bytes, delimiter, out);
  }
}

}  // namespace vigie::dataset
