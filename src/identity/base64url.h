// Base64url without padding (RFC 4648, section 5; RFC 7515, section 2), strictly: one text for each value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vigie::identity {

std::string encode_base64url(std::string_view bytes);
// The digest's 32 bytes, as thumbprints of keys (RFC 7638) and code challenges (RFC 7636) are written.
std::string sha256_base64url(std::string_view bytes);

// Nothing for other letters, spaces, '=', a length that no bytes give, and for unused bits that are not 0: a signature
// that has two spellings could be cached, counted or revoked under one and used under the other.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace vigie::identity
