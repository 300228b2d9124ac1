#include "http/connection.h"

#include <sys/socket.h>

#include <boost/asio/post.hpp>

#include "http/admission.h"
#include "http/compression.h"
#include "http/connection_stream.h"
#include "http/request_id.h"

namespace vigie::http {
namespace {

constexpr std::int64_t kFirstWord = 2'000;   // milliseconds that a new connection has to begin a request while draining
constexpr std::size_t kFlushAt = 64 * 1024;  // answers to pipelined requests are sent together up to here
constexpr std::size_t kSkippedBody = 64 * 1024;  // a refused request's body that is read to keep the connection
}  // namespace

Connection::Connection(EventLoop& loop, Transport transport, const IpAddress& peer, std::optional<AddressKey> place)
    : loop_(loop),
      transport_(std::move(transport)),
      place_(loop.enroll(*this)),
      peer_(peer),
      from_proxy_(loop.live()->proxies.trusts(peer)),
      client_address_(to_string(peer)),
      address_place_(place),
      parser_(loop.state().options.limits.head),
      patience_(loop.state().options.limits) {}

Connection::~Connection() {
  if (address_place_) loop_.state().address_places.release(*address_place_);
  loop_.leave(place_);
}

void Connection::start() {
  patience_.enter_first();
  if (loop_.draining()) patience_.hurry(kFirstWord);
  if (from_proxy_ && loop_.state().options.proxy_protocol) return read_proxy_header({});
  read();
}

void Connection::refuse(const Rejection& why) {
  reject_and_close(why);
  if (!flush()) return;
  linger();
  read();
}

void Connection::close() {
  if (stream_) stream_->exchange.cancel(Code::kUnavailable, "the connection has ended");
  transport_.close();  // ends the pending operation, and with it this object
}

void Connection::reset() {
  ErrorCode ignored;
  transport_.socket().set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

void Connection::sweep(std::int64_t now) {
  if (!transport_.is_open()) return;  // only a worker's end is waited for
  if (patience_.phase() == Phase::kStreaming) return sweep_stream(now);
  if (!patience_.over(now)) return;
  const Phase phase = patience_.phase();
  if (phase != Phase::kLingering) loop_.metrics().timed_out[static_cast<std::size_t>(patience_.stall())].add();
  if (phase == Phase::kHead || phase == Phase::kBody) {
    reject_and_close({408, phase == Phase::kHead ? "the header took too long" : "the body took too long"});
    if (flush()) {
      linger();  // the pending read goes on, and throws away what comes
      return;
    }
  }
  if (phase == Phase::kWriting) return reset();
  close();
}

void Connection::drain() {
  if (patience_.phase() == Phase::kLingering) linger();
  if (patience_.phase() != Phase::kIdle) return;
  // Nobody sends a first request again because its connection was closed: it is waited for.
  if (requests_ == 0) return patience_.hurry(kFirstWord);
  char byte = 0;
  const auto waiting = ::recv(transport_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (waiting <= 0) close();  // else a request has arrived and is answered first
}

void Connection::read() {
  if (reading_) return;
  reading_ = true;
  const bool streaming = patience_.phase() == Phase::kStreaming;
  const std::span<char> room = received_.room(streaming ? ReceiveBuffer::kStreaming : ReceiveBuffer::kIdle);
  transport_.read(
      room, [self = shared_from_this()](const ErrorCode& error, std::size_t size) { self->on_read(error, size); });
}

void Connection::on_read(const ErrorCode& error, std::size_t size) {
  reading_ = false;
  if (!transport_.is_open()) return;
  if (patience_.phase() == Phase::kStreaming) return on_stream_read(error, size);
  if (error && transport_.turn_plain()) {
    reject_and_close({400, "this port speaks TLS: ask for https://"});
    if (!flush()) return;
    linger();
    return read();
  }
  if (error) return;  // nothing refers to this object any more: it goes
  if (patience_.phase() == Phase::kLingering) return read();
  received_.received(size);
  process();
}

void Connection::process() {
  while (process_one()) {
    if (loop_.out().size() >= kFlushAt && !flush()) return;
  }
  // What was answered before it is in pending_.
  if (patience_.phase() == Phase::kWorking || patience_.phase() == Phase::kStreaming) return;
  if (!flush()) return;
  if (closing_) linger();
  read();
}

bool Connection::process_one() {
  if (closing_) return false;
  if (received_.empty()) {
    if (patience_.phase() != Phase::kIdle) patience_.enter(Phase::kIdle);
    return false;
  }
  if (skip_line_end_ && received_.bytes()[0] == '\r') {
    if (received_.size() == 1) return wait_in(Phase::kHead);
    skip_line_end_ = false;
    if (received_.bytes()[1] == '\n') {
      received_.consume(2);
      return true;
    }
  }
  switch (parser_.advance(received_.bytes())) {
    case RequestParser::State::kNeedHead: return wait_in(Phase::kHead);
    case RequestParser::State::kHeadDone: return on_head();
    case RequestParser::State::kNeedBody:
      wait_in(Phase::kBody);
      hold();
      patience_.moved(received_.size());
      return false;
    case RequestParser::State::kComplete: dispatch(); return patience_.phase() != Phase::kWorking;
    case RequestParser::State::kFailed:
      loop_.metrics().parse_failures.add();
      reject_and_close(parser_.failure());
      return false;
  }
  return false;
}

// For more of what the client has begun; false, as process_one() says it.
bool Connection::wait_in(Phase phase) {
  if (patience_.phase() != phase) patience_.enter(phase);
  return false;
}

// While this request waits, others may find something newer.
void Connection::hold() {
  if (!held_) held_ = loop_.live();
}

// The header is known: refuse now what would be refused anyway, before its body comes.
bool Connection::on_head() {
  const RequestHead& head = parser_.head();
  if (head.wants_timing) timing_.head = std::chrono::steady_clock::now();
  request_ = Request{.method = head.method, .bytes = received_.data(), .fields = &head.fields};
  loop_.renew();
  const Admission admission = admit(*live().router, head, request_, path_);
  match_ = admission.match;
  rejection_ = admission.refused;
  ask_gate();
  if (admission.streams && !rejection_ && !loop_.state().stream_places.claim()) {
    rejection_ = Rejection{503, "too many streams at once: try again later"};
  }
  const std::string_view expectation = head.version >= 11 ? request_.header("Expect") : std::string_view();
  if (rejection_) {
    const bool skippable = !head.chunked && head.content_length <= kSkippedBody &&
                           (expectation.empty() || head.content_length == 0) && rejection_->status != 400;
    if (!skippable) {
      reject_and_close(*rejection_);
      return false;
    }
    parser_.set_body_limit(kSkippedBody);
    return true;
  }
  const bool nothing_came = received_.size() == parser_.head_size();
  const bool expects_continue = !expectation.empty() && nothing_came && (head.chunked || head.content_length > 0);
  if (admission.streams) {
    begin_stream(admission.body_limit, expects_continue);
    return false;
  }
  parser_.set_body_limit(match_.route != nullptr ? admission.body_limit : kSkippedBody);
  if (expects_continue) loop_.out() += "HTTP/1.1 100 Continue\r\n\r\n";
  return true;
}

// Before what is only wrong with the body is told, and before it comes: a stranger is not worth it.
void Connection::ask_gate() {
  undecided_ = false;
  gate_lines_.clear();
  if (!parser_.head().repeated) gate_note_.reset();  // even where nobody asks: what repeats is the last head
  const Gate* const gate = live().router->gate();
  if (gate == nullptr || match_.route == nullptr || (rejection_ && rejection_->status == 400)) return;
  if (from_proxy_) client_address_ = to_string(live().proxies.client_of(request_, peer_));
  request_.client_address = client_address_;
  GateWord word = gate->at_once(*match_.route, request_, gate_note_);
  undecided_ = word.kind == GateWord::Kind::kWait;
  gate_lines_ = std::move(word.headers);
  caller_ = std::move(word.caller);
  request_.caller = caller_.get();
  if (word.kind == GateWord::Kind::kOut) rejection_ = word.rejection;
}

// The buffer moves while a body comes: the views into it must follow before anyone looks.
void Connection::settle_request(const char* bytes) {
  if (request_.fields != nullptr) {
    const auto moved = [&](std::string_view view) -> std::string_view {
      if (view.empty() || view.data() == path_.data()) return view;
      return {bytes + (view.data() - request_.bytes), view.size()};
    };
    request_.path = moved(request_.path);
    request_.query = moved(request_.query);
    request_.bytes = bytes;
  }
  if (from_proxy_) client_address_ = to_string(live().proxies.client_of(request_, peer_));
  request_.client_address = client_address_;
  const std::string_view given = request_.header("X-Request-Id");
  if (is_request_id(given)) {
    request_.id = given;
  } else {
    const UuidText id = loop_.make_id();
    made_id_.assign(id.data(), id.size());
    request_.id = made_id_;
  }
  trace_line_.clear();
  if (parser_.head().traceparent.size > 0) [[unlikely]]
    settle_trace();
}

void Connection::settle_trace() {
  if (request_.fields == nullptr) return;  // refused before all of its header was seen
  const Slice value = parser_.head().traceparent;
  trace_ = TraceContext::parse({request_.bytes + value.at, value.size}, loop_.make_span());
  if (trace_) trace_->append_response(trace_line_);
}

// Whether this request is the connection's last.
void Connection::settle_keep_alive() {
  const std::size_t most = loop_.state().options.limits.requests_per_connection;
  ++requests_;
  if ((most > 0 && requests_ >= most) || !parser_.head().keep_alive || loop_.draining()) closing_ = true;
}

void Connection::dispatch() {
  parsed_ = std::chrono::steady_clock::now();
  settle_request(received_.data());
  const Slice body = parser_.body();
  request_.body = {request_.bytes + body.at, body.size};
  settle_keep_alive();
  const Work work = match_.route != nullptr ? match_.route->work : Work::kInline;
  const bool pooled = match_.route != nullptr && (work == Work::kPool || work == Work::kWait || undecided_);
  if (pooled && !rejection_ && !loop_.state().pool_for(work).places.claim()) {
    rejection_ = Rejection{503, "too many requests at once: try again later"};
  }
  if (rejection_) {
    reject(*rejection_);
  } else if (match_.route == nullptr) {
    answer_options();
  } else if (pooled) {
    run_in_pool();
    return;
  } else {
    Response& response = loop_.response();
    response.clear();
    response.headers = gate_lines_;
    live().router->answer(*match_.route, request_, response);
    if (parser_.head().wants_timing) timing_ = {timing_.head, parsed_, std::chrono::steady_clock::now()};
    append(response);
  }
  answered();
  end_request();
}

void Connection::answered() {
  loop_.metrics().of(match_.route).bytes_in.add(parser_.size());
  loop_.answered(match_.route, parsed_);
  if (loop_.access_log() != nullptr) [[unlikely]]
    log_whole();
}

void Connection::run_in_pool() {
  patience_.enter(Phase::kWorking);
  hold();
  hold_answers();
  pool_response_ = std::make_unique<Response>();
  pool_response_->headers = gate_lines_;
  WorkPool& pool = loop_.state().pool_for(match_.route->work);
  asio::post(pool.threads, [self = shared_from_this(), &pool]() mutable {
    go_behind_loops();
    ServerState& state = self->loop_.state();
    const bool timed = self->parser_.head().wants_timing;
    if (timed) self->timing_.began = std::chrono::steady_clock::now();
    self->held_->router->answer(*self->match_.route, self->request_, *self->pool_response_, self->undecided_);
    if (timed) self->timing_.ended = std::chrono::steady_clock::now();
    compress(self->request_.header_list("Accept-Encoding"), state.options.compression, *self->pool_response_);
    pool.places.release();
    asio::io_context& context = self->loop_.context();
    // Moved: only the loop's own thread may hold the last reference, for it keeps the list and the counts.
    asio::post(context, [self = std::move(self)] { self->finish_pool_work(); });
  });
}

void Connection::finish_pool_work() {
  if (!transport_.is_open()) {
    if (loop_.access_log() != nullptr) log_whole(true);
    return;
  }
  loop_.out() = std::move(pending_);
  pending_.clear();
  if (loop_.draining()) closing_ = true;
  append(*pool_response_);
  answered();
  pool_response_.reset();
  end_request();
  process();
}

}  // namespace vigie::http
