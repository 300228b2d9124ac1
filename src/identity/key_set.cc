#include "identity/key_set.h"

#include <algorithm>
#include <boost/json/array.hpp>

#include "identity/base64url.h"
#include "identity/strict_json.h"

namespace vigie::identity {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostKeys = 100;

// Nothing where there is no such member.
Result<std::optional<std::string>> text(const json::object& object, const char* name) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) return fail(Code::kInvalidData, "not a string", {.field = name});
  return std::string(value->get_string());
}

Result<std::string> bytes(const json::object& object, const char* name) {
  const auto encoded = VIGIE_TRY(text(object, name));
  if (!encoded) return fail(Code::kInvalidData, "missing", {.field = name});
  auto decoded = decode_base64url(*encoded);
  if (!decoded) return fail(Code::kInvalidData, "not base64url", {.field = name});
  return std::move(*decoded);
}

bool is_for_verifying(const json::object& object) {
  const json::value* const operations = object.if_contains("key_ops");
  if (operations == nullptr) return true;
  return operations->is_array() && std::ranges::any_of(operations->get_array(), [](const json::value& operation) {
           return operation.is_string() && operation.get_string() == "verify";
         });
}

Result<PublicKey> read_key(const json::object& object) {
  const auto type = VIGIE_TRY(text(object, "kty"));
  if (type == "RSA") return PublicKey::rsa(VIGIE_TRY(bytes(object, "n")), VIGIE_TRY(bytes(object, "e")));
  if (type != "EC") return fail(Code::kUnsupported, "a key of another type than RSA and EC", {.field = "kty"});
  const auto curve = VIGIE_TRY(text(object, "crv"));
  if (curve != "P-256" && curve != "P-384") {
    return fail(Code::kUnsupported, "a curve other than P-256 and P-384", {.field = "crv"});
  }
  const std::string x = VIGIE_TRY(bytes(object, "x"));
  const std::string y = VIGIE_TRY(bytes(object, "y"));
  return PublicKey::ec(curve == "P-256" ? Curve::kP256 : Curve::kP384, x, y);
}

Result<SigningKey> read_jwk(const json::object& object) {
  const auto use = VIGIE_TRY(text(object, "use"));
  if (use && *use != "sig") return fail(Code::kUnsupported, "not for signatures", {.field = "use"});
  if (!is_for_verifying(object)) return fail(Code::kUnsupported, "not for checking signatures", {.field = "key_ops"});
  const auto name = VIGIE_TRY(text(object, "alg"));
  const std::optional<Algorithm> algorithm = name ? parse_algorithm(*name) : std::nullopt;
  if (name && !algorithm) return fail(Code::kUnsupported, "for another algorithm", {.field = "alg"});
  const auto id = VIGIE_TRY(text(object, "kid"));
  PublicKey key = VIGIE_TRY(read_key(object));
  if (algorithm && !key.fits(*algorithm)) {
    return fail(Code::kInvalidData, "no key of this type signs with it", {.field = "alg"});
  }
  return SigningKey{id.value_or(""), algorithm, std::move(key)};
}

}  // namespace

Result<SigningKey> parse_jwk(std::string_view json) { return read_jwk(VIGIE_TRY(parse_object(json))); }

Result<KeySet> KeySet::parse(std::string_view json) {
  // A certificate chain (x5c) is a few kilobytes of text in one member.
  const json::object document = VIGIE_TRY(parse_object(json, {.members = 10'000}));
  const json::value* const list = document.if_contains("keys");
  if (list == nullptr || !list->is_array()) return fail(Code::kInvalidData, "no list of keys", {.field = "keys"});
  if (list->get_array().size() > kMostKeys) {
    return fail(Code::kResourceExhausted, "more than 100 keys", {.field = "keys"});
  }
  KeySet set;
  for (const json::value& item : list->get_array()) {
    if (!item.is_object()) return fail(Code::kInvalidData, "an entry is no object", {.field = "keys"});
    Result<SigningKey> key = read_jwk(item.get_object());
    if (!key) {
      const json::value* const id = item.get_object().if_contains("kid");
      const bool named = id != nullptr && id->is_string();
      set.left_out_.push_back({named ? std::string(id->get_string()) : std::string(), key.error().to_string()});
    } else if (!key->id.empty() && std::ranges::any_of(set.keys_, [&](const auto& has) { return has.id == key->id; })) {
      return fail(Code::kInvalidData, "two keys have one id", {.field = "kid"});
    } else {
      set.keys_.push_back(std::move(*key));
    }
  }
  return set;
}

const SigningKey* KeySet::find(std::string_view id, Algorithm algorithm) const {
  const SigningKey* found = nullptr;
  for (const SigningKey& key : keys_) {
    if (!id.empty()) {
      if (key.id == id) return &key;
      continue;
    }
    if (!key.key.fits(algorithm) || (key.algorithm && *key.algorithm != algorithm)) continue;
    if (found != nullptr) return nullptr;
    found = &key;
  }
  return found;
}

}  // namespace vigie::identity
