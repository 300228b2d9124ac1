#include "rules/textproto.h"

#include <algorithm>

#include "rules/lexer.h"

namespace vigie::rules {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<TextField> run() {
    TextField file{.message = true};
    VIGIE_TRY(fields(file, '\0'));
    return file;
  }

 private:
  std::unexpected<Error> refuse(std::string message) const {
    return fail(Code::kInvalidData, std::move(message), place_at(text_, at_));
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (at_ < text_.size()) {
      if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (std::string_view(" \t\r\n,;").find(text_[at_]) != std::string_view::npos) {
        ++at_;
      } else {
        return;
      }
    }
  }

  Status fields(TextField& into, char close) {
    while (true) {
      skip_blanks();
      if (peek() == close) {
        if (close != '\0') ++at_;
        return {};
      }
      TextField field;
      const std::size_t begin = at_;
      if (peek() == '[') {
        at_ = text_.find(']', at_);
        if (at_ == std::string_view::npos) return refuse("no ]");
        field.name = text_.substr(begin + 1, at_++ - begin - 1);
      } else {
        field.name = word();
      }
      if (field.name.empty()) return refuse("no field");
      skip_blanks();
      if (peek() == ':') ++at_;
      skip_blanks();
      if (peek() == '[') return refuse("lists of values are not read here");
      if (peek() == '{') {
        ++at_;
        field.message = true;
        VIGIE_TRY(fields(field, '}'));
      } else {
        field.scalar = VIGIE_TRY(scalar());
      }
      into.fields.push_back(std::move(field));
    }
  }

  std::string word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && std::string_view(" \t\r\n,;:{}[]#\"'").find(text_[at_]) == std::string_view::npos)
      ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  Result<std::string> scalar() {
    if (peek() != '"' && peek() != '\'') return word();
    std::string value;
    while (peek() == '"' || peek() == '\'') {
      const char quote = text_[at_++];
      while (peek() != quote) {
        if (at_ >= text_.size()) return refuse("text is not closed");
        if (text_[at_] == '\\') {
          escape(value);
        } else {
          value += text_[at_++];
        }
      }
      ++at_;
      skip_blanks();
    }
    return value;
  }

  void escape(std::string& value) {
    constexpr std::string_view kNames = "abfnrtv\\?\"'";
    constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\?\"'";
    ++at_;
    const char c = peek();
    if (const std::size_t i = kNames.find(c); i != std::string_view::npos) {
      value += kMeanings[i];
      ++at_;
      return;
    }
    const bool point = c == 'u' || c == 'U';
    const bool hex = point || c == 'x' || c == 'X';
    const int most = c == 'U' ? 8 : c == 'u' ? 4 : hex ? 2 : 3;
    if (hex) ++at_;
    std::uint32_t code = 0;
    for (int digits = 0; digits < most; ++digits, ++at_) {
      const auto digit =
          std::string_view(hex ? "0123456789abcdef" : "01234567").find(static_cast<char>(hex ? peek() | 0x20 : peek()));
      if (peek() == '\0' || digit == std::string_view::npos) break;
      code = code * (hex ? 16 : 8) + static_cast<std::uint32_t>(digit);
    }
    if (point) {
      append_utf8(value, code);
    } else {
      value += static_cast<char>(code);
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

const TextField* TextField::find(std::string_view wanted) const {
  const auto found = std::ranges::find(fields, wanted, &TextField::name);
  return found == fields.end() ? nullptr : &*found;
}

std::vector<const TextField*> TextField::all(std::string_view wanted) const {
  std::vector<const TextField*> found;
  for (const TextField& field : fields) {
    if (field.name == wanted) found.push_back(&field);
  }
  return found;
}

std::string TextField::text(std::string_view wanted) const {
  const TextField* const field = find(wanted);
  return field == nullptr ? "" : field->scalar;
}

Result<TextField> parse_textproto(std::string_view text) { return Reader(text).run(); }

}  // namespace vigie::rules
