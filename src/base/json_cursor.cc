#include "base/json_cursor.h"

namespace vigie {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, std::uint32_t point) {
  const auto byte = [&](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0 | (point >> 6));
    byte(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    byte(0xE0 | (point >> 12));
    byte(0x80 | ((point >> 6) & 0x3F));
    byte(0x80 | (point & 0x3F));
  } else {
    byte(0xF0 | (point >> 18));
    byte(0x80 | ((point >> 12) & 0x3F));
    byte(0x80 | ((point >> 6) & 0x3F));
    byte(0x80 | (point & 0x3F));
  }
}

}  // namespace

void JsonCursor::skip_spaces() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
    ++at_;
  }
}

bool JsonCursor::fail(std::string_view english, std::string_view french) {
  if (!fault_) fault_ = JsonFault{at_, english, french};
  return false;
}

std::optional<JsonCursor::Kind> JsonCursor::peek() {
  if (fault_) return std::nullopt;
  skip_spaces();
  const std::string_view rest = text_.substr(at_);
  switch (rest.empty() ? '\0' : rest.front()) {
    case '{': return Kind::kObject;
    case '[': return Kind::kArray;
    case '"': return Kind::kString;
    case 't':
    case 'f': return Kind::kBool;
    case 'n': return Kind::kNull;
    case 'N':
    case 'I': return Kind::kNotFinite;
    case '-': return rest.starts_with("-I") ? Kind::kNotFinite : Kind::kNumber;
    default:
      if (!rest.empty() && is_digit(rest.front())) return Kind::kNumber;
      fail("Expecting value", "une valeur est attendue");
      return std::nullopt;
  }
}

std::optional<JsonCursor::Value> JsonCursor::value() {
  const auto kind = peek();
  if (!kind) return std::nullopt;
  const std::size_t begin = at_;
  saw_not_finite_ = false;
  if (!skip(0)) return std::nullopt;
  return Value{*kind, text_.substr(begin, at_ - begin)};
}

std::optional<JsonCursor::Value> JsonCursor::text_value(std::string& decoded) {
  if (peek() != Kind::kString) return std::nullopt;
  const std::size_t begin = at_;
  saw_not_finite_ = false;
  decoded.clear();
  if (!string(&decoded)) return std::nullopt;
  return Value{Kind::kString, text_.substr(begin, at_ - begin)};
}

void JsonCursor::begin() {
  ++at_;
  first_ = true;
}

bool JsonCursor::next(char close) {
  if (fault_) return false;
  skip_spaces();
  if (at_ < text_.size() && text_[at_] == close) {
    ++at_;
    first_ = false;
    return false;
  }
  if (!first_) {
    if (at_ >= text_.size() || text_[at_] != ',') return fail("Expecting ',' delimiter", "« , » est attendu");
    ++at_;
    skip_spaces();
  }
  first_ = false;
  return true;
}

bool JsonCursor::next_member(std::string& key_text) { return next('}') && key(&key_text); }

bool JsonCursor::next_item() { return next(']'); }

bool JsonCursor::key(std::string* decoded) {
  skip_spaces();
  if (at_ >= text_.size() || text_[at_] != '"') {
    return fail("Expecting property name enclosed in double quotes", "un nom entre guillemets est attendu");
  }
  if (decoded != nullptr) decoded->clear();
  if (!string(decoded)) return false;
  skip_spaces();
  if (at_ >= text_.size() || text_[at_] != ':') return fail("Expecting ':' delimiter", "« : » est attendu");
  ++at_;
  return true;
}

void JsonCursor::end() {
  if (fault_) return;
  skip_spaces();
  if (at_ < text_.size()) fail("Extra data", "du texte suit la valeur");
}

bool JsonCursor::hex4(std::uint32_t& unit) {
  unit = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    unit <<= 4;
    if (is_digit(c)) {
      unit |= static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      unit |= static_cast<std::uint32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      unit |= static_cast<std::uint32_t>(c - 'A' + 10);
    } else {
      return fail("Invalid \\uXXXX escape", "séquence \\uXXXX invalide");
    }
  }
  return true;
}

bool JsonCursor::escape(std::string* decoded) {
  const char c = at_ < text_.size() ? text_[at_] : '\0';
  constexpr std::string_view kShort = "\"\\/bfnrt";
  constexpr std::string_view kMeans = "\"\\/\b\f\n\r\t";
  if (const auto which = kShort.find(c); which != std::string_view::npos && c != '\0') {
    ++at_;
    if (decoded != nullptr) decoded->push_back(kMeans[which]);
    return true;
  }
  if (c != 'u') return fail("Invalid \\escape", "séquence d'échappement invalide");
  ++at_;
  std::uint32_t point = 0;
  if (!hex4(point)) return false;
  if (point >= 0xD800 && point <= 0xDFFF) {
    std::uint32_t low = 0;
    if (point > 0xDBFF || !text_.substr(at_).starts_with("\\u")) {
      return fail("Unpaired surrogate", "moitié de caractère isolée");
    }
    at_ += 2;
    if (!hex4(low)) return false;
    if (low < 0xDC00 || low > 0xDFFF) return fail("Unpaired surrogate", "moitié de caractère isolée");
    point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
  }
  if (decoded != nullptr) append_utf8(*decoded, point);
  return true;
}

bool JsonCursor::string(std::string* decoded) {
  ++at_;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      return true;
    }
    if (static_cast<unsigned char>(c) < 0x20) return fail("Invalid control character", "caractère de contrôle");
    ++at_;
    if (c == '\\') {
      if (!escape(decoded)) return false;
    } else if (decoded != nullptr) {
      decoded->push_back(c);
    }
  }
  return fail("Unterminated string", "texte sans fin");
}

bool JsonCursor::number() {
  const auto digits = [&] {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ > begin ? true : fail("Malformed number", "nombre mal formé");
  };
  if (text_[at_] == '-') ++at_;
  if (at_ < text_.size() && text_[at_] == '0') {
    ++at_;
  } else if (!digits()) {
    return false;
  }
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    if (!digits()) return false;
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    if (!digits()) return false;
  }
  return true;
}

bool JsonCursor::word(std::string_view expected) {
  if (!text_.substr(at_).starts_with(expected)) return fail("Expecting value", "une valeur est attendue");
  at_ += expected.size();
  return true;
}

bool JsonCursor::skip(int depth) {
  const auto kind = peek();
  if (!kind) return false;
  switch (*kind) {
    case Kind::kString: return string(nullptr);
    case Kind::kNumber: return number();
    case Kind::kBool: return word(text_[at_] == 't' ? "true" : "false");
    case Kind::kNull: return word("null");
    case Kind::kNotFinite:
      saw_not_finite_ = true;
      return word(text_[at_] == 'N' ? "NaN" : text_[at_] == 'I' ? "Infinity" : "-Infinity");
    case Kind::kObject:
    case Kind::kArray: break;
  }
  if (depth == kDeepest) return fail("Nested too deeply", "imbrication trop profonde");
  const bool object = *kind == Kind::kObject;
  begin();
  while (next(object ? '}' : ']')) {
    if (object && !key(nullptr)) return false;
    if (!skip(depth + 1)) return false;
    first_ = false;
  }
  return !fault_;
}

}  // namespace vigie
