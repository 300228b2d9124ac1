// A provider that is a real server on loopback: its keys change, it goes down, it comes back.
#include "identity/remote_issuer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "http/server.h"
#include "identity/test_keys.h"

namespace vigie::identity {
namespace {

using std::chrono::milliseconds;

constexpr WallTime kNow(std::chrono::seconds(1'800'000'000));

class RealmServer {
 public:
  explicit RealmServer(std::uint16_t port = 0) {
    router_.set_error_writer([](const http::Rejection&, std::string_view, http::Response&) {});
    router_.add({.path = "/realms/bank/.well-known/openid-configuration",
                 .name = "configuration",
                 .summary = "",
                 .handler = [this](const http::Request&, http::Response& response) {
                   response.body = R"({"issuer": ")" + issuer() + R"(", "jwks_uri": ")" + issuer() + R"(/certs"})";
                 }});
    router_.add({.path = "/realms/bank/certs",
                 .name = "certs",
                 .summary = "",
                 .handler = [this](const http::Request&, http::Response& response) {
                   ++fetches;
                   const std::scoped_lock lock(mutex_);
                   response.body = "{\"keys\": [" + keys_ + "]}";
                 }});
    auto server = http::Server::open({.port = port}, router_);
    EXPECT_TRUE(server);
    server_ = std::move(*server);
    server_->start();
  }
  void publish(const std::string& keys) {
    const std::scoped_lock lock(mutex_);
    keys_ = keys;
  }
  std::uint16_t port() const { return server_->port(); }
  std::string issuer() const { return "http://127.0.0.1:" + std::to_string(port()) + "/realms/bank"; }

  std::atomic<int> fetches = 0;

 private:
  std::mutex mutex_;
  std::string keys_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

class RemoteIssuerTest : public testing::Test {
 protected:
  static const TestKey& key(int number) {
    static const TestKey keys[] = {TestKey::ec(), TestKey::ec(), TestKey::ec()};
    return keys[number];
  }
  static std::string id(int number) { return "key-" + std::to_string(number); }
  static std::string jwk(int number) { return key(number).jwk(id(number)); }

  void open(const std::string& issuer) {
    auto opened = RemoteIssuer::open(
        {.issuer = issuer,
         .refresh = {.least = milliseconds(60'000), .first_retry = milliseconds(20), .between_asks = milliseconds(50)},
         .patience = milliseconds(5'000)});
    ASSERT_TRUE(opened) << opened.error().to_string();
    remote_ = *opened;
    auto verifier = Verifier::make({{.policy = {.issuer = issuer, .audiences = {"vigie"}}, .keys = remote_}});
    ASSERT_TRUE(verifier);
    verifier_.emplace(std::move(*verifier));
    issuer_ = issuer;
  }
  std::string judge(int number) const {
    const std::string token =
        key(number).token("ES256", R"({"alg":"ES256","kid":")" + id(number) + "\"}",
                          R"({"iss":")" + issuer_ + R"(","aud":"vigie","sub":"u","exp":1800000300})");
    const auto identity = verifier_->verify(token, kNow);
    return identity ? "good" : std::string(text_of(identity.error()).name);
  }

  std::shared_ptr<RemoteIssuer> remote_;
  std::optional<Verifier> verifier_;
  std::string issuer_;
};

TEST_F(RemoteIssuerTest, ARotatedKeyIsFoundByTheFirstTokenThatNamesIt) {
  RealmServer provider;
  provider.publish(jwk(0));
  open(provider.issuer());
  ASSERT_TRUE(remote_->wait_for_keys(milliseconds(5'000)));
  EXPECT_EQ(judge(0), "good");
  EXPECT_EQ(provider.fetches, 1);
  const std::uint64_t before = remote_->generation();
  provider.publish(jwk(0) + "," + jwk(1));
  std::this_thread::sleep_for(milliseconds(60));
  EXPECT_EQ(judge(1), "good");
  EXPECT_EQ(judge(0), "good");
  EXPECT_EQ(provider.fetches, 2);
  EXPECT_NE(remote_->generation(), before);
}

TEST_F(RemoteIssuerTest, ManyUnknownKeysCauseFewFetches) {
  RealmServer provider;
  provider.publish(jwk(0));
  open(provider.issuer());
  ASSERT_TRUE(remote_->wait_for_keys(milliseconds(5'000)));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 200; ++i) EXPECT_EQ(judge(2), "unknown_key");
  const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
  EXPECT_LE(provider.fetches, 3 + took.count() / 50);
  EXPECT_EQ(judge(0), "good");
}

TEST_F(RemoteIssuerTest, KeysStayWhileTheProviderIsDownAndChangeWhenItIsBack) {
  auto provider = std::make_unique<RealmServer>();
  const std::uint16_t port = provider->port();
  provider->publish(jwk(0));
  open(provider->issuer());
  ASSERT_TRUE(remote_->wait_for_keys(milliseconds(5'000)));
  provider.reset();
  EXPECT_EQ(judge(1), "unknown_key");
  EXPECT_EQ(judge(0), "good");
  EXPECT_GE(remote_->state().failures, 1u);
  provider = std::make_unique<RealmServer>(port);
  provider->publish(jwk(1));
  for (int i = 0; i < 500 && judge(1) != "good"; ++i) std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(judge(1), "good");
  EXPECT_EQ(judge(0), "unknown_key") << "withdrawn";
}

TEST_F(RemoteIssuerTest, AProviderThatIsDownAtTheStartIsWaitedForByRequestsOnly) {
  auto provider = std::make_unique<RealmServer>();
  const std::uint16_t port = provider->port();
  const std::string issuer = provider->issuer();
  provider.reset();
  open(issuer);
  EXPECT_FALSE(remote_->wait_for_keys(milliseconds(5'000)));
  EXPECT_EQ(judge(0), "no_keys");
  provider = std::make_unique<RealmServer>(port);
  provider->publish(jwk(0));
  for (int i = 0; i < 500 && judge(0) != "good"; ++i) std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(judge(0), "good");
}

TEST_F(RemoteIssuerTest, RefusesIssuersThatMayNotBeAsked) {
  for (const char* const issuer : {"", "bank", "http://id.example/realms/bank", "ftp://id.example", "https://"}) {
    EXPECT_FALSE(RemoteIssuer::open({.issuer = issuer})) << issuer;
  }
}

}  // namespace
}  // namespace vigie::identity
