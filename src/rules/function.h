// The functions that rules may call. Names and meanings are CEL's, apart from fold, heure, nuit and week_end
// (docs/rules.md).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "rules/scratch.h"
#include "rules/type.h"
#include "rules/value.h"

namespace vigie::rules {

// What a call costs besides its arguments.
enum class Effort : std::uint8_t {
  kConstant,
  kText,    // looks at, or makes, all bytes of its first argument
  kSearch,  // looks for its second argument at each byte of its first
  kMatch    // runs its second argument, a pattern, at each byte of its first
};

// `call` finds out itself of which kinds its arguments are: with dyn the checker does not know. None of them is an
// error or absent. What it makes is in `scratch`; an error has no place yet.
struct Function {
  std::string_view name;
  Value (*call)(std::span<const Value> arguments, Scratch& scratch);
  Effort effort;
};

struct Overload {
  const Function* function;
  bool method;  // x.f(y), or f(x, y)
  std::array<Type, 3> parameters;
  std::uint8_t count;  // of them
  Type result;
};

std::span<const Overload> overloads();

// Whether the last of an overload's parameters is the name of a time zone, or a pattern.
bool takes_zone(const Overload& overload);
bool takes_pattern(const Overload& overload);

// Functions by what they are about; function.cc names them.
namespace functions {
Value size(std::span<const Value> arguments, Scratch& scratch);
Value contains(std::span<const Value> arguments, Scratch& scratch);
Value starts_with(std::span<const Value> arguments, Scratch& scratch);
Value ends_with(std::span<const Value> arguments, Scratch& scratch);
Value matches(std::span<const Value> arguments, Scratch& scratch);
Value fold(std::span<const Value> arguments, Scratch& scratch);

Value to_bool(std::span<const Value> arguments, Scratch& scratch);
Value to_int(std::span<const Value> arguments, Scratch& scratch);
Value to_uint(std::span<const Value> arguments, Scratch& scratch);
Value to_double(std::span<const Value> arguments, Scratch& scratch);
Value to_text(std::span<const Value> arguments, Scratch& scratch);
Value to_bytes(std::span<const Value> arguments, Scratch& scratch);
Value to_timestamp(std::span<const Value> arguments, Scratch& scratch);
Value to_duration(std::span<const Value> arguments, Scratch& scratch);
Value to_dyn(std::span<const Value> arguments, Scratch& scratch);
Value type_of(std::span<const Value> arguments, Scratch& scratch);

Value year(std::span<const Value> arguments, Scratch& scratch);
Value month(std::span<const Value> arguments, Scratch& scratch);
Value day(std::span<const Value> arguments, Scratch& scratch);
Value day_from_zero(std::span<const Value> arguments, Scratch& scratch);
Value day_of_year(std::span<const Value> arguments, Scratch& scratch);
Value day_of_week(std::span<const Value> arguments, Scratch& scratch);
Value hours(std::span<const Value> arguments, Scratch& scratch);
Value minutes(std::span<const Value> arguments, Scratch& scratch);
Value seconds(std::span<const Value> arguments, Scratch& scratch);
Value milliseconds(std::span<const Value> arguments, Scratch& scratch);
Value night(std::span<const Value> arguments, Scratch& scratch);
Value weekend(std::span<const Value> arguments, Scratch& scratch);
}  // namespace functions

}  // namespace vigie::rules
