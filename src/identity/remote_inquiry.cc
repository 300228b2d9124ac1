#include "identity/remote_inquiry.h"

namespace vigie::identity {

RemoteInquiry::RemoteInquiry(std::shared_ptr<const RemoteIssuer> issuer, Options options, const KeyedHash& hash)
    : issuer_(std::move(issuer)),
      options_(std::move(options)),
      fetcher_(options_.fetch, *options_.clock),
      introspection_(options_.introspection, fetcher_, *options_.clock, hash) {}

Result<Introspected> RemoteInquiry::ask(std::string_view token) {
  const auto provider = issuer_->provider();
  if (provider == nullptr) {
    return fail(Code::kUnavailable, "its configuration could not be had yet", {.file = issuer_->name()},
                "check that the provider runs, and its address");
  }
  if (provider->introspection_endpoint.empty()) {
    return fail(Code::kFailedPrecondition, "names no introspection_endpoint", {.file = issuer_->name()},
                "set oidc.introspection to never, or let the provider have one");
  }
  return introspection_.ask(provider->introspection_endpoint, token);
}

}  // namespace vigie::identity
