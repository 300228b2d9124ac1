#include "identity/client_network.h"

#include <algorithm>
#include <array>

namespace vigie::identity {

http::IpAddress network_of(const http::IpAddress& address) {
  constexpr std::array<unsigned char, 12> kTranslated{0, 0x64, 0xff, 0x9b};
  constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (http::is_v4(address)) return address;
  http::IpAddress network = address;
  if (std::equal(kTranslated.begin(), kTranslated.end(), address.begin())) {
    std::ranges::copy(kMapped, network.begin());
  } else {
    std::fill(network.begin() + 8, network.end(), static_cast<unsigned char>(0));
  }
  return network;
}

}  // namespace vigie::identity
