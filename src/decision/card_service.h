// POST /predict's engine: a loaded card model that decides on raw transactions.
//
//   auto service = VIGIE_TRY(CardService::load("models/card"));
//   domain::CardDecision decision = service->decide(raw);   // raw: Time, Amount, V1..V28
//
// Loading verifies every hash and compares the scorers with the reference on the package's own reference rows; after
// that nothing can fail. Immutable: any number of threads may share one.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "domain/decision.h"
#include "features/card.h"
#include "model/package.h"
#include "scoring/scorer.h"

namespace vigie::decision {

class CardService {
 public:
  static Result<std::shared_ptr<const CardService>> load(const std::filesystem::path& package);
  static Result<std::shared_ptr<const CardService>> make(model::LoadedCardModel loaded);

  // `raw` values are finite (schema::accepts); Amount and Time are not negative.
  domain::CardDecision decide(features::CardRaw raw) const noexcept;
  // out.size() rows of 30 values each; the same results as one at a time.
  void decide(std::span<const double> rows, std::span<domain::CardDecision> out) const noexcept;

  const std::string& name() const { return loaded_.model.name; }
  const std::string& version() const { return loaded_.info.version; }
  double threshold() const { return loaded_.model.threshold.value; }
  std::span<const std::string> members() const { return members_; }
  const model::CardModel& model() const { return loaded_.model; }
  const features::CardTransform& transform() const { return transform_; }
  const model::PackageInfo& info() const { return loaded_.info; }

 private:
  explicit CardService(model::LoadedCardModel loaded) : loaded_(std::move(loaded)), transform_(loaded_.model.inputs) {}
  void decide_row(features::CardRaw raw, domain::CardDecision& out) const noexcept;
  void decide_block(std::span<const double> rows, std::span<domain::CardDecision> out) const noexcept;
  void combine(domain::CardDecision& decision) const noexcept;
  Status check_against_reference() const;

  model::LoadedCardModel loaded_;
  features::CardTransform transform_;
  std::vector<std::string> members_;
  std::vector<std::unique_ptr<scoring::Scorer>> scorers_;  // in the order of members_
};

}  // namespace vigie::decision
