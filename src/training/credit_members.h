// The two members of a credit model, fitted on some rows and applied to others.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/credit_model.h"
#include "training/boosted.h"
#include "training/scorecard_fit.h"

namespace vigie::training {

// One field of everybody.
struct CreditColumn {
  model::CreditField field{};           // its categories come of the training
  std::vector<double> values{};         // times the factor; of a text column places among `names`; NaN where missing
  std::vector<std::string> names{};     // of a text column's categories, in no order
  std::vector<double> special{};        // values with a bin of their own
  std::optional<model::Trend> trend{};  // of the risk; nothing: what the data say
};

struct CreditData {
  std::span<const CreditColumn> columns;  // 1 to model::kMostCreditFields
  std::span<const std::uint8_t> labels;   // 1 is a default
};

struct CreditFitOptions {
  ScorecardOptions scorecard{};
  BinningOptions binning{};  // but special values and trend, which are the columns'
  BoostedOptions boosted{};  // but directions, lanes and threads
  std::uint32_t lanes = 1;
  std::size_t threads = 1;
};

struct CreditMembers {
  std::vector<std::vector<std::string>> categories{};  // of each column, from the least risk to the most
  std::vector<std::vector<double>> positions{};        // of each of its names among them; NaN where it is none of them
  ScorecardFit scorecard{};
  model::BoostedForest boosted{};
  std::string boosted_source{};
};

// Categories are put in order by the share of defaults, drawn towards the overall share by `kDrawnRows` rows, so that a
// text field is a number along which the risk rises. The trees may only rise or fall where the scorecard's bins do. A
// category that `rows` lack is unknown. Errors: as of fit_scorecard() and train_boosted().
inline constexpr double kDrawnRows = 10;
Result<CreditMembers> fit_credit_members(const CreditData& data, std::span<const std::uint32_t> rows,
                                         const CreditFitOptions& options);

// ln(P(default) / P(no default)) of `rows` by each member, not calibrated.
struct CreditMargins {
  std::vector<double> scorecard{};
  std::vector<double> boosted{};
};
Result<CreditMargins> credit_margins(const CreditMembers& members, const CreditData& data,
                                     std::span<const std::uint32_t> rows);

}  // namespace vigie::training
