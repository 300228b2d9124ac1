// The signature algorithms that are ever taken (RFC 7518, section 3.1). `none` and the HMACs are not among them: a
// verifier that knows them can be talked into using a public key as a shared secret.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vigie::identity {

enum class Algorithm : std::uint8_t { kRs256, kRs384, kRs512, kPs256, kEs256, kEs384 };

inline constexpr std::array<std::string_view, 6> kAlgorithmNames = {"RS256", "RS384", "RS512",
                                                                    "PS256", "ES256", "ES384"};

constexpr std::string_view to_string(Algorithm algorithm) {
  return kAlgorithmNames[static_cast<std::size_t>(algorithm)];
}

constexpr std::optional<Algorithm> parse_algorithm(std::string_view name) {
  for (std::size_t i = 0; i < kAlgorithmNames.size(); ++i) {
    if (kAlgorithmNames[i] == name) return static_cast<Algorithm>(i);
  }
  return std::nullopt;
}

}  // namespace vigie::identity
