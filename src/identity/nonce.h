// Texts that nobody can guess.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace vigie::identity {

// So many random bytes as base64url, at most 64. kInternal where the system has none to give.
Result<std::string> draw_nonce(std::size_t bytes);

}  // namespace vigie::identity
