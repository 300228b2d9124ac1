// The model card's sections, in the order of the page. Each returns whole HTML, escaped.
#pragma once

#include <span>
#include <string>

#include "model/package.h"

namespace vigie::model {

std::string card_header(const CardModel& model);         // name, what it is, the figures that matter most
std::string card_purpose(const CardModel& model);        // intended use, out of scope
std::string card_results(const CardModel& model);        // metrics, confusion, curves
std::string card_threshold(const CardModel& model);      // how it was chosen
std::string card_understanding(const CardModel& model);  // calibration, importance
std::string card_contributions(const CardModel& model);  // what moves the score; empty without contributions
std::string card_seeds(const CardModel& model);          // empty for a single seed
std::string card_data(const CardModel& model);           // training and evaluation data, features
std::string card_making(const CardModel& model);         // combination, parameters
std::string card_caveats(const CardModel& model);
std::string card_checking(const CardModel& model, std::span<const PackageInfo::File> files);

}  // namespace vigie::model
