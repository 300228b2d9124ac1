// An OpenID Connect provider (Keycloak, Okta and others) as a server sees it: its keys, fetched beside the requests,
// kept while it is down, and asked for anew when a token names one that is not known.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "identity/discovery.h"
#include "identity/fetch.h"
#include "identity/refreshed.h"
#include "identity/verifier.h"

namespace vigie::identity {

class RemoteIssuer : public KeySource {
 public:
  struct Options {
    std::string issuer;  // as its tokens have it, and where its configuration is (discovery.h)
    FetchOptions fetch{};
    RefreshOptions refresh{};
    std::chrono::milliseconds patience{2'000};  // of a request whose token names an unknown key
    const Clock* clock = &system_clock();
    std::uint64_t seed = 0;  // of the jitter
  };

  // Begins to fetch and returns at once: a provider that is down does not hinder a start. kInvalidArgument for an
  // issuer that is no address, or that may not be asked.
  static Result<std::shared_ptr<RemoteIssuer>> open(Options options);
  ~RemoteIssuer() override;
  RemoteIssuer(const RemoteIssuer&) = delete;
  RemoteIssuer& operator=(const RemoteIssuer&) = delete;

  std::shared_ptr<const KeySet> keys() const override;
  bool renew() override;
  // What it said of itself when its keys were fetched last; nullptr: it could not be asked yet.
  std::shared_ptr<const Provider> provider() const;
  const std::string& name() const { return options_.issuer; }
  // Another number whenever the keys may have changed: a key that is withdrawn ends the tokens that it signed.
  std::uint64_t generation() const { return documents_->version(); }
  RefreshState state() const { return documents_->state(); }
  // Until the first fetch has ended; true: there are keys.
  bool wait_for_keys(std::chrono::milliseconds time);

 private:
  struct Documents {
    Provider provider;
    KeySet keys;
  };

  explicit RemoteIssuer(Options options);

  Options options_;
  Fetcher fetcher_;
  std::unique_ptr<Refreshed<Documents>> documents_;  // last: its thread uses the others
};

}  // namespace vigie::identity
