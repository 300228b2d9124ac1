#include "identity/remote_issuer.h"

#include "identity/discovery.h"

namespace vigie::identity {

Result<std::shared_ptr<RemoteIssuer>> RemoteIssuer::open(Options options) {
  VIGIE_TRY(check_issuer(options.issuer, options.fetch.plain_http));
  return std::shared_ptr<RemoteIssuer>(new RemoteIssuer(std::move(options)));
}

RemoteIssuer::RemoteIssuer(Options options) : options_(std::move(options)), fetcher_(options_.fetch, *options_.clock) {
  const auto fetch = [this](const std::stop_token& stop) -> Result<Refreshed<KeySet>::Fetched> {
    const IssuerDocuments documents = VIGIE_TRY(fetch_issuer(fetcher_, options_.issuer, stop));
    KeySet keys = VIGIE_TRY(KeySet::parse(documents.key_set));
    return Refreshed<KeySet>::Fetched{std::move(keys), documents.max_age};
  };
  keys_ = std::make_unique<Refreshed<KeySet>>(options_.issuer, fetch, options_.refresh, *options_.clock, options_.seed);
}

RemoteIssuer::~RemoteIssuer() { keys_->stop(); }

std::shared_ptr<const KeySet> RemoteIssuer::keys() const { return keys_->get(); }

bool RemoteIssuer::renew() {
  const auto fetch = keys_->ask_soon();
  return fetch && keys_->wait_fresh(*fetch, std::chrono::steady_clock::now() + options_.patience);
}

bool RemoteIssuer::wait_for_keys(std::chrono::milliseconds time) {
  keys_->wait_fresh(Refreshed<KeySet>::kFirstFetch, std::chrono::steady_clock::now() + time);
  return keys_->get() != nullptr;
}

}  // namespace vigie::identity
