#include "features/card_lanes.h"

namespace vigie::features::lanes {

void card_columns_avx512(const double* rows, const schema::AmountStatistics& amount, const double* center,
                         const double* factor, float* columns, std::size_t stride) noexcept {
  card_columns(rows, amount, center, factor, columns, stride);
}

void card_row_avx512(const double* row, const schema::AmountStatistics& amount, const double* center,
                     const double* factor, float* inputs) noexcept {
  card_row(row, amount, center, factor, inputs);
}

}  // namespace vigie::features::lanes
