// Writes JSON text in the order it is told: deterministic bytes, numbers in their shortest exact form, UTF-8 strings
// escaped. Reading is Boost.JSON's or simdjson's work. The caller keeps the nesting right (asserted).
//
//   JsonWriter json;                      // or JsonWriter(2): indented for people
//   json.begin_object().member("rows", 5).key("ids").begin_array().value(1).end_array().end_object();
//   std::move(json).text()
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vigie {

class JsonWriter {
 public:
  explicit JsonWriter(int indent = 0) : indent_(indent) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(double number);  // null where it is not finite: JSON has no other word for it
  JsonWriter& value(float number) { return value(static_cast<double>(number)); }
  JsonWriter& value(bool flag);
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  JsonWriter& value(T number) {
    return raw(std::to_string(number));
  }
  JsonWriter& null() { return raw("null"); }
  // Arrays of plain values stay on one line even when indenting.
  template <typename T>
  JsonWriter& values(std::span<const T> items) {
    begin_array();
    const int saved = indent_;
    indent_ = 0;
    for (const auto& item : items) value(item);
    end_array();
    indent_ = saved;
    return *this;
  }
  template <typename T>
  JsonWriter& member(std::string_view name, const T& item) {
    return key(name).value(item);
  }
  // Text that is JSON already.
  JsonWriter& raw(std::string_view json);

  const std::string& text() const& { return out_; }
  std::string text() && { return std::move(out_); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void before_value();
  void new_line();

  std::string out_;
  std::vector<bool> has_items_;
  int indent_;
  bool after_key_ = false;
};

// `text` between quotes, escaped; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace vigie
