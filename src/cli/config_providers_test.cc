#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "cli/setting.h"

namespace vigie::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kTwo =
    "oidc:\n"
    "  - issuer: https://id.example/realms/bank\n"
    "    analyst_roles: [Fraud-Desk]\n"
    "  - issuer: https://okta.example\n"
    "    audiences: [api]\n"
    "    client_secret: s3cret\n";

std::string refusal(std::string_view yaml) {
  Config config;
  const Status status = read_config_text(yaml, "config.yaml", config);
  EXPECT_EQ(config_yaml(config), config_yaml({})) << "what is refused changes nothing";
  return status ? "accepted" : status.error().to_string();
}

Status read_variables(const std::map<std::string, std::string>& variables, Config& config) {
  return read_config_environment(
      [&](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      },
      config);
}

std::string variables_refusal(const std::map<std::string, std::string>& variables) {
  Config config;
  const Status status = read_variables(variables, config);
  EXPECT_EQ(config.oidc.size(), 1u);
  return status ? "accepted" : status.error().to_string();
}

TEST(Providers, AreAListInTheFile) {
  Config config;
  const Status status = read_config_text(kTwo, "config.yaml", config);
  ASSERT_TRUE(status) << status.error().to_string();
  ASSERT_EQ(config.oidc.size(), 2u);
  EXPECT_EQ(config.oidc[0].issuer, "https://id.example/realms/bank");
  EXPECT_THAT(config.oidc[0].analyst_roles, ElementsAre("Fraud-Desk"));
  EXPECT_THAT(config.oidc[0].audiences, ElementsAre("vigie"));
  EXPECT_EQ(config.oidc[1].issuer, "https://okta.example");
  EXPECT_THAT(config.oidc[1].analyst_roles, ElementsAre("analyst"));
  EXPECT_EQ(config.oidc[1].client_secret, "s3cret");
  EXPECT_TRUE(check_providers(config));

  ASSERT_TRUE(read_config_text("oidc: {client_id: vigie}", "config.yaml", config));
  EXPECT_EQ(config.oidc.size(), 2u) << "a group is the first one";
  EXPECT_EQ(config.oidc[0].client_id, "vigie");
  ASSERT_TRUE(read_config_text("oidc: [{issuer: https://a.example}]", "config.yaml", config));
  EXPECT_EQ(config.oidc.size(), 1u) << "a list is all of them";
  EXPECT_EQ(config.oidc[0].client_id, "");
  EXPECT_EQ(config.origins.count("oidc.client_id"), 0u);
}

TEST(Providers, ArePrintedAsTheyAreReadWithoutTheirSecrets) {
  Config config;
  ASSERT_TRUE(read_config_text(kTwo, "config.yaml", config));
  EXPECT_THAT(config_yaml(config),
              testing::AllOf(HasSubstr("client_secret: \"********\"\n"), Not(HasSubstr("s3cret"))));
  config.oidc[1].client_secret.clear();
  Config read;
  const Status status = read_config_text(config_yaml(config), "config.yaml", read);
  ASSERT_TRUE(status) << status.error().to_string();
  EXPECT_EQ(config_yaml(read), config_yaml(config));
  EXPECT_EQ(read.oidc[1].issuer, "https://okta.example");
  EXPECT_THAT(read.oidc[1].audiences, ElementsAre("api"));
  EXPECT_THAT(config_yaml({}), HasSubstr("\noidc:\n  # the provider")) << "one is a group";
}

TEST(Providers, AreJudgedWhereTheyStand) {
  EXPECT_EQ(refusal("oidc:\n  - issuer: a\n  - isuer: b\n"),
            "config.yaml:3:5: oidc.2.isuer: there is no such setting; did you mean oidc.2.issuer?");
  EXPECT_EQ(refusal("oidc:\n  - issuer: a\n  - issuer: b\n    issuer: c\n"),
            "config.yaml:4:5: oidc.2.issuer: is set twice; leave one of them out");
  EXPECT_THAT(refusal("oidc:\n  - isuer: a\n"), HasSubstr("config.yaml:2:5: oidc.isuer: there is no such setting"));
  EXPECT_THAT(refusal("oidc:\n  - issuer: a\n  - audiences: []\n"),
              HasSubstr("config.yaml:3:16: oidc.2.audiences: the value is not a list of names, not empty"));
  EXPECT_THAT(refusal("oidc:\n  - https://id.example\n"),
              HasSubstr("config.yaml:2:5: oidc: a group of settings is expected here"));
  EXPECT_THAT(refusal("oidc: [{issuer: a}, ~]"), HasSubstr("oidc.2: a group of settings is expected here"));
  EXPECT_THAT(refusal("oidc: [[{issuer: a}]]"), HasSubstr("a group of settings is expected here"));
  EXPECT_THAT(refusal("oidc: []"), HasSubstr("config.yaml:1:7: oidc: a list of 1 to 9 providers is expected here"));
  std::string ten;
  for (int i = 0; i < 10; ++i) ten += "  - issuer: a\n";
  EXPECT_THAT(refusal("oidc:\n" + ten), HasSubstr("a list of 1 to 9 providers is expected here"));
  EXPECT_THAT(refusal("oidc: [{2: {issuer: a}}]"), HasSubstr("there is no such setting"));
  EXPECT_THAT(refusal("oidc: {2: {issuer: a}}"), HasSubstr("there is no such setting"));
  EXPECT_THAT(refusal("server: [{port: 1}]"), HasSubstr("a group of settings is expected here"));
}

TEST(Providers, AreNumberedInVariables) {
  Config config;
  ASSERT_TRUE(read_variables({{"VIGIE_OIDC_ISSUER", "https://a.example"},
                              {"VIGIE_OIDC_2_ISSUER", "https://b.example"},
                              {"VIGIE_OIDC_2_AUDIENCES", "x,y"},
                              {"VIGIE_OIDC_3_ISSUER_FILE", "/run/issuer"}},
                             config));
  ASSERT_EQ(config.oidc.size(), 3u);
  EXPECT_EQ(config.oidc[0].issuer, "https://a.example");
  EXPECT_EQ(config.oidc[1].issuer, "https://b.example");
  EXPECT_THAT(config.oidc[1].audiences, ElementsAre("x", "y"));
  EXPECT_EQ(config.origins.at("oidc.3.issuer").to_string(), "VIGIE_OIDC_3_ISSUER_FILE");
  EXPECT_THAT(fetch_values({}, config).error().to_string(), HasSubstr("VIGIE_OIDC_3_ISSUER_FILE: /run/issuer:"));

  Config file;
  ASSERT_TRUE(read_config_text(kTwo, "config.yaml", file));
  ASSERT_TRUE(read_variables({{"VIGIE_OIDC_2_CLIENT_ID", "ours"}, {"VIGIE_OIDC_3_ISSUER", "https://c.example"}}, file));
  ASSERT_EQ(file.oidc.size(), 3u);
  EXPECT_EQ(file.oidc[1].client_id, "ours");
  EXPECT_EQ(file.oidc[1].issuer, "https://okta.example");

  EXPECT_EQ(
      variables_refusal({{"VIGIE_OIDC_3_ISSUER", "https://c.example"}}),
      "VIGIE_OIDC_3_ISSUER: there is no provider 2 before this one; number them without a gap: VIGIE_OIDC_ISSUER, "
      "VIGIE_OIDC_2_ISSUER, ...");
  EXPECT_THAT(variables_refusal({{"VIGIE_OIDC_2_INTROSPECTION", "often"}}),
              HasSubstr("VIGIE_OIDC_2_INTROSPECTION: the variable's value is not never or opaque or always"));
  EXPECT_EQ(variables_refusal({{"VIGIE_OIDC_2_ISSUER", ""}}), "accepted") << "an empty one says nothing";
}

TEST(Providers, EachOfSeveralHasAnIssuer) {
  EXPECT_TRUE(check_providers({})) << "one is none until server.auth asks for it";
  Config config;
  ASSERT_TRUE(read_config_text("oidc: [{issuer: https://a.example}, {client_id: x}]", "config.yaml", config));
  EXPECT_EQ(check_providers(config).error().to_string(),
            "oidc.2.issuer: of several providers this one has no URL; give it in a --config file or as "
            "VIGIE_OIDC_2_ISSUER");
}

TEST(Providers, NeedARestartToChange) {
  Config running;
  Config read;
  ASSERT_TRUE(read_config_text(kTwo, "config.yaml", running));
  ASSERT_TRUE(read_config_text(kTwo, "config.yaml", read));
  EXPECT_TRUE(take_live_settings(read, running).empty());
  read.oidc[1].client_secret = "another";
  EXPECT_THAT(take_live_settings(read, running), ElementsAre("oidc.2.client_secret"));
  read.oidc.resize(1);
  EXPECT_THAT(take_live_settings(read, running), ElementsAre("oidc"));
  EXPECT_EQ(running.oidc.size(), 2u);
}

}  // namespace
}  // namespace vigie::cli
