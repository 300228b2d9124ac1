#include "training/credit_members.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "model/formats/xgboost.h"
#include "scoring/scorer.h"

namespace vigie::training {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// The places of `column`'s names in order of risk, those that no row has left out.
std::vector<std::size_t> risk_order(const CreditColumn& column, const CreditData& data,
                                    std::span<const std::uint32_t> rows) {
  std::vector<double> all(column.names.size(), 0);
  std::vector<double> bad(column.names.size(), 0);
  double total = 0;
  for (const std::uint32_t row : rows) {
    total += data.labels[row];
    if (std::isnan(column.values[row])) continue;
    const auto place = static_cast<std::size_t>(column.values[row]);
    all[place] += 1;
    bad[place] += data.labels[row];
  }
  const double share = total / static_cast<double>(rows.size());
  const auto risk = [&](std::size_t place) { return (bad[place] + kDrawnRows * share) / (all[place] + kDrawnRows); };
  std::vector<std::size_t> order;
  for (std::size_t place = 0; place < column.names.size(); ++place) {
    if (all[place] > 0) order.push_back(place);
  }
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return std::pair(risk(a), std::string_view(column.names[a])) <
           std::pair(risk(b), std::string_view(column.names[b]));
  });
  return order;
}

// The number by which a member knows the value of a row.
double encoded(const CreditColumn& column, const std::vector<double>& positions, std::uint32_t row) {
  const double value = column.values[row];
  return column.names.empty() || std::isnan(value) ? value : positions[static_cast<std::size_t>(value)];
}

std::vector<int> directions(const std::vector<std::optional<model::Trend>>& trends) {
  std::vector<int> out;
  for (const std::optional<model::Trend>& trend : trends) {
    out.push_back(trend == model::Trend::kRising ? 1 : trend == model::Trend::kFalling ? -1 : 0);
  }
  return out;
}

std::vector<float> boosted_rows(const CreditMembers& members, const CreditData& data,
                                std::span<const std::uint32_t> rows) {
  std::vector<float> out;
  out.reserve(rows.size() * data.columns.size());
  for (const std::uint32_t row : rows) {
    for (std::size_t c = 0; c < data.columns.size(); ++c) {
      out.push_back(static_cast<float>(encoded(data.columns[c], members.positions[c], row)));
    }
  }
  return out;
}

}  // namespace

Result<CreditMembers> fit_credit_members(const CreditData& data, std::span<const std::uint32_t> rows,
                                         const CreditFitOptions& options) {
  CreditMembers members;
  std::vector<std::uint8_t> labels;
  labels.reserve(rows.size());
  for (const std::uint32_t row : rows) labels.push_back(data.labels[row]);

  std::vector<std::vector<double>> values(data.columns.size());
  std::vector<ScorecardColumn> columns;
  for (std::size_t c = 0; c < data.columns.size(); ++c) {
    const CreditColumn& column = data.columns[c];
    std::vector<double>& positions = members.positions.emplace_back(column.names.size(), kUnknown);
    std::vector<std::string>& categories = members.categories.emplace_back();
    for (const std::size_t place : column.names.empty() ? std::vector<std::size_t>() : risk_order(column, data, rows)) {
      positions[place] = static_cast<double>(categories.size());
      categories.push_back(column.names[place]);
    }
    values[c].reserve(rows.size());
    for (const std::uint32_t row : rows) values[c].push_back(encoded(column, positions, row));
    BinningOptions binning = options.binning;
    binning.special = column.special;
    binning.trend = column.names.empty() ? column.trend : model::Trend::kRising;
    columns.push_back({.name = column.field.name, .values = values[c], .binning = std::move(binning)});
  }
  members.scorecard = VIGIE_TRY(fit_scorecard(columns, labels, {}, options.scorecard));
  for (std::size_t i = 0; i < members.scorecard.used.size(); ++i) {
    members.scorecard.scorecard.fields[i].categories = members.categories[members.scorecard.used[i]];
  }

  BoostedOptions boosted = options.boosted;
  boosted.monotone = directions(members.scorecard.trends);
  boosted.lanes = options.lanes;
  boosted.threads = options.threads;
  const std::vector<float> inputs = boosted_rows(members, data, rows);
  auto trained = VIGIE_TRY(train_boosted(
      {.rows = inputs, .labels = labels, .weights = {}, .features = static_cast<std::uint32_t>(data.columns.size())},
      boosted));
  members.boosted = VIGIE_TRY(model::parse_xgboost_json(trained.json));
  members.boosted_source = std::move(trained.json);
  return members;
}

Result<CreditMargins> credit_margins(const CreditMembers& members, const CreditData& data,
                                     std::span<const std::uint32_t> rows) {
  CreditMargins margins;
  std::vector<double> applicant(members.scorecard.used.size());
  for (const std::uint32_t row : rows) {
    for (std::size_t i = 0; i < applicant.size(); ++i) {
      const std::size_t c = members.scorecard.used[i];
      applicant[i] = encoded(data.columns[c], members.positions[c], row);
    }
    margins.scorecard.push_back(members.scorecard.scorecard.margin(applicant));
  }
  const auto scorer = VIGIE_TRY(scoring::make_boosted_scorer(members.boosted));
  margins.boosted.resize(rows.size());
  scorer->score(boosted_rows(members, data, rows), margins.boosted);
  for (double& margin : margins.boosted) margin = model::logit(margin);
  return margins;
}

}  // namespace vigie::training
