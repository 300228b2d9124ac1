// What vigie serve serves, made from its settings, at start and again on SIGHUP.
#pragma once

#include <memory>

#include "api/api.h"
#include "cli/config.h"
#include "cli/server_log.h"
#include "http/server.h"

namespace vigie::cli {

struct Site {
  std::shared_ptr<const decision::CardService> card;
  std::shared_ptr<const http::Router> router;
};

// The models are read and verified, and give a score to a typical transaction. `services` has what all sites of a
// server share: counters and what they count.
Result<Site> make_site(const Config& config, api::Services services);

// A number that nobody can guess, for ids.
std::uint64_t unguessable_seed();

// Gives a running server its models and settings anew. One thread.
class Reloader {
 public:
  Reloader(http::Server& server, const api::Services& services, const Config& running, Serving& serving)
      : server_(server), services_(services), running_(running), serving_(serving) {}

  // All of it or, where anything is wrong, nothing; said on stderr and counted either way. The access log's file is
  // opened again in any case: logrotate has moved it away.
  void reload(const Result<Config>& read);

 private:
  Status try_reload(const Result<Config>& read);

  http::Server& server_;
  const api::Services& services_;
  Config running_;
  Serving& serving_;
};

}  // namespace vigie::cli
