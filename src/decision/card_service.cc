#include "decision/card_service.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "decision/ensemble_members.h"

namespace vigie::decision {
namespace {

constexpr std::size_t kBlock = features::CardTransform::kBlockRows;
static_assert(kBlock == scoring::kBlockRows);
using schema::kCardInputs;
using schema::kCardRaw;

}  // namespace

Result<std::shared_ptr<const CardService>> CardService::load(const std::filesystem::path& package) {
  return make(VIGIE_TRY(model::read_package(package)));
}

Result<std::shared_ptr<const CardService>> CardService::make(model::LoadedCardModel loaded) {
  std::shared_ptr<CardService> service(new CardService(std::move(loaded)));
  const model::CardModel& model = service->loaded_.model;
  auto members = VIGIE_TRY(make_members(model, kCardInputs));
  service->members_ = std::move(members.names);
  service->scorers_ = std::move(members.scorers);
  VIGIE_TRY(service->check_against_reference());
  return service;
}

domain::CardDecision CardService::decide(features::CardRaw raw) const noexcept {
  domain::CardDecision decision;
  decide_row(raw, decision);
  return decision;
}

void CardService::decide(std::span<const double> rows, std::span<domain::CardDecision> out) const noexcept {
  assert(rows.size() == out.size() * kCardRaw);
  for (std::size_t first = 0; first < out.size(); first += kBlock) {
    const std::size_t count = std::min(kBlock, out.size() - first);
    const auto block = rows.subspan(first * kCardRaw, count * kCardRaw);
    const auto decisions = out.subspan(first, count);
    if (count >= scoring::kFewRows) {
      decide_block(block, decisions);
      continue;
    }
    for (std::size_t i = 0; i < count; ++i) {
      decide_row(features::CardRaw(block.data() + i * kCardRaw, kCardRaw), decisions[i]);
    }
  }
}

void CardService::decide_row(features::CardRaw raw, domain::CardDecision& out) const noexcept {
  std::array<float, kCardInputs> inputs;
  transform_.row(raw, inputs);
  for (std::size_t m = 0; m < scorers_.size(); ++m) {
    scorers_[m]->score(inputs, std::span(out.member_scores).subspan(m, 1));
  }
  combine(out);
}

void CardService::decide_block(std::span<const double> rows, std::span<domain::CardDecision> out) const noexcept {
  alignas(64) std::array<float, kBlock * kCardInputs> columns;
  std::array<double, kBlock> member;
  transform_.block(rows, columns);
  for (std::size_t m = 0; m < scorers_.size(); ++m) {
    scorers_[m]->score_block(columns.data(), std::span(member).first(out.size()));
    for (std::size_t i = 0; i < out.size(); ++i) out[i].member_scores[m] = member[i];
  }
  for (domain::CardDecision& decision : out) combine(decision);
}

void CardService::combine(domain::CardDecision& decision) const noexcept {
  decision.hybrid_score = loaded_.model.combination(std::span(decision.member_scores).first(scorers_.size()));
  decision.threshold = threshold();
  decision.fraud = decision.hybrid_score > decision.threshold;
}

// Scores rows made of each raw field's training quantiles both ways.
Status CardService::check_against_reference() const {
  const model::CardModel& model = loaded_.model;
  if (model.reference.features.size() < kCardRaw) return {};
  std::size_t quantiles = model.reference.features.front().quantiles.size();
  for (std::size_t f = 0; f < kCardRaw; ++f) {
    quantiles = std::min(quantiles, model.reference.features[f].quantiles.size());
  }
  for (std::size_t q = 0; q < quantiles; ++q) {
    std::array<double, kCardRaw> raw{};
    std::array<float, kCardInputs> inputs{};
    for (std::size_t f = 0; f < kCardRaw; ++f) raw[f] = model.reference.features[f].quantiles[q];
    features::card_inputs(raw, model.inputs, inputs);
    const domain::CardDecision decision = decide(raw);
    VIGIE_TRY(check_scores(model, members_, inputs, std::span(decision.member_scores).first(members_.size())));
  }
  return {};
}

}  // namespace vigie::decision
