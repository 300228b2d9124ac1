#include <optional>

#include "rules/function.h"
#include "rules/time.h"

namespace vigie::rules::functions {
namespace {

// The calendar of the first argument at the zone that the second names, UTC without one; or why there is none.
struct Reading {
  Calendar calendar{};
  std::optional<Fault> fault{};
};

Reading read(std::span<const Value> arguments) {
  if (arguments[0].kind() != Kind::kTimestamp) return {.fault = Fault::kOverload};
  const std::int64_t seconds = arguments[0].seconds();
  if (arguments.size() == 1) return {calendar(seconds, 0)};
  if (arguments[1].kind() == Kind::kZone) return {calendar(seconds, offset_at(arguments[1].as_zone(), seconds))};
  if (arguments[1].kind() != Kind::kString) return {.fault = Fault::kOverload};
  // Names of zones are read at load; no file is opened in the middle of a decision.
  const auto offset = parse_offset(arguments[1].as_text());
  if (!offset) return {.fault = Fault::kZone};
  return {calendar(seconds, *offset)};
}

template <typename Part>
Value part(std::span<const Value> arguments, Part&& of) {
  const Reading reading = read(arguments);
  if (reading.fault) return Value::error(*reading.fault);
  return Value::integer(of(reading.calendar));
}

bool is_duration(std::span<const Value> arguments) {
  return arguments[0].kind() == Kind::kDuration && arguments.size() == 1;
}

}  // namespace

Value year(std::span<const Value> arguments, Scratch&) {
  return part(arguments, [](const Calendar& at) { return at.year; });
}
Value month(std::span<const Value> arguments, Scratch&) {
  return part(arguments, [](const Calendar& at) { return at.month - 1; });
}
Value day(std::span<const Value> arguments, Scratch&) {
  return part(arguments, [](const Calendar& at) { return at.day; });
}
Value day_from_zero(std::span<const Value> arguments, Scratch&) {
  return part(arguments, [](const Calendar& at) { return at.day - 1; });
}
Value day_of_year(std::span<const Value> arguments, Scratch&) {
  return part(arguments, [](const Calendar& at) { return at.day_of_year; });
}
Value day_of_week(std::span<const Value> arguments, Scratch&) {
  return part(arguments, [](const Calendar& at) { return at.day_of_week; });
}

Value hours(std::span<const Value> arguments, Scratch&) {
  if (is_duration(arguments)) return Value::integer(arguments[0].as_nanoseconds() / (3600 * kNanosPerSecond));
  return part(arguments, [](const Calendar& at) { return at.hour; });
}
Value minutes(std::span<const Value> arguments, Scratch&) {
  if (is_duration(arguments)) return Value::integer(arguments[0].as_nanoseconds() / (60 * kNanosPerSecond));
  return part(arguments, [](const Calendar& at) { return at.minute; });
}
Value seconds(std::span<const Value> arguments, Scratch&) {
  if (is_duration(arguments)) return Value::integer(arguments[0].as_nanoseconds() / kNanosPerSecond);
  return part(arguments, [](const Calendar& at) { return at.second; });
}
Value milliseconds(std::span<const Value> arguments, Scratch&) {
  constexpr std::int64_t kNanosPerMilli = 1'000'000;
  if (is_duration(arguments)) return Value::integer(arguments[0].as_nanoseconds() % kNanosPerSecond / kNanosPerMilli);
  return part(arguments, [&](const Calendar&) { return arguments[0].nanos() / kNanosPerMilli; });
}

// The hours 0 to 6, as the Fraud Detection Handbook (Le Borgne et al., 2022) has them in its features.
Value night(std::span<const Value> arguments, Scratch&) {
  const Reading reading = read(arguments);
  if (reading.fault) return Value::error(*reading.fault);
  return Value::boolean(reading.calendar.hour <= 6);
}

Value weekend(std::span<const Value> arguments, Scratch&) {
  const Reading reading = read(arguments);
  if (reading.fault) return Value::error(*reading.fault);
  return Value::boolean(reading.calendar.day_of_week == 0 || reading.calendar.day_of_week == 6);
}

}  // namespace vigie::rules::functions
