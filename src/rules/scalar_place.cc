#include "rules/scalar_place.h"

#include <algorithm>

namespace vigie::rules {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The byte at a line and column of a text.
std::size_t offset_of(std::string_view text, const Place& place) {
  std::size_t at = 0;
  for (std::uint64_t line = 1; line < place.line && at < text.size(); ++line)
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  for (std::uint64_t column = 1; column < place.column && at < text.size(); ++column) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  return at;
}

// Behind an anchor and a tag: &name !!str value.
std::size_t behind_properties(std::string_view yaml, std::size_t at) {
  while (at < yaml.size() && (yaml[at] == '&' || yaml[at] == '!')) {
    while (at < yaml.size() && !is_blank(yaml[at])) ++at;
    while (at < yaml.size() && is_blank(yaml[at])) ++at;
  }
  return at;
}

}  // namespace

ScalarPlaces::ScalarPlaces(std::string_view yaml) : yaml_(yaml), lines_{0} {
  for (std::size_t i = 0; i < yaml.size(); ++i) {
    if (yaml[i] == '\n') lines_.push_back(i + 1);
  }
}

std::pair<std::uint64_t, std::uint64_t> ScalarPlaces::find(Mark mark, std::string_view value,
                                                           const Place& inside) const {
  const std::size_t begin =
      mark.line < lines_.size() ? std::min(lines_[mark.line] + mark.column, yaml_.size()) : yaml_.size();
  std::size_t at = behind_properties(yaml_, begin);
  char quote = '\0';
  if (at < yaml_.size() && (yaml_[at] == '"' || yaml_[at] == '\'')) {
    quote = yaml_[at];
    ++at;
  } else if (at < yaml_.size() && (yaml_[at] == '|' || yaml_[at] == '>')) {
    at = std::min(yaml_.find('\n', at), yaml_.size());
  }
  const std::size_t wanted = std::min(offset_of(value, inside), value.size());
  // Blanks of any kind stand for each other: folding turns a line's end and the next one's indentation into one.
  const auto skip_blanks = [&] {
    while (at < yaml_.size() && is_blank(yaml_[at])) ++at;
  };
  // How many bytes of the file stand for this one of the value; 0 where it is not there.
  const auto length_of = [&](char byte) -> std::size_t {
    if (at >= yaml_.size()) return 0;
    const char escape = quote == '"' ? '\\' : quote;
    if (quote == '\0' || yaml_[at] != escape) return yaml_[at] == byte ? 1 : 0;
    const bool undone = at + 1 < yaml_.size() && (yaml_[at + 1] == quote || yaml_[at + 1] == escape);
    return undone && yaml_[at + 1] == byte ? 2 : 0;
  };
  bool same = true;
  for (std::size_t i = 0; i < wanted && same; ++i) {
    if (is_blank(value[i])) {
      same = at < yaml_.size() && (is_blank(yaml_[at]) || (i > 0 && is_blank(value[i - 1])));
      skip_blanks();
      continue;
    }
    if (i == 0) skip_blanks();
    const std::size_t length = length_of(value[i]);
    same = length > 0;
    at += length;
  }
  if (wanted < value.size() && !is_blank(value[wanted])) skip_blanks();
  if (!same || (wanted < value.size() && length_of(value[wanted]) == 0)) at = begin;
  const auto line = std::ranges::upper_bound(lines_, at) - lines_.begin();
  std::uint64_t column = 1;
  for (std::size_t i = lines_[static_cast<std::size_t>(line) - 1]; i < at; ++i) {
    if ((static_cast<unsigned char>(yaml_[i]) & 0xC0) != 0x80) ++column;
  }
  return {static_cast<std::uint64_t>(line), column};
}

}  // namespace vigie::rules
