// One-time codes by which a browser begins a session with the local issuer: whoever has one may log in with it once. In
// the state folder, in identity/logins.json, which holds digests and not the codes; a restart keeps them.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "identity/role.h"

namespace vigie::identity {

inline constexpr std::chrono::seconds kLoginCodeLife = std::chrono::minutes(15);

// Whom a code logs in.
struct Login {
  std::string subject;
  Role role = Role::kViewer;
};

class LoginCodes {
 public:
  static std::filesystem::path file(const std::filesystem::path& state);

  // A new code of 43 letters, good for kLoginCodeLife. kResourceExhausted where 1,000 wait to be used.
  static Result<std::string> add(const std::filesystem::path& state, const Login& login, WallTime now);
  // And then it is used up, on the disk too. kNotFound where it is none, was used or has run out: one error for all of
  // them.
  static Result<Login> take(const std::filesystem::path& state, std::string_view code, WallTime now);
};

}  // namespace vigie::identity
