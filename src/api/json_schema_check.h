// Holds a JSON value against a schema of the OpenAPI document, with as much of JSON Schema as the document uses: a word
// that is not known here fails, so that nothing goes unchecked. For tests.
#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <regex>
#include <string>
#include <string_view>

namespace vigie::api {

// Where an object's schema lists properties and does not speak of others, there may be none: an answer has no member
// that the document does not name.
class JsonSchemaCheck {
 public:
  explicit JsonSchemaCheck(const boost::json::value& document) : document_(document) {}

  // What is wrong and where; empty: nothing.
  std::string fault(const boost::json::value& schema, const boost::json::value& value,
                    const std::string& place = "$") const {
    for (const auto& [word, rule] : schema.as_object()) {
      if (std::string wrong = fault_of(word, rule, schema.as_object(), value, place); !wrong.empty()) return wrong;
    }
    return {};
  }

 private:
  std::string fault_of(std::string_view word, const boost::json::value& rule, const boost::json::object& schema,
                       const boost::json::value& value, const std::string& place) const {
    const auto unless = [&](bool right) {
      return right ? std::string()
                   : place + ": " + std::string(word) + " " + serialize(rule) + ", got " + serialize(value);
    };
    if (word == "$ref") return fault(resolve(rule.as_string()), value, place);
    if (word == "type") return unless(has_type(rule, value));
    if (word == "const") return unless(value == rule);
    if (word == "enum") return unless(contains(rule.as_array(), value));
    if (word == "minimum") return unless(!value.is_number() || number(value) >= number(rule));
    if (word == "maximum") return unless(!value.is_number() || number(value) <= number(rule));
    if (word == "exclusiveMinimum") return unless(!value.is_number() || number(value) > number(rule));
    if (word == "minLength") return unless(!value.is_string() || value.as_string().size() >= size_of(rule));
    if (word == "maxLength") return unless(!value.is_string() || value.as_string().size() <= size_of(rule));
    if (word == "pattern") {
      return unless(!value.is_string() ||
                    std::regex_search(std::string(value.as_string()), std::regex(std::string(rule.as_string()))));
    }
    if (word == "minItems") return unless(!value.is_array() || value.as_array().size() >= size_of(rule));
    if (word == "maxItems") return unless(!value.is_array() || value.as_array().size() <= size_of(rule));
    if (word == "required") return missing(rule.as_array(), value, place);
    if (word == "additionalProperties" && !schema.contains("properties")) return members({}, schema, value, place);
    if (word == "properties") return members(rule.as_object(), schema, value, place);
    if (word == "items") return items(rule, value, place);
    if (word == "oneOf" || word == "anyOf") {
      std::size_t fitting = 0;
      std::string faults;
      for (const auto& branch : rule.as_array()) {
        const std::string wrong = fault(branch, value, place);
        fitting += wrong.empty() ? 1 : 0;
        faults += wrong + "; ";
      }
      if (word == "oneOf" ? fitting == 1 : fitting > 0) return {};
      return place + ": " + std::to_string(fitting) + " of " + std::string(word) + " fit: " + faults;
    }
    const bool says_nothing_of_values = word == "description" || word == "examples" || word == "format" ||
                                        word == "additionalProperties" || word.starts_with("x-");
    return says_nothing_of_values ? std::string() : place + ": this check does not know " + std::string(word);
  }

  const boost::json::value& resolve(std::string_view reference) const {
    return document_.at_pointer(reference.substr(1));  // without '#'
  }

  static double number(const boost::json::value& value) { return value.to_number<double>(); }
  static std::size_t size_of(const boost::json::value& value) { return value.to_number<std::size_t>(); }
  static bool contains(const boost::json::array& all, const boost::json::value& value) {
    return std::find(all.begin(), all.end(), value) != all.end();
  }

  static bool has_type(const boost::json::value& rule, const boost::json::value& value) {
    if (const auto* several = rule.if_array()) {
      for (const auto& one : *several) {
        if (has_type(one, value)) return true;
      }
      return false;
    }
    const std::string_view type = rule.as_string();
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_bool();
    if (type == "null") return value.is_null();
    if (type == "number") return value.is_number();
    return type == "integer" && (value.is_int64() || value.is_uint64());
  }

  static std::string missing(const boost::json::array& names, const boost::json::value& value,
                             const std::string& place) {
    if (!value.is_object()) return {};
    for (const auto& name : names) {
      if (!value.as_object().contains(name.as_string())) return place + ": no " + std::string(name.as_string());
    }
    return {};
  }

  std::string members(const boost::json::object& properties, const boost::json::object& schema,
                      const boost::json::value& value, const std::string& place) const {
    if (!value.is_object()) return {};
    const auto* others = schema.if_contains("additionalProperties");
    for (const auto& [name, member] : value.as_object()) {
      if (const auto* property = properties.if_contains(name)) {
        if (std::string wrong = fault(*property, member, place + "." + std::string(name)); !wrong.empty()) return wrong;
      } else if (others != nullptr && others->is_object()) {
        if (std::string wrong = fault(*others, member, place + "." + std::string(name)); !wrong.empty()) return wrong;
      } else if (others == nullptr || *others != boost::json::value(true)) {
        return place + ": " + std::string(name) + " is not in the document";
      }
    }
    return {};
  }

  std::string items(const boost::json::value& rule, const boost::json::value& value, const std::string& place) const {
    if (!value.is_array()) return {};
    for (std::size_t i = 0; i < value.as_array().size(); ++i) {
      const std::string there = place + "[" + std::to_string(i) + "]";
      if (std::string wrong = fault(rule, value.as_array()[i], there); !wrong.empty()) return wrong;
    }
    return {};
  }

  const boost::json::value& document_;
};

}  // namespace vigie::api
