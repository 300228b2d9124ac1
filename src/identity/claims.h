// What a token's payload says (RFC 7519, section 4), with the types that the standard gives each claim.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace vigie::identity {

struct Claims {
  std::string issuer;
  std::string subject;
  std::vector<std::string> audiences;
  std::optional<WallTime> expires;
  std::optional<WallTime> not_before;
  std::optional<WallTime> issued;
  std::string id;                // jti
  std::string authorized_party;  // azp, or client_id where there is no azp
  boost::json::object all;
};

// Errors: kInvalidData naming the claim, never its value. Times are numbers of seconds, whole or not, up to the year
// 9999; `iss` and `exp` may be missing here, whoever decides wants them.
Result<Claims> parse_claims(std::string_view payload);
// The same of an object that is read already.
Result<Claims> read_claims(boost::json::object object);

// The texts of a claim that is a list, or one text with spaces as `scope` is; `path` leads through objects
// ("realm_access", "roles"). What is not there or of another type gives none.
std::vector<std::string> texts_at(const boost::json::object& claims, const std::vector<std::string>& path);

}  // namespace vigie::identity
