// The model card's figures, drawn from what evaluation.json and reference.json hold.
#pragma once

#include <string>
#include <string_view>

#include "model/card_text.h"
#include "model/package.h"

namespace vigie::model {

// Title of a scorer for people, and the class that gives it its colour and dash.
Text scorer_title(std::string_view scorer);
std::string_view scorer_style(std::string_view scorer);

std::string roc_figure(const Evaluation& evaluation);
std::string precision_recall_figure(const Evaluation& evaluation);
std::string threshold_figure(const ScorerEvaluation& ensemble, const ThresholdChoice& choice);
std::string score_figure(const ScorerEvaluation& ensemble);
std::string calibration_figure(const Evaluation& evaluation);
std::string importance_figure(const Reference& reference);
// One small histogram a feature, classes each scaled to their own highest bin.
std::string feature_figures(const Reference& reference);

}  // namespace vigie::model
