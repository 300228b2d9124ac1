#include "http/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstring>
#include <limits>

#include "http/request_id.h"

namespace vigie::http {
namespace {

constexpr std::size_t kBuffer = 4096;  // what an idle connection keeps
constexpr std::size_t kLeastRead = 1024;
constexpr std::size_t kFlushAt = 64 * 1024;      // answers to pipelined requests are sent together up to here
constexpr std::size_t kSkippedBody = 64 * 1024;  // a refused request's body that is read to keep the connection
constexpr std::int64_t kLinger = 3'000;
constexpr std::size_t kSlowest = 64 * 1024;  // bytes a second that earn a client more time

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

bool has_authority_prefix(std::string_view target, std::string_view scheme) {
  return target.size() > scheme.size() && equals_ignoring_case(target.substr(0, scheme.size()), scheme);
}

}  // namespace

Connection::Connection(EventLoop& loop, Socket socket)
    : loop_(loop),
      socket_(std::move(socket)),
      place_(loop.enroll(*this)),
      parser_(loop.state().options.limits.head),
      buffer_(std::make_unique_for_overwrite<char[]>(kBuffer + kBodyPadding)),
      capacity_(kBuffer) {}

Connection::~Connection() { loop_.leave(place_); }

void Connection::start() {
  boost::system::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  enter(Phase::kIdle);
  // The first request gets no more time than a header does: who connects has something to say.
  deadline_ = phase_start_ + loop_.state().options.limits.header.count();
  read();
}

void Connection::refuse(const Rejection& why) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  reject_and_close(why);
  if (!flush()) return;
  linger();
  read();
}

void Connection::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);  // ends the pending operation, and with it this object
}

void Connection::enter(Phase phase) {
  const Limits& limits = loop_.state().options.limits;
  phase_ = phase;
  phase_start_ = coarse_now();
  switch (phase) {
    case Phase::kIdle: deadline_ = phase_start_ + limits.idle.count(); break;
    case Phase::kHead: deadline_ = phase_start_ + limits.header.count(); break;
    case Phase::kBody: deadline_ = phase_start_ + limits.body.count(); break;
    case Phase::kWorking: deadline_ = kNever; break;
    case Phase::kWriting: deadline_ = phase_start_ + limits.write.count(); break;
    case Phase::kLingering: deadline_ = phase_start_ + kLinger; break;
  }
}

// Time grows with the bytes that have moved since the phase began, so that neither a trickle nor a stall lasts.
void Connection::extend(Phase phase, std::size_t moved) {
  const Limits& limits = loop_.state().options.limits;
  const auto base = phase == Phase::kBody ? limits.body : limits.write;
  deadline_ = phase_start_ + base.count() + static_cast<std::int64_t>(moved * 1000 / kSlowest);
}

Stall Connection::stall() const {
  switch (phase_) {
    case Phase::kHead: return Stall::kHeader;
    case Phase::kBody: return Stall::kBody;
    case Phase::kWriting: return Stall::kWrite;
    default: return Stall::kIdle;
  }
}

void Connection::sweep(std::int64_t now) {
  if (now < deadline_) return;
  if (phase_ != Phase::kLingering) loop_.metrics().timed_out[static_cast<std::size_t>(stall())].add();
  if (phase_ == Phase::kHead || phase_ == Phase::kBody) {
    reject_and_close({408, phase_ == Phase::kHead ? "the header took too long" : "the body took too long"});
    if (flush()) {
      linger();  // the pending read goes on, and throws away what comes
      return;
    }
  }
  close();
}

void Connection::drain() {
  if (phase_ == Phase::kLingering) deadline_ = std::min(deadline_, coarse_now() + 500);
  if (phase_ != Phase::kIdle) return;
  char byte = 0;
  const auto waiting = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (waiting <= 0) close();  // else a request has arrived and is answered first
}

void Connection::read() {
  make_room();
  socket_.async_read_some(asio::buffer(buffer_.get() + end_, capacity_ - end_),
                          [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
                            self->on_read(error, size);
                          });
}

void Connection::make_room() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (capacity_ > kBuffer) {
      buffer_ = std::make_unique_for_overwrite<char[]>(kBuffer + kBodyPadding);
      capacity_ = kBuffer;
    }
    return;
  }
  if (capacity_ - end_ >= kLeastRead) return;
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (capacity_ - end_ >= kLeastRead) return;
  }
  // Doubling follows what has come: a declared length alone reserves nothing.
  const std::size_t larger = capacity_ * 2;
  auto moved = std::make_unique_for_overwrite<char[]>(larger + kBodyPadding);
  std::memcpy(moved.get(), buffer_.get(), end_);
  buffer_ = std::move(moved);
  capacity_ = larger;
}

void Connection::on_read(const boost::system::error_code& error, std::size_t size) {
  if (error || !socket_.is_open()) return;  // nothing refers to this object any more: it goes
  if (phase_ == Phase::kLingering) {
    begin_ = end_ = 0;
    read();
    return;
  }
  end_ += size;
  process();
}

void Connection::process() {
  while (process_one()) {
    if (loop_.out().size() >= kFlushAt && !flush()) return;
  }
  if (phase_ == Phase::kWorking) return;  // what was answered before it is in pending_
  if (!flush()) return;
  if (closing_) linger();
  read();
}

bool Connection::process_one() {
  if (closing_) return false;
  if (begin_ == end_) {
    if (phase_ != Phase::kIdle) enter(Phase::kIdle);
    return false;
  }
  if (skip_line_end_ && buffer_[begin_] == '\r') {
    if (end_ - begin_ == 1) {
      if (phase_ != Phase::kHead) enter(Phase::kHead);
      return false;
    }
    skip_line_end_ = false;
    if (buffer_[begin_ + 1] == '\n') {
      begin_ += 2;
      return true;
    }
  }
  switch (parser_.advance({buffer_.get() + begin_, end_ - begin_})) {
    case RequestParser::State::kNeedHead:
      if (phase_ != Phase::kHead) enter(Phase::kHead);
      return false;
    case RequestParser::State::kHeadDone: return on_head();
    case RequestParser::State::kNeedBody:
      if (phase_ != Phase::kBody) enter(Phase::kBody);
      extend(Phase::kBody, end_ - begin_);
      return false;
    case RequestParser::State::kComplete: dispatch(); return phase_ != Phase::kWorking;
    case RequestParser::State::kFailed:
      loop_.metrics().parse_failures.add();
      reject_and_close(parser_.failure());
      return false;
  }
  return false;
}

// The header is known: refuse now what would be refused anyway, before its body comes.
bool Connection::on_head() {
  const RequestHead& head = parser_.head();
  const char* const bytes = buffer_.get() + begin_;
  request_ = Request{
      .method = head.method, .path = {}, .query = {}, .body = {}, .id = {}, .bytes = bytes, .fields = &head.fields};
  match_ = {};
  rejection_ = admit();
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
  parser_.set_body_limit(match_.route != nullptr ? match_.route->body_limit : kSkippedBody);
  const bool nothing_came = end_ - begin_ == parser_.head_size();
  if (!expectation.empty() && nothing_came && (head.chunked || head.content_length > 0)) {
    loop_.out() += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  return true;
}

std::optional<Rejection> Connection::match_target(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {  // absolute form, as proxies send it
    if (!has_authority_prefix(target, scheme)) continue;
    const auto slash = target.find_first_of("/?", scheme.size());
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
    break;
  }
  if (request_.method == Method::kOptions && target == "*") {
    match_ = {.route = nullptr, .status = 204};
    return std::nullopt;
  }
  if (!target.starts_with('/')) return Rejection{400, "malformed request target"};
  const auto question = target.find('?');
  std::string_view path = target.substr(0, question);
  if (path.find('#') != std::string_view::npos) return Rejection{400, "malformed request target"};
  if (question != std::string_view::npos) request_.query = target.substr(question + 1);
  if (path.find('%') != std::string_view::npos) {
    if (!percent_decode(path, path_)) return Rejection{400, "malformed percent-encoding in the path"};
    path = path_;
  }
  request_.path = path;
  match_ = loop_.state().router.find(request_.method, path);
  switch (match_.status) {
    case 404: return Rejection{404, "Not Found"};
    case 405: return Rejection{405, "Method Not Allowed"};
    case 501: return Rejection{501, "this method is not known here"};
    default: return std::nullopt;
  }
}

std::optional<Rejection> Connection::admit() {
  const RequestHead& head = parser_.head();
  if (auto refused = match_target({request_.bytes + head.target.at, head.target.size})) return refused;
  const std::string_view expectation = request_.header("Expect");
  if (!expectation.empty() && !equals_ignoring_case(expectation, "100-continue")) {
    return Rejection{417, "only 100-continue can be expected"};
  }
  if (match_.route == nullptr) return std::nullopt;
  const Route& route = *match_.route;
  if (!route.consumes.empty()) {
    const std::string_view encoding = request_.header("Content-Encoding");
    if (!encoding.empty() && !equals_ignoring_case(encoding, "identity")) {
      return Rejection{415, "the body must not be compressed: send it without Content-Encoding"};
    }
    if (!media_type_is_one_of(request_.header("Content-Type"), route.consumes)) {
      return Rejection{415, "the body's Content-Type is not one that this route takes (see Accept)"};
    }
  }
  if (head.content_length > route.body_limit) return Rejection{413, "the body is too large"};
  return std::nullopt;
}

// The buffer moves while a body comes: the views into it must follow before anyone looks.
void Connection::settle_request() {
  if (request_.fields != nullptr) {
    const char* const bytes = buffer_.get() + begin_;
    const auto moved = [&](std::string_view view) -> std::string_view {
      if (view.empty() || view.data() == path_.data()) return view;
      return {bytes + (view.data() - request_.bytes), view.size()};
    };
    request_.path = moved(request_.path);
    request_.query = moved(request_.query);
    request_.bytes = bytes;
  }
  const std::string_view given = request_.header("X-Request-Id");
  if (is_request_id(given)) {
    request_.id = given;
  } else {
    const UuidText id = loop_.make_id();
    made_id_.assign(id.data(), id.size());
    request_.id = made_id_;
  }
}

void Connection::dispatch() {
  parsed_ = std::chrono::steady_clock::now();
  settle_request();
  const Slice body = parser_.body();
  request_.body = {request_.bytes + body.at, body.size};
  if (!parser_.head().keep_alive || loop_.draining()) closing_ = true;
  if (rejection_) {
    reject(*rejection_);
  } else if (match_.route == nullptr) {
    Response& response = loop_.response();
    response.clear();
    response.status = 204;
    if (match_.allow != nullptr) response.add_header("Allow", *match_.allow);
    append(response);
  } else if (match_.route->work == Work::kPool) {
    run_in_pool();
    return;
  } else {
    Response& response = loop_.response();
    response.clear();
    loop_.state().router.answer(*match_.route, request_, response);
    append(response);
  }
  answered();
  end_request();
}

void Connection::answered() {
  loop_.metrics().of(match_.route).bytes_in.add(parser_.size());
  loop_.answered(match_.route, parsed_);
}

void Connection::run_in_pool() {
  enter(Phase::kWorking);
  std::string& out = loop_.out();
  pending_.append(out);  // answers to requests before this one; sent first
  out.clear();
  loop_.record_durations();  // what they wait for now is the client's doing
  pool_response_ = std::make_unique<Response>();
  asio::post(loop_.state().pool, [self = shared_from_this()]() mutable {
    self->loop_.state().router.answer(*self->match_.route, self->request_, *self->pool_response_);
    asio::io_context& context = self->loop_.context();
    // Moved: only the loop's own thread may hold the last reference, for it keeps the list and the counts.
    asio::post(context, [self = std::move(self)] { self->finish_pool_work(); });
  });
}

void Connection::finish_pool_work() {
  if (!socket_.is_open()) return;
  loop_.out() = std::move(pending_);
  pending_.clear();
  if (loop_.draining()) closing_ = true;
  append(*pool_response_);
  answered();
  pool_response_.reset();
  end_request();
  process();
}

void Connection::append(const Response& response) {
  const RequestHead& head = parser_.head();
  if (response.close) closing_ = true;
  std::string& out = loop_.out();
  const std::size_t before = out.size();
  append_reply(out, response,
               {.date = loop_.date_line(),
                .request_id = request_.id,
                .head = request_.method == Method::kHead,
                .close = closing_,
                .keep_alive_10 = head.version < 11});
  RouteMetrics& metrics = loop_.metrics().of(match_.route);
  metrics.requests[status_slot(response.status)].add();
  metrics.bytes_out.add(out.size() - before);
}

void Connection::end_request() {
  begin_ += parser_.size();
  parser_.start();
  request_ = {};
  match_ = {};
  skip_line_end_ = true;
  enter(Phase::kIdle);
}

void Connection::reject(const Rejection& why) {
  Response& response = loop_.response();
  response.clear();
  if (why.status == 405 && match_.allow != nullptr) response.add_header("Allow", *match_.allow);
  if (why.status == 415 && match_.route != nullptr) {
    std::string types;
    for (const std::string& type : match_.route->consumes) types.append(types.empty() ? "" : ", ").append(type);
    response.add_header("Accept", types);
  }
  loop_.state().router.refuse(why, request_.header("Accept-Language"), response);
  append(response);
}

// Where what follows on the connection cannot be told from this request's rest.
void Connection::reject_and_close(const Rejection& why) {
  settle_request();
  closing_ = true;
  loop_.metrics().of(match_.route).bytes_in.add(end_ - begin_);
  reject(why);
}

// Sends out(); false: the socket is full, and process() goes on when it has been emptied.
bool Connection::flush() {
  std::string& out = loop_.out();
  std::size_t sent = 0;
  while (sent < out.size()) {
    boost::system::error_code error;
    sent += socket_.write_some(asio::buffer(out.data() + sent, out.size() - sent), error);
    if (!error) continue;
    loop_.record_durations();
    if (error != asio::error::would_block) {
      out.clear();
      close();
      return false;
    }
    pending_.assign(out, sent);
    written_ = 0;
    out.clear();
    enter(Phase::kWriting);
    on_writable();
    return false;
  }
  loop_.record_durations();
  out.clear();
  return true;
}

void Connection::on_writable() {
  while (written_ < pending_.size()) {
    boost::system::error_code error;
    written_ += socket_.write_some(asio::buffer(pending_.data() + written_, pending_.size() - written_), error);
    if (error == asio::error::would_block) {
      extend(Phase::kWriting, written_);
      socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const boost::system::error_code& failed) {
        if (!failed && self->socket_.is_open()) self->on_writable();
      });
      return;
    }
    if (error) return close();
  }
  pending_ = {};
  enter(Phase::kIdle);
  process();
}

void Connection::linger() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  begin_ = end_ = 0;
  enter(Phase::kLingering);
}

}  // namespace vigie::http
