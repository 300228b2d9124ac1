// Cross-origin requests (Fetch Standard, 3.2): which web pages of other hosts a browser lets read our answers. Nobody's
// unless their origins are listed, and never with cookies or other credentials that the browser adds by itself.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vigie::http {

struct CorsOptions {
  std::vector<std::string> origins{};  // "https://bank.example", as browsers write it, or "*"; none: closed
  // For which a browser may keep a preflight's answer, in whole seconds; browsers have limits of their own.
  std::chrono::milliseconds max_age{600'000};
};

// Whether a browser could send that as an Origin: http or https, host in lower case, a port where it is not the
// scheme's own, nothing behind; or it is "*", which stands for all.
bool is_cors_origin(std::string_view text);

class Cors {
 public:
  // Errors: what is_cors_origin() refuses.
  static Result<Cors> make(const CorsOptions& options);

  bool closed() const { return grants_.empty(); }
  // The lines that let pages of `origin` read an answer; empty where they may not, or where there is no Origin.
  std::string_view grant(std::string_view origin) const;
  // The lines, besides grant(), of an answer to a preflight about a path with these methods, "GET, HEAD, OPTIONS".
  std::string preflight(std::string_view methods) const;

 private:
  struct Grant {
    std::string origin;
    std::string lines;
  };
  std::vector<Grant> grants_;
  std::string preflight_;  // what is the same for all paths
};

}  // namespace vigie::http
