// A card decision as clients read it; the constant parts are made once.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/api.h"
#include "base/random.h"
#include "base/uuid.h"
#include "domain/decision.h"

namespace vigie::api {

class CardAnswer {
 public:
  explicit CardAnswer(const decision::CardService& service);

  // {"decision_id": ..., "fraud": 0, "hybrid_score": ..., "threshold_used": ..., "model": {...}, "latency_us": ...}
  void append(std::string& out, const UuidText& id, const domain::CardDecision& decision, double latency_us) const;

 private:
  std::string tail_;  // threshold and model
};

// Decision ids: each thread draws from a stream of its own, so no lock is taken, and no two of a process's routes share
// one.
class DecisionIds {
 public:
  DecisionIds(const Clock& clock, std::uint64_t seed) : clock_(clock), seed_(seed) {}
  UuidText next() const;

 private:
  const Clock& clock_;
  std::uint64_t seed_;
  static inline std::atomic<std::uint64_t> streams_{0};
};

}  // namespace vigie::api
