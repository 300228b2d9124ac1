// What explanations say of a value: where it stands among those of training, in words.
#pragma once

#include <string>

#include "model/package.h"

namespace vigie::decision {

// The share of training rows below `value`, on a line between the quantiles that the package has; 0.5 without them.
double share_below(const model::FeatureReference& reference, double value);

// The middle one of the reference's quantiles; 0 without them.
double median_of(const model::FeatureReference& reference);

// Three significant digits, or the whole part where it has more, with the language's decimal mark.
std::string short_number(double value, bool french);

// "higher than 97 % of transactions", "a usual value", ... for the share of rows below a value.
std::string standing(double quantile, bool french);

}  // namespace vigie::decision
