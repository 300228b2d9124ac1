// Reads JSON strictly (RFC 8259), one value at a time, and knows the byte where it is wrong. This is the exact reader
// that explains bodies, and what the fast one of card bodies is measured against. `NaN`, `Infinity` and
// `-Infinity`, which Python writes, are read as values of their own kind, so that they can be refused by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vigie {

struct JsonFault {
  std::size_t at = 0;        // offset in the text
  std::string_view english;  // "Expecting value"
  std::string_view french;
};

class JsonCursor {
 public:
  enum class Kind : std::uint8_t { kObject, kArray, kString, kNumber, kBool, kNull, kNotFinite };
  struct Value {
    Kind kind;
    std::string_view text;  // as it stands in the document
  };

  explicit JsonCursor(std::string_view text) : text_(text) {}

  // The kind of the value that comes next; nothing at a fault.
  std::optional<Kind> peek();
  // Reads a whole value, checked to its last byte.
  std::optional<Value> value();

  // The same of a text, decoded; nothing at a fault, or where it is none.
  std::optional<Value> text_value(std::string& decoded);

  // Walks an object or array: begin() where peek() said so, then next_...() until it says false: at the end or at a
  // fault. Between two calls the caller reads exactly one value.
  void begin();
  bool next_member(std::string& key_text);  // the key decoded
  bool next_item();

  // Nothing but spaces may follow.
  void end();

  const std::optional<JsonFault>& fault() const { return fault_; }
  std::size_t at() const { return at_; }
  // Whether the last value() holds a NaN or Infinity: then it cannot be told back as JSON.
  bool saw_not_finite() const { return saw_not_finite_; }
  std::string_view text() const { return text_; }

 private:
  static constexpr int kDeepest = 64;

  void skip_spaces();
  bool fail(std::string_view english, std::string_view french);
  bool string(std::string* decoded);
  bool escape(std::string* decoded);
  bool hex4(std::uint32_t& unit);
  bool number();
  bool word(std::string_view expected);
  bool skip(int depth);
  bool next(char close);
  bool key(std::string* decoded);

  std::string_view text_;
  std::size_t at_ = 0;
  bool first_ = false;
  bool saw_not_finite_ = false;
  std::optional<JsonFault> fault_;
};

}  // namespace vigie
