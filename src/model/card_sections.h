// The model card's sections, in the order of the page. Each returns whole HTML, escaped.
#pragma once

#include <span>
#include <string>

#include "model/card_text.h"
#include "model/package.h"

namespace vigie::model {

// What the card of one kind of model says in its own words. Markup.
struct CardWording {
  Text eyebrow;
  Text transaction;      // what is scored: "a card transaction"
  Text ranks;            // what it is for, a sentence
  Text described_by;     // the same data as in training, a sentence
  Text chosen_on;        // what weights and threshold were chosen on: "out-of-fold scores of the training data"
  Text fairness;         // a caveat, a sentence or two
  Text policy{};         // what else decides whether there is an alarm, a sentence; empty: the threshold alone
  std::string scaler{};  // empty where inputs are taken as they are
};

std::string card_header(const EnsembleModel& model, const CardWording& wording);     // name, figures that matter most
std::string card_purpose(const CardWording& wording);                                // intended use, out of scope
std::string card_results(const EnsembleModel& model);                                // metrics, confusion, curves
std::string card_prequential(const EnsembleModel& model);                            // empty where there is none
std::string card_threshold(const EnsembleModel& model, const CardWording& wording);  // how it was chosen
std::string card_understanding(const EnsembleModel& model);                          // calibration, importance
std::string card_contributions(const EnsembleModel& model);  // what moves the score; empty without contributions
std::string card_seeds(const EnsembleModel& model);          // empty for a single seed
std::string card_data(const EnsembleModel& model);           // training and evaluation data, features
std::string card_making(const EnsembleModel& model, const CardWording& wording);  // combination, parameters
std::string card_caveats(const EnsembleModel& model, const CardWording& wording);
std::string card_checking(const EnsembleModel& model, std::span<const PackageInfo::File> files);

}  // namespace vigie::model
