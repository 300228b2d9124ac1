#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "http/server.h"
#include "http/test_certificate.h"
#include "http/test_routes.h"
#include "identity/fetch.h"
#include "identity/scripted_server.h"

namespace vigie::identity {
namespace {

using testing::HasSubstr;

// Two runs of the tests at once do not write each other's files.
std::string folder_of_this_run() {
  const std::string folder = testing::TempDir() + "fetch-tls-" + std::to_string(::getpid()) + "/";
  std::filesystem::create_directories(folder);
  return folder;
}

// An issuer over TLS whose /away redirects to `elsewhere`.
class FetchTls : public testing::Test {
 protected:
  FetchTls() {
    router_.add(
        {.path = "/keys", .name = "keys", .summary = "", .handler = [](const http::Request&, http::Response& response) {
           response.body = "{}";
         }});
    router_.add({.path = "/away",
                 .name = "away",
                 .summary = "",
                 .handler = [this](const http::Request&, http::Response& response) {
                   response.status = 302;
                   response.add_header("Location", elsewhere_.url());
                 }});
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_of_this_run()); }
  void SetUp() override {
    auto server = http::Server::open(
        {.port = 0,
         .tls = http::TlsOptions{.certificate_file = certificate_.certificate_file, .key_file = certificate_.key_file}},
        router_);
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
    server_->start();
  }
  std::string url(const std::string& host, const std::string& path) const {
    return "https://" + host + ":" + std::to_string(server_->port()) + path;
  }

  ScriptedServer elsewhere_{always(scripted_answer("200 OK", "from elsewhere"))};
  http::TestCertificate certificate_{folder_of_this_run() + "issuer", "issuer"};
  http::TestCertificate stranger_{folder_of_this_run() + "other-issuer", "other"};
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(FetchTls, TheOwnAuthorityIsTrusted) {
  Fetcher fetcher(patient({.ca_file = certificate_.certificate_file}));
  const auto document = fetcher.get(url("127.0.0.1", "/keys"));
  ASSERT_TRUE(document) << document.error().to_string();
  EXPECT_EQ(document->body, "{}");
}

TEST_F(FetchTls, AnyoneElseIsNot) {
  for (const std::string& authorities : {std::string(), stranger_.certificate_file}) {
    Fetcher fetcher(patient({.ca_file = authorities}));
    const auto document = fetcher.get(url("127.0.0.1", "/keys"));
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().code, Code::kPermissionDenied);
    EXPECT_THAT(document.error().to_string(), HasSubstr("certificate is not trusted: self-signed certificate"));
  }
}

TEST_F(FetchTls, ACertificateForAnotherNameIsRefused) {
  Fetcher fetcher(patient({.ca_file = certificate_.certificate_file}));
  const auto document = fetcher.get(url("localhost", "/keys"));
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, Code::kPermissionDenied);
  EXPECT_THAT(document.error().to_string(), HasSubstr("for another name"));
}

TEST_F(FetchTls, AnAuthorityFileThatIsNotThereIsNamed) {
  Fetcher fetcher({.ca_file = "/nowhere/ca.pem"});
  const auto document = fetcher.get(url("127.0.0.1", "/keys"));
  ASSERT_FALSE(document);
  EXPECT_THAT(document.error().to_string(), HasSubstr("/nowhere/ca.pem"));
}

TEST_F(FetchTls, HttpsDoesNotRedirectToHttp) {
  Fetcher fetcher(patient({.ca_file = certificate_.certificate_file, .plain_http = true}));
  const auto document = fetcher.get(url("127.0.0.1", "/away"));
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, Code::kPermissionDenied);
  EXPECT_THAT(document.error().to_string(), HasSubstr("from https to http"));
  EXPECT_EQ(elsewhere_.connections(), 0U);
}

TEST_F(FetchTls, PlainTextWhereTlsWasExpectedIsAnError) {
  ScriptedServer plain([](ScriptedServer::Peer& peer) {
    peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    peer.hang();
  });
  Fetcher fetcher(patient({.ca_file = certificate_.certificate_file}));
  const auto document = fetcher.get("https://127.0.0.1:" + std::to_string(plain.port()) + "/");
  ASSERT_FALSE(document);
  EXPECT_THAT(document.error().to_string(), HasSubstr("no TLS connection"));
}

TEST_F(FetchTls, AHandshakeThatIsNeverAnsweredHasTheTimeToConnect) {
  ScriptedServer silent([](ScriptedServer::Peer& peer) { peer.hang(); });
  Fetcher fetcher({.connect_timeout = std::chrono::milliseconds{100}});
  const auto document = fetcher.get("https://127.0.0.1:" + std::to_string(silent.port()) + "/");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, Code::kUnavailable);
  EXPECT_THAT(document.error().to_string(), HasSubstr("no connection within 100 ms"));
}

}  // namespace
}  // namespace vigie::identity
