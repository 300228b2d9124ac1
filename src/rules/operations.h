// What the operators do with values: shared by the compiled program, constant folding and the slow evaluator.
#pragma once

#include "rules/expression.h"
#include "rules/scratch.h"
#include "rules/value.h"

namespace vigie::rules {

// None of the operands is an error or absent; an error that is made has no place yet.
Value apply(Operator op, const Value& a, const Value& b, Scratch& scratch);
Value negate(const Value& a);
Value logical_not(const Value& a);
Value item_at(const Value& list, const Value& index);

// A list of copies of `items`.
Value make_list(std::span<const Value> items, Scratch& scratch);

// `value` as what a logical operator takes: true, false, an error that was one already, or a new one.
inline Value as_condition(const Value& value) {
  if (value.kind() == Kind::kBool || value.kind() == Kind::kError) return value;
  return Value::error(Fault::kOverload);
}

// An error without a place, placed.
inline Value placed(const Value& value, std::uint32_t at) {
  return value.is_error() && value.place() == kNoPlace ? Value::error(value.fault(), at) : value;
}

}  // namespace vigie::rules
