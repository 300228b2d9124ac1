#include "dataset/fetch_download.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "base/file.h"
#include "base/number.h"

namespace vigie::dataset {
namespace {

constexpr long kConnectSeconds = 30;
constexpr long kStallSeconds = 60;  // without a byte: the connection counts as cut
constexpr long kMostRedirects = 5;

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

bool init_curl() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

std::uint64_t parse_count(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

bool is_named(std::string_view name, std::string_view lower) {
  return std::equal(name.begin(), name.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

// One attempt: what the headers said, and the bytes going into the part file.
class Attempt {
 public:
  Attempt(const Download& request, int descriptor, std::uint64_t offset, Progress& progress)
      : request_(request), descriptor_(descriptor), offset_(offset), progress_(progress) {}

  void header(std::string_view line) {
    if (line.starts_with("HTTP/")) {  // a redirect or an interim answer came before: forget its headers
      const auto space = line.find(' ');
      status_ = space == std::string_view::npos ? 0 : static_cast<long>(parse_count(line.substr(space + 1)));
      length_ = range_start_ = range_total_ = retry_after_ = 0;
      etag_.clear();
      modified_.clear();
      return;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const auto name = line.substr(0, colon);
    const auto value = trim(line.substr(colon + 1));
    if (is_named(name, "etag")) etag_ = value;
    if (is_named(name, "last-modified")) modified_ = value;
    if (is_named(name, "content-length")) length_ = parse_count(value);
    if (is_named(name, "retry-after")) retry_after_ = parse_count(value);
    if (is_named(name, "content-range") && value.starts_with("bytes ")) {
      const auto slash = value.find('/');
      if (slash != std::string_view::npos) range_total_ = parse_count(value.substr(slash + 1));
      range_start_ = parse_count(value.substr(6));
    }
  }

  bool body(std::string_view bytes) {
    if (status_ != 200 && status_ != 206) return true;  // an error's text is of no use here
    if (!started_ && !start()) return false;
    if (offset_ + bytes.size() > request_.max_bytes) {
      error_ = Error{Code::kResourceExhausted,
                     "the download is larger than " + with_unit(static_cast<double>(request_.max_bytes), "B"),
                     {.file = request_.part.native()},
                     "check what the server sends"};
      return false;
    }
    while (!bytes.empty()) {
      const ssize_t put = ::write(descriptor_, bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return fail_here("cannot write", errno);
      offset_ += static_cast<std::uint64_t>(put);
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    progress_.advance_to(offset_);
    return true;
  }

  // Whether a part that the server has no more bytes for is in fact the whole.
  bool is_whole_already() const { return status_ == 416 && range_total_ == offset_ && offset_ > 0; }

  long status() const { return status_; }
  std::uint64_t retry_after() const { return retry_after_; }
  std::uint64_t offset() const { return offset_; }
  bool started() const { return started_; }
  const std::optional<Error>& error() const { return error_; }

 private:
  bool fail_here(std::string_view doing, int number) {
    error_ = fail_errno(doing, request_.part.native(), number).error();
    return false;
  }

  bool start() {
    started_ = true;
    if (status_ == 206 && range_start_ != offset_) {
      error_ = Error{Code::kUnavailable, "the server sent another range than the one asked for", {}, "try again later"};
      return false;
    }
    if (status_ == 200 && offset_ > 0) {  // another version, or a server without ranges: from the beginning
      if (::ftruncate(descriptor_, 0) != 0 || ::lseek(descriptor_, 0, SEEK_SET) != 0) {
        return fail_here("cannot write", errno);
      }
      offset_ = 0;
    }
    // Weak validators do not promise equal bytes, so a range may not rest on one (RFC 9110, 13.1.5).
    const std::string& version = etag_.starts_with("W/") || etag_.empty() ? modified_ : etag_;
    auto from = request_.part;
    from += ".from";
    if (auto kept = write_file(from, version); !kept) {
      error_ = kept.error();
      return false;
    }
    progress_.begin("download", length_ > 0 ? offset_ + length_ : 0, "bytes");
    return true;
  }

  const Download& request_;
  int descriptor_;
  std::uint64_t offset_;
  Progress& progress_;
  long status_ = 0;
  std::uint64_t length_ = 0;
  std::uint64_t range_start_ = 0;
  std::uint64_t range_total_ = 0;
  std::uint64_t retry_after_ = 0;
  std::string etag_;
  std::string modified_;
  bool started_ = false;
  std::optional<Error> error_;
};

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* attempt) {
  static_cast<Attempt*>(attempt)->header({data, size * count});
  return size * count;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* attempt) {
  return static_cast<Attempt*>(attempt)->body({data, size * count}) ? size * count : 0;
}

// The part file, locked for as long as this lives.
class PartFile {
 public:
  static Result<PartFile> open(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (descriptor < 0) return fail_errno("cannot write", path.native(), errno);
    PartFile file(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      return fail(Code::kFailedPrecondition, "another process is downloading this", {.file = path.native()},
                  "wait for it to end");
    }
    return file;
  }
  PartFile(PartFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  PartFile& operator=(PartFile&&) = delete;
  ~PartFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  int descriptor() const { return descriptor_; }
  std::uint64_t to_end() const {
    return static_cast<std::uint64_t>(std::max<off_t>(0, ::lseek(descriptor_, 0, SEEK_END)));
  }
  bool clear() const { return ::ftruncate(descriptor_, 0) == 0 && ::lseek(descriptor_, 0, SEEK_SET) == 0; }

 private:
  explicit PartFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

void set_options(CURL* curl, const Download& request, Attempt& attempt, const curl_slist* headers) {
  const bool loopback = request.url.starts_with("http://127.0.0.1:");
  const char* const protocols = loopback ? "http,https" : "https";
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols);
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
  if (loopback) curl_easy_setopt(curl, CURLOPT_NOPROXY, "127.0.0.1");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, kMostRedirects);
  curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  if (!request.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(curl, CURLOPT_USERNAME, request.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, request.password.c_str());
    curl_easy_setopt(curl, CURLOPT_UNRESTRICTED_AUTH, 0L);
  }
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "vigie");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kStallSeconds);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &attempt);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &attempt);
}

Headers range_headers(std::uint64_t offset, const std::string& version) {
  curl_slist* list = nullptr;
  if (offset > 0) {
    list = curl_slist_append(list, ("Range: bytes=" + std::to_string(offset) + "-").c_str());
    list = curl_slist_append(list, ("If-Range: " + version).c_str());
  }
  return {list, curl_slist_free_all};
}

bool worth_another_try(CURLcode code, long status) {
  switch (code) {
    case CURLE_OK: return status >= 500;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return true;
    default: return false;
  }
}

}  // namespace

Result<Answer> download(const Download& request, Progress& progress) {
  if (!init_curl()) return fail(Code::kInternal, "libcurl does not start");
  const PartFile file = VIGIE_TRY(PartFile::open(request.part));
  auto from = request.part;
  from += ".from";

  Answer answer;
  bool first = true;
  int pause = request.pause_ms;
  for (int attempts = std::max(1, request.attempts);;) {
    // What is there counts only where it is known which version it belongs to.
    std::uint64_t offset = file.to_end();
    const std::string version = read_file(from, 4096).value_or("");
    if (offset > 0 && version.empty()) {
      if (!file.clear()) return fail_errno("cannot write", request.part.native(), errno);
      offset = 0;
    }
    if (std::exchange(first, false)) answer.resumed_at = offset;

    Attempt attempt(request, file.descriptor(), offset, progress);
    const Handle curl(curl_easy_init(), curl_easy_cleanup);
    if (!curl) return fail(Code::kInternal, "libcurl does not start");
    const Headers headers = range_headers(offset, version);
    set_options(curl.get(), request, attempt, headers.get());
    const CURLcode code = curl_easy_perform(curl.get());
    if (attempt.started()) progress.end();
    if (attempt.error()) return std::unexpected(*attempt.error());
    if (attempt.offset() < offset || (attempt.started() && attempt.status() == 200)) answer.resumed_at = 0;

    answer.status = attempt.status();
    answer.retry_after = attempt.retry_after();
    answer.bytes = attempt.offset();
    if (code == CURLE_OK && (attempt.status() == 206 || attempt.is_whole_already())) answer.status = 200;
    if (code == CURLE_OK && attempt.status() == 416 && answer.status != 200) {
      if (!file.clear()) return fail_errno("cannot write", request.part.native(), errno);
      if (--attempts > 0) continue;
    }
    if (code == CURLE_OK && answer.status < 500) return answer;
    if (worth_another_try(code, answer.status) && --attempts > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(pause));
      pause *= 2;
      continue;
    }
    if (code == CURLE_OK) return answer;
    const bool cut = worth_another_try(code, 0);
    return fail(Code::kUnavailable,
                cut && answer.bytes > 0
                    ? "the connection was cut after " + with_unit(static_cast<double>(answer.bytes), "B")
                    : std::string("cannot download: ") + curl_easy_strerror(code),
                {.file = request.part.native()},
                cut ? "run the command again: it goes on where it stopped" : "check the network, proxy and clock");
  }
}

}  // namespace vigie::dataset
