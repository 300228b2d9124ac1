// How a connection's answers leave: made in order, sent at once where the socket takes them.
#include <fmt/format.h>
#include <sys/socket.h>

#include "http/connection.h"

namespace vigie::http {
namespace {

constexpr std::int64_t kDrainLinger = 500;  // milliseconds

}  // namespace

void Connection::append(const Response& response, Framing framing) {
  const RequestHead& head = parser_.head();
  if (response.close) closing_ = true;
  if (response.caller) {
    caller_ = response.caller;
    request_.caller = caller_.get();
  }
  std::string& out = loop_.out();
  const std::size_t before = out.size();
  std::string_view lines = cors_grant();
  std::string timed;
  if (head.wants_timing) lines = timed = timing_line().append(lines);
  append_reply(out, response,
               {.date = loop_.date_line(),
                .defaults = transport_.encrypted() ? loop_.state().tls_defaults : loop_.state().defaults,
                .request_id = request_.id,
                .lines = lines,
                .trace = trace_line_,
                .framing = framing,
                .head = request_.method == Method::kHead,
                .close = closing_,
                .keep_alive_10 = head.version < 11});
  RouteMetrics& metrics = loop_.metrics().of(match_.route);
  metrics.requests[status_slot(response.status)].add();
  metrics.bytes_out.add(out.size() - before);
  status_ = response.status;
  const bool bodiless = request_.method == Method::kHead || response.status == 204 || response.status == 304;
  body_out_ = bodiless || framing != Framing::kLength ? 0 : response.body.size();
}

// What an answer's line says of its request, and what is known of the answer.
AccessRecord Connection::access_record() const {
  return {.request = request_,
          .route = match_.route,
          .peer = peer_,
          .from_proxy = from_proxy_,
          .trace = trace(),
          .version = parser_.head().version,
          .status = status_,
          .body_out = body_out_};
}

void Connection::log_whole(bool cut) {
  AccessRecord record = access_record();
  if (cut) record.status = 0;
  record.cut = cut;
  record.body_in = request_.body.size();
  record.duration = std::chrono::steady_clock::now() - parsed_;
  log_access(record);
}

// Before it was whole.
void Connection::log_refused() {
  AccessRecord record = access_record();
  if (request_.fields != nullptr) record.body_in = received_.size() - parser_.head_size();
  log_access(record);
}

void Connection::log_access(const AccessRecord& record) {
  if (AccessLog::Writer* const log = loop_.access_log()) log->write(record);
}

const TraceContext* Connection::trace() const { return trace_line_.empty() ? nullptr : &*trace_; }

// W3C Server Timing, in milliseconds. What was not measured, or is not over, is left out.
std::string Connection::timing_line() const {
  if (timing_.head == SteadyTime()) return {};  // refused before its header was whole
  const SteadyTime now = std::chrono::steady_clock::now();
  std::string line = "Server-Timing: total;dur=";
  const auto add = [&](std::string_view name, SteadyTime from, SteadyTime to) {
    line += name;
    fmt::format_to(std::back_inserter(line), "{:.3f}", std::chrono::duration<double, std::milli>(to - from).count());
  };
  add("", timing_.head, now);
  if (stream_) {
    add(", handler;dur=", parsed_, now);  // until the answer begins; the body comes meanwhile
  } else if (parsed_ >= timing_.head) {
    add(", read;dur=", timing_.head, parsed_);
    if (timing_.ended != SteadyTime()) {
      add(", wait;dur=", parsed_, timing_.began);
      add(", handler;dur=", timing_.began, timing_.ended);
    }
  }
  return line += "\r\n";
}

std::string_view Connection::cors_grant() const {
  const Cors& cors = live().cors;
  return cors.closed() ? std::string_view() : cors.grant(request_.header("Origin"));
}

// OPTIONS: what the path takes, for browsers too, which ask before they send another page's request.
void Connection::answer_options() {
  Response& response = loop_.response();
  response.clear();
  response.status = 204;
  if (match_.allow != nullptr) {
    response.add_header("Allow", *match_.allow);
    if (!cors_grant().empty() && !request_.header("Access-Control-Request-Method").empty()) {
      response.headers += live().cors.preflight(*match_.allow);
    }
  }
  append(response);
}

void Connection::end_request() {
  received_.consume(parser_.size());
  begin_request();
}

void Connection::begin_request() {
  if (parser_.head().wants_timing) timing_ = {};
  parser_.start();
  request_ = {};
  match_ = {};
  gate_lines_.clear();
  caller_.reset();
  undecided_ = false;
  held_.reset();
  skip_line_end_ = true;
  patience_.enter(Phase::kIdle);
}

void Connection::reject(const Rejection& why) {
  Response& response = loop_.response();
  response.clear();
  if (why.status == 405 && match_.allow != nullptr) response.add_header("Allow", *match_.allow);
  if (why.status == 415 && match_.route != nullptr) {
    const std::string_view coding = request_.header("Content-Encoding");
    // RFC 9110, 12.5.3: there where the coding is why, and nowhere else.
    const bool coded = !coding.empty() && !equals_ignoring_case(coding, "identity");
    if (coded) response.add_header("Accept-Encoding", "identity");
    std::string types;
    for (const std::string& type : match_.route->consumes) types.append(types.empty() ? "" : ", ").append(type);
    response.add_header("Accept", types);
  }
  response.headers += gate_lines_;
  live().router->refuse(why, request_.header("Accept-Language"), response);
  append(response);
}

// Where what follows on the connection cannot be told from this request's rest.
void Connection::reject_and_close(const Rejection& why) {
  settle_request(received_.data());
  closing_ = true;
  loop_.metrics().of(match_.route).bytes_in.add(received_.size());
  reject(why);
  log_refused();
}

// Sends out(); false: the socket is full, and process() goes on when it has been emptied.
bool Connection::flush() {
  std::string& out = loop_.out();
  std::size_t sent = 0;
  while (sent < out.size()) {
    ErrorCode error;
    sent += transport_.write_some(std::string_view(out).substr(sent), error);
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
    patience_.enter(Phase::kWriting);
    on_writable();
    return false;
  }
  loop_.record_durations();
  out.clear();
  return true;
}

// Answers to requests before one that takes its time; sent first.
void Connection::hold_answers() {
  pending_.append(loop_.out());
  loop_.out().clear();
  loop_.record_durations();  // what they wait for now is the client's doing
}

Connection::Sent Connection::send_pending() {
  while (written_ < pending_.size()) {
    ErrorCode error;
    written_ += transport_.write_some(std::string_view(pending_).substr(written_), error);
    if (error == asio::error::would_block) return Sent::kBlocked;
    if (error) {
      close();
      return Sent::kFailed;
    }
  }
  pending_.clear();
  written_ = 0;
  return Sent::kAll;
}

void Connection::on_writable() {
  switch (send_pending()) {
    case Sent::kFailed: return;
    case Sent::kBlocked:
      patience_.moved(written_);
      transport_.wait_to_write([self = shared_from_this()](const ErrorCode& failed) {
        if (!failed && self->transport_.is_open()) self->on_writable();
      });
      return;
    case Sent::kAll: break;
  }
  pending_ = {};  // its memory too
  patience_.enter(Phase::kIdle);
  process();
}

void Connection::linger() {
  transport_.end_sending();
  received_.clear();
  patience_.enter(Phase::kLingering);
  if (loop_.draining()) patience_.hurry(kDrainLinger);
}

}  // namespace vigie::http
