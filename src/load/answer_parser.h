// Where each HTTP/1.1 answer on a connection ends, and what its status is (RFC 9112): all that a load generator wants
// to know. Bodies are skipped, not kept. Framing is read strictly: what two readers might cut differently is a failure.
//
//   AnswerParser parser;
//   buffer.drop_front(parser.advance(buffer));     // more bytes came; those it is done with may go
//   if (parser.state() == AnswerParser::State::kComplete) { use(parser.status()); parser.start(); }
//
// For answers to GET and POST: one to HEAD or CONNECT is framed otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vigie::load {

class AnswerParser {
 public:
  enum class State : std::uint8_t { kNeedMore, kComplete, kFailed };

  static constexpr std::size_t kMostHead = std::size_t{64}
                                           << 10;  // bytes of a head; of chunk extensions and trailers too

  // The next answer begins.
  void start() { *this = {}; }
  void start_if_complete() {
    if (state_ == State::kComplete) start();
  }

  // Takes bytes from the front of `bytes` and says how many: the caller drops them, and gives the others again with
  // what came behind them. Does nothing once the state is no longer kNeedMore.
  std::size_t advance(std::string_view bytes);
  // No more bytes will come. That completes a body which only the connection's end ends, and fails any other.
  void finish();

  State state() const { return state_; }
  int status() const { return status_; }                 // 100..599, once the head was read
  bool keep_alive() const { return keep_alive_; }        // whether the connection goes on behind this answer
  std::string_view failure() const { return failure_; }  // what is wrong, with kFailed

 private:
  enum class Phase : std::uint8_t {
    kHead,
    kCounted,     // a body of left_ bytes
    kUntilClose,  // a body to the connection's end
    kChunkSize,
    kChunkExtension,
    kChunkSizeEnd,  // the LF behind a chunk's size
    kChunkData,
    kChunkDataCr,
    kChunkDataLf,
    kTrailerStart,
    kTrailer,
    kTrailerLf,
    kLastLf,
  };

  std::size_t take_head(std::string_view bytes);
  bool read_head(std::string_view head);
  bool read_field(std::string_view line);
  void end_head();
  std::size_t take_body(std::string_view bytes);
  void take_chunk_byte(char byte);
  bool fail_with(std::string_view why);

  State state_ = State::kNeedMore;
  Phase phase_ = Phase::kHead;
  bool keep_alive_ = true;
  bool chunked_ = false;
  bool counted_ = false;
  bool size_digits_ = false;  // a chunk's size has begun
  int status_ = 0;
  std::uint32_t interim_ = 0;  // 1xx answers before this one
  std::size_t scanned_ = 0;    // bytes of the head that are known to hold no end of it
  std::size_t extra_ = 0;      // bytes of chunk extensions and trailers
  std::uint64_t left_ = 0;     // bytes of the body, or of the chunk, to come
  std::string_view failure_{};
};

}  // namespace vigie::load
