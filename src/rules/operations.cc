#include "rules/operations.h"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstring>
#include <limits>
#include <type_traits>

#include "rules/time.h"

namespace vigie::rules {
namespace {

Value overload() { return Value::error(Fault::kOverload); }
Value overflow() { return Value::error(Fault::kOverflow); }

Value whole(std::int64_t value) { return Value::integer(value); }
Value whole(std::uint64_t value) { return Value::unsigned_integer(value); }

template <std::integral T>
Value arithmetic(Operator op, T a, T b) {
  T result = 0;
  switch (op) {
    case Operator::kAdd:
      if (__builtin_add_overflow(a, b, &result)) return overflow();
      break;
    case Operator::kSubtract:
      if (__builtin_sub_overflow(a, b, &result)) return overflow();
      break;
    case Operator::kMultiply:
      if (__builtin_mul_overflow(a, b, &result)) return overflow();
      break;
    default:
      if (b == 0) return Value::error(Fault::kDivisionByZero);
      if constexpr (std::is_signed_v<T>) {
        if (a == std::numeric_limits<T>::min() && b == -1) return overflow();
      }
      result = op == Operator::kDivide ? a / b : a % b;
  }
  return whole(result);
}

Value arithmetic(Operator op, double a, double b) {
  switch (op) {
    case Operator::kAdd: return Value::number(a + b);
    case Operator::kSubtract: return Value::number(a - b);
    case Operator::kMultiply: return Value::number(a * b);
    case Operator::kDivide: return Value::number(a / b);
    default: return overload();
  }
}

Value duration_arithmetic(Operator op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  const bool over =
      op == Operator::kAdd ? __builtin_add_overflow(a, b, &result) : __builtin_sub_overflow(a, b, &result);
  return over ? Value::error(Fault::kRange) : Value::duration(result);
}

std::string_view joined(std::string_view a, std::string_view b, Scratch& scratch) {
  char* const made = scratch.make_text(a.size() + b.size());
  if (!a.empty()) std::memcpy(made, a.data(), a.size());
  if (!b.empty()) std::memcpy(made + a.size(), b.data(), b.size());
  return {made, a.size() + b.size()};
}

Value concatenate(const Value& a, const Value& b, Scratch& scratch) {
  if (a.kind() == Kind::kString) return Value::string(joined(a.as_text(), b.as_text(), scratch));
  if (a.kind() == Kind::kBytes) return Value::bytes(joined(a.as_text(), b.as_text(), scratch));
  if (a.kind() != Kind::kList) return overload();
  const std::span<Value> made = scratch.make_values(a.as_list().size() + b.as_list().size());
  std::ranges::copy(b.as_list(), std::ranges::copy(a.as_list(), made.begin()).out);
  return Value::list(made);
}

Value calculate(Operator op, const Value& a, const Value& b, Scratch& scratch) {
  if (a.kind() == b.kind()) {
    switch (a.kind()) {
      case Kind::kInt: return arithmetic(op, a.as_int(), b.as_int());
      case Kind::kUint: return arithmetic(op, a.as_uint(), b.as_uint());
      case Kind::kDouble: return arithmetic(op, a.as_double(), b.as_double());
      case Kind::kDuration:
        if (op == Operator::kAdd || op == Operator::kSubtract) {
          return duration_arithmetic(op, a.as_nanoseconds(), b.as_nanoseconds());
        }
        return overload();
      case Kind::kTimestamp: return op == Operator::kSubtract ? difference(a, b) : overload();
      default: return op == Operator::kAdd ? concatenate(a, b, scratch) : overload();
    }
  }
  if (a.kind() == Kind::kTimestamp && b.kind() == Kind::kDuration) {
    if (op == Operator::kAdd) return add(a, b.as_nanoseconds());
    if (op == Operator::kSubtract && b.as_nanoseconds() != INT64_MIN) return add(a, -b.as_nanoseconds());
    return op == Operator::kSubtract ? Value::error(Fault::kRange) : overload();
  }
  if (a.kind() == Kind::kDuration && b.kind() == Kind::kTimestamp && op == Operator::kAdd)
    return add(b, a.as_nanoseconds());
  return overload();
}

Value ordered(Operator op, const Value& a, const Value& b) {
  const auto [exists, order] = compare(a, b);
  if (!exists) return overload();
  switch (op) {
    case Operator::kLess: return Value::boolean(order < 0);
    case Operator::kLessEqual: return Value::boolean(order <= 0);
    case Operator::kGreater: return Value::boolean(order > 0);
    default: return Value::boolean(order >= 0);
  }
}

}  // namespace

Value apply(Operator op, const Value& a, const Value& b, Scratch& scratch) {
  switch (op) {
    case Operator::kAdd:
    case Operator::kSubtract:
    case Operator::kMultiply:
    case Operator::kDivide:
    case Operator::kModulo: return calculate(op, a, b, scratch);
    case Operator::kEqual: return Value::boolean(equal(a, b));
    case Operator::kUnequal: return Value::boolean(!equal(a, b));
    case Operator::kLess:
    case Operator::kLessEqual:
    case Operator::kGreater:
    case Operator::kGreaterEqual: return ordered(op, a, b);
    case Operator::kIn:
      if (b.kind() != Kind::kList) return overload();
      return Value::boolean(std::ranges::any_of(b.as_list(), [&](const Value& item) { return equal(a, item); }));
  }
  return overload();
}

Value negate(const Value& a) {
  switch (a.kind()) {
    case Kind::kInt: return a.as_int() == INT64_MIN ? overflow() : Value::integer(-a.as_int());
    case Kind::kDouble: return Value::number(-a.as_double());
    case Kind::kDuration:
      return a.as_nanoseconds() == INT64_MIN ? Value::error(Fault::kRange) : Value::duration(-a.as_nanoseconds());
    default: return overload();
  }
}

Value logical_not(const Value& a) { return a.kind() == Kind::kBool ? Value::boolean(!a.as_bool()) : overload(); }

Value item_at(const Value& list, const Value& index) {
  if (list.kind() != Kind::kList) return overload();
  const std::span<const Value> items = list.as_list();
  std::uint64_t at = 0;
  switch (index.kind()) {
    case Kind::kInt: at = static_cast<std::uint64_t>(index.as_int()); break;  // below zero is beyond the end
    case Kind::kUint: at = index.as_uint(); break;
    case Kind::kDouble:
      if (!(index.as_double() >= 0 && index.as_double() < 0x1p63) ||
          index.as_double() != std::floor(index.as_double())) {
        return Value::error(Fault::kIndex);
      }
      at = static_cast<std::uint64_t>(index.as_double());
      break;
    default: return overload();
  }
  return at < items.size() ? items[at] : Value::error(Fault::kIndex);
}

Value make_list(std::span<const Value> items, Scratch& scratch) {
  const std::span<Value> made = scratch.make_values(items.size());
  std::ranges::copy(items, made.begin());
  return Value::list(made);
}

}  // namespace vigie::rules
