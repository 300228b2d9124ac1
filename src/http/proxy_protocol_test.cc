#include "http/proxy_protocol.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "http/raw_client.h"
#include "http/server.h"
#include "http/test_certificate.h"
#include "http/test_routes.h"

namespace vigie::http {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using State = ProxyHeader::State;

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;

std::string binary(char command, char family, const std::string& rest) {
  return kSignature + command + family + static_cast<char>(rest.size() >> 8) + static_cast<char>(rest.size() & 0xFF) +
         rest;
}
const std::string kPorts = "\xC3\x50\x01\xBB"s;
const std::string kV4 = "\xC0\x00\x02\x01\xC0\x00\x02\x02"s + kPorts;  // 192.0.2.1 to 192.0.2.2
const std::string kV6 = "\x20\x01\x0D\xB8"s + std::string(11, '\0') + "\x07" + std::string(16, '\x09') + kPorts;

std::string source_of(const std::string& bytes) {
  const ProxyHeader header = read_proxy_header(bytes + "GET / HTTP/1.1\r\n");
  if (header.state != State::kDone) return header.state == State::kNeedMore ? "(more)" : "(malformed)";
  EXPECT_EQ(header.size, bytes.size()) << bytes;
  return header.source ? to_string(*header.source) : "(unknown)";
}

TEST(ProxyProtocolTest, ReadsBothVersionsWhateverThePieces) {
  const std::vector<std::pair<std::string, std::string>> headers = {
      {"PROXY TCP4 192.0.2.1 192.0.2.2 50000 443\r\n", "192.0.2.1"},
      {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255"},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 0 1\r\n", "192.0.2.1"},
      {"PROXY TCP6 2001:db8::7 ::1 50000 443\r\n", "2001:db8::7"},
      {"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
       "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"PROXY UNKNOWN\r\n", "(unknown)"},
      {"PROXY UNKNOWN ffff:f...f ffff:f...f 65535 65535\r\n", "(unknown)"},
      {binary(0x21, 0x11, kV4), "192.0.2.1"},
      {binary(0x21, 0x11, kV4 + "\x03\x00\x04\x01\x02\x03\x04"s), "192.0.2.1"},  // with a checksum as TLV
      {binary(0x21, 0x21, kV6), "2001:db8::7"},
      {binary(0x21, 0x21, kV6 + std::string(kLongestProxyHeader - 16 - kV6.size(), '\x04')), "2001:db8::7"},
      {binary(0x21, 0x00, ""), "(unknown)"},
      {binary(0x21, 0x31, std::string(216, 'u')), "(unknown)"},
      {binary(0x20, 0x00, ""), "(unknown)"},
      {binary(0x20, 0x11, kV4), "(unknown)"},
      {binary(0x20, 0x7F, "anything"), "(unknown)"},
  };
  for (const auto& [bytes, source] : headers) {
    EXPECT_EQ(source_of(bytes), source) << bytes;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(read_proxy_header(std::string_view(bytes).substr(0, size)).state, State::kNeedMore) << bytes << size;
    }
  }
}

TEST(ProxyProtocolTest, RefusesAllElse) {
  std::vector<std::string> headers = {
      "GET / HTTP/1.1\r\n",
      "\x16\x03\x01",  // TLS
      "proxy TCP4 192.0.2.1 192.0.2.2 50000 443\r\n",
      "PROXY\tTCP4 192.0.2.1 192.0.2.2 50000 443\r\n",
      "PROXY  TCP4 192.0.2.1 192.0.2.2 50000 443\r\n",
      "PROXY TCP5 192.0.2.1 192.0.2.2 50000 443\r\n",
      "PROXY UDP4 192.0.2.1 192.0.2.2 50000 443\r\n",
      "PROXY UNKNOWNS\r\n",
      "PROXY \r\n",
      "PROXY TCP4\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.2 50000\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.2 50000 443 \r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.2 50000 443 1\r\n",
      "PROXY TCP4 192.0.2.1  192.0.2.2 50000 443\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.2 50000 443\n\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.2 50000 443\r \n",
      "PROXY TCP4 192.0.2.1 192.0.2.2 65536 443\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.2 050 443\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.2 -1 443\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.2 +1 443\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.2  443\r\n",
      "PROXY TCP4 192.0.2 192.0.2.2 50000 443\r\n",
      "PROXY TCP4 192.0.2.256 192.0.2.2 50000 443\r\n",
      "PROXY TCP4 host.example 192.0.2.2 50000 443\r\n",
      "PROXY TCP4 2001:db8::7 ::1 50000 443\r\n",
      "PROXY TCP4 192.0.2.1 ::1 50000 443\r\n",
      "PROXY TCP6 192.0.2.1 192.0.2.2 50000 443\r\n",
      "PROXY TCP6 fe80::1%eth0 ::1 50000 443\r\n",
      "PROXY TCP6 [::1] ::1 50000 443\r\n",
      "PROXY TCP4 192.0.2.1\0 192.0.2.2 50000 443\r\n"s,
      "PROXY UNKNOWN " + std::string(kLongestProxyLine, 'x') + "\r\n",
      "PROXY UNKNOWN " + std::string(kLongestProxyLine - 15, 'x') + "\r\n",  // one byte too long
      binary(0x11, 0x11, kV4),
      binary(0x22, 0x11, kV4),
      binary(0x2F, 0x11, kV4),
      binary(0x21, 0x11, kV4.substr(1)),
      binary(0x21, 0x21, kV4),
      binary(0x21, 0x12, kV4),
      binary(0x21, 0x22, kV6),
      binary(0x21, 0x32, std::string(216, 'u')),
      binary(0x21, 0x13, kV4),
      binary(0x21, 0x41, kV4),
      binary(0x21, 0x11, kV4 + std::string(kLongestProxyHeader, 't')),
      binary(0x20, 0x00, std::string(kLongestProxyHeader, 't')),
  };
  for (std::size_t i = 0; i < kSignature.size(); ++i) {
    std::string broken = binary(0x21, 0x11, kV4);
    broken[i] = 'x';
    headers.push_back(broken);
  }
  for (const std::string& bytes : headers) EXPECT_EQ(source_of(bytes), "(malformed)") << bytes;
  EXPECT_EQ(read_proxy_header("PROXY UNKNOWN " + std::string(kLongestProxyLine - 16, 'x') + "\r\n").state, State::kDone)
      << "107 bytes";
}

// GET /who answers with the client's address.
class ProxiedTest : public testing::Test {
 protected:
  ProxiedTest() {
    router_.add(
        {.path = "/who", .name = "who", .summary = "", .handler = [](const Request& request, Response& response) {
           response.body = request.client_address;
         }});
  }
  void open(ServerOptions options = {}) {
    options.port = 0;
    options.proxy_protocol = true;
    if (options.trusted_proxies.empty()) options.trusted_proxies = {"127.0.0.1"};
    options.metrics = metrics_;
    auto server = Server::open(std::move(options), router_);
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
    server_->start();
  }

  static std::string who(const std::string& fields = {}) {
    return "GET /who HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n";
  }
  // What a client is told that begins with these bytes, and then asks.
  std::string answer(const std::string& header, const std::string& fields = {}, const char* from = nullptr) {
    RawClient client(server_->port(), from);
    client.send(header + who(fields));
    const RawReply reply = client.reply();
    return reply.status == 200 ? reply.body : std::to_string(reply.status);
  }

  Router router_;
  std::shared_ptr<ServerMetrics> metrics_ = std::make_shared<ServerMetrics>();
  std::unique_ptr<Server> server_;
};

const std::string kLine = "PROXY TCP4 192.0.2.1 127.0.0.1 50000 443\r\n";

TEST_F(ProxiedTest, ARequestKnowsTheClientBeforeTheProxy) {
  open();
  EXPECT_EQ(answer(kLine), "192.0.2.1");
  EXPECT_EQ(answer("PROXY TCP6 2001:db8::7 ::1 50000 443\r\n"), "2001:db8::7");
  EXPECT_EQ(answer(binary(0x21, 0x11, kV4)), "192.0.2.1");
  EXPECT_EQ(answer("PROXY UNKNOWN\r\n"), "127.0.0.1");
  EXPECT_EQ(answer(binary(0x20, 0x00, "")), "127.0.0.1") << "the balancer looks whether we live";
  EXPECT_EQ(answer(kLine, "X-Forwarded-For: 198.51.100.9\r\n"), "192.0.2.1") << "anybody can write that";
  EXPECT_EQ(answer("PROXY TCP4 127.0.0.1 127.0.0.1 5 6\r\n", "X-Forwarded-For: 198.51.100.9\r\n"), "198.51.100.9")
      << "two proxies in a row, of which the second is trusted";

  RawClient kept(server_->port());
  kept.send(kLine + who() + who());
  EXPECT_EQ(kept.reply().body, "192.0.2.1");
  EXPECT_EQ(kept.reply().body, "192.0.2.1");
  EXPECT_EQ(kept.ask(who()).body, "192.0.2.1") << "it is said once for the connection";
  EXPECT_EQ(kept.ask(kLine + who()).status, 400);

  RawClient slow(server_->port());
  for (const char c : binary(0x21, 0x11, kV4 + "\x04\x00\x01\x00"s) + who()) slow.send({&c, 1});
  EXPECT_EQ(slow.reply().body, "192.0.2.1");
}

TEST_F(ProxiedTest, GarbageIsClosedWithoutAWord) {
  open();
  for (const std::string& bytes : {who(), "PROXY TCP4 192.0.2.1\r\n" + who(), "\x16\x03\x01"s, kSignature + "\xFF"}) {
    RawClient client(server_->port());
    client.send(bytes);
    EXPECT_EQ(client.rest(), "") << bytes;
  }
  EXPECT_EQ(metrics_->snapshot().parse_failures, 4u);
  EXPECT_EQ(answer(kLine), "192.0.2.1");
}

TEST_F(ProxiedTest, OnlyTrustedOnesSpeakIt) {
  open();
  EXPECT_EQ(answer("", "", "127.0.0.2"), "127.0.0.2");
  EXPECT_EQ(answer(kLine, "", "127.0.0.2"), "400") << "a client that says who it is is not believed";
}

TEST_F(ProxiedTest, AHeaderThatDoesNotComeIsNotWaitedForLongerThanARequests) {
  open({.limits = {.header = 60ms}});
  RawClient silent(server_->port());
  RawClient half(server_->port());
  half.send("PROXY TCP4 192");
  EXPECT_TRUE(silent.closed());
  EXPECT_EQ(half.rest(), "");
  EXPECT_TRUE(soon([&] { return server_->connections() == 0; }));
  RawClient gone(server_->port());
  gone.send("PROXY TCP4 192");
  gone.finish_sending();
  EXPECT_EQ(gone.rest(), "");
}

TEST_F(ProxiedTest, TheLimitOfAnAddressIsTheClients) {
  open({.limits = {.connections_per_address = 1}});
  RawClient first(server_->port());
  EXPECT_EQ(first.ask(kLine + who()).status, 200);
  RawClient other(server_->port());
  EXPECT_EQ(other.ask("PROXY TCP4 192.0.2.2 127.0.0.1 1 2\r\n" + who()).status, 200);
  RawClient second(server_->port());
  second.send(kLine);
  EXPECT_EQ(second.reply().status, 429);
}

TEST_F(ProxiedTest, NobodyTrustedIsAMistake) {
  auto server = Server::open({.port = 0, .proxy_protocol = true}, router_);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().place.field, "server.proxy_protocol");
}

// The real curl, plain and with TLS behind the header; it says where it is itself, 127.0.0.1.
TEST_F(ProxiedTest, CurlSpeaksItToo) {
  if (std::system("curl --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "there is no curl";
  const auto curl = [&](const std::string& scheme, const std::string& more) {
    const std::string command = "test \"$(curl -sS --max-time 20 --insecure " + more + " " + scheme +
                                "://127.0.0.1:" + std::to_string(server_->port()) + "/who)\" = 127.0.0.1";
    return std::system(command.c_str()) == 0;
  };
  open();
  EXPECT_TRUE(curl("http", "--haproxy-protocol"));
  EXPECT_FALSE(curl("http", "")) << "it is required";
  std::string name = (std::filesystem::temp_directory_path() / "vigie-proxied-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  const TestCertificate files((folder / "server").string(), "127.0.0.1");
  open({.tls = TlsOptions{.certificate_file = files.certificate_file, .key_file = files.key_file}});
  EXPECT_TRUE(curl("https", "--haproxy-protocol"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace vigie::http
