// Where a streamed request's two threads meet: the event loop brings the body and takes the answer without ever
// waiting, the handler's thread waits in read() and write(). Only the handler's thread touches files.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

#include "http/byte_queue.h"
#include "http/compression.h"
#include "http/spool.h"
#include "http/stream.h"

namespace vigie::http {

class StreamExchange {
 public:
  static constexpr std::size_t kQueue = 256 * 1024;  // each way

  // `wake` is called on the handler's thread when the loop has something to do, once until the loop has come().
  StreamExchange(const SpoolOptions& spool, std::function<void()> wake) : wake_(std::move(wake)), spool_(spool) {}

  // On the event loop.
  struct Visit {
    bool wants_body = false;  // the handler has asked for the body, or started to answer
    bool started = false;     // response() may be read
    bool finished = false;    // and take() gives the last bytes of the answer
    std::size_t waiting = 0;  // of the answer, for take()
  };
  Visit come();
  // How many were taken. Fewer than all: wake() when there is room.
  std::size_t offer(std::span<const char> piece);
  void end_body();
  std::size_t take(std::span<char> out);
  // From now on read() and write() fail with this. The first reason stays.
  void cancel(Code code, std::string_view why);

  // Of whose turn it is: the handler's until start() or its end, the loop's from then on.
  Response& response() { return response_; }

  // On the handler's thread. Before the handler begins: what start() may compress the answer by. The text stays where
  // it is until the answer's end.
  void offer_compression(std::string_view accept_encoding, const CompressionOptions& options) {
    accept_encoding_ = accept_encoding;
    compression_ = &options;
  }
  // stream.h.
  Result<std::size_t> read(std::span<char> out);
  Status start();
  Status write(std::span<const char> bytes);
  Status finish();
  bool started() const { return handler_started_; }

 private:
  using Lock = std::unique_lock<std::mutex>;
  void wake(Lock& lock);
  bool can_refill() const { return !spool_.empty() && answer_.room() >= kRefill; }
  Status put(std::span<const char> bytes);  // towards the client; waits for room
  Status put_encoded(std::string_view bytes, Encoder::Then then);
  Status refill(Lock& lock);
  Result<std::size_t> keep(std::span<const char> bytes, Lock& lock);

  static constexpr std::size_t kRefill = 64 * 1024;

  const std::function<void()> wake_;
  Response response_;
  Spool spool_;                   // the handler's alone
  bool handler_started_ = false;  // the same, as what follows
  std::string_view accept_encoding_;
  const CompressionOptions* compression_ = nullptr;
  std::unique_ptr<Encoder> encoder_;  // null: the answer goes out as it is
  std::string encoded_;
  bool unflushed_ = false;  // the encoder may hold back some of it

  std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  ByteQueue body_{kQueue};
  ByteQueue answer_{kQueue};
  std::optional<Error> cancelled_;
  bool body_ended_ = false;
  bool wants_body_ = false;
  bool started_ = false;
  bool finished_ = false;
  bool room_awaited_ = false;    // the loop holds a piece of the body
  bool answer_awaited_ = false;  // the loop found nothing to take
  bool waking_ = false;          // wake() was called, and the loop has not come
};

}  // namespace vigie::http
