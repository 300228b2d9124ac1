// The product's routes, one file each, thin shells over vigie::decision; docs/http.md lists them.
//
//   api::Services services{.card = service, ...};
//   http::Router router;
//   api::add_routes(router, services);     // services must outlive the router
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "api/answer_memory.h"
#include "api/fraud_watch.h"
#include "api/probing_watch.h"
#include "api/sessions.h"
#include "base/clock.h"
#include "decision/card_explainer.h"
#include "decision/card_service.h"
#include "decision/credit_service.h"
#include "decision/decision_metrics.h"
#include "decision/fraud_service.h"
#include "http/access_log.h"
#include "http/metrics.h"
#include "http/router.h"
#include "identity/audit_log.h"
#include "identity/authenticator.h"
#include "identity/local_issuer.h"
#include "identity/refreshed.h"
#include "identity/throttle.h"
#include "telemetry/metric.h"
#include "web/files.h"

namespace vigie::api {

// How often a running server was given models and settings anew. One writer.
struct Reloads {
  telemetry::Counter done;
  telemetry::Counter failed;  // and all stayed as it was
};

struct Services {
  // POST /predict and /predict-batch, GET /features; none: there are no such routes.
  std::shared_ptr<const decision::CardService> card{};
  std::shared_ptr<const decision::CardExplainer> card_explainer{};  // of the same model
  const Clock* clock = &system_clock();                             // of decision ids
  WallTime start = clock->now();                                    // of the server
  std::uint64_t seed = 0;  // of decision ids; give something that nobody can guess
  // For GET /metrics: the server's, given to http::ServerOptions too, and what predictions count here.
  std::shared_ptr<http::ServerMetrics> server_metrics = std::make_shared<http::ServerMetrics>();
  // For GET /health/ready: true once the server stops, given to http::ServerOptions too.
  std::shared_ptr<std::atomic<bool>> stopping = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<http::AccessLog> access_log{};  // none: there is nothing to tell of it
  std::shared_ptr<Reloads> reloads = std::make_shared<Reloads>();
  // Who may ask (access.h); none: everybody may, and all that tells of roles is left out.
  std::shared_ptr<identity::Authenticator> authenticator{};
  std::shared_ptr<identity::Throttle> throttle{};               // none: nobody is held back
  std::shared_ptr<const identity::LocalIssuer> local_issuer{};  // none: tokens come from elsewhere
  std::shared_ptr<const Sessions> sessions{};                   // of browsers; none: programs alone
  std::shared_ptr<identity::AuditLog> audit{};                  // none: nothing is written
  http::Networks admin_networks{};                              // who asks from there may see the metrics
  std::shared_ptr<ProbingWatch> probing{};                      // none: nobody takes notice
  std::function<std::vector<identity::RefreshState>()> providers{};
  std::function<std::string()> config{};  // the settings in effect as JSON, without secrets
  std::shared_ptr<decision::DecisionMetrics> decision_metrics = std::make_shared<decision::DecisionMetrics>();
  // POST /fraude; none: there is no such route.
  std::shared_ptr<const decision::FraudService> fraud{};
  bool fraud_waits = false;  // its history answers when a disk or another server does
  std::shared_ptr<AnswerMemory> fraud_answers{};
  KeyedHash fraud_hash{KeyedHash::Secret{}};  // of transaction ids in that memory
  std::shared_ptr<decision::DecisionMetrics> fraud_metrics = std::make_shared<decision::DecisionMetrics>();
  std::shared_ptr<FraudWatch> fraud_watch = std::make_shared<FraudWatch>();
  // POST /score; none: there is no such route.
  std::shared_ptr<const decision::CreditService> credit{};
  std::shared_ptr<decision::DecisionMetrics> credit_metrics = std::make_shared<decision::DecisionMetrics>();
};

void add_routes(http::Router& router, const Services& services);

// Each endpoint's own file.
void add_health_routes(http::Router& router, const Services& services);
void add_features_route(http::Router& router, const Services& services);
void add_metrics_route(http::Router& router, const Services& services);
void add_predict_route(http::Router& router, const Services& services);
void add_predict_batch_route(http::Router& router, const Services& services);
void add_fraud_routes(http::Router& router, const Services& services);  // of services.fraud
void add_labels_route(http::Router& router, const Services& services);  // of services.fraud
void add_score_route(http::Router& router, const Services& services);   // of services.credit
// `files` must outlive the router. Without "swagger-ui-bundle.js" among them the page says how to get it.
void add_docs_routes(http::Router& router, std::span<const web::File> files);
void add_session_routes(http::Router& router, const Services& services);  // of services.sessions
void add_login_routes(http::Router& router, const Services& services, std::span<const web::File> files);
void add_admin_routes(http::Router& router, const Services& services);       // of services.sessions
void add_well_known_routes(http::Router& router, const Services& services);  // of services.local_issuer
void add_openapi_route(http::Router& router, bool wants_tokens);

}  // namespace vigie::api
