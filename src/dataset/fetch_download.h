// One large file over HTTPS into a part file, going on where an earlier attempt was cut.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/progress.h"
#include "base/result.h"

namespace vigie::dataset {

struct Download {
  std::string url;
  std::string user{};  // HTTP basic credentials for the host of `url`, not for those it redirects to
  std::string password{};
  std::filesystem::path part;  // beside it, PART.from keeps what identifies the version that the part belongs to
  std::uint64_t max_bytes = 0;
  int attempts = 5;
  int pause_ms = 1'000;
};

struct Answer {
  long status = 0;                // HTTP status of the last answer
  std::uint64_t retry_after = 0;  // seconds, where the server said
  std::uint64_t resumed_at = 0;
  std::uint64_t bytes = 0;  // in the part file
};

// Done where status is 200; any other status is for the caller to explain. Errors: kUnavailable where the server cannot
// be reached or the connection was cut on every attempt (the part stays), kResourceExhausted where the file is larger
// than max_bytes or the disk full, kFailedPrecondition where another process has the part locked.
Result<Answer> download(const Download& request, Progress& progress);

}  // namespace vigie::dataset
