#include "identity/nonce.h"

#include <openssl/rand.h>

#include <array>
#include <cassert>

#include "identity/base64url.h"

namespace vigie::identity {

Result<std::string> draw_nonce(std::size_t bytes) {
  std::array<char, 64> drawn{};
  assert(bytes <= drawn.size());
  if (RAND_bytes(reinterpret_cast<unsigned char*>(drawn.data()), static_cast<int>(bytes)) != 1) {
    return fail(Code::kInternal, "no random bytes");
  }
  return encode_base64url({drawn.data(), bytes});
}

}  // namespace vigie::identity
