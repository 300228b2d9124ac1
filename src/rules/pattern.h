// Regular expressions in the syntax of RE2, which CEL asks for: the time of a search is bounded by the bytes of the
// text times the steps of the pattern's program, which a short text may have thousands of ((a|a){400}).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace vigie::rules {

class Pattern {
 public:
  // kInvalidData for what is no pattern, and for one whose programs, forwards and
  // backwards, have more than 64 KiB.
  static Result<Pattern> make(std::string_view text);

  Pattern(Pattern&&) noexcept;
  ~Pattern();

  // Whether some part of `text` (UTF-8) is what the pattern describes.
  bool found_in(std::string_view text) const;

  // Steps of the program that it became, forwards or backwards, whichever has more: what each byte of a text may cost.
  std::uint32_t steps() const { return steps_; }

  // About how many bytes it takes, without what searches remember.
  std::size_t held() const { return 4096 + std::size_t{32} * steps_; }

 private:
  Pattern(std::unique_ptr<re2::RE2> compiled, std::uint32_t steps);

  std::unique_ptr<re2::RE2> compiled_;
  std::uint32_t steps_;
};

}  // namespace vigie::rules
