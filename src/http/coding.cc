#include "http/coding.h"

#define ZLIB_CONST  // its input is not written to
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>

namespace vigie::http {
namespace {

constexpr int kWindowBits = 19;  // 512 KiB: rows are alike over shorter ranges, and every stream pays for its window
using Block = std::array<char, 16 * 1024>;

Error out_of_memory() { return {Code::kResourceExhausted, "no memory is left to compress an answer"}; }

class GzipEncoder : public Encoder {
 public:
  explicit GzipEncoder(int level) {
    constexpr int kWithGzipHeader = 16;
    constexpr int kMemory = 8;
    ready_ = deflateInit2(&state_, level, Z_DEFLATED, MAX_WBITS + kWithGzipHeader, kMemory, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~GzipEncoder() override {
    if (ready_) deflateEnd(&state_);
  }
  GzipEncoder(const GzipEncoder&) = delete;
  GzipEncoder& operator=(const GzipEncoder&) = delete;
  bool ready() const { return ready_; }

  Status encode(std::string_view bytes, Then then, std::string& out) override {
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    do {
      const std::string_view part = bytes.substr(0, kMost);
      bytes.remove_prefix(part.size());
      put(part, bytes.empty() ? then : Then::kMore, out);
    } while (!bytes.empty());
    return {};
  }

 private:
  // Fails only where it is called wrongly.
  void put(std::string_view part, Then then, std::string& out) {
    const int flush = then == Then::kMore ? Z_NO_FLUSH : then == Then::kFlush ? Z_SYNC_FLUSH : Z_FINISH;
    Block block;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
    state_.next_in = reinterpret_cast<const Bytef*>(part.data());
    state_.avail_in = static_cast<uInt>(part.size());
    do {
      state_.next_out = reinterpret_cast<Bytef*>(block.data());
      state_.avail_out = static_cast<uInt>(block.size());
      deflate(&state_, flush);
      out.append(block.data(), block.size() - state_.avail_out);
    } while (state_.avail_out == 0);
  }

  z_stream state_{};
  bool ready_ = false;
};

class BrotliEncoder : public Encoder {
 public:
  explicit BrotliEncoder(int level) : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (!state_) return;
    BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_QUALITY, static_cast<std::uint32_t>(level));
    BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_LGWIN, kWindowBits);
    BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_MODE, BROTLI_MODE_TEXT);
  }
  bool ready() const { return state_ != nullptr; }

  Status encode(std::string_view bytes, Then then, std::string& out) override {
    const auto operation = then == Then::kMore    ? BROTLI_OPERATION_PROCESS
                           : then == Then::kFlush ? BROTLI_OPERATION_FLUSH
                                                  : BROTLI_OPERATION_FINISH;
    std::size_t left = bytes.size();
    const auto* next = reinterpret_cast<const std::uint8_t*>(bytes.data());
    bool done = false;
    while (!done) {
      std::size_t no_room = 0;
      if (BrotliEncoderCompressStream(state_.get(), operation, &left, &next, &no_room, nullptr, nullptr) == 0) {
        return std::unexpected(out_of_memory());
      }
      std::size_t size = 0;  // all that there is
      const std::uint8_t* const made = BrotliEncoderTakeOutput(state_.get(), &size);
      out.append(reinterpret_cast<const char*>(made), size);
      // While output waits, it takes the input and puts off the rest of its work.
      const bool idle = left == 0 && size == 0;
      done = then == Then::kEnd ? BrotliEncoderIsFinished(state_.get()) != 0 : idle;
    }
    return {};
  }

 private:
  struct Freed {
    void operator()(BrotliEncoderState* state) const { BrotliEncoderDestroyInstance(state); }
  };
  std::unique_ptr<BrotliEncoderState, Freed> state_;
};

class ZstdEncoder : public Encoder {
 public:
  explicit ZstdEncoder(int level) : state_(ZSTD_createCCtx()) {
    if (!state_) return;
    ZSTD_CCtx_setParameter(state_.get(), ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(state_.get(), ZSTD_c_windowLog, kWindowBits);
  }
  bool ready() const { return state_ != nullptr; }

  Status encode(std::string_view bytes, Then then, std::string& out) override {
    const auto directive = then == Then::kMore ? ZSTD_e_continue : then == Then::kFlush ? ZSTD_e_flush : ZSTD_e_end;
    Block block;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    bool done = false;
    while (!done) {
      ZSTD_outBuffer made{block.data(), block.size(), 0};
      const std::size_t left = ZSTD_compressStream2(state_.get(), &made, &in, directive);
      if (ZSTD_isError(left) != 0) return std::unexpected(out_of_memory());
      out.append(block.data(), made.pos);
      done = then == Then::kMore ? in.pos == in.size : left == 0;
    }
    return {};
  }

 private:
  struct Freed {
    void operator()(ZSTD_CCtx* state) const { ZSTD_freeCCtx(state); }
  };
  std::unique_ptr<ZSTD_CCtx, Freed> state_;
};

template <typename Kind>
Result<std::unique_ptr<Encoder>> made(int level) {
  auto encoder = std::make_unique<Kind>(level);
  if (!encoder->ready()) return std::unexpected(out_of_memory());
  return encoder;
}

}  // namespace

std::string_view to_string(Coding coding) {
  switch (coding) {
    case Coding::kGzip: return "gzip";
    case Coding::kBrotli: return "br";
    case Coding::kZstd: return "zstd";
  }
  return "";
}

Result<std::unique_ptr<Encoder>> make_encoder(Coding coding, int level) {
  assert(level >= kLeastLevel && level <= kMostLevel);
  switch (coding) {
    case Coding::kGzip: return made<GzipEncoder>(level);
    case Coding::kBrotli: return made<BrotliEncoder>(level);
    case Coding::kZstd: return made<ZstdEncoder>(level);
  }
  return std::unexpected(out_of_memory());
}

Result<std::string> encoded(std::string_view bytes, Coding coding, int level) {
  const auto encoder = VIGIE_TRY(make_encoder(coding, level));
  std::string out;
  VIGIE_TRY(encoder->encode(bytes, Encoder::Then::kEnd, out));
  return out;
}

}  // namespace vigie::http
