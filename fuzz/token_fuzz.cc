// Bearer tokens: what is taken apart has one spelling only, and claims that are read once are read the same again.
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "identity/base64url.h"
#include "identity/claims.h"
#include "identity/strict_json.h"
#include "identity/token.h"

using namespace vigie::identity;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // In memory of its own size, so that a read beyond the end is seen.
  const std::vector<char> given(data, data + size);
  const std::string_view text(given.data(), given.size());
  if (const auto token = parse_token(text)) {
    if (std::string(token->signed_part) + "." + encode_base64url(token->signature) != text) std::abort();
    if (!token->signed_part.ends_with("." + encode_base64url(token->payload))) std::abort();
  }
  // The payload by itself too: a fuzzer does not find base64 by itself.
  if (const auto claims = parse_claims(text)) {
    (void)texts_at(claims->all, {"realm_access", "roles"});
    const auto again = parse_object(boost::json::serialize(claims->all));
    if (!again || *again != claims->all) std::abort();
  }
  return 0;
}
