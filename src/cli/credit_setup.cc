#include "cli/credit_setup.h"

#include <optional>
#include <string>
#include <utility>

#include "base/number.h"
#include "cli/server_log.h"

namespace vigie::cli {
namespace {

std::string points_text(const model::CreditThresholds& thresholds) {
  return format_double(thresholds.low) + ", " + format_double(thresholds.accepted) + ", " +
         format_double(thresholds.excellent);
}

}  // namespace

Status check_credit_thresholds(const decision::GivenThresholds& given) {
  const std::pair<const char*, std::optional<double>> members[] = {
      {"refuse", given.low}, {"accepte", given.accepted}, {"excellent", given.excellent}};
  const std::pair<const char*, std::optional<double>>* before = nullptr;
  for (const auto& member : members) {
    if (!member.second) continue;
    if (before != nullptr && !(*before->second < *member.second)) {
      return fail(Code::kInvalidArgument,
                  format_double(*member.second) + " is not above " + before->first + ", which is " +
                      format_double(*before->second),
                  {.field = std::string("scoring.thresholds.") + member.first},
                  "give points that rise, such as 300, 600 and 800");
    }
    before = &member;
  }
  return {};
}

Result<std::shared_ptr<const decision::CreditService>> load_credit_service(const Config& config) {
  const decision::GivenThresholds& given = config.credit_thresholds;
  VIGIE_TRY(check_credit_thresholds(given));
  auto service = decision::CreditService::load(config.credit_model, given);
  if (!service) {
    Error error = std::move(service).error();
    if (given.any() && error.place.field.starts_with("thresholds")) {
      error.place.field = "scoring." + error.place.field;
      error.remedy += "; or leave scoring.thresholds out, to go by the package's own";
    }
    return std::unexpected(std::move(error));
  }
  const model::CreditThresholds& served = (*service)->thresholds();
  const model::CreditThresholds& measured = (*service)->model().thresholds;
  if (served != measured) {
    log_line(
        "warn", "scoring.thresholds overrule the credit model's: its card and fairness tables are of others", {},
        points_text(served) + " are served, " + points_text(measured) + " were measured (" + config.credit_model + ")");
  }
  return service;
}

}  // namespace vigie::cli
