// POST /score from the settings: a package, and which points decide.
#pragma once

#include <memory>

#include "base/result.h"
#include "cli/config.h"
#include "decision/credit_service.h"

namespace vigie::cli {

// Those of scoring.thresholds that are given must rise, whatever the package says of the others.
Status check_credit_thresholds(const decision::GivenThresholds& given);

// config.credit_model, which is not empty. Settings go over the package's thresholds; where that makes other ones of
// them, a line of the log says that the package was measured with others. Errors of thresholds that are given name
// their settings.
Result<std::shared_ptr<const decision::CreditService>> load_credit_service(const Config& config);

}  // namespace vigie::cli
