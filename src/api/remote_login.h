// People log in at a provider: its addresses as its configuration says them, over libcurl.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "api/sessions.h"
#include "base/clock.h"
#include "identity/fetch.h"
#include "identity/remote_issuer.h"

namespace vigie::api {

struct RemoteLoginOptions {
  identity::FetchOptions fetch{};
  identity::LoginClient client{};
  // What the operator has to know, once a minute at most: people wait at /login for as long as it is so. Any thread.
  std::function<void(const Error&)> on_failure = [](const Error&) {};
  const Clock* clock = &system_clock();
};

class RemoteLogin : public ProviderLogin {
 public:
  RemoteLogin(std::shared_ptr<const identity::RemoteIssuer> issuer, RemoteLoginOptions options);

  // kUnavailable before the provider's configuration is there, for both.
  Result<std::string> address(const identity::LoginAttempt& attempt) override;
  Result<std::string> exchange(std::string_view code, const identity::LoginAttempt& attempt) override;
  std::string issuer() const override { return issuer_->name(); }

 private:
  Result<std::shared_ptr<const identity::Provider>> provider() const;
  Result<std::string> told(Result<std::string> outcome);

  std::shared_ptr<const identity::RemoteIssuer> issuer_;
  RemoteLoginOptions options_;
  identity::Fetcher fetcher_;
  std::mutex mutex_;
  std::optional<WallTime> told_{};  // when, last
};

}  // namespace vigie::api
