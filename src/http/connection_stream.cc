// A connection's requests whose bodies stream. The loop moves bytes between the socket and the exchange, and stops
// reading or writing where the other side does not follow; the handler runs on a thread of the stream pool.
#include "http/connection_stream.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <boost/asio/post.hpp>

namespace vigie::http {
namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr int kTurns = 16;  // chunks that one connection sends before others have their turn

}  // namespace

Connection::Stream::Stream(ServerState& state, std::function<void()> wake)
    : server(state), exchange(state.options.spool, std::move(wake)), pace(state.options.limits.body) {}

Connection::Stream::~Stream() { server.stream_places.release(); }

void Connection::begin_stream(std::uint64_t body_limit, bool expects_continue) {
  parsed_ = std::chrono::steady_clock::now();
  stream_ = std::make_unique<Stream>(loop_.state(), [this] {
    // On the handler's thread, which holds a reference of its own meanwhile.
    asio::post(loop_.context(), [self = shared_from_this()] { self->turn_stream(); });
  });
  stream_->head.assign(received_.data(), parser_.head_size());
  stream_->expects_continue = expects_continue;
  stream_->bytes_in = parser_.head_size();
  stream_->exchange.response().headers = gate_lines_;
  settle_request(stream_->head.data());
  received_.consume(parser_.head_size());
  parser_.stream_body(body_limit);
  settle_keep_alive();
  patience_.enter(Phase::kStreaming);
  hold();
  hold_answers();
  watch_for_hangup();
  asio::post(*loop_.state().streams, [self = shared_from_this()]() mutable {
    go_behind_loops();
    BodyReader body(self->stream_->exchange);
    ResponseStream answer(self->stream_->exchange);
    const ServerState& state = self->loop_.state();
    const std::string accepted = self->request_.header_list("Accept-Encoding");
    self->stream_->exchange.offer_compression(accepted, state.options.compression);
    self->held_->router->stream(*self->match_.route, self->request_, body, answer, self->undecided_);
    if (!answer.started()) compress(accepted, state.options.compression, answer.response());
    asio::io_context& context = self->loop_.context();
    asio::post(context, [self = std::move(self)] { self->stream_returned(); });
  });
  turn_stream();
}

// A client that is killed while nothing is read from it or sent to it would not be noticed.
void Connection::watch_for_hangup() {
  transport_.socket().async_wait(Socket::wait_error, [self = shared_from_this()](const ErrorCode& error) {
    if (error || !self->transport_.is_open() || self->patience_.phase() != Phase::kStreaming) return;
    pollfd socket{self->transport_.socket().native_handle(), 0, 0};
    // Urgent data wakes this too, and means nothing here.
    if (::poll(&socket, 1, 0) > 0 && (socket.revents & (POLLERR | POLLHUP)) != 0) self->close();
  });
}

// Whoever has something to do: bytes came, the socket takes more, the handler has read, written or ended.
void Connection::turn_stream() {
  if (!transport_.is_open() || patience_.phase() != Phase::kStreaming) return;
  const StreamExchange::Visit visit = stream_->exchange.come();
  stream_->finished = visit.finished;
  if (stream_->expects_continue && visit.wants_body) {
    stream_->expects_continue = false;
    pending_ += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  if (!feed_body() || !send_answer()) return;
  stream_->pace.wait_for_client(reading_ || stream_->blocked);
}

// From the buffer to the exchange. false: this stream is over.
bool Connection::feed_body() {
  Stream& stream = *stream_;
  while (!stream.body_whole) {
    if (!stream.piece.body.empty()) {
      stream.piece.body = stream.piece.body.subspan(stream.exchange.offer(stream.piece.body));
      if (!stream.piece.body.empty()) return true;  // turn_stream() comes again when there is room
    }
    received_.consume(stream.piece.used);
    stream.bytes_in += stream.piece.used;
    stream.body_whole = stream.piece.state == RequestParser::State::kComplete;
    stream.piece = {};
    if (stream.body_whole) break;
    if (reading_ || stream.expects_continue) return true;
    stream.piece = parser_.advance_body(received_.bytes());
    if (stream.piece.state == RequestParser::State::kFailed) {
      loop_.metrics().parse_failures.add();
      fail_stream(parser_.failure());
      return false;
    }
    if (stream.piece.used > 0 || stream.piece.state == RequestParser::State::kComplete) continue;
    read();
  }
  if (stream.body_whole && !stream.body_told) {
    stream.body_told = true;
    stream.exchange.end_body();
    stream.pace = Pace(loop_.state().options.limits.write);
  }
  return true;
}

void Connection::on_stream_read(const ErrorCode& error, std::size_t size) {
  if (error) return close();  // the client has gone, or has ended its side before its body
  received_.received(size);
  stream_->pace.moved(size);
  turn_stream();
}

// From the exchange to the socket. false: this stream is over.
bool Connection::send_answer() {
  for (int turn = 0; turn < kTurns; ++turn) {
    if (stream_->blocked) break;
    const std::size_t before = written_;
    const Sent sent = send_pending();
    if (sent == Sent::kFailed) return false;
    if (sent == Sent::kBlocked) {
      stream_->pace.moved(written_ - before);
      stream_->blocked = true;
      transport_.wait_to_write([self = shared_from_this()](const ErrorCode& error) {
        if (error || !self->stream_) return;
        self->stream_->blocked = false;
        self->turn_stream();
      });
      break;
    }
    stream_->pace.moved(written_ - before);
    switch (compose_answer()) {
      case Composed::kSome: break;
      case Composed::kNothing: return true;
      case Composed::kAll: end_stream(); return false;
      case Composed::kCut: cut_stream(); return false;
    }
  }
  if (!stream_->blocked) {
    asio::post(loop_.context(), [self = shared_from_this()] { self->turn_stream(); });
  } else if (stream_->failed()) {
    cut_stream();  // who does not read would wait for an end that does not come
    return false;
  }
  return true;
}

// Puts what is sent next into pending_, which is empty.
Connection::Composed Connection::compose_answer() {
  Stream& stream = *stream_;
  if (stream.all_said) return stream.returned ? Composed::kAll : Composed::kNothing;
  const StreamExchange::Visit visit = stream.exchange.come();
  if (!stream.head_said) {
    if (!visit.started && !stream.returned) return Composed::kNothing;
    say_head(visit.started);
    return Composed::kSome;
  }
  stream.finished = visit.finished;
  if (visit.waiting == 0) {
    if (!visit.finished) return stream.returned ? Composed::kCut : Composed::kNothing;
    stream.all_said = true;
    if (chunks_answer()) pending_ += "0\r\n\r\n";
  } else {
    append_piece(std::min(visit.waiting, kChunk));
  }
  loop_.metrics().of(match_.route).bytes_out.add(pending_.size());
  return Composed::kSome;
}

bool Connection::chunks_answer() const { return parser_.head().version >= 11 && !stream_->bodiless; }

void Connection::append_piece(std::size_t size) {
  if (chunks_answer()) fmt::format_to(std::back_inserter(pending_), "{:x}\r\n", size);
  const std::size_t at = pending_.size();
  pending_.resize(at + size);
  stream_->exchange.take({pending_.data() + at, size});
  if (stream_->bodiless) {
    pending_.clear();
  } else {
    stream_->body_out += size;
  }
  if (chunks_answer()) pending_ += "\r\n";
}

// The head of an answer that goes on, or the whole of one that the handler has not started.
void Connection::say_head(bool goes_on) {
  Stream& stream = *stream_;
  const Response& response = stream.exchange.response();
  const bool until_close = goes_on && parser_.head().version < 11;
  if (until_close || loop_.draining() || (!goes_on && !stream.body_whole)) closing_ = true;
  stream.bodiless = request_.method == Method::kHead || response.status == 204 || response.status == 304;
  append(response, !goes_on ? Framing::kLength : until_close ? Framing::kUntilClose : Framing::kChunked);
  pending_ = loop_.out();
  loop_.out().clear();
  stream.head_said = true;
  stream.all_said = !goes_on;
}

void Connection::stream_returned() {
  stream_->returned = true;
  if (transport_.is_open() && !stream_->abandoned) return turn_stream();
  count_stream();
  if (!stream_->logged) log_stream(true);
  stream_.reset();
}

void Connection::end_stream() {
  count_stream();
  log_stream(false);
  loop_.answered(match_.route, parsed_);
  loop_.record_durations();
  if (!stream_->body_whole || loop_.draining()) closing_ = true;
  stream_.reset();
  pending_ = {};
  begin_request();
  if (closing_) {
    linger();
    read();
    return;
  }
  ErrorCode ignored;
  transport_.socket().cancel(ignored);  // the watch; nothing else is under way
  process();
}

void Connection::count_stream() { loop_.metrics().of(match_.route).bytes_in.add(stream_->bytes_in); }

void Connection::log_stream(bool cut) {
  stream_->logged = true;
  AccessRecord record = access_record();
  if (cut && !stream_->head_said) record.status = 0;
  record.cut = cut;
  record.body_in = stream_->bytes_in - stream_->head.size();
  record.body_out += stream_->body_out;
  record.duration = std::chrono::steady_clock::now() - parsed_;
  log_access(record);
}

// The client's fault: told where nothing else was said yet.
void Connection::fail_stream(const Rejection& why) {
  stream_->exchange.cancel(Code::kInvalidData, why.detail);
  if (stream_->head_said || !pending_.empty()) return cut_stream();
  stream_->abandoned = true;
  closing_ = true;
  reject(why);
  log_stream(false);
  if (!flush()) return;
  linger();
  read();
}

// Ends the connection so that the client sees that its answer is not whole: without the last chunk, or with a reset
// where the end would look like any other.
void Connection::cut_stream() {
  if (!chunks_answer()) return reset();
  close();
}

void Connection::sweep_stream(std::int64_t now) {
  if (!stream_->pace.over(now)) return;
  loop_.metrics().timed_out[static_cast<std::size_t>(reading_ ? Stall::kBody : Stall::kWrite)].add();
  if (reading_) return fail_stream({408, "the body took too long"});
  reset();
}

}  // namespace vigie::http
