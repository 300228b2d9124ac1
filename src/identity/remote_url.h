// An address that Vigie may ask for an issuer's documents.
#pragma once

#include <string>

#include "base/result.h"

namespace vigie::identity {

struct RemoteUrl {
  std::string text;    // normalized (RFC 3986, 6.2.2), as it is asked for
  std::string origin;  // "https://id.example:8443": what errors and logs may tell
  bool secure = false;
  bool loopback = false;  // 127.0.0.0/8, ::1 or localhost
};

// https to any host, http to loopback, and http elsewhere only where `plain_http` says so: whoever can change a key set
// on its way can make tokens. At most 2,048 bytes. Errors: kInvalidArgument, without the text, which may hold a secret.
Result<RemoteUrl> parse_remote_url(const std::string& text, bool plain_http = false);

}  // namespace vigie::identity
