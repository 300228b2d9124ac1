// A value of the rules' language in 16 bytes. Text and lists are seen, not owned: their bytes belong to the caller's
// slots, to the program's constants or to a Scratch. An error is a value too, because && and || may absorb it.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace vigie::rules {

class Pattern;
struct Zone;

enum class Kind : std::uint8_t {
  kAbsent,  // an optional variable without a value; reading it is an error, has() tells
  kError,
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kList,
  kTimestamp,  // 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z
  kDuration,   // whole nanoseconds in 64 bits, about 292 years either way
  kType,
  kDyn,      // of types, not of values: known at evaluation only
  kZone,     // a time zone that was named in the text and read when the rule was loaded
  kPattern,  // of matches(), compiled when the rule was loaded
};

enum class Fault : std::uint8_t {
  kAbsent,
  kOverflow,
  kDivisionByZero,
  kRange,       // a number, timestamp or duration that its type cannot hold
  kConversion,  // text that is not what it should become
  kOverload,    // an operation that does not exist for values of these kinds
  kIndex,
  kEncoding,  // bytes that are not UTF-8
  kTooLong,   // text or a list beyond what its variable declares
  kZone,      // a time zone that is no offset and was not read at load
};

// "the number is too large for its type", for people.
std::string_view text_of(Fault fault, bool french);

inline constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
inline constexpr std::int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01T00:00:00Z
inline constexpr std::int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z
inline constexpr std::uint32_t kNoPlace = UINT32_MAX;

class Value {
 public:
  constexpr Value() = default;

  static Value null() { return Value(Kind::kNull); }
  static Value boolean(bool value) {
    Value made(Kind::kBool);
    made.payload_.integer = value ? 1 : 0;
    return made;
  }
  static Value integer(std::int64_t value) {
    Value made(Kind::kInt);
    made.payload_.integer = value;
    return made;
  }
  static Value unsigned_integer(std::uint64_t value) {
    Value made(Kind::kUint);
    made.payload_.natural = value;
    return made;
  }
  static Value number(double value) {
    Value made(Kind::kDouble);
    made.payload_.number = value;
    return made;
  }
  // `text` is UTF-8 and shorter than 4 GiB.
  static Value string(std::string_view text) { return of_bytes(Kind::kString, text); }
  static Value bytes(std::string_view bytes) { return of_bytes(Kind::kBytes, bytes); }
  static Value list(std::span<const Value> items) {
    Value made(Kind::kList, static_cast<std::uint32_t>(items.size()));
    made.payload_.items = items.data();
    return made;
  }
  // kFirstSecond <= seconds <= kLastSecond, 0 <= nanos < 1e9.
  static Value timestamp(std::int64_t seconds, std::uint32_t nanos) {
    Value made(Kind::kTimestamp, nanos);
    made.payload_.integer = seconds;
    return made;
  }
  static Value duration(std::int64_t nanos) {
    Value made(Kind::kDuration);
    made.payload_.integer = nanos;
    return made;
  }
  static Value type(Kind kind) {
    Value made(Kind::kType);
    made.payload_.integer = static_cast<std::int64_t>(kind);
    return made;
  }
  static Value zone(const Zone& zone) {
    Value made(Kind::kZone);
    made.payload_.zone = &zone;
    return made;
  }
  static Value pattern(const Pattern& pattern) {
    Value made(Kind::kPattern);
    made.payload_.pattern = &pattern;
    return made;
  }
  // `place` is the byte of the expression at which it happened, or kNoPlace until the evaluator says so.
  static Value error(Fault fault, std::uint32_t place = kNoPlace) {
    Value made(Kind::kError, place);
    made.payload_.integer = static_cast<std::int64_t>(fault);
    return made;
  }

  Kind kind() const { return kind_; }
  bool is_error() const { return kind_ == Kind::kError; }
  bool is_true() const { return kind_ == Kind::kBool && payload_.integer != 0; }
  bool is_false() const { return kind_ == Kind::kBool && payload_.integer == 0; }

  // Each for its own kind only.
  bool as_bool() const { return payload_.integer != 0; }
  std::int64_t as_int() const { return payload_.integer; }
  std::uint64_t as_uint() const { return payload_.natural; }
  double as_double() const { return payload_.number; }
  std::string_view as_text() const { return {payload_.text, extra_}; }  // strings and bytes
  std::span<const Value> as_list() const { return {payload_.items, extra_}; }
  std::int64_t seconds() const { return payload_.integer; }  // of a timestamp, since 1970
  std::uint32_t nanos() const { return extra_; }
  std::int64_t as_nanoseconds() const { return payload_.integer; }  // a duration
  Kind as_type() const { return static_cast<Kind>(payload_.integer); }
  const Zone& as_zone() const { return *payload_.zone; }
  const Pattern& as_pattern() const { return *payload_.pattern; }
  Fault fault() const { return static_cast<Fault>(payload_.integer); }
  std::uint32_t place() const { return extra_; }

 private:
  constexpr explicit Value(Kind kind, std::uint32_t extra = 0) : kind_(kind), extra_(extra) {}
  static Value of_bytes(Kind kind, std::string_view text) {
    Value made(kind, static_cast<std::uint32_t>(text.size()));
    made.payload_.text = text.data();
    return made;
  }

  union Payload {
    std::int64_t integer;
    std::uint64_t natural;
    double number;
    const char* text;
    const Value* items;
    const Zone* zone;
    const Pattern* pattern;
  };

  Kind kind_ = Kind::kAbsent;
  std::uint32_t extra_ = 0;  // text: bytes; list: items; timestamp: nanoseconds; error: place
  Payload payload_{.integer = 0};
};
static_assert(sizeof(Value) == 16);

// What == is in a rule: numbers of different types by value, NaN equal to nothing, different kinds unequal.
bool equal(const Value& a, const Value& b);

// The order of <, or nothing where CEL has none for these kinds (null, lists, types; different kinds that are not both
// numbers). NaN is unordered. An int or uint against a double within its range is compared as a double, as cel-go does.
struct Order {
  bool exists;
  std::partial_ordering order;
};
Order compare(const Value& a, const Value& b);

// As a person would write it in a rule: 'abc', 1.5, [1, 2]. For messages and tests.
std::string to_string(const Value& value);

// CEL's name of a type: "int", "null_type", "google.protobuf.Timestamp".
std::string_view name_of(Kind kind);

}  // namespace vigie::rules
