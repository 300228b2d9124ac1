// Tokens of the local issuer that count no more: by their id (jti), and all of a subject or of everybody that were
// issued before a moment. In the state folder, in identity/revocations.json; a restart keeps them.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "identity/claims.h"

namespace vigie::identity {

class Revocations {
 public:
  static std::filesystem::path file(const std::filesystem::path& state);
  // None where there is no file.
  static Result<Revocations> read(const std::filesystem::path& state);

  // Each changes the file under its lock, and is on the disk when it returns. An id is kept as long as any token may
  // live.
  static Status revoke_id(const std::filesystem::path& state, const std::string& id, WallTime now);
  static Status revoke_subject(const std::filesystem::path& state, const std::string& subject, WallTime before);
  static Status revoke_all(const std::filesystem::path& state, WallTime before);

  bool revoked(const Claims& claims) const;

 private:
  template <typename Change>
  static Status change(const std::filesystem::path& state, WallTime now, const Change& change);
  Status save(const std::filesystem::path& state) const;

  std::map<std::string, WallTime, std::less<>> ids_;       // and until when they are kept
  std::map<std::string, WallTime, std::less<>> subjects_;  // issued before: revoked
  std::optional<WallTime> everybody_;
};

}  // namespace vigie::identity
