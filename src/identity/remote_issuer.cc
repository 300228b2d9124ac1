#include "identity/remote_issuer.h"

namespace vigie::identity {

Result<std::shared_ptr<RemoteIssuer>> RemoteIssuer::open(Options options) {
  VIGIE_TRY(check_issuer(options.issuer, options.fetch.plain_http));
  return std::shared_ptr<RemoteIssuer>(new RemoteIssuer(std::move(options)));
}

RemoteIssuer::RemoteIssuer(Options options) : options_(std::move(options)), fetcher_(options_.fetch, *options_.clock) {
  const auto fetch = [this](const std::stop_token& stop) -> Result<Refreshed<Documents>::Fetched> {
    IssuerDocuments fetched = VIGIE_TRY(fetch_issuer(fetcher_, options_.issuer, stop));
    KeySet keys = VIGIE_TRY(KeySet::parse(fetched.key_set));
    return Refreshed<Documents>::Fetched{{std::move(fetched.provider), std::move(keys)}, fetched.max_age};
  };
  documents_ =
      std::make_unique<Refreshed<Documents>>(options_.issuer, fetch, options_.refresh, *options_.clock, options_.seed);
}

RemoteIssuer::~RemoteIssuer() { documents_->stop(); }

std::shared_ptr<const KeySet> RemoteIssuer::keys() const {
  const auto documents = documents_->get();
  return documents ? std::shared_ptr<const KeySet>(documents, &documents->keys) : nullptr;
}

std::shared_ptr<const Provider> RemoteIssuer::provider() const {
  const auto documents = documents_->get();
  return documents ? std::shared_ptr<const Provider>(documents, &documents->provider) : nullptr;
}

bool RemoteIssuer::renew() {
  const auto fetch = documents_->ask_soon();
  return fetch && documents_->wait_fresh(*fetch, std::chrono::steady_clock::now() + options_.patience);
}

bool RemoteIssuer::wait_for_keys(std::chrono::milliseconds time) {
  documents_->wait_fresh(Refreshed<Documents>::kFirstFetch, std::chrono::steady_clock::now() + time);
  return documents_->get() != nullptr;
}

}  // namespace vigie::identity
