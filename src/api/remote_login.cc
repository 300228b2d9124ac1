#include "api/remote_login.h"

namespace vigie::api {
namespace {

constexpr std::chrono::minutes kQuiet{1};

}  // namespace

RemoteLogin::RemoteLogin(std::shared_ptr<const identity::RemoteIssuer> issuer, RemoteLoginOptions options)
    : issuer_(std::move(issuer)), options_(std::move(options)), fetcher_(options_.fetch) {}

Result<std::shared_ptr<const identity::Provider>> RemoteLogin::provider() const {
  auto provider = issuer_->provider();
  if (provider == nullptr) {
    return fail(Code::kUnavailable, "the provider's configuration is not there yet", {.file = issuer_->name()},
                "try again when it can be reached");
  }
  return provider;
}

Result<std::string> RemoteLogin::address(const identity::LoginAttempt& attempt) {
  const auto provider = this->provider();
  if (!provider) return told(std::unexpected(provider.error()));
  return told(identity::authorization_url(**provider, options_.client, attempt));
}

Result<std::string> RemoteLogin::exchange(std::string_view code, const identity::LoginAttempt& attempt) {
  const auto provider = this->provider();
  if (!provider) return told(std::unexpected(provider.error()));
  return told(identity::exchange_code(fetcher_, **provider, options_.client, code, attempt));
}

// A code that is refused is the visitor's affair: anybody can come with one.
Result<std::string> RemoteLogin::told(Result<std::string> outcome) {
  if (outcome || outcome.error().code == Code::kPermissionDenied) return outcome;
  const WallTime now = options_.clock->now();
  {
    const std::scoped_lock lock(mutex_);
    if (told_ && now - *told_ < kQuiet && now >= *told_) return outcome;
    told_ = now;
  }
  options_.on_failure(outcome.error());
  return outcome;
}

}  // namespace vigie::api
