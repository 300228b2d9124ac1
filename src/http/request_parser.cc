#include "http/request_parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>
#include <limits>
#include <optional>

#include "http/head_memory.h"

namespace vigie::http {
namespace {

namespace beast_http = boost::beast::http;
using ErrorCode = boost::beast::error_code;

constexpr std::string_view kTraceparent = "traceparent";
constexpr std::size_t kChunkLine = 256;  // a chunk's size line with its extensions

Method method_of(beast_http::verb verb) {
  switch (verb) {
    case beast_http::verb::get: return Method::kGet;
    case beast_http::verb::head: return Method::kHead;
    case beast_http::verb::post: return Method::kPost;
    case beast_http::verb::put: return Method::kPut;
    case beast_http::verb::patch: return Method::kPatch;
    case beast_http::verb::delete_: return Method::kDelete;
    case beast_http::verb::options: return Method::kOptions;
    default: return Method::kOther;
  }
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool contains_ignoring_case(std::string_view text, std::string_view word) {
  for (std::size_t i = 0; i + word.size() <= text.size(); ++i) {
    if (equals_ignoring_case(text.substr(i, word.size()), word)) return true;
  }
  return false;
}

// Framing with one never becomes good, whatever follows. Beast would wait for the CR LF that it takes for a line's end.
bool has_bare_line_feed(std::string_view framing) {
  for (auto at = framing.find('\n'); at != std::string_view::npos; at = framing.find('\n', at + 1)) {
    if (at == 0 || framing[at - 1] != '\r') return true;
  }
  return false;
}

// Whether the request line ends in a well-formed version that is not 1.x.
bool asks_for_other_version(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, bytes.find('\r'));
  if (line.size() < 9) return false;
  const std::string_view version = line.substr(line.size() - 9);
  return version.starts_with(" HTTP/") && all_digits(version.substr(6, 1)) && version[7] == '.' &&
         all_digits(version.substr(8, 1)) && version[6] != '1';
}

Rejection rejection_of(const ErrorCode& failed, bool in_request_line, std::string_view bytes) {
  using beast_http::error;
  if (failed == error::header_limit) {
    if (in_request_line) return {414, "the request target is too long"};
    return {431, "the header fields are too large"};
  }
  if (failed == error::body_limit) return {413, "the body is too large"};
  if (failed == error::bad_version) {
    if (asks_for_other_version(bytes)) return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
    return {400, "malformed request line"};
  }
  if (failed == error::bad_method) return {400, "malformed request method"};
  if (failed == error::bad_target) return {400, "malformed request target"};
  if (failed == error::bad_field) return {400, "malformed header field name"};
  if (failed == error::bad_value) return {400, "malformed header field value"};
  if (failed == error::bad_content_length || failed == error::multiple_content_length) {
    return {400, "malformed or contradictory Content-Length"};
  }
  if (failed == error::bad_transfer_encoding) return {400, "contradictory Transfer-Encoding"};
  if (failed == error::bad_chunk || failed == error::bad_chunk_extension) return {400, "malformed chunk"};
  if (failed == error::bad_line_ending) return {400, "malformed line end"};
  return {400, "malformed request"};
}

// Beast's parser with our memory: it keeps offsets instead of copying fields.
class FieldSink : public beast_http::basic_parser<true> {
 public:
  FieldSink(RequestHead& head, const HeadLimits& limits) : head_(head), limits_(limits) {
    head_.fields.clear();
    head_.content_length = 0;
    head_.chunked = false;
    head_.traceparent = {};
    head_.wants_timing = false;
    head_.repeated = false;
    header_limit(static_cast<std::uint32_t>(limits.bytes));
    body_limit(boost::none);  // a limit is the route's, and known only after the header
  }

  // The request's first byte, where it is now.
  void set_base(std::span<char> bytes) { bytes_ = bytes; }
  const std::optional<Rejection>& refusal() const { return refusal_; }
  bool has_request_line() const { return has_request_line_; }
  void set_body_at(std::size_t at) {
    body_at_ = at;
    body_size_ = 0;
  }
  // Where the value of Content-Length stands; empty where there is none.
  Slice length_at() const { return length_at_; }
  // What comes next is framing: the end of a chunk, a size, a trailer.
  bool between_chunks() const { return chunk_left_ == 0; }
  Slice body() const { return {static_cast<std::uint32_t>(body_at_), static_cast<std::uint32_t>(body_size_)}; }

 private:
  using View = boost::beast::string_view;

  void refuse(int status, std::string_view detail, ErrorCode& error) {
    refusal_ = Rejection{status, detail};
    error = beast_http::error::bad_value;
  }

  Slice slice(const char* from, std::size_t size) const {
    return {static_cast<std::uint32_t>(from - bytes_.data()), static_cast<std::uint32_t>(size)};
  }

  void on_request_impl(beast_http::verb verb, View, View target, int version, ErrorCode& error) override {
    has_request_line_ = true;
    head_.method = method_of(verb);
    head_.version = version;
    head_.target = slice(target.data(), target.size());
    if (std::ranges::any_of(target, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
      refuse(400, "malformed request target", error);
    }
  }

  void on_field_impl(beast_http::field field, View name, View value, ErrorCode& error) override {
    // A folded line: its value was put together outside our bytes, or started on a later line than its name.
    const char* const begin = name.data() + name.size();
    const char* const end = bytes_.data() + bytes_.size();
    if (value.data() < begin || value.data() > end || std::find(begin, value.data(), '\r') != value.data()) {
      return refuse(400, "folded header field", error);
    }
    if (++field_count_ > limits_.fields) return refuse(431, "too many header fields", error);
    if (in_trailer_) return;
    const std::string_view text(value.data(), value.size());
    switch (field) {
      case beast_http::field::content_length:
        // Beast takes "5, 5" and a second equal field; a proxy before us may not.
        if (has_length_ || !all_digits(text)) return refuse(400, "malformed or repeated Content-Length", error);
        has_length_ = true;
        length_at_ = slice(value.data(), value.size());
        break;
      case beast_http::field::transfer_encoding:
        // Beast takes any list, and ignores the body where "chunked" is not last.
        if (head_.version < 11) return refuse(400, "Transfer-Encoding in HTTP/1.0", error);
        if (!equals_ignoring_case(text, "chunked")) {
          if (contains_ignoring_case(text, "chunked")) return refuse(400, "unusual Transfer-Encoding", error);
          return refuse(501, "the only Transfer-Encoding understood is chunked", error);
        }
        break;
      case beast_http::field::host:
        if (has_host_) return refuse(400, "more than one Host", error);
        if (text.find_first_of(" \t/?#@,\\") != std::string_view::npos) return refuse(400, "malformed Host", error);
        has_host_ = true;
        break;
      case beast_http::field::unknown: note_own({name.data(), name.size()}, text, value); break;
      default: break;
    }
    head_.fields.push_back({slice(name.data(), name.size()), slice(value.data(), value.size())});
  }

  // Fields that have a meaning here and no name in Beast: seen in passing, for looking later would cost all requests.
  void note_own(std::string_view name, std::string_view text, View value) {
    if (name.size() == kTraceparent.size() && equals_ignoring_case(name, kTraceparent)) {
      head_.traceparent = has_trace_ ? Slice{} : slice(value.data(), value.size());
      has_trace_ = true;
    } else if (text == "1" && equals_ignoring_case(name, "X-Server-Timing")) {
      head_.wants_timing = true;
    }
  }

  void on_header_impl(ErrorCode& error) override {
    if (head_.version >= 11 && !has_host_) return refuse(400, "Host is missing", error);
    head_.chunked = chunked();
    head_.content_length = has_length_ ? content_length().value_or(0) : 0;
    in_trailer_ = true;
    field_count_ = 0;
  }

  void on_chunk_header_impl(std::uint64_t size, View, ErrorCode&) override { chunk_left_ = size; }

  std::size_t on_chunk_body_impl(std::uint64_t, View piece, ErrorCode&) override {
    std::memmove(bytes_.data() + body_at_ + body_size_, piece.data(), piece.size());
    body_size_ += piece.size();
    chunk_left_ -= piece.size();
    return piece.size();
  }

  // A body of a given length never passes through here: it is whole in the buffer as it came.
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  std::size_t on_body_impl(View piece, ErrorCode&) override { return piece.size(); }
  void on_finish_impl(ErrorCode&) override {}
  void on_response_impl(int, View, int, ErrorCode&) override {}

  RequestHead& head_;
  const HeadLimits& limits_;
  std::span<char> bytes_;
  std::optional<Rejection> refusal_;
  std::size_t field_count_ = 0;
  std::size_t body_at_ = 0;
  std::size_t body_size_ = 0;
  Slice length_at_;
  std::uint64_t chunk_left_ = 0;  // bytes of the body in the current chunk that have not come
  bool has_request_line_ = false;
  bool has_length_ = false;
  bool has_host_ = false;
  bool has_trace_ = false;
  bool in_trailer_ = false;
};

}  // namespace

class RequestParser::Impl {
 public:
  explicit Impl(HeadLimits limits) : limits_(limits) {}

  void start() {
    begun_ = false;
    parsed_ = 0;
    head_size_ = 0;
    carried_ = 0;
    framing_ = 0;
    head_told_ = false;
  }

  void set_body_limit(std::uint64_t bytes) {
    bytes = std::min<std::uint64_t>(bytes, std::numeric_limits<std::uint32_t>::max() - limits_.bytes);  // Slice
    if (head_.chunked) sink_->body_limit(bytes);
    if (head_.content_length > bytes) fail({413, "the body is too large"});
  }

  State advance(std::span<char> bytes) {
    if (state_is_failed_) return State::kFailed;
    if (!head_told_) {
      const State state = advance_head(bytes);
      if (state == State::kHeadDone) head_told_ = true;
      return state;
    }
    if (head_.chunked) return advance_chunks(bytes);
    return bytes.size() - head_size_ < head_.content_length ? State::kNeedBody : State::kComplete;
  }

  void stream_body(std::uint64_t limit) {
    if (head_.chunked) sink_->body_limit(limit);
    if (head_.content_length > limit) fail({413, "the body is too large"});
  }

  Piece advance_body(std::span<char> bytes) {
    if (state_is_failed_) return {.state = State::kFailed};
    return head_.chunked ? next_chunks(bytes) : next_bytes(bytes);
  }

  const RequestHead& head() const {
    static const RequestHead kNone;
    return begun_ || head_told_ ? head_ : kNone;
  }
  std::size_t head_size() const { return head_size_; }
  const Rejection& failure() const { return failure_; }
  Slice body() const {
    if (head_.chunked) return sink_->body();
    return {static_cast<std::uint32_t>(head_size_), static_cast<std::uint32_t>(head_.content_length)};
  }
  std::size_t size() const {
    return head_.chunked ? parsed_ : head_size_ + static_cast<std::size_t>(head_.content_length);
  }

 private:
  State fail(Rejection why) {
    failure_ = why;
    state_is_failed_ = true;
    return State::kFailed;
  }

  // Parses what follows parsed_; true: more is needed or a part is done, false: failed.
  bool put(std::span<char> bytes, ErrorCode& error) {
    sink_->set_base(bytes);
    const auto rest = bytes.subspan(parsed_);
    parsed_ += sink_->put(boost::asio::const_buffer(rest.data(), rest.size()), error);
    if (!error || error == beast_http::error::need_more) return true;
    if (sink_->refusal()) {
      fail(*sink_->refusal());
    } else {
      fail(rejection_of(error, !sink_->has_request_line(), {bytes.data(), bytes.size()}));
    }
    return false;
  }

  State advance_head(std::span<char> bytes) {
    if (!begun_) {
      if (recall(bytes)) return State::kHeadDone;
      memory_.forget();  // it stands for head_, which begins anew
      sink_.emplace(head_, limits_);
      begun_ = true;
    }
    ErrorCode error;
    if (!put(bytes, error)) return State::kFailed;
    if (sink_->is_header_done()) {
      if (parsed_ > limits_.bytes) return fail({431, "the header fields are too large"});
      head_.keep_alive = sink_->keep_alive();
      head_size_ = parsed_;
      sink_->set_body_at(head_size_);
      sink_->eager(true);
      // Chunks need the parser in the state that it is in behind their head.
      if (!head_.chunked) memory_.remember(bytes.first(head_size_), sink_->length_at());
      return State::kHeadDone;
    }
    // Beast forgets the lines that it has read, so its own limit alone would let a header grow for ever.
    if (bytes.size() >= limits_.bytes) {
      return fail(rejection_of(beast_http::error::header_limit, !sink_->has_request_line(), {}));
    }
    return State::kNeedHead;
  }

  // Whether these bytes begin with the connection's last head: then head_ is right as it is, but for the length.
  bool recall(std::span<const char> bytes) {
    const HeadMemory::Recalled recalled = memory_.recall(bytes);
    if (recalled.size == 0) return false;
    head_.content_length = recalled.content_length;
    head_.repeated = true;
    head_size_ = recalled.size;
    return true;
  }

  State advance_chunks(std::span<char> bytes) {
    return put_chunks(bytes, parsed_ - head_size_ - sink_->body().size, sink_->body().size);
  }

  // Parses what follows parsed_. Bytes of framing and of the body before that are given to tell what is too small.
  State put_chunks(std::span<char> bytes, std::uint64_t framing, std::uint64_t carried) {
    if (sink_->is_done()) return State::kComplete;
    const auto rest_of = [&] { return std::string_view(bytes.data() + parsed_, bytes.size() - parsed_); };
    const auto is_last_chunk = [](std::string_view rest) { return rest.starts_with("\r\n0") || rest.starts_with("0"); };
    // Beast asserts that a last chunk which it looks at again has the five bytes that it needs at least.
    if (sink_->between_chunks() && is_last_chunk(rest_of()) && rest_of().size() < kLeastLastChunk) {
      return has_bare_line_feed(rest_of()) ? fail({400, "malformed chunk"}) : State::kNeedBody;
    }
    ErrorCode error;
    const std::size_t before = parsed_;
    const std::size_t body_before = sink_->body().size;
    if (parsed_ < bytes.size() && !put(bytes, error)) return State::kFailed;
    if (sink_->is_done()) return State::kComplete;
    const std::size_t waiting = bytes.size() - parsed_;
    // What waits is a size line, or the last chunk with its trailers.
    const bool trailers = is_last_chunk(rest_of());
    const bool too_long = waiting > (trailers ? limits_.bytes : kChunkLine);
    if (too_long || has_bare_line_feed(rest_of())) return fail({400, "malformed chunk"});
    // Tiny chunks cost more to frame than they carry: ones of a few bytes are for tests, not for megabytes.
    const std::size_t body = sink_->body().size - body_before;
    if (framing + (parsed_ - before - body) > kMostFraming + carried + body) {
      return fail({400, "the chunks are too small"});
    }
    return State::kNeedBody;
  }

  Piece next_chunks(std::span<char> bytes) {
    parsed_ = 0;
    sink_->set_body_at(0);
    Piece piece{.state = put_chunks(bytes, framing_, carried_), .used = parsed_};
    if (piece.state == State::kFailed) return piece;
    piece.body = bytes.first(sink_->body().size);
    carried_ += piece.body.size();
    framing_ += piece.used - piece.body.size();
    return piece;
  }

  Piece next_bytes(std::span<char> bytes) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), head_.content_length - carried_));
    carried_ += size;
    const State state = carried_ == head_.content_length ? State::kComplete : State::kNeedBody;
    return {.state = state, .used = size, .body = bytes.first(size)};
  }

  static constexpr std::size_t kMostFraming = 64 * 1024;
  static constexpr std::size_t kLeastLastChunk = 5;  // 0 CR LF CR LF

  HeadLimits limits_;
  RequestHead head_;
  HeadMemory memory_;              // of what head_ says
  std::optional<FieldSink> sink_;  // of the head that was parsed last
  bool begun_ = false;             // to parse this one
  std::size_t parsed_ = 0;
  std::size_t head_size_ = 0;
  std::uint64_t carried_ = 0;  // of a streamed body: bytes handed on
  std::uint64_t framing_ = 0;  // and bytes between them
  Rejection failure_;
  bool head_told_ = false;
  bool state_is_failed_ = false;
};

RequestParser::RequestParser(HeadLimits limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::~RequestParser() = default;
void RequestParser::start() { impl_->start(); }
void RequestParser::set_body_limit(std::uint64_t bytes) { impl_->set_body_limit(bytes); }
RequestParser::State RequestParser::advance(std::span<char> bytes) { return impl_->advance(bytes); }
void RequestParser::stream_body(std::uint64_t limit) { impl_->stream_body(limit); }
RequestParser::Piece RequestParser::advance_body(std::span<char> bytes) { return impl_->advance_body(bytes); }
const RequestHead& RequestParser::head() const { return impl_->head(); }
Slice RequestParser::body() const { return impl_->body(); }
std::size_t RequestParser::size() const { return impl_->size(); }
std::size_t RequestParser::head_size() const { return impl_->head_size(); }
const Rejection& RequestParser::failure() const { return impl_->failure(); }

}  // namespace vigie::http
