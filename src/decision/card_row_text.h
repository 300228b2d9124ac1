// Random card transactions as the text of CSV and JSON rows, and the scores that single decisions append to them. For
// tests.
#pragma once

#include <array>
#include <string>

#include "base/number.h"
#include "base/random.h"
#include "decision/card_service.h"
#include "schema/card.h"

namespace vigie::decision {

using Row = std::array<double, schema::kCardRaw>;

inline Row random_row(Random& random) {
  Row row;
  for (std::size_t f = 0; f < row.size(); ++f) row[f] = f < 2 ? random.exponential(300) : random.normal(0, 2);
  return row;
}

// "Time,Amount,V1,...,V28,id"; the cells of a row lack the id.
inline std::string header() {
  std::string text;
  for (const schema::Field& field : schema::card_raw_fields()) text += std::string(field.name) + ',';
  return text + "id";
}
inline std::string cells(const Row& row) {
  std::string text;
  for (const double value : row) text += format_double(value) + ',';
  return text;
}

// What stands between the braces.
inline std::string members(const Row& row) {
  std::string text;
  for (std::size_t f = 0; f < row.size(); ++f) {
    text += (f > 0 ? ", \"" : "\"") + std::string(schema::card_raw_fields()[f].name) + "\": " + format_double(row[f]);
  }
  return text;
}

inline std::string csv_scores(const CardService& service, const Row& row) {
  const domain::CardDecision decision = service.decide(row);
  return ',' + format_double(decision.hybrid_score) + ',' + (decision.fraud ? '1' : '0');
}
inline std::string json_scores(const CardService& service, const Row& row) {
  const domain::CardDecision decision = service.decide(row);
  return R"(,"hybrid_score":)" + format_double(decision.hybrid_score) + R"(,"fraud":)" + (decision.fraud ? '1' : '0');
}

}  // namespace vigie::decision
