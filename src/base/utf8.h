// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace vigie {

// The length of the well-formed sequence at the front of `text`, or 0 where there is none.
std::size_t utf8_sequence(std::string_view text);

// The offset of the first byte that is not UTF-8, or text.size().
std::size_t utf8_valid_prefix(std::string_view text);

inline bool is_utf8(std::string_view text) { return utf8_valid_prefix(text) == text.size(); }

}  // namespace vigie
