#include "identity/discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "identity/scripted_server.h"

namespace vigie::identity {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kIssuer = "https://id.example/realms/bank";

// A sound document with `member` as `value` (JSON text), or without it.
std::string document_with(const std::string& member, std::optional<std::string> value) {
  std::vector<std::pair<std::string, std::string>> members = {
      {"issuer", '"' + kIssuer + '"'},
      {"jwks_uri", R"("https://id.example/realms/bank/certs")"},
      {"introspection_endpoint", R"("https://id.example/realms/bank/introspect")"},
      {"authorization_endpoint", R"("https://id.example/realms/bank/auth")"},
      {"token_endpoint", R"("https://id.example/realms/bank/token")"},
      {"id_token_signing_alg_values_supported", R"(["RS256",{"x":null}])"}};
  std::string out = "{";
  for (const auto& [name, text] : members) {
    if (name == member && !value) continue;
    out += (out.size() > 1 ? ",\"" : "\"") + name + "\":" + (name == member ? *value : text);
  }
  return out + "}";
}

TEST(Discovery, TheAddressesAreRead) {
  const auto provider = parse_provider(document_with("", {}), kIssuer);
  ASSERT_TRUE(provider) << provider.error().to_string();
  EXPECT_EQ(provider->issuer, kIssuer);
  EXPECT_EQ(provider->jwks_uri, kIssuer + "/certs");
  EXPECT_EQ(provider->introspection_endpoint, kIssuer + "/introspect");
  EXPECT_EQ(provider->authorization_endpoint, kIssuer + "/auth");
  EXPECT_EQ(provider->token_endpoint, kIssuer + "/token");
}

TEST(Discovery, OnlyIssuerAndKeysMustBeThere) {
  for (const char* member : {"introspection_endpoint", "authorization_endpoint", "token_endpoint"}) {
    EXPECT_TRUE(parse_provider(document_with(member, {}), kIssuer)) << member;
    EXPECT_TRUE(parse_provider(document_with(member, "null"), kIssuer)) << member;
  }
  for (const char* member : {"issuer", "jwks_uri"}) {
    for (const std::optional<std::string>& value :
         {std::optional<std::string>(), std::optional<std::string>("null"), std::optional<std::string>("\"\"")}) {
      const auto provider = parse_provider(document_with(member, value), kIssuer);
      ASSERT_FALSE(provider) << member;
      EXPECT_EQ(provider.error().place.field, member);
      EXPECT_EQ(provider.error().message, "missing");
    }
  }
}

TEST(Discovery, TheIssuerIsComparedByteForByte) {
  for (const char* other :
       {"https://id.example/realms/bank/", "https://ID.example/realms/bank", "https://id.example:443/realms/bank",
        "https://id.example/realms/ban", "http://id.example/realms/bank", "https://evil.example",
        " https://id.example/realms/bank", "https://id.example/realms/bank\\u0000"}) {
    const auto provider = parse_provider(document_with("issuer", '"' + std::string(other) + '"'), kIssuer);
    ASSERT_FALSE(provider) << other;
    EXPECT_EQ(provider.error().code, Code::kInvalidData);
    EXPECT_EQ(provider.error().place.field, "issuer");
    EXPECT_THAT(provider.error().to_string(), Not(HasSubstr("evil")));
  }
  EXPECT_TRUE(parse_provider(document_with("issuer", R"("https:\/\/id.example\/realms\/bank")"), kIssuer))
      << "as JSON may write it";
}

TEST(Discovery, AHostileMemberIsNamedAndNotRepeated) {
  for (const char* member : {"jwks_uri", "introspection_endpoint", "authorization_endpoint", "token_endpoint"}) {
    for (const char* value :
         {R"("http://hunter2.example/")", R"("file:///hunter2")", R"("https://hunter2@id.example/")", R"("hunter2")",
          R"(["https://hunter2.example/"])", "17", "true", "{}", R"("https://id.example/hunter2\r\nX: y")"}) {
      const auto provider = parse_provider(document_with(member, value), kIssuer);
      ASSERT_FALSE(provider) << member << " = " << value;
      EXPECT_EQ(provider.error().code, Code::kInvalidData);
      EXPECT_EQ(provider.error().place.field, member);
      EXPECT_FALSE(provider.error().remedy.empty());
      EXPECT_THAT(provider.error().to_string(), Not(HasSubstr("/hunter2"))) << value;
      EXPECT_THAT(provider.error().to_string(), Not(HasSubstr("hunter2@"))) << value;
    }
  }
  EXPECT_TRUE(parse_provider(document_with("jwks_uri", R"("http://id.example/keys")"), kIssuer, true))
      << "where development says so";
}

TEST(Discovery, WhatIsNoObjectIsRefused) {
  for (const std::string& text : {std::string(), std::string("<html>"), std::string("[]"), std::string("null"),
                                  std::string("{"), std::string("{} {}"), document_with("", {}).substr(0, 100),
                                  std::string(100'000, '['), "{\"a\":\"\xff\"}" + std::string()}) {
    const auto provider = parse_provider(text, kIssuer);
    ASSERT_FALSE(provider) << text.substr(0, 20);
    EXPECT_EQ(provider.error().code, Code::kInvalidData);
    EXPECT_THAT(provider.error().message, HasSubstr("the configuration cannot be read"));
    EXPECT_FALSE(provider.error().remedy.empty());
  }
}

TEST(Discovery, AMemberThatStandsTwiceIsRefused) {
  const std::string sound = document_with("", {});
  for (const char* more :
       {R"("jwks_uri":"https://id.example/realms/bank/certs")", R"("jwks_uri":"https://evil.example/")",
        R"("issuer":"https://evil.example")", R"("jwks\u005furi":"https://evil.example/")",
        R"("mtls_endpoint_aliases":{"token_endpoint":"https://a","token_endpoint":"https://b"})"}) {
    const auto provider = parse_provider(sound.substr(0, sound.size() - 1) + "," + more + "}", kIssuer);
    ASSERT_FALSE(provider) << more;
    EXPECT_EQ(provider.error().code, Code::kInvalidData);
    EXPECT_THAT(provider.error().message, HasSubstr("a member stands twice")) << more;
    EXPECT_THAT(provider.error().to_string(), Not(HasSubstr("evil")));
  }
}

TEST(Discovery, AConfigurationMayBeLongAndNotEndless) {
  const std::string sound = document_with("", {});
  const auto with_algorithms = [&](int count) {
    std::string list = "\"x\"";
    for (int i = 1; i < count; ++i) list += ",\"x\"";
    return parse_provider(sound.substr(0, sound.size() - 1) + ",\"more\":[" + list + "]}", kIssuer);
  };
  EXPECT_TRUE(with_algorithms(3900));
  const auto endless = with_algorithms(4100);
  ASSERT_FALSE(endless);
  EXPECT_THAT(endless.error().message, HasSubstr("too many members"));
}

TEST(Discovery, TheConfigurationIsBehindTheIssuersPath) {
  EXPECT_EQ(configuration_url("https://id.example"), "https://id.example/.well-known/openid-configuration");
  EXPECT_EQ(configuration_url("https://id.example/"), "https://id.example/.well-known/openid-configuration");
  EXPECT_EQ(configuration_url(kIssuer), kIssuer + "/.well-known/openid-configuration");
}

TEST(Discovery, AnIssuerHasNeitherQueryNorFragment) {
  EXPECT_TRUE(check_issuer(kIssuer));
  for (const char* issuer :
       {"https://id.example/?tenant=1", "https://id.example/#bank", "id.example", "http://id.example"}) {
    EXPECT_FALSE(check_issuer(issuer)) << issuer;
  }
}

// An issuer that answers its configuration with `configuration` (@ is its own address) and /certs with `keys`.
class Issuer {
 public:
  Issuer(std::string configuration, std::string keys)
      : configuration_(std::move(configuration)), keys_(std::move(keys)), server_([this](ScriptedServer::Peer& peer) {
          const std::string request = peer.request();
          if (request.starts_with("GET /certs ")) peer.send(keys_);
          if (!request.starts_with("GET /.well-known/openid-configuration ")) return;
          std::string body = configuration_;
          for (auto at = body.find('@'); at != std::string::npos; at = body.find('@'))
            body.replace(at, 1, server_.url(""));
          peer.send(scripted_answer("200 OK", body, "Cache-Control: no-store\r\n"));
        }) {}
  std::string url() const { return server_.url(""); }

 private:
  std::string configuration_;
  std::string keys_;
  ScriptedServer server_;
};

TEST(Discovery, ConfigurationAndKeysAreFetched) {
  const Issuer issuer(R"({"issuer":"@","jwks_uri":"@/certs"})",
                      scripted_answer("200 OK", R"({"keys":[]})", "Cache-Control: max-age=600\r\n"));
  Fetcher fetcher(patient());
  const auto documents = fetch_issuer(fetcher, issuer.url());
  ASSERT_TRUE(documents) << documents.error().to_string();
  EXPECT_EQ(documents->provider.issuer, issuer.url());
  EXPECT_EQ(documents->key_set, R"({"keys":[]})");
  EXPECT_EQ(documents->max_age, std::chrono::seconds{600});
}

TEST(Discovery, AnIssuerThatNamesAnotherIsRefusedBeforeItsKeysAreRead) {
  const Issuer issuer(R"({"issuer":"https://id.example","jwks_uri":"@/certs"})", scripted_answer("200 OK", "{}"));
  Fetcher fetcher(patient());
  const auto documents = fetch_issuer(fetcher, issuer.url());
  ASSERT_FALSE(documents);
  EXPECT_THAT(documents.error().to_string(),
              HasSubstr(issuer.url() + "/.well-known/openid-configuration: issuer: not the issuer that is configured"));
}

TEST(Discovery, KeysThatDoNotComeAreAFailure) {
  const Issuer issuer(R"({"issuer":"@","jwks_uri":"@/certs"})",
                      scripted_answer("500 Internal Server Error", "hunter2"));
  Fetcher fetcher(patient());
  const auto documents = fetch_issuer(fetcher, issuer.url());
  ASSERT_FALSE(documents);
  EXPECT_EQ(documents.error().code, Code::kUnavailable);
  EXPECT_THAT(documents.error().to_string(), HasSubstr(issuer.url() + ": asked for its keys, answers 500"));
  EXPECT_THAT(documents.error().to_string(), Not(HasSubstr("hunter2")));
}

TEST(Discovery, ARealmThatDoesNotExistIsTold) {
  ScriptedServer server(always(scripted_answer("404 Not Found", "{}")));
  Fetcher fetcher(patient());
  const auto documents = fetch_issuer(fetcher, server.url("/realms/none"));
  ASSERT_FALSE(documents);
  EXPECT_THAT(documents.error().to_string(), HasSubstr("asked for its configuration, answers 404"));
}

}  // namespace
}  // namespace vigie::identity
