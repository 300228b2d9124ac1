// Who may ask, from the settings: the local issuer, a provider, or everybody.
#pragma once

#include "api/api.h"
#include "base/result.h"
#include "cli/config.h"

namespace vigie::cli {

// Gives `services` whoever decides; nothing for Auth::kNone. A provider that is down does not hinder the start: stderr
// says so, and requests with tokens are answered with 503 until its keys are there.
Status add_identity(const Config& config, bool secure, api::Services& services);

}  // namespace vigie::cli
