#include <algorithm>

#include "base/folded_text.h"
#include "rules/function.h"
#include "rules/pattern.h"

namespace vigie::rules::functions {
namespace {

bool both_text(std::span<const Value> arguments) {
  return arguments[0].kind() == Kind::kString && arguments[1].kind() == Kind::kString;
}

}  // namespace

Value size(std::span<const Value> arguments, Scratch&) {
  const Value& value = arguments[0];
  switch (value.kind()) {
    case Kind::kString:
      return Value::integer(std::ranges::count_if(
          value.as_text(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    case Kind::kBytes: return Value::integer(static_cast<std::int64_t>(value.as_text().size()));
    case Kind::kList: return Value::integer(static_cast<std::int64_t>(value.as_list().size()));
    default: return Value::error(Fault::kOverload);
  }
}

Value contains(std::span<const Value> arguments, Scratch&) {
  if (!both_text(arguments)) return Value::error(Fault::kOverload);
  return Value::boolean(arguments[0].as_text().find(arguments[1].as_text()) != std::string_view::npos);
}

Value starts_with(std::span<const Value> arguments, Scratch&) {
  if (!both_text(arguments)) return Value::error(Fault::kOverload);
  return Value::boolean(arguments[0].as_text().starts_with(arguments[1].as_text()));
}

Value ends_with(std::span<const Value> arguments, Scratch&) {
  if (!both_text(arguments)) return Value::error(Fault::kOverload);
  return Value::boolean(arguments[0].as_text().ends_with(arguments[1].as_text()));
}

Value matches(std::span<const Value> arguments, Scratch&) {
  if (arguments[0].kind() != Kind::kString || arguments[1].kind() != Kind::kPattern)
    return Value::error(Fault::kOverload);
  return Value::boolean(arguments[1].as_pattern().found_in(arguments[0].as_text()));
}

Value fold(std::span<const Value> arguments, Scratch& scratch) {
  if (arguments[0].kind() != Kind::kString) return Value::error(Fault::kOverload);
  const std::string_view text = arguments[0].as_text();
  if (is_folded(text)) return arguments[0];
  char* const made = scratch.make_text(text.size());
  const auto length = fold_text(text, made);
  return length ? Value::string({made, *length}) : Value::error(Fault::kEncoding);
}

}  // namespace vigie::rules::functions
