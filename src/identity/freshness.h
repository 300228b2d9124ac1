// For how long an answer may be used again without asking, by its header fields (RFC 9111).
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"

namespace vigie::identity {

// The fields' values as they came; empty where a field is absent. Several Cache-Control fields are one, joined by
// commas.
struct CacheFields {
  std::string cache_control{};
  std::string expires{};
  std::string date{};
  std::string age{};
};

// Seconds from now on, at least 0 and at most 2^31; nothing where the fields do not say. no-store and no-cache are 0,
// and so is what cannot be read: to be asked again too early is the harmless mistake (RFC 9111, 4.2.1). s-maxage is for
// shared caches and ignored. `now` counts where there is no Date.
std::optional<std::chrono::seconds> fresh_for(const CacheFields& fields, WallTime now);

}  // namespace vigie::identity
