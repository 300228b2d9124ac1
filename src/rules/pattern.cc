#include "rules/pattern.h"

#include <re2/re2.h>

#include <algorithm>

namespace vigie::rules {

Result<Pattern> Pattern::make(std::string_view text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(64 * 1024);
  auto compiled = std::make_unique<re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
  if (!compiled->ok()) {
    return fail(Code::kInvalidData, "this is no pattern: " + compiled->error(), {},
                "write a regular expression as RE2 has them; without look-around and back references");
  }
  // What is anchored at its end is searched from there. RE2 makes that program when somebody first asks for it: now.
  const int backwards = compiled->ReverseProgramSize();
  if (backwards < 0) {
    return fail(Code::kInvalidData, "this pattern is too large", {}, "repeat less in it, or split it");
  }
  const int steps = std::max(compiled->ProgramSize(), backwards);
  return Pattern(std::move(compiled), static_cast<std::uint32_t>(steps));
}

Pattern::Pattern(std::unique_ptr<re2::RE2> compiled, std::uint32_t steps)
    : compiled_(std::move(compiled)), steps_(steps) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

bool Pattern::found_in(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

}  // namespace vigie::rules
