#include "http/client_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "http/raw_client.h"
#include "http/server.h"

namespace vigie::http {
namespace {

using testing::HasSubstr;

// GET /who tells the client's address, inline and, below /pool, from a worker.
class ClientAddressTest : public testing::Test {
 protected:
  ClientAddressTest() {
    const Handler tell = [](const Request& request, Response& response) { response.body = request.client_address; };
    router_.add({.path = "/who", .name = "who", .summary = "", .handler = tell});
    router_.add({.path = "/pool", .name = "pool", .summary = "", .work = Work::kPool, .handler = tell});
  }
  void open(std::vector<std::string> proxies) {
    auto server = Server::open({.port = 0, .trusted_proxies = std::move(proxies)}, router_);
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
    server_->start();
    client_ = std::make_unique<RawClient>(server_->port());
  }
  // The status where it is not 200.
  std::string who(const std::string& fields, const std::string& path = "/who") {
    const RawReply reply = client_->ask("GET " + path + " HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n");
    return reply.status == 200 ? reply.body : std::to_string(reply.status);
  }
  std::string forwarded(const std::string& list) { return who("X-Forwarded-For: " + list + "\r\n"); }

  Router router_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<RawClient> client_;
};

TEST_F(ClientAddressTest, IsTheSocketsUnlessItIsAProxys) {
  open({});
  EXPECT_EQ(who(""), "127.0.0.1");
  EXPECT_EQ(forwarded("192.0.2.7"), "127.0.0.1") << "anybody can write that";
  open({"127.0.0.2", "10.0.0.0/8"});
  EXPECT_EQ(forwarded("192.0.2.7"), "127.0.0.1") << "other proxies are trusted, not this one";
  RawClient proxy(server_->port(), "127.0.0.2");
  ASSERT_TRUE(proxy.connected());
  EXPECT_EQ(proxy.ask("GET /who HTTP/1.1\r\nHost: here\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n").body, "192.0.2.7");
}

TEST_F(ClientAddressTest, IsTheRightmostThatIsNoProxys) {
  open({"127.0.0.0/8", "10.0.0.0/8", "fd00::/8"});
  EXPECT_EQ(who(""), "127.0.0.1");
  EXPECT_EQ(forwarded("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(who("x-forwarded-for: 192.0.2.7\r\n", "/pool"), "192.0.2.7");
  EXPECT_EQ(forwarded("198.51.100.1, 192.0.2.7"), "192.0.2.7") << "the left one is what the client claims";
  EXPECT_EQ(forwarded("198.51.100.1,192.0.2.7 ,\t10.1.2.3, fd00::1"), "192.0.2.7");
  EXPECT_EQ(forwarded("10.0.0.1, 10.0.0.2"), "10.0.0.1") << "all are proxies: the one that asked first";
  EXPECT_EQ(who("X-Forwarded-For: 198.51.100.1, 192.0.2.7\r\nX-Two: 1\r\nX-Forwarded-For: 10.0.0.1\r\n"), "192.0.2.7");
  EXPECT_EQ(who("X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 192.0.2.7\r\n"), "192.0.2.7");
  EXPECT_EQ(who(""), "127.0.0.1") << "the request before it on the connection means nothing";
}

TEST_F(ClientAddressTest, FormsOfAddresses) {
  open({"127.0.0.1"});
  EXPECT_EQ(forwarded("192.0.2.7:4711"), "192.0.2.7");
  EXPECT_EQ(forwarded("2001:DB8:0::1"), "2001:db8::1");
  EXPECT_EQ(forwarded("[2001:db8::1]"), "2001:db8::1");
  EXPECT_EQ(forwarded("[2001:db8::1]:4711"), "2001:db8::1");
  EXPECT_EQ(forwarded("fe80::1%eth0"), "fe80::1");
  EXPECT_EQ(forwarded("[fe80::1%25eth0]:80"), "fe80::1");
  EXPECT_EQ(forwarded("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(forwarded("::ffff:127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(forwarded("192.0.2.7, ,,"), "192.0.2.7");
  EXPECT_EQ(forwarded(""), "127.0.0.1");
}

TEST_F(ClientAddressTest, GarbageIsNotBelievedNorWhatStandsLeftOfIt) {
  open({"127.0.0.1", "10.0.0.0/8"});
  for (const std::string garbage : {"unknown",
                                    "_hidden",
                                    "192.0.2",
                                    "192.0.2.256",
                                    "192.0.2.07.1",
                                    "192.0.2.7:",
                                    "192.0.2.7:x",
                                    "192.0.2.7:123456",
                                    "192.0.2.7/8",
                                    "192.0.2.7%eth0",
                                    "[192.0.2.7]",
                                    "[2001:db8::1",
                                    "2001:db8::1]",
                                    "[2001:db8::1]x",
                                    "[2001:db8::1]:",
                                    "[]",
                                    "[:]",
                                    ":::",
                                    "2001:db8::1::2",
                                    "1:2:3:4:5:6:7:8:9",
                                    "\"192.0.2.7\"",
                                    "192.0.2.7;",
                                    "0x7f000001",
                                    "3221225991",
                                    "192.0.2.7 192.0.2.8",
                                    "for=192.0.2.7",
                                    "h\xC3\xA9",
                                    "<script>",
                                    "-1",
                                    "%"}) {
    EXPECT_EQ(forwarded(garbage), "127.0.0.1") << garbage;
    EXPECT_EQ(forwarded("192.0.2.7, " + garbage + ", 10.0.0.9"), "10.0.0.9") << garbage;
  }
  EXPECT_EQ(forwarded(std::string(10'000, '1')), "127.0.0.1");
  EXPECT_EQ(forwarded(std::string(10'000, ',')), "127.0.0.1");
  EXPECT_EQ(forwarded(std::string(10'000, '[')), "127.0.0.1");
}

TEST_F(ClientAddressTest, AThousandAddressesAreReadFromTheRight) {
  open({"127.0.0.1", "10.0.0.0/8"});
  std::string proxies = "192.0.2.7";
  for (int i = 0; i < 1000; ++i) proxies += ",10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250);
  EXPECT_EQ(forwarded(proxies), "192.0.2.7");
  EXPECT_EQ(forwarded(proxies + ",198.51.100.1"), "198.51.100.1");
  std::string fields;
  for (int i = 0; i < 90; ++i) fields += "X-Forwarded-For: 198.51.100." + std::to_string(i) + "\r\n";
  EXPECT_EQ(who(fields), "198.51.100.89");
}

TEST_F(ClientAddressTest, NetworksAreWrittenByTheirFirstAddress) {
  const auto trusts = [](const std::string& network, std::string_view address) {
    const std::vector<std::string> networks = {network};
    const auto proxies = TrustedProxies::parse(networks);
    EXPECT_TRUE(proxies) << network;
    return proxies && proxies->trusts(parse_ip(address).value());
  };
  EXPECT_TRUE(trusts("192.0.2.0/25", "192.0.2.127"));
  EXPECT_FALSE(trusts("192.0.2.0/25", "192.0.2.128"));
  EXPECT_TRUE(trusts("192.0.2.1/32", "192.0.2.1"));
  EXPECT_FALSE(trusts("192.0.2.1", "192.0.2.0"));
  EXPECT_TRUE(trusts("0.0.0.0/0", "255.255.255.255"));
  EXPECT_FALSE(trusts("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(trusts("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(trusts("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(trusts("::/0", "2001:db8::1"));
  EXPECT_TRUE(trusts("::ffff:10.0.0.0/104", "10.9.9.9"));
  for (const char* const bad : {"", "proxy.example", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/",
                                "10.0.0.0/x", "10.0.0.0/8/8", "10.0.0/8", "fd00::/129", "fd00::1/8", "[fd00::]/8",
                                "fe80::1%eth0", "*", "10.0.0.0/99999999999999999999", " 10.0.0.1"}) {
    const auto server = Server::open({.port = 0, .trusted_proxies = {bad}}, router_);
    ASSERT_FALSE(server) << bad;
    EXPECT_THAT(server.error().to_string(), HasSubstr("is no address and no network; write 192.0.2.1")) << bad;
  }
}

}  // namespace
}  // namespace vigie::http
