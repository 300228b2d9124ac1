// Compresses answers for clients that take it (RFC 9110, 12.5.3): texts, from a size on. Only what threads of the pool
// and of streams make goes through here: the event loop's own answers are small, or constant and packed at the start.
//
// Nothing is compressed whose handler has chosen already: by Content-Encoding, or by Vary: Accept-Encoding.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "http/coding.h"
#include "http/message.h"

namespace vigie::http {

struct CompressionOptions {
  bool on = true;
  std::size_t smallest = 1400;  // bytes of a body that are worth it: less fits into one packet anyway
  int level = kLeastLevel;      // to kMostLevel; rows of numbers hardly gain from more
};

// The one of `offered` that `accept_encoding` likes best, the first of several that it likes as much; nothing where it
// takes none or likes the answer as it is better. Whether it forbids that ("identity;q=0") does not matter: who takes
// none of ours is answered all the same, as RFC 9110 lets a server do.
std::optional<Coding> best_coding(std::string_view accept_encoding, std::span<const Coding> offered);

// Of a media type, with its parameters or without.
bool is_text(std::string_view content_type);

// An answer that is whole. Its ETag becomes a weak one, for the bytes are others.
void compress(std::string_view accept_encoding, const CompressionOptions& options, Response& response);

// What an answer of unknown length shall go through from now on, and `response` says so; null: it stays as it is.
std::unique_ptr<Encoder> stream_encoder(std::string_view accept_encoding, const CompressionOptions& options,
                                        Response& response);

}  // namespace vigie::http
