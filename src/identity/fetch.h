// Small documents of issuers: key sets, configurations, what introspection says. Blocking, over libcurl.
//
//   Fetcher fetcher({.ca_file = "/etc/vigie/issuer-ca.pem"});
//   const Document keys = VIGIE_TRY(fetcher.get("https://id.example/keys", stop));   // any status
//   if (keys.status != 200) ...
//
// Any thread; calls run beside each other and keep their connections for the next. A call ends within
// FetchOptions::timeout, and at once when its stop token is asked to stop. The certificate's chain and name are
// verified, TLS is 1.2 or newer, and nothing is read from .netrc or, unless asked for, from proxy variables.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/remote_url.h"

namespace vigie::identity {

struct FetchOptions {
  std::string ca_file{};                             // PEM of the authorities that are trusted, instead of the system's
  bool plain_http = false;                           // http to other hosts than loopback as well: for development only
  bool proxy_from_environment = false;               // https_proxy, no_proxy; never for loopback
  std::chrono::milliseconds connect_timeout{5'000};  // name, TCP and TLS
  std::chrono::milliseconds timeout{10'000};         // the whole call, redirects and all
  std::size_t body_limit = std::size_t{1} << 20;     // bytes; a longer body is an error
};

struct Document {
  int status = 0;  // HTTP's
  std::string body;
  std::optional<std::chrono::seconds> max_age;  // fresh_for() of its fields
  std::string content_type;                     // as it came; empty where there was none
};

struct BasicCredentials {
  std::string user;  // empty: none are sent
  std::string password;
};

class Fetcher {
 public:
  explicit Fetcher(FetchOptions options, const Clock& clock = system_clock());
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  // Follows up to 3 redirects, to addresses that parse_remote_url() allows and never from https to http. Errors:
  // kInvalidArgument (the URL), kPermissionDenied (TLS: who answers is not who was asked), kInvalidData (what came is
  // no HTTP, too long, or cut), kUnavailable (not reached, too slow, stopped). They name origin and cause, no more of
  // the URL and nothing of the body.
  Result<Document> get(const std::string& url, const std::stop_token& stop = {});

  // `form` is application/x-www-form-urlencoded. A redirect is not followed but handed over: credentials stay with
  // whom they were meant for. Errors as of get().
  Result<Document> post_form(const std::string& url, const std::string& form, const BasicCredentials& credentials,
                             const std::stop_token& stop = {});

  const FetchOptions& options() const { return options_; }

 private:
  struct Channel;
  struct Call;
  std::unique_ptr<Channel> take_channel();
  void keep_channel(std::unique_ptr<Channel> channel);
  Result<Document> perform(const Call& call, std::chrono::milliseconds& left, std::string* redirect);

  const FetchOptions options_;
  const Clock& clock_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Channel>> idle_;
};

// `text` as a value in a form or a query: all but letters, digits and "-._~" as %XX.
std::string form_encoded(std::string_view text);

}  // namespace vigie::identity
