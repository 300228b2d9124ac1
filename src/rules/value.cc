#include "rules/value.h"

#include <algorithm>

#include "base/number.h"
#include "rules/time.h"

namespace vigie::rules {
namespace {

bool is_number(const Value& value) {
  return value.kind() == Kind::kInt || value.kind() == Kind::kUint || value.kind() == Kind::kDouble;
}

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr double kTwoTo64 = 18446744073709551616.0;

std::partial_ordering compare_with_double(std::int64_t a, double b) {
  if (b > kTwoTo63) return std::partial_ordering::less;
  if (b < -kTwoTo63) return std::partial_ordering::greater;
  return static_cast<double>(a) <=> b;
}

std::partial_ordering compare_with_double(std::uint64_t a, double b) {
  if (b > kTwoTo64) return std::partial_ordering::less;
  if (b < 0) return std::partial_ordering::greater;
  return static_cast<double>(a) <=> b;
}

std::partial_ordering compare_with_uint(std::int64_t a, std::uint64_t b) {
  if (a < 0) return std::partial_ordering::less;
  return static_cast<std::uint64_t>(a) <=> b;
}

std::partial_ordering reversed(std::partial_ordering order) { return 0 <=> order; }

std::partial_ordering compare_numbers(const Value& a, const Value& b) {
  switch (a.kind()) {
    case Kind::kInt:
      if (b.kind() == Kind::kInt) return a.as_int() <=> b.as_int();
      if (b.kind() == Kind::kUint) return compare_with_uint(a.as_int(), b.as_uint());
      return compare_with_double(a.as_int(), b.as_double());
    case Kind::kUint:
      if (b.kind() == Kind::kUint) return a.as_uint() <=> b.as_uint();
      if (b.kind() == Kind::kInt) return reversed(compare_with_uint(b.as_int(), a.as_uint()));
      return compare_with_double(a.as_uint(), b.as_double());
    default:
      if (b.kind() == Kind::kDouble) return a.as_double() <=> b.as_double();
      if (b.kind() == Kind::kInt) return reversed(compare_with_double(b.as_int(), a.as_double()));
      return reversed(compare_with_double(b.as_uint(), a.as_double()));
  }
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

}  // namespace

bool equal(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return is_number(a) && is_number(b) && compare_numbers(a, b) == 0;
  switch (a.kind()) {
    case Kind::kNull: return true;
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDuration:
    case Kind::kType: return a.as_int() == b.as_int();
    case Kind::kDouble: return a.as_double() == b.as_double();
    case Kind::kString:
    case Kind::kBytes: return a.as_text() == b.as_text();
    case Kind::kTimestamp: return a.seconds() == b.seconds() && a.nanos() == b.nanos();
    case Kind::kList: return std::ranges::equal(a.as_list(), b.as_list(), equal);
    default: return false;
  }
}

Order compare(const Value& a, const Value& b) {
  if (is_number(a) && is_number(b)) return {true, compare_numbers(a, b)};
  if (a.kind() == b.kind()) {
    switch (a.kind()) {
      case Kind::kBool:
      case Kind::kDuration: return {true, a.as_int() <=> b.as_int()};
      case Kind::kString:
      // UTF-8 in the order of its bytes is Unicode in the order of its code points.
      case Kind::kBytes: return {true, a.as_text() <=> b.as_text()};
      case Kind::kTimestamp:
        if (a.seconds() != b.seconds()) return {true, a.seconds() <=> b.seconds()};
        return {true, a.nanos() <=> b.nanos()};
      default: break;
    }
  }
  return {false, std::partial_ordering::unordered};
}

std::string_view text_of(Fault fault, bool french) {
  switch (fault) {
    case Fault::kAbsent: return french ? "le champ est absent" : "the field is absent";
    case Fault::kOverflow: return french ? "le résultat dépasse son type" : "the result does not fit its type";
    case Fault::kDivisionByZero: return french ? "division par zéro" : "division by zero";
    case Fault::kRange: return french ? "valeur hors de l'intervalle de son type" : "a value outside its type's range";
    case Fault::kConversion: return french ? "texte impossible à convertir" : "text that cannot be converted";
    case Fault::kOverload:
      return french ? "opération inconnue pour ces valeurs" : "no such operation for values of these types";
    case Fault::kIndex: return french ? "position hors de la liste" : "a position outside the list";
    case Fault::kEncoding: return french ? "octets qui ne sont pas de l'UTF-8" : "bytes that are not UTF-8";
    case Fault::kTooLong:
      return french ? "texte ou liste au-delà de la taille déclarée" : "text or a list beyond its declared size";
    case Fault::kZone: return french ? "fuseau horaire inconnu" : "unknown time zone";
  }
  return "";
}

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::kAbsent: return "absent";
    case Kind::kError: return "error";
    case Kind::kNull: return "null_type";
    case Kind::kBool: return "bool";
    case Kind::kInt: return "int";
    case Kind::kUint: return "uint";
    case Kind::kDouble: return "double";
    case Kind::kString: return "string";
    case Kind::kBytes: return "bytes";
    case Kind::kList: return "list";
    case Kind::kTimestamp: return "google.protobuf.Timestamp";
    case Kind::kDuration: return "google.protobuf.Duration";
    case Kind::kType: return "type";
    case Kind::kDyn: return "dyn";
    case Kind::kZone: return "zone";
    case Kind::kPattern: return "pattern";
  }
  return "";
}

std::string to_string(const Value& value) {
  switch (value.kind()) {
    case Kind::kAbsent: return "absent";
    case Kind::kError: return "error: " + std::string(text_of(value.fault(), false));
    case Kind::kNull: return "null";
    case Kind::kBool: return value.as_bool() ? "true" : "false";
    case Kind::kInt: return std::to_string(value.as_int());
    case Kind::kUint: return std::to_string(value.as_uint()) + "u";
    case Kind::kDouble: return format_double(value.as_double());
    case Kind::kString: return quoted(value.as_text());
    case Kind::kBytes: return "b" + quoted(value.as_text());
    case Kind::kTimestamp: return "timestamp('" + format_timestamp(value) + "')";
    case Kind::kDuration: return "duration('" + format_duration(value) + "')";
    case Kind::kType: return std::string(name_of(value.as_type()));
    case Kind::kDyn:
    case Kind::kZone:
    case Kind::kPattern: return std::string(name_of(value.kind()));
    case Kind::kList: {
      std::string out = "[";
      for (const Value& item : value.as_list()) out += (out.size() > 1 ? ", " : "") + to_string(item);
      return out + "]";
    }
  }
  return "";
}

}  // namespace vigie::rules
