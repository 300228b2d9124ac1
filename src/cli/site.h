// What vigie serve serves, made from its settings, at start and again on SIGHUP.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/api.h"
#include "cli/config.h"
#include "cli/fraud_setup.h"
#include "cli/server_log.h"
#include "http/server.h"

namespace vigie::cli {

struct Site {
  std::shared_ptr<const decision::CardService> card{};      // none: /predict is not served
  std::shared_ptr<const decision::FraudService> fraud{};    // none: /fraude is not served
  std::shared_ptr<const decision::CreditService> credit{};  // none: /score is not served
  std::shared_ptr<const http::Router> router{};

  // Of the models and rules that it has, for the log.
  std::vector<std::pair<std::string, std::string>> versions() const;
};

// The models are read and verified, and give a score to a typical transaction. `services` has what all sites of a
// server share: counters and what they count. `history`: none where /fraude is not served.
Result<Site> make_site(const Config& config, api::Services services, const std::optional<FraudHistory>& history);

// A number that nobody can guess, for ids.
std::uint64_t unguessable_seed();

// The settings in effect as JSON, which a reload changes. Any thread.
class ConfigText {
 public:
  explicit ConfigText(const Config& config) { put(config); }
  void put(const Config& config) {
    std::string text = config_json(config);
    const std::scoped_lock lock(mutex_);
    text_ = std::move(text);
  }
  std::string get() const {
    const std::scoped_lock lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

// Gives a running server its models and settings anew. One thread.
class Reloader {
 public:
  Reloader(http::Server& server, const api::Services& services, const std::optional<FraudHistory>& history,
           const Config& running, ConfigText& shown, Serving& serving)
      : server_(server), services_(services), history_(history), running_(running), shown_(shown), serving_(serving) {}

  // All of it or, where anything is wrong, nothing; said on stderr and counted either way. The access log's file is
  // opened again in any case: logrotate has moved it away.
  void reload(const Result<Config>& read);

 private:
  Status try_reload(const Result<Config>& read);

  http::Server& server_;
  const api::Services& services_;
  const std::optional<FraudHistory>& history_;
  Config running_;
  ConfigText& shown_;
  Serving& serving_;
};

}  // namespace vigie::cli
