// The figures of a credit model's card.
#pragma once

#include <string>

#include "model/credit_model.h"

namespace vigie::model {

std::string credit_roc_figure(const Evaluation& evaluation);
std::string credit_calibration_figure(const Evaluation& evaluation);
std::string points_figure(const PointsReference& reference, const CreditThresholds& thresholds);

// Every bin of every field: its range, how many rows, how many defaulted, weight of evidence and points.
std::string points_tables(const Scorecard& scorecard);

}  // namespace vigie::model
