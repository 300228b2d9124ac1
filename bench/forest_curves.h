// How one thread's time a row grows with trees, depth and features.
#pragma once

#include "base/json_writer.h"

namespace vigie::bench {

// Prints the curves of random boosted forests, best engine beside the portable one, and appends them to `json` as the
// member "curves". False, with a message, where an engine differs from the reference.
bool run_forest_curves(JsonWriter& json);

}  // namespace vigie::bench
