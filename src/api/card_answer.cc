#include "api/card_answer.h"

#include <cmath>

#include "base/json_writer.h"
#include "base/number.h"

namespace vigie::api {

CardAnswer::CardAnswer(const decision::CardService& service) : tail_(R"(, "threshold_used": )") {
  append_double(tail_, service.threshold());
  tail_ += R"(, "model": {"name": )";
  append_json_string(tail_, service.name());
  tail_ += R"(, "version": )";
  append_json_string(tail_, service.version());
  tail_ += R"(}, "latency_us": )";
}

void CardAnswer::append(std::string& out, const UuidText& id, const domain::CardDecision& decision,
                        double latency_us) const {
  out += R"({"decision_id": ")";
  out.append(id.data(), id.size());
  out += decision.fraud ? R"(", "fraud": 1, "hybrid_score": )" : R"(", "fraud": 0, "hybrid_score": )";
  append_double(out, decision.hybrid_score);
  out += tail_;
  append_double(out, std::round(latency_us * 1000) / 1000);
  out.push_back('}');
}

UuidText DecisionIds::next() const {
  struct Stream {
    const DecisionIds* owner = nullptr;
    Random random{0};
  };
  thread_local Stream stream;
  if (stream.owner != this) stream = {.owner = this, .random = Random(seed_, streams_.fetch_add(1))};
  return make_uuid_v7(clock_.now(), stream.random);
}

}  // namespace vigie::api
