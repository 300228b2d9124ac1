// The introspection endpoint of a provider, wherever its configuration says that it is.
#pragma once

#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "identity/fetch.h"
#include "identity/introspection.h"
#include "identity/remote_issuer.h"
#include "identity/token_inquiry.h"

namespace vigie::identity {

class RemoteInquiry : public TokenInquiry {
 public:
  struct Options {
    IntrospectionOptions introspection;
    // A request waits for the call, on a thread that others wait for: shorter than for documents.
    FetchOptions fetch{.connect_timeout = std::chrono::milliseconds{1'000},
                       .timeout = std::chrono::milliseconds{2'000},
                       .body_limit = std::size_t{128} << 10};
    const Clock* clock = &system_clock();
  };

  // `hash` has a secret of its own: what it gives stands for a token.
  RemoteInquiry(std::shared_ptr<const RemoteIssuer> issuer, Options options, const KeyedHash& hash);

  // Errors as of Introspection::ask(), and kUnavailable before the issuer's configuration is there,
  // kFailedPrecondition where it names no endpoint.
  Result<Introspected> ask(std::string_view token) override;
  IntrospectionState state() const override { return introspection_.state(); }

 private:
  std::shared_ptr<const RemoteIssuer> issuer_;
  const Options options_;
  Fetcher fetcher_;
  Introspection introspection_;
};

}  // namespace vigie::identity
