// People log in at a provider: its addresses as its configuration says them, over libcurl.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/sessions.h"
#include "identity/fetch.h"
#include "identity/remote_issuer.h"

namespace vigie::api {

class RemoteLogin : public ProviderLogin {
 public:
  RemoteLogin(std::shared_ptr<const identity::RemoteIssuer> issuer, identity::FetchOptions fetch,
              identity::LoginClient client)
      : issuer_(std::move(issuer)), fetcher_(std::move(fetch)), client_(std::move(client)) {}

  // kUnavailable before the provider's configuration is there, for both.
  Result<std::string> address(const identity::LoginAttempt& attempt) override;
  Result<std::string> exchange(std::string_view code, const identity::LoginAttempt& attempt) override;
  std::string issuer() const override { return issuer_->name(); }

 private:
  Result<std::shared_ptr<const identity::Provider>> provider() const;

  std::shared_ptr<const identity::RemoteIssuer> issuer_;
  identity::Fetcher fetcher_;
  identity::LoginClient client_;
};

}  // namespace vigie::api
