// Card transactions out of JSON objects: the 30 raw fields by name, in any order; whatever else a row has is left
// alone. A value may be a number, the text of one, or true and false for 1 and 0, as in NDJSON elsewhere.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "dataset/card_rows.h"
#include "dataset/json_rows.h"

namespace vigie::dataset {

// Belongs to one thread at a time. What the fast reading takes, the exact one takes with the same bits; it tells the
// reason where neither can take a row.
class CardJsonParser {
 public:
  // `reserved`: names of fields that a row may not have, because they will be added to it.
  explicit CardJsonParser(std::span<const std::string> reserved);
  CardJsonParser(CardJsonParser&&) noexcept;
  CardJsonParser& operator=(CardJsonParser&&) noexcept;
  ~CardJsonParser();

  // Overwrites `out`; its `rows` are indices into block.rows.
  void parse(const JsonBlock& block, CardBlock& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vigie::dataset
