// The curves of a scorer's evaluation, thinned to what a plot can show.
#pragma once

#include "model/evaluation.h"
#include "training/ranking.h"

namespace vigie::training {

// Fills roc, precision_recall, thresholds (at most 200 points each), calibration (at most 10 bins of equal weight,
// lowest scores first) and histogram. The ranking has weight in both classes.
void draw_curves(const Ranking& ranking, model::ScorerEvaluation& evaluation);

}  // namespace vigie::training
