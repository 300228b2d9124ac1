#include "api/remote_login.h"

namespace vigie::api {

Result<std::shared_ptr<const identity::Provider>> RemoteLogin::provider() const {
  auto provider = issuer_->provider();
  if (provider == nullptr) {
    return fail(Code::kUnavailable, "the provider's configuration is not there yet", {.file = issuer_->name()},
                "try again when it can be reached");
  }
  return provider;
}

Result<std::string> RemoteLogin::address(const identity::LoginAttempt& attempt) {
  const auto provider = VIGIE_TRY(this->provider());
  return identity::authorization_url(*provider, client_, attempt);
}

Result<std::string> RemoteLogin::exchange(std::string_view code, const identity::LoginAttempt& attempt) {
  const auto provider = VIGIE_TRY(this->provider());
  return identity::exchange_code(fetcher_, *provider, client_, code, attempt);
}

}  // namespace vigie::api
