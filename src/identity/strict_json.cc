#include "identity/strict_json.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "base/json_cursor.h"
#include "base/utf8.h"

namespace vigie::identity {
namespace {

namespace json = boost::json;

class Reader {
 public:
  Reader(std::string_view text, const JsonLimits& limits) : cursor_(text), left_(limits.members), limits_(limits) {}

  Result<json::object> whole() {
    const auto kind = cursor_.peek();
    if (!kind) return fault();
    if (*kind != JsonCursor::Kind::kObject) return fail(Code::kInvalidData, "not a JSON object");
    json::object object = VIGIE_TRY(members(1));
    cursor_.end();
    if (cursor_.fault()) return fault();
    return object;
  }

 private:
  Result<json::object> members(int depth) {
    json::object object;
    cursor_.begin();
    for (std::string name; cursor_.next_member(name);) {
      VIGIE_TRY(count());
      if (object.contains(name)) return fail(Code::kInvalidData, "a member stands twice", here());
      object.emplace(name, VIGIE_TRY(value(depth)));
    }
    if (cursor_.fault()) return fault();
    return object;
  }

  Result<json::value> value(int depth) {
    const auto kind = cursor_.peek();
    if (!kind) return fault();
    const bool nested = *kind == JsonCursor::Kind::kObject || *kind == JsonCursor::Kind::kArray;
    if (nested && depth >= limits_.depth) return fail(Code::kResourceExhausted, "too deep", here());
    if (*kind == JsonCursor::Kind::kObject) return json::value(VIGIE_TRY(members(depth + 1)));
    if (*kind == JsonCursor::Kind::kArray) return json::value(VIGIE_TRY(items(depth + 1)));
    if (*kind == JsonCursor::Kind::kNotFinite) return fail(Code::kInvalidData, "not a JSON number", here());
    const auto scalar = cursor_.value();
    if (!scalar) return fault();
    json::error_code error;
    json::value parsed = json::parse(scalar->text, error);
    if (error) return fail(Code::kInvalidData, "not JSON", here());
    return parsed;
  }

  Result<json::array> items(int depth) {
    json::array array;
    cursor_.begin();
    while (cursor_.next_item()) {
      VIGIE_TRY(count());
      array.push_back(VIGIE_TRY(value(depth)));
    }
    if (cursor_.fault()) return fault();
    return array;
  }

  Status count() {
    if (left_ == 0) return fail(Code::kResourceExhausted, "too many members", here());
    --left_;
    return {};
  }

  Place here() const { return {.column = cursor_.at() + 1}; }
  std::unexpected<Error> fault() const {
    return fail(Code::kInvalidData, "not JSON", {.column = cursor_.fault() ? cursor_.fault()->at + 1 : 0});
  }

  JsonCursor cursor_;
  std::size_t left_;
  JsonLimits limits_;
};

}  // namespace

Result<boost::json::object> parse_object(std::string_view text, const JsonLimits& limits) {
  if (!is_utf8(text)) {
    return fail(Code::kInvalidData, "not UTF-8", {.column = utf8_valid_prefix(text) + 1});
  }
  return Reader(text, limits).whole();
}

}  // namespace vigie::identity
