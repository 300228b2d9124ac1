// The slow, obvious evaluator: it walks the tree, makes all lists anew and folds nothing. What the compiled one is
// compared with in tests and in fuzzing.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "rules/expression.h"
#include "rules/scratch.h"
#include "rules/type.h"
#include "rules/value.h"

namespace vigie::rules {

class ReferenceEvaluator {
 public:
  explicit ReferenceEvaluator(const VariableTable& variables) : variables_(variables) {}

  // to_string() of the result, or why the text is refused.
  std::string evaluate(std::string_view text, std::span<const Value> slots) const;
  // The result of a checked tree, which sees `scratch`, the slots and the tree.
  Value evaluate(const Expression& checked, std::span<const Value> slots, Scratch& scratch) const;

 private:
  const VariableTable& variables_;
};

}  // namespace vigie::rules
