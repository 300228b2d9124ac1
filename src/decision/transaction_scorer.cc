#include "decision/transaction_scorer.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace vigie::decision {
namespace {

using features::kTransactionInputs;
using features::TransactionView;

std::unexpected<Error> unknown_input(const std::string& name) {
  return fail(Code::kUnsupported, "the model takes \"" + name + "\", which this version does not compute",
              {.file = "model.json", .field = "features.inputs"}, "upgrade vigie, or train the model again");
}

}  // namespace

Result<std::shared_ptr<const TransactionScorer>> TransactionScorer::load(const std::filesystem::path& package) {
  return make(VIGIE_TRY(model::read_transaction_package(package)));
}

Result<std::shared_ptr<const TransactionScorer>> TransactionScorer::make(model::LoadedTransactionModel loaded) {
  std::shared_ptr<TransactionScorer> scorer(new TransactionScorer(std::move(loaded)));
  const model::TransactionModel& model = scorer->loaded_.model;
  for (const std::string& name : model.inputs) {
    const auto place = features::find_transaction_input(name);
    if (!place) return unknown_input(name);
    scorer->places_.push_back(*place);
  }
  if (std::set(scorer->places_.begin(), scorer->places_.end()).size() != scorer->places_.size()) {
    return fail(Code::kInvalidData, "the model takes an input twice", {.field = "features.inputs"},
                "train the model again");
  }
  if (!std::ranges::equal(model.reference.features, model.inputs, {}, &model::FeatureReference::name)) {
    return fail(Code::kInvalidData, "the reference is not of the model's inputs", {.field = "reference"},
                "train the model again");
  }
  scorer->members_ = VIGIE_TRY(make_members(model, model.inputs.size()));
  VIGIE_TRY(scorer->check_against_reference());
  return scorer;
}

void TransactionScorer::pick(TransactionView row, std::span<float> out) const noexcept {
  for (std::size_t i = 0; i < places_.size(); ++i) out[i] = static_cast<float>(row[places_[i]]);
}

TransactionScorer::Scores TransactionScorer::scores(TransactionView row) const noexcept {
  std::array<float, kTransactionInputs> memory;
  const auto inputs = std::span(memory).first(places_.size());
  pick(row, inputs);
  Scores scores;
  for (std::size_t m = 0; m < members_.scorers.size(); ++m) {
    members_.scorers[m]->score(inputs, std::span(scores.members).subspan(m, 1));
  }
  scores.ensemble = loaded_.model.combination(std::span(scores.members).first(members_.scorers.size()));
  return scores;
}

double TransactionScorer::score(TransactionView row) const noexcept { return scores(row).ensemble; }

// Scores rows made of each input's training quantiles both ways, and the same with every third value missing.
Status TransactionScorer::check_against_reference() const {
  const model::TransactionModel& model = loaded_.model;
  std::vector<float> inputs(places_.size());
  std::size_t quantiles = std::numeric_limits<std::size_t>::max();
  for (const auto& feature : model.reference.features) quantiles = std::min(quantiles, feature.quantiles.size());
  constexpr std::size_t kGaps = 4;  // none, or one third or another
  for (std::size_t q = 0; q < quantiles; ++q) {
    for (std::size_t gap = 0; gap < kGaps; ++gap) {
      std::array<double, kTransactionInputs> row{};
      for (std::size_t i = 0; i < places_.size(); ++i) {
        row[places_[i]] = gap > 0 && i % (kGaps - 1) == gap - 1 ? std::numeric_limits<double>::quiet_NaN()
                                                                : model.reference.features[i].quantiles[q];
      }
      pick(row, inputs);
      const Scores scored = scores(row);
      VIGIE_TRY(check_scores(model, members_.names, inputs, std::span(scored.members).first(members_.names.size())));
    }
  }
  return {};
}

}  // namespace vigie::decision
