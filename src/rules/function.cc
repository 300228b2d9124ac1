#include "rules/function.h"

#include <vector>

namespace vigie::rules {
namespace {

constexpr Type kBool{Kind::kBool, 0};
constexpr Type kInt{Kind::kInt, 0};
constexpr Type kUint{Kind::kUint, 0};
constexpr Type kDouble{Kind::kDouble, 0};
constexpr Type kString{Kind::kString, 0};
constexpr Type kBytes{Kind::kBytes, 0};
constexpr Type kTimestamp{Kind::kTimestamp, 0};
constexpr Type kDuration{Kind::kDuration, 0};
constexpr Type kType{Kind::kType, 0};
constexpr Type kList{Kind::kDyn, 1};

constexpr Function kSize{"size", functions::size, Effort::kText};
constexpr Function kContains{"contains", functions::contains, Effort::kSearch};
constexpr Function kStartsWith{"startsWith", functions::starts_with, Effort::kText};
constexpr Function kEndsWith{"endsWith", functions::ends_with, Effort::kText};
constexpr Function kMatches{"matches", functions::matches, Effort::kMatch};
constexpr Function kFold{"fold", functions::fold, Effort::kText};
constexpr Function kToBool{"bool", functions::to_bool, Effort::kConstant};
constexpr Function kToInt{"int", functions::to_int, Effort::kText};
constexpr Function kToUint{"uint", functions::to_uint, Effort::kText};
constexpr Function kToDouble{"double", functions::to_double, Effort::kText};
constexpr Function kToString{"string", functions::to_text, Effort::kText};
constexpr Function kToBytes{"bytes", functions::to_bytes, Effort::kConstant};
constexpr Function kToTimestamp{"timestamp", functions::to_timestamp, Effort::kText};
constexpr Function kToDuration{"duration", functions::to_duration, Effort::kText};
constexpr Function kToDyn{"dyn", functions::to_dyn, Effort::kConstant};
constexpr Function kTypeOf{"type", functions::type_of, Effort::kConstant};
constexpr Function kFullYear{"getFullYear", functions::year, Effort::kConstant};
constexpr Function kMonth{"getMonth", functions::month, Effort::kConstant};
constexpr Function kDate{"getDate", functions::day, Effort::kConstant};
constexpr Function kDayOfMonth{"getDayOfMonth", functions::day_from_zero, Effort::kConstant};
constexpr Function kDayOfYear{"getDayOfYear", functions::day_of_year, Effort::kConstant};
constexpr Function kDayOfWeek{"getDayOfWeek", functions::day_of_week, Effort::kConstant};
constexpr Function kHours{"getHours", functions::hours, Effort::kConstant};
constexpr Function kMinutes{"getMinutes", functions::minutes, Effort::kConstant};
constexpr Function kSeconds{"getSeconds", functions::seconds, Effort::kConstant};
constexpr Function kMilliseconds{"getMilliseconds", functions::milliseconds, Effort::kConstant};
constexpr Function kHeure{"heure", functions::hours, Effort::kConstant};
constexpr Function kNuit{"nuit", functions::night, Effort::kConstant};
constexpr Function kWeekEnd{"week_end", functions::weekend, Effort::kConstant};

constexpr Overload of(const Function& function, Type parameter, Type result) {
  return {&function, false, {parameter}, 1, result};
}
constexpr Overload of(const Function& function, Type first, Type second, Type result) {
  return {&function, false, {first, second}, 2, result};
}
constexpr Overload method(const Function& function, Type target, Type result) {
  return {&function, true, {target}, 1, result};
}
constexpr Overload method(const Function& function, Type target, Type parameter, Type result) {
  return {&function, true, {target, parameter}, 2, result};
}

constexpr std::array kOverloads = {of(kSize, kString, kInt),
                                   of(kSize, kBytes, kInt),
                                   of(kSize, kList, kInt),
                                   method(kSize, kString, kInt),
                                   method(kSize, kBytes, kInt),
                                   method(kSize, kList, kInt),
                                   method(kContains, kString, kString, kBool),
                                   method(kStartsWith, kString, kString, kBool),
                                   method(kEndsWith, kString, kString, kBool),
                                   method(kMatches, kString, kString, kBool),
                                   of(kMatches, kString, kString, kBool),
                                   of(kFold, kString, kString),
                                   of(kToBool, kBool, kBool),
                                   of(kToBool, kString, kBool),
                                   of(kToInt, kInt, kInt),
                                   of(kToInt, kUint, kInt),
                                   of(kToInt, kDouble, kInt),
                                   of(kToInt, kString, kInt),
                                   of(kToInt, kTimestamp, kInt),
                                   of(kToUint, kUint, kUint),
                                   of(kToUint, kInt, kUint),
                                   of(kToUint, kDouble, kUint),
                                   of(kToUint, kString, kUint),
                                   of(kToDouble, kDouble, kDouble),
                                   of(kToDouble, kInt, kDouble),
                                   of(kToDouble, kUint, kDouble),
                                   of(kToDouble, kString, kDouble),
                                   of(kToString, kString, kString),
                                   of(kToString, kInt, kString),
                                   of(kToString, kUint, kString),
                                   of(kToString, kDouble, kString),
                                   of(kToString, kBytes, kString),
                                   of(kToString, kBool, kString),
                                   of(kToString, kTimestamp, kString),
                                   of(kToString, kDuration, kString),
                                   of(kToBytes, kBytes, kBytes),
                                   of(kToBytes, kString, kBytes),
                                   of(kToTimestamp, kTimestamp, kTimestamp),
                                   of(kToTimestamp, kString, kTimestamp),
                                   of(kToTimestamp, kInt, kTimestamp),
                                   of(kToDuration, kDuration, kDuration),
                                   of(kToDuration, kString, kDuration),
                                   of(kToDyn, kDyn, kDyn),
                                   of(kTypeOf, kDyn, kType),
                                   method(kFullYear, kTimestamp, kInt),
                                   method(kFullYear, kTimestamp, kString, kInt),
                                   method(kMonth, kTimestamp, kInt),
                                   method(kMonth, kTimestamp, kString, kInt),
                                   method(kDate, kTimestamp, kInt),
                                   method(kDate, kTimestamp, kString, kInt),
                                   method(kDayOfMonth, kTimestamp, kInt),
                                   method(kDayOfMonth, kTimestamp, kString, kInt),
                                   method(kDayOfYear, kTimestamp, kInt),
                                   method(kDayOfYear, kTimestamp, kString, kInt),
                                   method(kDayOfWeek, kTimestamp, kInt),
                                   method(kDayOfWeek, kTimestamp, kString, kInt),
                                   method(kHours, kTimestamp, kInt),
                                   method(kHours, kTimestamp, kString, kInt),
                                   method(kHours, kDuration, kInt),
                                   method(kMinutes, kTimestamp, kInt),
                                   method(kMinutes, kTimestamp, kString, kInt),
                                   method(kMinutes, kDuration, kInt),
                                   method(kSeconds, kTimestamp, kInt),
                                   method(kSeconds, kTimestamp, kString, kInt),
                                   method(kSeconds, kDuration, kInt),
                                   method(kMilliseconds, kTimestamp, kInt),
                                   method(kMilliseconds, kTimestamp, kString, kInt),
                                   method(kMilliseconds, kDuration, kInt),
                                   of(kHeure, kTimestamp, kInt),
                                   of(kHeure, kTimestamp, kString, kInt),
                                   of(kNuit, kTimestamp, kBool),
                                   of(kNuit, kTimestamp, kString, kBool),
                                   of(kWeekEnd, kTimestamp, kBool),
                                   of(kWeekEnd, kTimestamp, kString, kBool)};

}  // namespace

std::span<const Overload> overloads() { return kOverloads; }

bool takes_zone(const Overload& overload) {
  return overload.count == 2 && overload.parameters[0] == kTimestamp && overload.parameters[1] == kString;
}

bool takes_pattern(const Overload& overload) { return overload.function == &kMatches; }

}  // namespace vigie::rules
