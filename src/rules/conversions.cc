#include <charconv>
#include <cmath>
#include <cstring>

#include "base/number.h"
#include "base/utf8.h"
#include "rules/function.h"
#include "rules/time.h"

namespace vigie::rules::functions {
namespace {

Value made_text(std::string_view text, Scratch& scratch) {
  char* const made = scratch.make_text(text.size());
  if (!text.empty()) std::memcpy(made, text.data(), text.size());
  return Value::string({made, text.size()});
}

// The whole text as digits, with a sign for signed integers.
template <typename Integer>
Value parse_integer(std::string_view text, Value (*make)(Integer)) {
  Integer value = 0;
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc::result_out_of_range) return Value::error(Fault::kRange);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return Value::error(Fault::kConversion);
  return make(value);
}

std::string double_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return format_double(value);
}

}  // namespace

Value to_bool(std::span<const Value> arguments, Scratch&) {
  const Value& value = arguments[0];
  if (value.kind() == Kind::kBool) return value;
  if (value.kind() != Kind::kString) return Value::error(Fault::kOverload);
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (value.as_text() == yes) return Value::boolean(true);
  }
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (value.as_text() == no) return Value::boolean(false);
  }
  return Value::error(Fault::kConversion);
}

Value to_int(std::span<const Value> arguments, Scratch&) {
  const Value& value = arguments[0];
  switch (value.kind()) {
    case Kind::kInt: return value;
    case Kind::kUint:
      if (value.as_uint() > INT64_MAX) return Value::error(Fault::kRange);
      return Value::integer(static_cast<std::int64_t>(value.as_uint()));
    case Kind::kDouble:
      // Both ends are excluded: a double there may stand for a number that is no int (langdef.md, numeric conversions).
      if (!(value.as_double() > -0x1p63 && value.as_double() < 0x1p63)) return Value::error(Fault::kRange);
      return Value::integer(static_cast<std::int64_t>(value.as_double()));
    case Kind::kString: return parse_integer<std::int64_t>(value.as_text(), Value::integer);
    case Kind::kTimestamp: return Value::integer(value.seconds());
    default: return Value::error(Fault::kOverload);
  }
}

Value to_uint(std::span<const Value> arguments, Scratch&) {
  const Value& value = arguments[0];
  switch (value.kind()) {
    case Kind::kUint: return value;
    case Kind::kInt:
      if (value.as_int() < 0) return Value::error(Fault::kRange);
      return Value::unsigned_integer(static_cast<std::uint64_t>(value.as_int()));
    case Kind::kDouble:
      if (!(value.as_double() >= 0 && value.as_double() < 0x1p64)) return Value::error(Fault::kRange);
      return Value::unsigned_integer(static_cast<std::uint64_t>(value.as_double()));
    case Kind::kString: return parse_integer<std::uint64_t>(value.as_text(), Value::unsigned_integer);
    default: return Value::error(Fault::kOverload);
  }
}

Value to_double(std::span<const Value> arguments, Scratch&) {
  const Value& value = arguments[0];
  switch (value.kind()) {
    case Kind::kDouble: return value;
    case Kind::kInt: return Value::number(static_cast<double>(value.as_int()));
    case Kind::kUint: return Value::number(static_cast<double>(value.as_uint()));
    case Kind::kString: {
      std::string_view text = value.as_text();
      if (const auto number = parse_double(text)) return Value::number(*number);
      const bool negative = text.starts_with('-');
      if (negative || text.starts_with('+')) text.remove_prefix(1);
      for (const std::string_view infinity : {"Infinity", "infinity", "Inf", "inf"}) {
        if (text == infinity) return Value::number(negative ? -HUGE_VAL : HUGE_VAL);
      }
      if (text == "NaN" || text == "nan") return Value::number(std::nan(""));
      return Value::error(Fault::kConversion);
    }
    default: return Value::error(Fault::kOverload);
  }
}

Value to_text(std::span<const Value> arguments, Scratch& scratch) {
  const Value& value = arguments[0];
  switch (value.kind()) {
    case Kind::kString: return value;
    case Kind::kInt: return made_text(std::to_string(value.as_int()), scratch);
    case Kind::kUint: return made_text(std::to_string(value.as_uint()), scratch);
    case Kind::kDouble: return made_text(double_text(value.as_double()), scratch);
    case Kind::kBool: return Value::string(value.as_bool() ? "true" : "false");
    case Kind::kBytes:
      if (!is_utf8(value.as_text())) return Value::error(Fault::kEncoding);
      return Value::string(value.as_text());
    case Kind::kTimestamp: return made_text(format_timestamp(value), scratch);
    case Kind::kDuration: return made_text(format_duration(value), scratch);
    default: return Value::error(Fault::kOverload);
  }
}

Value to_bytes(std::span<const Value> arguments, Scratch&) {
  const Value& value = arguments[0];
  if (value.kind() == Kind::kBytes) return value;
  if (value.kind() == Kind::kString) return Value::bytes(value.as_text());
  return Value::error(Fault::kOverload);
}

Value to_timestamp(std::span<const Value> arguments, Scratch&) {
  const Value& value = arguments[0];
  if (value.kind() == Kind::kTimestamp) return value;
  if (value.kind() == Kind::kString) return parse_timestamp(value.as_text());
  if (value.kind() == Kind::kInt) return timestamp_of(value.as_int(), 0);
  return Value::error(Fault::kOverload);
}

Value to_duration(std::span<const Value> arguments, Scratch&) {
  const Value& value = arguments[0];
  if (value.kind() == Kind::kDuration) return value;
  if (value.kind() == Kind::kString) return parse_duration(value.as_text());
  return Value::error(Fault::kOverload);
}

Value to_dyn(std::span<const Value> arguments, Scratch&) { return arguments[0]; }

Value type_of(std::span<const Value> arguments, Scratch&) { return Value::type(arguments[0].kind()); }

}  // namespace vigie::rules::functions
