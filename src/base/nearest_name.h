// "did you mean": the known name that is the fewest mistakes away from a wrong one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace vigie {

// Empty where none is near: a third of its characters at most may be wrong, missing, too many or swapped with the next.
// Differences in case do not count as mistakes.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known);

}  // namespace vigie
