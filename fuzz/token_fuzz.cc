// Bearer tokens: what is taken apart has one spelling only, and claims that are read once are read the same again.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "identity/base64url.h"
#include "identity/claims.h"
#include "identity/strict_json.h"
#include "identity/token.h"

using namespace vigie::identity;

namespace {

namespace json = boost::json;

// JSON has numbers that no double holds; what they are read as cannot be written out.
bool can_be_written(const json::value& value) {
  if (value.is_double()) return std::isfinite(value.get_double());
  if (value.is_array()) return std::ranges::all_of(value.get_array(), can_be_written);
  return !value.is_object() || std::ranges::all_of(value.get_object(), [](const json::key_value_pair& member) {
    return can_be_written(member.value());
  });
}

// Written out and read again, a number of many digits may differ in its last one.
bool same(const json::value& one, const json::value& other) {
  if (one.is_double() && other.is_number()) {
    const double number = one.get_double();
    return number == other.to_number<double>() ||
           std::abs(number - other.to_number<double>()) <= 1e-14 * std::abs(number);
  }
  if (one.kind() != other.kind()) return false;
  if (one.is_array()) return std::ranges::equal(one.get_array(), other.get_array(), same);
  if (!one.is_object()) return one == other;
  return one.get_object().size() == other.get_object().size() &&
         std::ranges::all_of(one.get_object(), [&](const json::key_value_pair& member) {
           const json::value* const there = other.get_object().if_contains(member.key());
           return there != nullptr && same(member.value(), *there);
         });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // In memory of its own size, so that a read beyond the end is seen.
  const std::vector<char> given(data, data + size);
  const std::string_view text(given.data(), given.size());
  if (const auto token = parse_token(text)) {
    if (std::string(token->signed_part) + "." + encode_base64url(token->signature) != text) std::abort();
    if (!token->signed_part.ends_with("." + encode_base64url(token->payload))) std::abort();
  }
  // What may be sent to an issuer is nothing that a form or a header could be broken with, and no signed token.
  if (is_opaque(text)) {
    if (parse_token(text) || text.size() > kLongestToken) std::abort();
    for (const char letter : text) {
      if (letter <= ' ' || letter > '~' || letter == '"' || letter == '%' || letter == '&') std::abort();
    }
  }
  // The payload by itself too: a fuzzer does not find base64 by itself.
  if (const auto claims = parse_claims(text)) {
    (void)texts_at(claims->all, {"realm_access", "roles"});
    if (!can_be_written(claims->all)) return 0;
    const auto again = parse_object(json::serialize(claims->all));
    if (!again || !same(claims->all, *again)) std::abort();
  }
  return 0;
}
