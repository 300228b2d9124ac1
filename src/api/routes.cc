#include "api/access.h"
#include "api/api.h"
#include "api/errors.h"

namespace vigie::api {

void add_routes(http::Router& router, const Services& services) {
  router.set_error_writer(answer_rejection);
  add_health_routes(router, services);
  if (services.card) {
    add_features_route(router, services);
    add_predict_route(router, services);
    add_predict_batch_route(router, services);
  }
  if (services.fraud) {
    add_fraud_routes(router, services);
    add_labels_route(router, services);
  }
  if (services.credit) add_score_route(router, services);
  add_metrics_route(router, services);
  add_docs_routes(router, web::files());
  if (services.local_issuer) add_well_known_routes(router, services);
  if (services.sessions) {
    add_session_routes(router, services);
    add_login_routes(router, services, web::files());
    add_admin_routes(router, services);
  }
  add_openapi_route(router, services.authenticator != nullptr);  // last: it describes all the others
  if (!services.authenticator) return;
  router.set_gate(std::make_shared<const AccessGate>(
      router, AccessOptions{.authenticator = services.authenticator,
                            .throttle = services.throttle,
                            .audit = services.audit,
                            .admin_networks = services.admin_networks,
                            .session_cookie = services.sessions ? services.sessions->cookie().name : std::string()}));
}

}  // namespace vigie::api
