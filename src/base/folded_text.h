// Text without the accents and capitals of its Latin letters, with the letters of œ, æ and ß apart: "Dépôt" is "depot".
// Other letters stay as they are.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace vigie {

// Whether there is nothing to do: plain ASCII without capitals.
bool is_folded(std::string_view text);

// Writes at most text.size() bytes to `out`, and says how many; nothing where `text` is not UTF-8.
std::optional<std::size_t> fold_text(std::string_view text, char* out);

}  // namespace vigie
