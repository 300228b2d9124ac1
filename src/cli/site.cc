#include "cli/site.h"

#include <cmath>
#include <random>

#include "base/number.h"
#include "cli/credit_setup.h"
#include "cli/serve_greeting.h"

namespace vigie::cli {
namespace {

Status self_check(const decision::CardService& service) {
  const double score = service.decide(example_row(service)).hybrid_score;
  if (std::isfinite(score) && score >= 0 && score <= 1) return {};
  return fail(Code::kInvalidData, "the model gives " + format_double(score) + " to a typical transaction",
              {.field = service.name()}, "train the model again");
}

}  // namespace

std::uint64_t unguessable_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

Result<Site> make_site(const Config& config, api::Services services, const std::optional<FraudHistory>& history) {
  if (!config.card_model.empty()) {
    services.card = VIGIE_TRY(decision::CardService::load(config.card_model));
    VIGIE_TRY(self_check(*services.card));
    services.card_explainer = VIGIE_TRY(decision::CardExplainer::make(services.card));
  }
  if (!config.credit_model.empty()) {
    services.credit = VIGIE_TRY(load_credit_service(config));
  }
  if (history) services.fraud = VIGIE_TRY(make_fraud_service(config, *history));
  services.seed = unguessable_seed();
  const auto router = std::make_shared<http::Router>();
  api::add_routes(*router, services);
  return Site{.card = services.card, .fraud = services.fraud, .credit = services.credit, .router = router};
}

std::vector<std::pair<std::string, std::string>> Site::versions() const {
  std::vector<std::pair<std::string, std::string>> all;
  if (card) all.emplace_back("card", card->version());
  if (fraud && fraud->model().scorer) all.emplace_back("transaction", fraud->model().scorer->version());
  if (fraud) all.emplace_back("rules", fraud->ruleset().version());
  if (credit) all.emplace_back("credit", credit->version());
  return all;
}

Status Reloader::try_reload(const Result<Config>& read) {
  if (!read) return std::unexpected(read.error());
  const Site site = VIGIE_TRY(make_site(*read, services_, history_));
  VIGIE_TRY(server_.reload_tls());
  VIGIE_TRY(server_.replace(site.router, read->cors, read->trusted_proxies));
  serving_.versions = site.versions();
  return {};
}

void Reloader::reload(const Result<Config>& read) {
  Status reopened = services_.access_log ? services_.access_log->reopen() : Status();
  if (const Status audit = services_.audit ? services_.audit->reopen() : Status(); !audit && reopened) reopened = audit;
  const Status reloaded = try_reload(read);
  if (!reopened) log_line("error", "a log stays in its old file", serving_, reopened.error().to_string());
  (reloaded && reopened ? services_.reloads->done : services_.reloads->failed).add();
  if (!reloaded) {
    return log_line("error", "not reloaded, what was there stays", serving_, reloaded.error().to_string());
  }
  for (const std::string& key : take_live_settings(*read, running_)) {
    log_line("warn", "a changed setting needs a restart", serving_, key);
  }
  shown_.put(running_);
  log_line("info", "reloaded", serving_, "SIGHUP");
}

}  // namespace vigie::cli
