#include "http/stream_exchange.h"

#include <array>
#include <chrono>

namespace vigie::http {
namespace {

// A client that takes nothing for so long while its body is on its way takes nothing before all of it is sent.
constexpr std::chrono::milliseconds kTakesNothing(50);

}  // namespace

StreamExchange::Visit StreamExchange::come() {
  const std::scoped_lock lock(mutex_);
  waking_ = false;
  answer_awaited_ = answer_.empty();
  return {wants_body_, started_, finished_, answer_.size()};
}

std::size_t StreamExchange::offer(std::span<const char> piece) {
  const std::scoped_lock lock(mutex_);
  const std::size_t taken = body_.put(piece);
  room_awaited_ = taken < piece.size();
  changed_.notify_one();
  return taken;
}

void StreamExchange::end_body() {
  const std::scoped_lock lock(mutex_);
  body_ended_ = true;
  changed_.notify_one();
}

std::size_t StreamExchange::take(std::span<char> out) {
  const std::scoped_lock lock(mutex_);
  const std::size_t taken = answer_.take(out);
  changed_.notify_one();
  return taken;
}

void StreamExchange::cancel(Code code, std::string_view why) {
  const std::scoped_lock lock(mutex_);
  if (!cancelled_) cancelled_ = Error{code, std::string(why)};
  changed_.notify_one();
}

void StreamExchange::wake(Lock& lock) {
  if (waking_) return;
  waking_ = true;
  lock.unlock();
  wake_();
  lock.lock();
}

Result<std::size_t> StreamExchange::read(std::span<char> out) {
  Lock lock(mutex_);
  if (!wants_body_) {
    wants_body_ = true;
    wake(lock);
  }
  while (true) {
    if (cancelled_) return std::unexpected(*cancelled_);
    if (const std::size_t size = body_.take(out)) {
      if (room_awaited_) wake(lock);
      return size;
    }
    if (body_ended_) return 0;
    if (can_refill()) {
      VIGIE_TRY(refill(lock));
    } else if (unflushed_) {
      // The handler waits for its client, which may wait for what was answered so far.
      lock.unlock();
      VIGIE_TRY(put_encoded({}, Encoder::Then::kFlush));
      lock.lock();
    } else {
      changed_.wait(lock);
    }
  }
}

Status StreamExchange::start() {
  handler_started_ = true;
  if (compression_ != nullptr) encoder_ = stream_encoder(accept_encoding_, *compression_, response_);
  std::string first = std::move(response_.body);
  response_.body.clear();
  {
    Lock lock(mutex_);
    if (cancelled_) return std::unexpected(*cancelled_);
    started_ = true;
    wants_body_ = true;
    wake(lock);
  }
  return write(first);
}

Status StreamExchange::write(std::span<const char> bytes) {
  return encoder_ ? put_encoded({bytes.data(), bytes.size()}, Encoder::Then::kMore) : put(bytes);
}

Status StreamExchange::put_encoded(std::string_view bytes, Encoder::Then then) {
  encoded_.clear();
  VIGIE_TRY(encoder_->encode(bytes, then, encoded_));
  unflushed_ = then == Encoder::Then::kMore;
  return put(encoded_);
}

Status StreamExchange::put(std::span<const char> bytes) {
  Lock lock(mutex_);
  while (!bytes.empty()) {
    if (cancelled_) return std::unexpected(*cancelled_);
    if (can_refill()) {
      VIGIE_TRY(refill(lock));
      continue;
    }
    if (spool_.empty() && answer_.room() > 0) {
      bytes = bytes.subspan(answer_.put(bytes));
      if (answer_awaited_) wake(lock);
      continue;
    }
    if (!body_ended_) {
      const auto moves = [this] { return cancelled_ || body_ended_ || answer_.room() > 0; };
      if (spool_.empty() && changed_.wait_for(lock, kTakesNothing, moves)) continue;
      const std::size_t kept = VIGIE_TRY(keep(bytes, lock));
      bytes = bytes.subspan(kept);
      if (kept > 0) continue;
    }
    changed_.wait(lock, [this] { return cancelled_ || can_refill() || (spool_.empty() && answer_.room() > 0); });
  }
  return {};
}

Status StreamExchange::finish() {
  if (encoder_) VIGIE_TRY(put_encoded({}, Encoder::Then::kEnd));
  Lock lock(mutex_);
  while (!spool_.empty()) {
    changed_.wait(lock, [this] { return cancelled_ || can_refill(); });
    if (cancelled_) break;
    VIGIE_TRY(refill(lock));
  }
  if (cancelled_) return std::unexpected(*cancelled_);
  finished_ = true;
  wake(lock);
  return {};
}

Status StreamExchange::refill(Lock& lock) {
  lock.unlock();
  std::array<char, kRefill> block;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by take()
  const auto size = spool_.take(block);
  lock.lock();
  if (!size) return std::unexpected(size.error());
  answer_.put(std::span(block).first(*size));  // there is room: only this thread puts
  if (answer_awaited_) wake(lock);
  return {};
}

Result<std::size_t> StreamExchange::keep(std::span<const char> bytes, Lock& lock) {
  lock.unlock();
  auto kept = spool_.put(bytes);
  lock.lock();
  return kept;
}

Result<std::size_t> BodyReader::read(std::span<char> out) { return exchange_.read(out); }
Response& ResponseStream::response() { return exchange_.response(); }
bool ResponseStream::started() const { return exchange_.started(); }
Status ResponseStream::start() { return exchange_.start(); }
Status ResponseStream::write(std::string_view bytes) { return exchange_.write(bytes); }
Status ResponseStream::finish() { return exchange_.finish(); }

}  // namespace vigie::http
