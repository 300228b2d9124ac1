// The keys of the local issuer: Vigie's own, for where there is no identity provider. They live in the state folder, in
// identity/keys.json, which is its owner's alone (0600, and refused where others may read it).
//
// One key signs. After a rotation the one before stays published until the tokens that it signed have run out.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/private_key.h"
#include "identity/role.h"

namespace vigie::identity {

inline constexpr std::chrono::seconds kLongestLife = std::chrono::days(30);
inline constexpr std::string_view kLocalAudience = "vigie";
// Of tokens that a browser holds as a cookie, and that are good for nothing else.
inline constexpr std::string_view kSessionAudience = "vigie-session";

struct LocalKey {
  std::string id;  // RFC 7638 thumbprint
  WallTime created;
  std::optional<WallTime> until;  // of one that no longer signs: published so long
  PrivateKey key;
};

// What a token is to say.
struct TokenRequest {
  std::string subject;
  Role role = Role::kViewer;
  std::chrono::seconds life{3600};
  std::string_view audience = kLocalAudience;
};

struct IssuedToken {
  std::string text;
  std::string id;  // jti: what it is revoked by
  WallTime expires;
};

class LocalKeys {
 public:
  // kNotFound where there are none; kPermissionDenied where others than the owner may read them.
  static Result<LocalKeys> read(const std::filesystem::path& state);
  // Those that are there, or a first one. Several processes may ask at once: they get the same.
  static Result<LocalKeys> read_or_create(const std::filesystem::path& state, std::string_view issuer, WallTime now);
  // A new key signs from now on; the one before stays published for `overlap`. Returns the new key's id.
  static Result<std::string> rotate(const std::filesystem::path& state, std::chrono::seconds overlap, WallTime now);

  static std::filesystem::path file(const std::filesystem::path& state);

  const std::string& issuer() const { return issuer_; }  // of every token: `iss`
  const std::vector<LocalKey>& keys() const { return keys_; }
  // The public halves of all keys that are published now, as a JWK set.
  Result<std::string> jwks(WallTime now) const;
  // Signed by the newest key, as RFC 9068 has it. kInvalidArgument for a life that is not between a second and
  // kLongestLife, and for a subject that is empty, longer than 200 bytes or no UTF-8.
  Result<IssuedToken> issue(const TokenRequest& request, WallTime now) const;

 private:
  Status add(WallTime now);
  Status save(const std::filesystem::path& state) const;

  std::string issuer_;
  std::vector<LocalKey> keys_;  // newest first
};

}  // namespace vigie::identity
