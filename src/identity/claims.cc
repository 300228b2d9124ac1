#include "identity/claims.h"

#include <boost/json/array.hpp>
#include <cmath>

#include "identity/strict_json.h"

namespace vigie::identity {
namespace {

namespace json = boost::json;

constexpr double kLatest = 253'402'300'799;  // 9999-12-31T23:59:59Z

Status read_text(const json::object& object, const char* name, std::string& out) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr) return {};
  if (!value->is_string()) return fail(Code::kInvalidData, "not a string", {.field = name});
  out = value->get_string();
  return {};
}

Status read_time(const json::object& object, const char* name, std::optional<WallTime>& out) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr) return {};
  if (!value->is_number()) return fail(Code::kInvalidData, "not a number of seconds", {.field = name});
  const double seconds = value->to_number<double>();
  if (!(seconds >= 0 && seconds <= kLatest)) return fail(Code::kInvalidData, "not a time", {.field = name});
  out = WallTime(std::chrono::microseconds(std::llround(seconds * 1e6)));
  return {};
}

Status read_audiences(const json::object& object, std::vector<std::string>& out) {
  const json::value* const value = object.if_contains("aud");
  if (value == nullptr) return {};
  if (value->is_string()) {
    out.emplace_back(value->get_string());
    return {};
  }
  if (!value->is_array()) return fail(Code::kInvalidData, "neither a string nor a list of them", {.field = "aud"});
  for (const json::value& item : value->get_array()) {
    if (!item.is_string()) return fail(Code::kInvalidData, "an entry is no string", {.field = "aud"});
    out.emplace_back(item.get_string());
  }
  return {};
}

}  // namespace

Result<Claims> parse_claims(std::string_view payload) { return read_claims(VIGIE_TRY(parse_object(payload))); }

Result<Claims> read_claims(boost::json::object object) {
  Claims claims;
  claims.all = std::move(object);
  VIGIE_TRY(read_text(claims.all, "iss", claims.issuer));
  VIGIE_TRY(read_text(claims.all, "sub", claims.subject));
  VIGIE_TRY(read_text(claims.all, "jti", claims.id));
  VIGIE_TRY(read_text(claims.all, claims.all.contains("azp") ? "azp" : "client_id", claims.authorized_party));
  VIGIE_TRY(read_audiences(claims.all, claims.audiences));
  VIGIE_TRY(read_time(claims.all, "exp", claims.expires));
  VIGIE_TRY(read_time(claims.all, "nbf", claims.not_before));
  VIGIE_TRY(read_time(claims.all, "iat", claims.issued));
  return claims;
}

std::vector<std::string> texts_at(const boost::json::object& claims, const std::vector<std::string>& path) {
  const json::object* object = &claims;
  const json::value* value = nullptr;
  for (const std::string& name : path) {
    value = object == nullptr ? nullptr : object->if_contains(name);
    if (value == nullptr) return {};
    object = value->if_object();
  }
  std::vector<std::string> texts;
  if (value == nullptr) return texts;
  if (const json::string* const text = value->if_string()) {
    std::string_view rest(*text);
    while (!rest.empty()) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      if (!word.empty()) texts.emplace_back(word);
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    }
  } else if (const json::array* const list = value->if_array()) {
    for (const json::value& item : *list) {
      if (item.is_string()) texts.emplace_back(item.get_string());
    }
  }
  return texts;
}

}  // namespace vigie::identity
