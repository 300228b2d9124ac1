// The model card's figures, drawn from what evaluation.json and reference.json hold.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/card_text.h"
#include "model/package.h"

namespace vigie::model {

// Title of a scorer for people, and the class that gives it its colour and dash.
Text scorer_title(std::string_view scorer);
std::string_view scorer_style(std::string_view scorer);

struct Bar {
  std::string name;
  double size = 0;    // >= 0
  std::string words;  // the size as the reader sees it
};
// A horizontal bar chart that is a table: what the bars say can be read, heard and copied. The 20 largest, largest
// first, without those of size 0. `style` gives them their colour.
std::string bar_figure(const Text& heading, std::vector<Bar> bars, std::string_view style, const Text& caption);

std::string roc_figure(const Evaluation& evaluation);
std::string precision_recall_figure(const Evaluation& evaluation);
std::string threshold_figure(const ScorerEvaluation& ensemble, const ThresholdChoice& choice);
std::string score_figure(const ScorerEvaluation& ensemble);

struct CalibrationWords {
  Text across;              // what is forecast
  Text up;                  // what was observed
  std::string description;  // for who cannot see it, a sentence in English
  Text caption;
};
std::string calibration_figure(const Evaluation& evaluation, const CalibrationWords& words);
std::string calibration_figure(const Evaluation& evaluation);  // of frauds
std::string importance_figure(const Reference& reference);
// One small histogram a feature, classes each scaled to their own highest bin.
std::string feature_figures(const Reference& reference);

}  // namespace vigie::model
