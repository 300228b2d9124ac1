// Which models and rules answer which service, for GET /health and GET /admin/status.
#pragma once

#include "api/api.h"
#include "base/json_writer.h"

namespace vigie::api {

// An object: {"predict": {"model", "version"}, "fraude": {..., "ruleset", "history"}, "score": {...}}, those that are
// served. `fails`: the history that /fraude goes by.
void write_served_models(JsonWriter& json, const Services& services, bool fails);

}  // namespace vigie::api
