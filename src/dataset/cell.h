// What the text of one cell means: missing, number, whole number, moment, or plain text. CSV and NDJSON share these
// rules. Spaces and tabs around a number, a moment or a missing token are tolerated; text is kept as it stands.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/table.h"

namespace vigie::dataset {

// The texts that stand for "not known".
class MissingTokens {
 public:
  // "", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?".
  MissingTokens();
  explicit MissingTokens(std::vector<std::string> tokens);

  // `text` without the spaces around it.
  bool contains(std::string_view text) const { return text.empty() ? empty_ : may_start(text.front()) && listed(text); }
  // Whether some token begins with `c`.
  bool may_start(char c) const { return starts_[static_cast<unsigned char>(c)]; }
  std::span<const std::string> tokens() const { return tokens_; }

 private:
  bool listed(std::string_view text) const;

  std::vector<std::string> tokens_;
  std::array<bool, 256> starts_{};
  bool empty_ = false;
};

// Without the spaces and tabs at both ends.
inline std::string_view trim_spaces(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// `text` in quotes for a message: at most 40 characters, control bytes and bad UTF-8 escaped, "…" where cut.
std::string excerpt(std::string_view text);

// Why `text` is no value of `type`: "\"abc\" is not a number". One sentence, without a place.
std::string why_not(std::string_view text, ColumnType type);

// The narrowest type that most (at least nine in ten) of the values seen have; the rest are then bad cells.
class TypeGuess {
 public:
  void see(std::string_view text, const MissingTokens& missing);
  bool seen_any() const { return values_ > 0; }
  ColumnType type() const;  // kNumber where nothing was seen

 private:
  std::uint64_t values_ = 0;
  std::uint64_t integers_ = 0;
  std::uint64_t numbers_ = 0;  // integers included
  std::uint64_t timestamps_ = 0;
};

}  // namespace vigie::dataset
