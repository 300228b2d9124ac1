#include "identity/client_network.h"

#include <gtest/gtest.h>

#include <string>

namespace vigie::identity {
namespace {

std::string network(const std::string& address) {
  const auto parsed = http::parse_ip(address);
  EXPECT_TRUE(parsed) << address;
  return http::to_string(network_of(parsed.value_or(http::IpAddress{})));
}

TEST(ClientNetworkTest, IsAnIpv4AddressOrTheFirstHalfOfAnIpv6One) {
  EXPECT_EQ(network("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(network("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
  EXPECT_EQ(network("2001:db8:1:2::"), "2001:db8:1:2::");
  EXPECT_NE(network("2001:db8:1:3::"), network("2001:db8:1:2::"));
  EXPECT_EQ(network("::1"), "::");
}

TEST(ClientNetworkTest, TranslatedIpv4IsNotOneNetwork) {
  EXPECT_EQ(network("64:ff9b::192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(network("64:ff9b::192.0.2.8"), "192.0.2.8");
  EXPECT_EQ(network("64:ff9b:1::192.0.2.7"), "64:ff9b:1::") << "not the well-known prefix";
}

}  // namespace
}  // namespace vigie::identity
