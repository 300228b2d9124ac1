// The words of a rule's text. Grammar: the Common Expression Language's (cel-spec, doc/langdef.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vigie::rules {

inline constexpr std::size_t kMostExpressionBytes = 16 * 1024;

enum class TokenKind : std::uint8_t {
  kEnd,
  kName,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kSymbol,   // an operator or a bracket: what it is stands in its text
  kKeyword,  // true, false, null, in
  kReserved  // words that the language keeps for later: no names, but fit after a dot
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::uint32_t at = 0;   // its first byte in the text
  std::string_view text;  // as it stands there
  std::string value;      // of strings and bytes: what the escapes mean
};

// All tokens, with kEnd last. Errors: kInvalidData with line and column (in characters) for what is no token, for text
// that is not UTF-8, and for more than kMostExpressionBytes. The tokens see `text`.
Result<std::vector<Token>> lex(std::string_view text);

// Line and column, in characters from 1, of a byte of `text`.
Place place_at(std::string_view text, std::size_t at);

// `code_point` in UTF-8; at most 10FFFF.
void append_utf8(std::string& out, std::uint32_t code_point);

// Whether `name` is identifiers joined by dots, the first of which is no word of the language.
bool is_dotted_name(std::string_view name);

}  // namespace vigie::rules
