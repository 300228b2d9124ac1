// Fits the column scalers that the model package stores.
#pragma once

#include <span>

#include "schema/fitted.h"

namespace vigie::features {

// `rows` is row-major, `columns` values a row, all finite, at least one row. `weights`: one a row, or empty for all 1
// (they count for the standard scaler; quantiles are of the rows as they are). A constant column gets scale 1.
schema::Scaler fit_scaler(schema::ScalerKind kind, std::span<const double> rows, std::size_t columns,
                          std::span<const double> weights = {});

}  // namespace vigie::features
