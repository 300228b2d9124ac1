#include "api/api.h"
#include "api/errors.h"

namespace vigie::api {

void add_routes(http::Router& router, const Services& services) {
  router.set_error_writer(answer_rejection);
  add_health_routes(router, services);
  add_features_route(router, services);
  add_predict_route(router, services);
  add_predict_batch_route(router, services);
  add_metrics_route(router, services);
  add_docs_routes(router, web::files());
  add_openapi_route(router);  // last: it describes all the others
}

}  // namespace vigie::api
