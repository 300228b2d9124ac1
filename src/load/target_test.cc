#include "load/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "load/scripted_server.h"

namespace vigie::load {
namespace {

using testing::HasSubstr;

TEST(Target, IsFoundOnThisMachine) {
  ScriptedServer server([](ScriptedPeer& peer) { peer.request(); });
  const auto found = find_target(server.url() + "/v1/", "", 1000);
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(found->url, server.url() + "/v1");
  EXPECT_EQ(found->prefix, "/v1");
  EXPECT_EQ(found->name, "127.0.0.1");
  EXPECT_EQ("http://" + found->host, server.url());
}

TEST(Target, AnotherMachineIsRefusedBeforeAByteGoesThere) {
  // TEST-NET-1 (RFC 5737): nobody is there.
  const auto refused = find_target("http://192.0.2.1:8080", "", 50);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kPermissionDenied);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("--i-may-load 192.0.2.1"));
  EXPECT_EQ(find_target("http://192.0.2.1:8080", "192.0.2.2", 50).error().code, Code::kPermissionDenied);
}

TEST(Target, AnotherMachineThatIsNamedAgainIsAllowed) {
  ScriptedServer server([](ScriptedPeer& peer) { peer.request(); });
  // Not a loopback address by its number, and yet this machine, so that the test reaches nobody else.
  const std::string port = server.url().substr(server.url().rfind(':'));
  EXPECT_EQ(find_target("http://0.0.0.0" + port, "", 1000).error().code, Code::kPermissionDenied);
  EXPECT_EQ(find_target("http://0.0.0.0" + port, "127.0.0.1", 1000).error().code, Code::kPermissionDenied);
  EXPECT_TRUE(find_target("http://0.0.0.0" + port, "0.0.0.0", 1000));
}

TEST(Target, NobodyListeningIsSaidAtOnce) {
  std::string url;
  {
    url = ScriptedServer([](ScriptedPeer&) {}).url();
  }
  const auto refused = find_target(url, "", 1000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("vigie serve"));
}

TEST(Target, WrongUrlsAreRefused) {
  for (const char* bad :
       {"", "127.0.0.1:80", "ftp://127.0.0.1", "http://", "http://:80", "http://127.0.0.1:0", "http://127.0.0.1:65536",
        "http://127.0.0.1:x", "http://me:pw@127.0.0.1", "http://[::1", "http://[::1]x", "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/?q", "https://", "https://me@127.0.0.1", "HTTPS://127.0.0.1"}) {
    const auto refused = find_target(bad, "", 50);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, Code::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace vigie::load
