#include "identity/audit_log.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace vigie::identity {
namespace {

using boost::json::object;

class AuditLogTest : public testing::Test {
 protected:
  AuditLogTest() {
    std::string pattern = testing::TempDir() + "vigie-audit-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~AuditLogTest() override { std::filesystem::remove_all(folder_); }

  std::shared_ptr<AuditLog> open(http::AddressForm form = http::AddressForm::kFull) const {
    auto log = AuditLog::open({.to = (folder_ / "audit.log").native(), .client_address = form});
    EXPECT_TRUE(log);
    return *log;
  }
  std::vector<object> lines() const {
    std::vector<object> all;
    std::ifstream file(folder_ / "audit.log");
    for (std::string line; std::getline(file, line);) all.push_back(boost::json::parse(line).as_object());
    return all;
  }

  std::filesystem::path folder_;
};

TEST_F(AuditLogTest, AnEventSaysWhoDidWhatAndWhatCameOfIt) {
  const http::Caller ana{
      .subject = "ana", .issuer = "https://id", .client = "till", .token_id = "t1", .role_name = "admin"};
  const http::Request request{.method = http::Method::kPost,
                              .path = "/admin/keys/rotate",
                              .query = "code=secret",
                              .id = "r1",
                              .client_address = "192.0.2.7",
                              .caller = &ana};
  open()->write({.action = "keys-rotated",
                 .category = AuditEvent::Category::kIam,
                 .type = "change",
                 .request = &request,
                 .route = "keys_rotate"});
  ASSERT_EQ(lines().size(), 1u);
  object line = lines()[0];
  EXPECT_TRUE(line.contains("@timestamp"));
  line.stable_erase("@timestamp");
  line.stable_erase("service.version");
  EXPECT_EQ(boost::json::serialize(line),
            R"({"log.level":"info","ecs.version":"8.11.0","service.name":"vigie","event.kind":"event",)"
            R"("event.category":["iam"],"event.type":["change"],"event.action":"keys-rotated",)"
            R"("event.outcome":"success","event.dataset":"vigie.audit","client.address":"192.0.2.7",)"
            R"("http.request.id":"r1","http.request.method":"POST","url.path":"/admin/keys/rotate",)"
            R"("vigie.route":"keys_rotate","user.id":"ana","user.roles":["admin"],"vigie.token.issuer":"https://id",)"
            R"("vigie.token.id":"t1","vigie.token.client":"till"})");
}

TEST_F(AuditLogTest, ARefusalSaysWhyAndNamesNobodyWhoIsNotKnown) {
  const http::Request request{.path = "/predict", .client_address = "192.0.2.7"};
  open()->write({.action = "token-refused", .success = false, .reason = "expired", .request = &request});
  const object line = lines()[0];
  EXPECT_EQ(line.at("event.outcome"), "failure");
  EXPECT_EQ(line.at("event.reason"), "expired");
  EXPECT_EQ(line.at("log.level"), "warn");
  EXPECT_EQ(boost::json::serialize(line.at("event.category")), R"(["authentication"])");
  EXPECT_FALSE(line.contains("user.id"));
}

TEST_F(AuditLogTest, AddressesAreWrittenAsFarAsTheyMay) {
  const http::Request request{.path = "/predict", .client_address = "192.0.2.7"};
  open(http::AddressForm::kTruncated)->write({.action = "a", .request = &request});
  open(http::AddressForm::kDropped)->write({.action = "a", .request = &request});
  const auto all = lines();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].at("client.address"), "192.0.2.0");
  EXPECT_FALSE(all[1].contains("client.address"));
}

TEST_F(AuditLogTest, LinesOfSeveralThreadsStayWhole) {
  const auto log = open();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) log->write({.action = "token-refused", .reason = "a \"quoted\"\nreason"});
    });
  }
  for (std::thread& thread : threads) thread.join();
  while (log->totals().written < 800) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(lines().size(), 800u);
}

TEST_F(AuditLogTest, AFileThatCannotBeOpenedIsAnError) {
  EXPECT_FALSE(AuditLog::open({.to = (folder_ / "nowhere" / "audit.log").native()}));
}

}  // namespace
}  // namespace vigie::identity
