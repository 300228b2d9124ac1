// card.html of a credit model: as card.h, with the scorecard's table of points, and how groups of people fare.
#pragma once

#include <span>
#include <string>

#include "model/credit_model.h"

namespace vigie::model {

std::string credit_card_html(const CreditModel& model, std::span<const PackageInfo::File> files);

}  // namespace vigie::model
