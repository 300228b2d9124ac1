#include "model/card_text.h"

#include <fmt/format.h>

#include <cmath>

#include "base/utf8.h"

namespace vigie::model {

std::string escape_html(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    const std::string_view piece = text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(piece.size());
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (piece == "&") {
      out += "&amp;";
    } else if (piece == "<") {
      out += "&lt;";
    } else if (piece == ">") {
      out += "&gt;";
    } else if (piece == "\"") {
      out += "&quot;";
    } else if (piece == "'") {
      out += "&#39;";
    } else if (length == 1 && static_cast<unsigned char>(piece[0]) < 0x20) {
      out += ' ';
    } else {
      out += piece;
    }
  }
  return out;
}

std::string say(const Text& text, std::string_view element, std::string_view attributes) {
  const std::string space = attributes.empty() ? "" : " ";
  return fmt::format("<{0} lang=\"en\"{1}{2}>{3}</{0}><{0} lang=\"fr\"{1}{2}>{4}</{0}>", element, space, attributes,
                     text.en, text.fr);
}

Text same(const std::string& words) { return {words, words}; }

std::string fixed(double number, int digits) {
  std::string out = fmt::format("{:.{}f}", number, digits);
  if (out.starts_with('-') && out.find_first_not_of("-0.") == std::string::npos) out.erase(0, 1);
  return out;
}

std::string short_number(double number) { return fmt::format("{:.3g}", number == 0 ? 0 : number); }

std::string count(double number) {
  const std::string digits = fmt::format("{:.0f}", number);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0 && digits[i - 1] != '-') out += "\u202F";
    out += digits[i];
  }
  return out;
}

std::string percent(double share) { return short_number(share * 100) + "\u00A0%"; }

}  // namespace vigie::model
