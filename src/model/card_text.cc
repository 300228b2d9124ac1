#include "model/card_text.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

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

std::string with_comma(std::string number) {
  if (const auto point = number.find('.'); point != std::string::npos) number[point] = ',';
  return number;
}

std::string in_both(const std::string& number, std::string_view element, std::string_view attributes) {
  if (number.find('.') != std::string::npos) {
    return say({number, with_comma(number)}, element.empty() ? "span" : element, attributes);
  }
  if (element.empty()) return number;
  return fmt::format("<{0} {1}>{2}</{0}>", element, attributes, number);
}

Text split_text(std::string_view split) {
  // The parts of a sentence between what varies, in English and in French.
  struct Sentence {
    std::vector<std::string_view> en;
    std::vector<std::string_view> fr;
  };
  static const Sentence kSentences[] = {
      {{"random hold-out of ", ""}, {"mise de côté aléatoire de ", ""}},
      {{"last ", " by Time"}, {"les derniers ", " selon Time"}},
      {{"", " folds, each measured by a fit on the others"},
       {"", " plis, chacun mesuré par un apprentissage sur les autres"}},
      {{"the ", " days from ", " on, ", " days after those learnt from"},
       {"les ", " jours à partir du ", ", ", " jours après ceux de l’apprentissage"}}};
  const std::string en = escape_html(split);
  for (const Sentence& sentence : kSentences) {
    if (!split.starts_with(sentence.en[0])) continue;
    std::string_view rest = split.substr(sentence.en[0].size());
    std::string fr(sentence.fr[0]);
    std::size_t part = 1;
    for (; part < sentence.en.size(); ++part) {
      const std::string_view between = sentence.en[part];
      const auto at = part + 1 == sentence.en.size()
                          ? (rest.ends_with(between) ? rest.size() - between.size() : std::string_view::npos)
                          : rest.find(between);
      if (at == std::string_view::npos) break;
      fr += with_comma(escape_html(rest.substr(0, at))) + std::string(sentence.fr[part]);
      rest.remove_prefix(at + between.size());
    }
    if (part == sentence.en.size()) return {en, fr};
  }
  return same(en);
}

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
