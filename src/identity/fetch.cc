#include "identity/fetch.h"

#include <curl/curl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <utility>

#include "http/message.h"
#include "identity/freshness.h"

namespace vigie::identity {
namespace {

using std::chrono::milliseconds;

constexpr int kMostRedirects = 3;
constexpr std::size_t kMostHeadBytes = 64 * 1024;  // of all heads of one answer, interim ones and trailers with them
constexpr std::size_t kMostIdle = 4;               // channels that are kept with their connections
constexpr int kPollMilliseconds = 1'000;           // libcurl's own timers end a poll sooner

bool init_curl() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// What libcurl hands over while an answer comes.
class Incoming {
 public:
  explicit Incoming(std::size_t body_limit) : body_limit_(body_limit) {}

  bool take_header(std::string_view line) {
    head_bytes_ += line.size();
    if (head_bytes_ > kMostHeadBytes) return false;
    if (line.starts_with("HTTP/")) {  // an interim answer came before: its fields are not this one's
      fields_ = {};
      content_type_.clear();
      return true;
    }
    while (line.ends_with('\r') || line.ends_with('\n')) line.remove_suffix(1);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return true;
    const std::string_view value = http::trimmed(line.substr(colon + 1));
    const std::string_view name = line.substr(0, colon);
    if (http::equals_ignoring_case(name, "cache-control")) {
      if (!fields_.cache_control.empty()) fields_.cache_control += ", ";
      fields_.cache_control += value;
    }
    if (http::equals_ignoring_case(name, "expires")) fields_.expires = value;
    if (http::equals_ignoring_case(name, "date")) fields_.date = value;
    if (http::equals_ignoring_case(name, "age")) fields_.age = value;
    if (http::equals_ignoring_case(name, "content-type")) content_type_ = value;
    return true;
  }

  bool take_body(std::string_view bytes) {
    body_too_long_ = bytes.size() > body_limit_ - body_.size();
    if (!body_too_long_) body_ += bytes;
    return !body_too_long_;
  }

  bool head_too_long() const { return head_bytes_ > kMostHeadBytes; }
  bool body_too_long() const { return body_too_long_; }
  const CacheFields& fields() const { return fields_; }
  std::string& body() { return body_; }
  std::string& content_type() { return content_type_; }

 private:
  std::size_t body_limit_;
  std::size_t head_bytes_ = 0;
  bool body_too_long_ = false;
  CacheFields fields_;
  std::string content_type_;
  std::string body_;
};

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* incoming) {
  return static_cast<Incoming*>(incoming)->take_header({data, size * count}) ? size * count : 0;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* incoming) {
  return static_cast<Incoming*>(incoming)->take_body({data, size * count}) ? size * count : 0;
}

std::unexpected<Error> timed_out(const RemoteUrl& url, milliseconds timeout) {
  return fail(Code::kUnavailable, "no whole answer within " + std::to_string(timeout.count()) + " ms",
              {.file = url.origin}, "check that it runs and that nothing between drops its packets");
}

// libcurl's own longer text is left out: for some codes it repeats what came.
std::unexpected<Error> explain(CURLcode code, CURL* easy, const Incoming& incoming, const RemoteUrl& url,
                               const FetchOptions& options) {
  const auto refuse = [&](Code ours, std::string message, std::string remedy) {
    return fail(ours, std::move(message), {.file = url.origin}, std::move(remedy));
  };
  if (incoming.body_too_long() || code == CURLE_FILESIZE_EXCEEDED) {
    return refuse(Code::kInvalidData, "the answer has more than " + std::to_string(options.body_limit) + " bytes",
                  "check that the URL is that of the document");
  }
  if (incoming.head_too_long()) {
    return refuse(Code::kInvalidData, "the answer's header has more than 65536 bytes", "check what answers there");
  }
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return refuse(Code::kUnavailable, "no address is known for this name", "check the name and the DNS");
    case CURLE_COULDNT_RESOLVE_PROXY:
      return refuse(Code::kUnavailable, "no address is known for the proxy's name", "check https_proxy");
    case CURLE_COULDNT_CONNECT:
      return refuse(Code::kUnavailable, "nothing accepts connections there", "check that it runs, and the port");
    case CURLE_OPERATION_TIMEDOUT: {
      curl_off_t connected = 0;
      curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
      if (connected > 0) return timed_out(url, options.timeout);
      return refuse(
          Code::kUnavailable,
          "no connection within " + std::to_string(std::min(options.connect_timeout, options.timeout).count()) + " ms",
          "check the address, and what drops packets on the way");
    }
    case CURLE_PEER_FAILED_VERIFICATION: {
      long verified = X509_V_OK;
      curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verified);
      const std::string reason = verified == X509_V_OK || verified == X509_V_ERR_UNSPECIFIED
                                     ? "it is for another name"
                                     : X509_verify_cert_error_string(verified);
      return refuse(Code::kPermissionDenied, "its certificate is not trusted: " + reason,
                    "give the file of its certificate authority, or check who answers there");
    }
    case CURLE_SSL_CACERT_BADFILE:
      return fail(Code::kInvalidArgument, "certificate authorities cannot be read from it", {.file = options.ca_file},
                  "give a PEM file that this user may read");
    case CURLE_SSL_CONNECT_ERROR:
      return refuse(Code::kUnavailable, "no TLS connection can be made", "check that it speaks TLS 1.2 or newer there");
    case CURLE_PARTIAL_FILE:
      return refuse(Code::kInvalidData, "the connection ended before the answer did", "try again, and check proxies");
    case CURLE_GOT_NOTHING:
      return refuse(Code::kUnavailable, "the connection ended without an answer", "check what listens there");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return refuse(Code::kInvalidData, "what answers does not speak HTTP", "check the port");
    default: return refuse(Code::kUnavailable, curl_easy_strerror(code), "try again, and check the network");
  }
}

}  // namespace

// A transfer at a time; the multi handle keeps the connection for the next, and can be woken from other threads.
struct Fetcher::Channel {
  using Multi = std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)>;
  using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
  Multi multi{curl_multi_init(), curl_multi_cleanup};
  Easy easy{curl_easy_init(), curl_easy_cleanup};

  // Nothing where `stop` ended it.
  std::optional<CURLcode> run(const std::stop_token& stop) {
    if (curl_multi_add_handle(multi.get(), easy.get()) != CURLM_OK) return CURLE_FAILED_INIT;
    std::optional<CURLcode> outcome;
    {
      const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi.get()); });
      int running = 1;
      bool sound = true;
      while (running > 0 && sound && !stop.stop_requested()) {
        sound = curl_multi_perform(multi.get(), &running) == CURLM_OK;
        if (running == 0 || !sound) break;
        sound = curl_multi_poll(multi.get(), nullptr, 0, kPollMilliseconds, nullptr) == CURLM_OK;
      }
      if (!sound) outcome = CURLE_FAILED_INIT;
    }
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg == CURLMSG_DONE) outcome = message->data.result;
    }
    curl_multi_remove_handle(multi.get(), easy.get());
    return outcome;
  }
};

struct Fetcher::Call {
  const RemoteUrl& url;
  const std::string* form = nullptr;  // with it a POST
  const BasicCredentials* credentials = nullptr;
  const std::stop_token& stop;
};

Fetcher::Fetcher(FetchOptions options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}
Fetcher::~Fetcher() = default;

std::unique_ptr<Fetcher::Channel> Fetcher::take_channel() {
  const std::scoped_lock lock(mutex_);
  if (idle_.empty()) return std::make_unique<Channel>();
  auto channel = std::move(idle_.back());
  idle_.pop_back();
  return channel;
}

void Fetcher::keep_channel(std::unique_ptr<Channel> channel) {
  curl_easy_reset(channel->easy.get());  // forgets the credentials
  const std::scoped_lock lock(mutex_);
  if (idle_.size() < kMostIdle) idle_.push_back(std::move(channel));
}

Result<Document> Fetcher::perform(const Call& call, milliseconds& left, std::string* redirect) {
  using Lines = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;
  if (!init_curl()) return fail(Code::kInternal, "libcurl does not start");
  auto channel = take_channel();
  CURL* const easy = channel->easy.get();
  if (easy == nullptr || channel->multi == nullptr) return fail(Code::kInternal, "libcurl does not start");
  Incoming incoming(options_.body_limit);

  const char* const protocol = call.url.secure ? "https" : "http";
  curl_easy_setopt(easy, CURLOPT_URL, call.url.text.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocol);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);  // get() looks at each address first
  if (call.url.loopback || !options_.proxy_from_environment) curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);  // the system's are not trusted beside it
  }
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "vigie");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for the resolver
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options_.body_limit));
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &incoming);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &incoming);
  const Lines lines(curl_slist_append(nullptr, "Accept: application/json"), curl_slist_free_all);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines.get());
  if (call.form != nullptr) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.form->size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call.form->c_str());
  }
  if (call.credentials != nullptr) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(easy, CURLOPT_USERNAME, call.credentials->user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, call.credentials->password.c_str());
  }

  const auto outcome = channel->run(call.stop);
  if (!outcome) return fail(Code::kUnavailable, "stopped before the answer came", {.file = call.url.origin});
  if (*outcome != CURLE_OK) return explain(*outcome, easy, incoming, call.url, options_);
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &microseconds);
  left -= milliseconds{microseconds / 1000};
  const char* target = nullptr;  // the handle's
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &target);
  if (redirect != nullptr && target != nullptr) *redirect = target;
  keep_channel(std::move(channel));
  return Document{.status = static_cast<int>(status),
                  .body = std::move(incoming.body()),
                  .max_age = fresh_for(incoming.fields(), clock_.now()),
                  .content_type = std::move(incoming.content_type())};
}

Result<Document> Fetcher::get(const std::string& url, const std::stop_token& stop) {
  RemoteUrl at = VIGIE_TRY(parse_remote_url(url, options_.plain_http));
  milliseconds left = options_.timeout;
  for (int redirects = 0;; ++redirects) {
    if (left <= milliseconds::zero()) return timed_out(at, options_.timeout);
    std::string target;
    Document document = VIGIE_TRY(perform({.url = at, .stop = stop}, left, &target));
    if (!is_redirect(document.status) || target.empty()) return document;
    if (redirects == kMostRedirects) {
      return fail(Code::kInvalidData, "more than 3 redirects", {.file = at.origin}, "give the address they lead to");
    }
    auto next = parse_remote_url(target, options_.plain_http);
    if (!next) {
      return fail(Code::kPermissionDenied, "redirects to where Vigie does not go: " + next.error().message,
                  {.file = at.origin}, "give the document's own https address");
    }
    if (at.secure && !next->secure) {
      return fail(Code::kPermissionDenied, "redirects from https to http", {.file = at.origin},
                  "give the document's own https address");
    }
    at = std::move(*next);
  }
}

Result<Document> Fetcher::post_form(const std::string& url, const std::string& form,
                                    const BasicCredentials& credentials, const std::stop_token& stop) {
  const RemoteUrl at = VIGIE_TRY(parse_remote_url(url, options_.plain_http));
  milliseconds left = options_.timeout;
  return perform(
      {.url = at, .form = &form, .credentials = credentials.user.empty() ? nullptr : &credentials, .stop = stop}, left,
      nullptr);
}

std::string form_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

}  // namespace vigie::identity
