// The codings that answers can leave in (RFC 9110, 8.4.1): whole, or bit by bit.
//
//   std::string out;
//   auto encoder = VIGIE_TRY(make_encoder(Coding::kGzip, 4));
//   VIGIE_TRY(encoder->encode("some", Encoder::Then::kFlush, out));   // now `out` decodes to "some"
//   VIGIE_TRY(encoder->encode(" more", Encoder::Then::kEnd, out));
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vigie::http {

enum class Coding : std::uint8_t {
  kGzip,    // RFC 1952
  kBrotli,  // RFC 7932
  kZstd,    // RFC 8878; its window is below the 8 MiB that clients must take (RFC 9659)
};

std::string_view to_string(Coding coding);  // as Content-Encoding names it: "br"

inline constexpr int kLeastLevel = 1;  // quick
inline constexpr int kMostLevel = 9;   // small

class Encoder {
 public:
  enum class Then : std::uint8_t {
    kMore,   // what is better kept for later is kept
    kFlush,  // `out` decodes to all that was given; costs a few bytes
    kEnd,    // the same, and nothing may follow
  };
  virtual ~Encoder() = default;

  // Appends to `out`. Errors: no memory; the encoder is of no use afterwards.
  virtual Status encode(std::string_view bytes, Then then, std::string& out) = 0;
};

// `level`: kLeastLevel to kMostLevel. An encoder keeps a few megabytes, however much goes through it.
Result<std::unique_ptr<Encoder>> make_encoder(Coding coding, int level);

Result<std::string> encoded(std::string_view bytes, Coding coding, int level);

}  // namespace vigie::http
