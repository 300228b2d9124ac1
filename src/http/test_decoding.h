// What the codings' own libraries make of encoded bytes. For tests.
#pragma once

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/coding.h"

namespace vigie::http {

struct Decoded {
  std::string text;
  bool whole = false;  // the coding's own end has come, and nothing behind it
};

namespace detail {

inline std::optional<Decoded> gunzip(std::string_view bytes) {
  z_stream state{};
  if (inflateInit2(&state, MAX_WBITS + 16) != Z_OK) return std::nullopt;
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ended(&state, inflateEnd);
  std::string in(bytes);
  state.next_in = reinterpret_cast<Bytef*>(in.data());
  state.avail_in = static_cast<uInt>(in.size());
  Decoded decoded;
  std::string block(65536, '\0');
  int result = Z_OK;
  do {
    state.next_out = reinterpret_cast<Bytef*>(block.data());
    state.avail_out = static_cast<uInt>(block.size());
    result = inflate(&state, Z_SYNC_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return std::nullopt;
    decoded.text.append(block, 0, block.size() - state.avail_out);
  } while (state.avail_out == 0 && result == Z_OK);
  decoded.whole = result == Z_STREAM_END && state.avail_in == 0;
  return decoded;
}

inline std::optional<Decoded> unbrotli(std::string_view bytes) {
  const std::unique_ptr<BrotliDecoderState, void (*)(BrotliDecoderState*)> state(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance);
  std::size_t left = bytes.size();
  const auto* next = reinterpret_cast<const std::uint8_t*>(bytes.data());
  Decoded decoded;
  BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
  while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
    std::size_t no_room = 0;
    result = BrotliDecoderDecompressStream(state.get(), &left, &next, &no_room, nullptr, nullptr);
    std::size_t size = 0;
    const std::uint8_t* const made = BrotliDecoderTakeOutput(state.get(), &size);
    decoded.text.append(reinterpret_cast<const char*>(made), size);
  }
  if (result == BROTLI_DECODER_RESULT_ERROR) return std::nullopt;
  decoded.whole = result == BROTLI_DECODER_RESULT_SUCCESS && left == 0;
  return decoded;
}

inline std::optional<Decoded> unzstd(std::string_view bytes) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> state(ZSTD_createDCtx(), ZSTD_freeDCtx);
  ZSTD_DCtx_setParameter(state.get(), ZSTD_d_windowLogMax, 23);  // what RFC 9659 asks of clients
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::string block(65536, '\0');
  Decoded decoded;
  while (true) {
    ZSTD_outBuffer made{block.data(), block.size(), 0};
    const std::size_t left = ZSTD_decompressStream(state.get(), &made, &in);
    if (ZSTD_isError(left) != 0) return std::nullopt;
    decoded.text.append(block, 0, made.pos);
    decoded.whole = left == 0 && in.pos == in.size;
    if (decoded.whole || (in.pos == in.size && made.pos < made.size)) return decoded;
  }
}

}  // namespace detail

// Nothing where they are no such coding's; of the beginning of some, what can be told from it.
inline std::optional<Decoded> decoded(std::string_view bytes, std::string_view coding) {
  if (coding == "gzip") return detail::gunzip(bytes);
  if (coding == "br") return detail::unbrotli(bytes);
  if (coding == "zstd") return detail::unzstd(bytes);
  return std::nullopt;
}

}  // namespace vigie::http
