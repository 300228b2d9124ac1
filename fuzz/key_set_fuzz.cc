// JWK sets: whatever an issuer's address answers, only sound keys come out, and using them does not crash.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "identity/key_set.h"

using namespace vigie::identity;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<char> given(data, data + size);
  const auto set = KeySet::parse({given.data(), given.size()});
  if (!set) return 0;
  for (const SigningKey& key : set->keys()) {
    for (std::size_t i = 0; i < kAlgorithmNames.size(); ++i) {
      const auto algorithm = static_cast<Algorithm>(i);
      if (key.algorithm && !key.key.fits(*key.algorithm)) std::abort();
      if (key.key.verify(algorithm, "message", std::string(64, '\1'))) std::abort();
    }
    if (!key.id.empty() && set->find(key.id, Algorithm::kEs256) != &key) std::abort();
  }
  return 0;
}
