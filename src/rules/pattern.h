// Regular expressions in the syntax of RE2, which CEL asks for: the time of a search is bounded by text times pattern.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace vigie::rules {

class Pattern {
 public:
  // kInvalidData for what is no pattern, and for one that compiles to more than 64 KiB.
  static Result<Pattern> make(std::string_view text);

  Pattern(Pattern&&) noexcept;
  ~Pattern();

  // Whether some part of `text` (UTF-8) is what the pattern describes.
  bool found_in(std::string_view text) const;

 private:
  explicit Pattern(std::unique_ptr<re2::RE2> compiled);

  std::unique_ptr<re2::RE2> compiled_;
};

}  // namespace vigie::rules
