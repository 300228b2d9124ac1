// Who may do what: a role has all rights of those below it. docs/identity.md lists the routes of each.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vigie::identity {

enum class Role : std::uint8_t { kViewer, kAnalyst, kAdmin };

inline constexpr std::array<std::string_view, 3> kRoleNames = {"viewer", "analyst", "admin"};

constexpr std::string_view to_string(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

constexpr std::optional<Role> parse_role(std::string_view name) {
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if (kRoleNames[i] == name) return static_cast<Role>(i);
  }
  return std::nullopt;
}

}  // namespace vigie::identity
