// The structural scan: where the delimiters, line ends and quotes of CSV text are, 64 bytes at a step. AVX-512 or
// AVX2 where the CPU has it, portable 64-bit arithmetic elsewhere; all give the same answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace vigie::dataset {

// A growing array of offsets that is never zeroed: a block of text may hold a million of them.
class Offsets {
 public:
  std::uint32_t& operator[](std::size_t i) { return data_[i]; }
  std::uint32_t operator[](std::size_t i) const { return data_[i]; }
  std::size_t size() const { return size_; }
  void clear() { size_ = 0; }
  void push_back(std::uint32_t value) { *grow(1) = value, ++size_; }
  void shrink(std::size_t size) { size_ = size; }
  // Room for `more` values past the end, which advance() then counts.
  std::uint32_t* grow(std::size_t more) {
    if (size_ + more > capacity_) reallocate(size_ + more);
    return data_.get() + size_;
  }
  void advance(std::size_t count) { size_ += count; }
  std::span<const std::uint32_t> view() const { return {data_.get(), size_}; }

 private:
  void reallocate(std::size_t least);

  std::unique_ptr<std::uint32_t[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

struct Structure {
  Offsets marks;      // offsets of every delimiter, LF and quote, ascending
  Offsets line_ends;  // indices into `marks` of the LFs
  bool quote = false;
  bool nul = false;
  bool high = false;     // a byte above 0x7F
  bool lone_cr = false;  // a CR that no LF follows
  void clear();
};

// `bytes` shorter than 4 GiB; `delimiter` is one that check_delimiter() lets through.
void scan_structure(std::string_view bytes, char delimiter, Structure& out);

// The ways, for tests and benches; only those of cpu_level() may be called.
void scan_avx512(std::string_view bytes, char delimiter, Structure& out);
void scan_avx2(std::string_view bytes, char delimiter, Structure& out);
void scan_portable(std::string_view bytes, char delimiter, Structure& out);

}  // namespace vigie::dataset
