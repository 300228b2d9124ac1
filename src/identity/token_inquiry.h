// An issuer's own word on a token (RFC 7662): the only way to judge one that is opaque, and to hear of a logout before
// a signed one expires.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "identity/claims.h"

namespace vigie::identity {

struct Introspected {
  bool active = false;
  std::shared_ptr<const Claims> claims{};  // of an active one: all that the answer says
  WallTime until{};                        // the word holds so long: then the issuer is to be asked again
};

// For /admin/status and /metrics.
struct IntrospectionState {
  std::uint64_t calls = 0;       // that ended, well or not
  std::uint64_t failures = 0;    // of them
  std::uint64_t remembered = 0;  // answers without a call
  std::optional<WallTime> last_success{};
  std::optional<WallTime> last_failure{};
  std::string failure{};  // what the last failure was, though successes came after it
};

// Any thread.
class TokenInquiry {
 public:
  virtual ~TokenInquiry() = default;
  // May wait for a call to the issuer, who is shown the token: not on an event loop. An error says that nobody can
  // tell, neither that the token is good nor that it is not; it never holds the token.
  virtual Result<Introspected> ask(std::string_view token) = 0;
  virtual IntrospectionState state() const = 0;
};

}  // namespace vigie::identity
