// GET /docs and its files over a real socket: those of this build, and made ones for what a build may lack.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "api/api_fixture.h"
#include "base/sha256.h"

namespace vigie::api {
namespace {

using testing::HasSubstr;
using testing::Not;

bool has_interface() {
  for (const web::File& file : web::files()) {
    if (file.name == "swagger-ui-bundle.js") return true;
  }
  return false;
}

// What Debian's `program` (gzip, brotli) makes of packed bytes.
std::string unpacked(const std::string& program, std::string_view bytes) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "packed", std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  const std::string command = program + " -dc < " + (folder / "packed").string() + " > " + (folder / "plain").string();
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  std::ifstream plain(folder / "plain", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(plain), {}};
  std::filesystem::remove_all(folder);
  return text;
}

class DocsTest : public ApiTest {
 protected:
  static std::string coding(const std::string& accepted) { return "Accept-Encoding: " + accepted + "\r\n"; }
};

TEST_F(DocsTest, EveryFileArrivesWholeInEachForm) {
  for (const web::File& file : web::files()) {
    if (file.name.ends_with(".html") || file.name.starts_with("login.")) continue;
    const std::string path = "/docs/" + std::string(file.name);
    if (!has_interface() && file.name == "start.js") {
      EXPECT_EQ(get(path).status, 404);
      continue;
    }
    const auto plain = get(path);
    ASSERT_EQ(plain.status, 200) << path;
    EXPECT_EQ(plain.field("Content-Encoding"), "");
    EXPECT_EQ(sha256_hex(plain.body).substr(0, 32), file.hash) << path;
    EXPECT_EQ(plain.field("ETag"), '"' + std::string(file.hash) + '"');
    for (const auto& [program, name] : {std::pair<std::string, std::string>{"gzip", "gzip"}, {"brotli", "br"}}) {
      const auto packed = get(path, coding(name));
      ASSERT_EQ(packed.status, 200) << path;
      if (packed.field("Content-Encoding").empty()) {
        EXPECT_EQ(packed.field("ETag"), plain.field("ETag"));
        continue;
      }
      EXPECT_EQ(packed.field("Content-Encoding"), name);
      EXPECT_EQ(packed.field("ETag"), '"' + std::string(file.hash) + "-" + name + '"');
      EXPECT_LT(packed.body.size(), plain.body.size());
      EXPECT_TRUE(unpacked(program, packed.body) == plain.body) << path << " " << name;
    }
  }
}

TEST_F(DocsTest, TypesAndPolicyAreStrict) {
  std::size_t answered = 0;
  for (const http::Route* route : router_.routes()) {
    if (!route->path.starts_with("/docs")) continue;
    const auto reply = get(route->path);
    const std::string type = reply.field("Content-Type");
    const std::string expected = route->path.ends_with(".js")    ? "text/javascript; charset=utf-8"
                                 : route->path.ends_with(".css") ? "text/css; charset=utf-8"
                                 : route->path.ends_with(".svg") ? "image/svg+xml"
                                 : route->path.ends_with(".txt") ? "text/plain; charset=utf-8"
                                                                 : "text/html; charset=utf-8";
    EXPECT_EQ(type, expected) << route->path;
    EXPECT_EQ(reply.field("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(reply.field("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(reply.field("Cache-Control"), "no-cache");
    EXPECT_THAT(reply.field("Vary"), HasSubstr("Accept-Encoding"));
    const std::string policy = reply.field("Content-Security-Policy");
    EXPECT_THAT(policy, testing::StartsWith("default-src 'none'; script-src 'self'; style-src 'self'; "));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
    EXPECT_THAT(policy, Not(HasSubstr("http")));
    EXPECT_THAT(policy, Not(HasSubstr("*")));
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
    ++answered;
  }
  EXPECT_GE(answered, 3u);
}

TEST_F(DocsTest, ThePageSpeaksTheReadersLanguage) {
  const auto english = get("/docs");
  EXPECT_THAT(english.body, HasSubstr("<html lang=\"en\">"));
  EXPECT_EQ(english.field("Content-Language"), "en");
  const auto french = get("/docs", "Accept-Language: fr-CA, en;q=0.5\r\n");
  EXPECT_THAT(french.body, HasSubstr("<html lang=\"fr\">"));
  EXPECT_EQ(french.field("Content-Language"), "fr");
  EXPECT_EQ(french.field("Vary"), "Accept-Encoding, Accept-Language");
  EXPECT_NE(french.field("ETag"), english.field("ETag"));
  // Who keeps the English page and now asks for French does not have it.
  EXPECT_EQ(get("/docs", "Accept-Language: fr\r\nIf-None-Match: " + english.field("ETag") + "\r\n").status, 200);
}

// What the policy forbids is not in the page, nor is another host.
TEST_F(DocsTest, ThePageHasNothingInlineAndNamesNoOtherHost) {
  for (const web::File& file : web::files()) {
    if (!file.name.ends_with(".html")) continue;
    const std::string page(file.bytes);
    for (auto at = page.find("<script"); at != std::string::npos; at = page.find("<script", at + 1)) {
      const bool login = file.name.starts_with("login.");
      EXPECT_TRUE(page.substr(at).starts_with(login ? "<script src=\"/login/" : "<script src=\"docs/")) << file.name;
    }
    for (const char* const forbidden : {"<style", "style=", "onload", "onclick", "javascript:", "//", "@PROJECT"}) {
      EXPECT_THAT(page, Not(HasSubstr(forbidden))) << file.name;
    }
    if (!file.name.starts_with("login.")) {
      EXPECT_THAT(page, HasSubstr("href=\"openapi.json\"")) << file.name;
    }
  }
}

TEST_F(DocsTest, IsSentOnceToWhoKeepsIt) {
  for (const std::string path : {"/docs", "/docs/page.css"}) {
    for (const std::string accepted : {"identity", "gzip", "br"}) {
      const std::string etag = get(path, coding(accepted)).field("ETag");
      for (const std::string& known : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
        const auto again = get(path, coding(accepted) + "If-None-Match: " + known + "\r\n");
        EXPECT_EQ(again.status, 304) << path << " " << known;
        EXPECT_EQ(again.body, "");
        EXPECT_EQ(again.field("ETag"), etag);
        EXPECT_EQ(again.field("Content-Encoding"), "");
        EXPECT_THAT(again.field("Vary"), HasSubstr("Accept-Encoding"));
      }
      EXPECT_EQ(get(path, coding(accepted) + "If-None-Match: \"other\"\r\n").status, 200);
    }
  }
  // Another form is another representation.
  const std::string plain = get("/docs/page.css").field("ETag");
  EXPECT_EQ(get("/docs/page.css", coding("gzip") + "If-None-Match: " + plain + "\r\n").status, 200);
}

TEST_F(DocsTest, HeadHasTheFieldsOfGet) {
  client_->send("HEAD /docs HTTP/1.1\r\nHost: here\r\n\r\n");
  const auto head = client_->reply(true);
  EXPECT_EQ(head.status, 200);
  const auto page = get("/docs");
  EXPECT_EQ(head.field("Content-Length"), std::to_string(page.body.size()));
  EXPECT_EQ(head.field("ETag"), page.field("ETag"));
}

TEST_F(DocsTest, WhatIsNotThereIsNotFound) {
  for (const std::string path :
       {"/docs/", "/docs/../docs", "/docs/page.en.html", "/docs/swagger-ui.css.map", "/docs/%2e%2e/etc/passwd"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
  EXPECT_EQ(post("/docs", "{}").status, 405);
}

TEST_F(DocsTest, TheInterfaceIsInThisBuild) {
  if (!has_interface()) GTEST_SKIP() << "built without swagger-ui-dist; tools/setup gets it where npm has its registry";
  EXPECT_THAT(get("/docs").body, HasSubstr("<main id=\"interface\">"));
  const auto bundle = get("/docs/swagger-ui-bundle.js", coding("gzip, deflate, br"));
  EXPECT_EQ(bundle.field("Content-Encoding"), "br");
  EXPECT_LT(bundle.body.size(), 600'000u);
  EXPECT_THAT(get("/docs/swagger-ui-bundle.js").body, HasSubstr("SwaggerUIBundle"));
  EXPECT_THAT(get("/docs/start.js").body, HasSubstr("validatorUrl: null"));
  EXPECT_THAT(get("/docs/swagger-ui-bundle.js.LICENSE.txt").body, HasSubstr("SmartBear"));
}

// The routes over files made here.
class MadeFilesTest : public testing::Test {
 protected:
  // The server with those of `files`.
  void serve(std::vector<web::File> files) {
    files_ = std::move(files);
    add_docs_routes(router_, files_);
    auto server = http::Server::open({.port = 0}, router_);
    ASSERT_TRUE(server);
    server_ = std::move(*server);
    server_->start();
    client_ = std::make_unique<http::RawClient>(server_->port());
  }
  http::RawReply get(const std::string& path, const std::string& fields = {}) {
    return client_->ask("GET " + path + " HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n");
  }

  std::vector<web::File> files_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::RawClient> client_;
};

constexpr web::File kPlainPages[] = {{"missing.en.html", "a", "plain", {}, {}},
                                     {"missing.fr.html", "b", "plain", {}, {}}};

TEST_F(MadeFilesTest, AcceptEncodingChoosesTheForm) {
  serve({kPlainPages[0],
         kPlainPages[1],
         {"both.css", "c", "plain", "gz", "br"},
         {"gzip.css", "d", "plain", "gz", {}},
         {"none.css", "e", "plain", {}, {}}});
  const struct {
    std::string accepted;
    std::string both, gzip, none;
  } cases[] = {
      {"gzip, deflate, br", "br", "gz", "plain"},
      {"gzip, deflate, br, zstd", "br", "gz", "plain"},
      {"gzip", "gz", "gz", "plain"},
      {"GZIP", "gz", "gz", "plain"},
      {"br", "br", "plain", "plain"},
      {"*", "br", "gz", "plain"},
      {"gzip;q=1, br;q=0.5", "gz", "gz", "plain"},
      {"gzip;q=0, br", "br", "plain", "plain"},
      {"gzip, br;q=0", "gz", "gz", "plain"},
      {"*, br;q=0", "gz", "gz", "plain"},
      {"gzip;q=0, br;q=0", "plain", "plain", "plain"},
      {"*;q=0", "plain", "plain", "plain"},
      {"identity", "plain", "plain", "plain"},
      {"identity, gzip;q=0.5", "plain", "plain", "plain"},
      {"identity;q=0.2, gzip;q=0.5", "gz", "gz", "plain"},
      {"identity;q=0", "plain", "plain", "plain"},
      {"identity;q=0, *", "br", "gz", "plain"},
      {"deflate", "plain", "plain", "plain"},
      {"zip, brotli, gzip2", "plain", "plain", "plain"},
      {"br;q=nan, gzip;q=1e9", "gz", "gz", "plain"},
      {";;;,,=,q=1", "plain", "plain", "plain"},
      {std::string(4000, ','), "plain", "plain", "plain"},
  };
  for (const auto& each : cases) {
    const std::string field = "Accept-Encoding: " + each.accepted + "\r\n";
    EXPECT_EQ(get("/docs/both.css", field).body, each.both) << each.accepted;
    EXPECT_EQ(get("/docs/gzip.css", field).body, each.gzip) << each.accepted;
    EXPECT_EQ(get("/docs/none.css", field).body, each.none) << each.accepted;
  }
  EXPECT_EQ(get("/docs/both.css").body, "plain");
  EXPECT_EQ(get("/docs/both.css", "Accept-Encoding: \r\n").body, "plain");
}

// A build without npm: a page of our own, and nothing that it names is absent.
TEST_F(MadeFilesTest, WithoutSwaggerUiThePageSaysHowToGetIt) {
  std::vector<web::File> files;
  for (const web::File& file : web::files()) {
    if (!file.name.starts_with("swagger-ui")) files.push_back(file);
  }
  serve(files);
  const auto page = get("/docs");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.field("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.body, HasSubstr("without Swagger UI"));
  EXPECT_THAT(page.body, HasSubstr("<a href=\"openapi.json\">"));
  EXPECT_THAT(page.body, HasSubstr("make build"));
  EXPECT_THAT(get("/docs", "Accept-Language: fr\r\n").body, HasSubstr("sans Swagger UI"));
  for (auto at = page.body.find("\"docs/"); at != std::string::npos; at = page.body.find("\"docs/", at + 1)) {
    const std::string path = page.body.substr(at + 1, page.body.find('"', at + 1) - at - 1);
    EXPECT_EQ(get("/" + path).status, 200) << path;
  }
  EXPECT_EQ(get("/docs/start.js").status, 404);
  EXPECT_EQ(get("/docs/swagger-ui.css").status, 404);
}

}  // namespace
}  // namespace vigie::api
