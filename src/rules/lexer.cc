#include "rules/lexer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/utf8.h"

namespace vigie::rules {
namespace {

constexpr std::array<std::string_view, 4> kKeywords = {"false", "in", "null", "true"};
constexpr std::array<std::string_view, 17> kReserved = {"as",       "break",  "const",  "continue", "else", "for",
                                                        "function", "if",     "import", "let",      "loop", "namespace",
                                                        "package",  "return", "var",    "void",     "while"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

std::optional<std::uint32_t> hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> run() {
    if (text_.size() > kMostExpressionBytes) {
      return refuse(kMostExpressionBytes, "the expression has more than 16,384 bytes", "split it into several rules");
    }
    if (const std::size_t valid = utf8_valid_prefix(text_); valid < text_.size()) {
      return refuse(valid, "this is not UTF-8", "save the file as UTF-8");
    }
    std::vector<Token> tokens;
    while (true) {
      skip_blanks();
      tokens.push_back(VIGIE_TRY(next()));
      if (tokens.back().kind == TokenKind::kEnd) return tokens;
    }
  }

 private:
  std::unexpected<Error> refuse(std::size_t at, std::string message, std::string remedy) const {
    return fail(Code::kInvalidData, std::move(message), place_at(text_, at), std::move(remedy));
  }

  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool done() const { return at_ >= text_.size(); }

  void skip_blanks() {
    while (!done()) {
      if (text_.substr(at_).starts_with("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (std::string_view(" \t\n\r\f").find(text_[at_]) != std::string_view::npos) {
        ++at_;
      } else {
        return;
      }
    }
  }

  Token token(TokenKind kind, std::size_t start) const {
    return {kind, static_cast<std::uint32_t>(start), text_.substr(start, at_ - start), {}};
  }

  Result<Token> next() {
    const std::size_t start = at_;
    if (done()) return token(TokenKind::kEnd, start);
    const char c = peek();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (const std::size_t prefix = string_prefix(); prefix != std::string_view::npos) return string(prefix);
    if (is_letter(c)) {
      while (is_letter(peek()) || is_digit(peek())) ++at_;
      const std::string_view word = text_.substr(start, at_ - start);
      if (std::ranges::find(kKeywords, word) != kKeywords.end()) return token(TokenKind::kKeyword, start);
      if (std::ranges::find(kReserved, word) != kReserved.end()) return token(TokenKind::kReserved, start);
      return token(TokenKind::kName, start);
    }
    for (const std::string_view symbol : {"==", "!=", "<=", ">=", "&&", "||"}) {
      if (text_.substr(at_).starts_with(symbol)) {
        at_ += 2;
        return token(TokenKind::kSymbol, start);
      }
    }
    if (std::string_view("+-*/%<>!?:.,()[]{}").find(c) != std::string_view::npos) {
      ++at_;
      return token(TokenKind::kSymbol, start);
    }
    return stray(c);
  }

  std::unexpected<Error> stray(char c) const {
    const std::string shown(text_.substr(at_, std::max<std::size_t>(1, utf8_sequence(text_.substr(at_)))));
    std::string remedy = "names have letters without accents, digits and _; text stands in quotes";
    if (c == '=') remedy = "write == to compare";
    if (c == '&') remedy = "write && for and";
    if (c == '|') remedy = "write || for or";
    if (shown == "’" || shown == "‘" || shown == "“" || shown == "”" || shown == "«" || shown == "»") {
      remedy = "quote text with ' or \"";
    }
    if (shown == "≥" || shown == "≤") remedy = "write >= or <=";
    return refuse(at_, "'" + shown + "' does not belong here", std::move(remedy));
  }

  Result<Token> number() {
    const std::size_t start = at_;
    TokenKind kind = TokenKind::kInt;
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X')) {
      at_ += 2;
      const std::size_t digits = at_;
      while (hex_digit(peek())) ++at_;
      if (at_ == digits) return refuse(start, "0x without digits", "write the number's hexadecimal digits behind it");
    } else {
      while (is_digit(peek())) ++at_;
      if (peek() == '.' && is_digit(peek(1))) {
        kind = TokenKind::kDouble;
        ++at_;
        while (is_digit(peek())) ++at_;
      }
      const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
        kind = TokenKind::kDouble;
        at_ += 1 + sign;
        while (is_digit(peek())) ++at_;
      }
    }
    if (kind == TokenKind::kInt && (peek() == 'u' || peek() == 'U')) {
      ++at_;
      kind = TokenKind::kUint;
    }
    if (is_letter(peek()) || is_digit(peek())) {
      std::size_t end = at_;
      while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
      return refuse(start, "'" + std::string(text_.substr(start, end - start)) + "' is no number",
                    "put a blank or an operator between a number and a name; digits are not grouped");
    }
    return token(kind, start);
  }

  // How many letters (b, r, br) stand before a string's quote; npos where no string begins here.
  std::size_t string_prefix() const {
    std::size_t length = 0;
    if (peek(length) == 'b' || peek(length) == 'B') ++length;
    if (peek(length) == 'r' || peek(length) == 'R') ++length;
    return peek(length) == '\'' || peek(length) == '"' ? length : std::string_view::npos;
  }

  Result<Token> string(std::size_t prefix) {
    const std::size_t start = at_;
    const bool bytes = peek() == 'b' || peek() == 'B';
    const bool raw = prefix > 0 && (text_[at_ + prefix - 1] == 'r' || text_[at_ + prefix - 1] == 'R');
    at_ += prefix;
    std::string_view quote = text_.substr(at_, 3);
    if (quote.size() < 3 || quote[1] != quote[0] || quote[2] != quote[0]) quote = text_.substr(at_, 1);
    at_ += quote.size();
    std::string value;
    while (!text_.substr(at_).starts_with(quote)) {
      if (done() || (quote.size() == 1 && (peek() == '\n' || peek() == '\r'))) {
        return refuse(start, "this text is not closed", "end it with " + std::string(quote));
      }
      if (raw || peek() != '\\') {
        value += text_[at_++];
      } else {
        VIGIE_TRY(escape(bytes, value));
      }
    }
    at_ += quote.size();
    Token made = token(bytes ? TokenKind::kBytes : TokenKind::kString, start);
    made.value = std::move(value);
    return made;
  }

  Status escape(bool bytes, std::string& value) {
    const std::size_t start = at_;
    const char c = peek(1);
    constexpr std::string_view kNames = "abfnrtv\\?\"'`";
    constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\?\"'`";
    if (const std::size_t i = kNames.find(c); i != std::string_view::npos && at_ + 1 < text_.size()) {
      value += kMeanings[i];
      at_ += 2;
      return {};
    }
    std::size_t digits = 0;
    std::uint32_t base = 16;
    std::size_t first = 2;
    if (c == 'x' || c == 'X') digits = 2;
    if (c == 'u' && !bytes) digits = 4;
    if (c == 'U' && !bytes) digits = 8;
    if (c >= '0' && c <= '3') digits = 3, base = 8, first = 1;
    std::uint32_t code = 0;
    bool good = digits > 0;
    for (std::size_t i = 0; good && i < digits; ++i) {
      const auto digit = hex_digit(peek(first + i));
      good = digit && *digit < base;
      if (good) code = code * base + *digit;
    }
    if (!good) {
      return refuse(start, "this escape is unknown", "write \\\\ for a backslash, or put r before the text");
    }
    if (!bytes && (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))) {
      return refuse(start, "no such character", "Unicode ends at 10FFFF and has no characters at D800 to DFFF");
    }
    at_ += first + digits;
    if (bytes) {
      value += static_cast<char>(code);
    } else {
      append_utf8(value, code);
    }
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<Token>> lex(std::string_view text) { return Lexer(text).run(); }

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

Place place_at(std::string_view text, std::size_t at) {
  Place place{.line = 1, .column = 1};
  for (std::size_t i = 0; i < std::min(at, text.size()); ++i) {
    if (text[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
      ++place.column;
    }
  }
  return place;
}

bool is_dotted_name(std::string_view name) {
  const auto tokens = lex(name);
  if (!tokens || tokens->size() % 2 != 0) return false;
  std::size_t end = 0;  // blanks between the parts are no part of a name
  for (std::size_t i = 0; i + 1 < tokens->size(); ++i) {
    const Token& token = (*tokens)[i];
    const bool fits = i % 2 == 1 ? token.text == "."
                                 : token.kind == TokenKind::kName || (i > 0 && token.kind == TokenKind::kReserved);
    if (!fits || token.at != end) return false;
    end = token.at + token.text.size();
  }
  return end == name.size();
}

}  // namespace vigie::rules
