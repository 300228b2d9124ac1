#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "base/file.h"
#include "cli/setting.h"

namespace vigie::cli {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

std::string refusal(std::string_view yaml) {
  Config config;
  const Status status = read_config_text(yaml, "config.yaml", config);
  EXPECT_EQ(config_yaml(config), config_yaml({})) << "what is refused changes nothing";
  return status ? "accepted" : status.error().to_string();
}

TEST(Config, ReadsWhatAFileSaysAndKeepsTheRest) {
  Config config;
  const Status status = read_config_text(
      "server:\n"
      "  port: 9000   # ours\n"
      "  limits:\n"
      "    header_timeout: 1500ms\n"
      "    body_timeout: 2m\n"
      "    header_bytes: 32KiB\n"
      "models:\n"
      "  card: \"models/card 2\"\n",
      "config.yaml", config);
  ASSERT_TRUE(status) << status.error().to_string();
  EXPECT_EQ(config.port, 9000);
  EXPECT_EQ(config.limits.header, 1500ms);
  EXPECT_EQ(config.limits.body, 2min);
  EXPECT_EQ(config.limits.head.bytes, 32u * 1024);
  EXPECT_EQ(config.card_model, "models/card 2");
  EXPECT_EQ(config.host, "localhost");
  EXPECT_EQ(config.limits.idle, 75s);
}

TEST(Config, WhatIsPrintedReadsBackAsItWas) {
  Config config;
  config.host = "127.0.0.1";
  config.port = 0;
  config.card_model = "a \"quoted\" path\\with: all, of # it,\na line\tand more";
  config.limits.idle = 90s;
  config.limits.write = 1h;
  config.limits.head.bytes = 3 << 10;
  Config read;
  const Status status = read_config_text(config_yaml(config), "config.yaml", read);
  ASSERT_TRUE(status) << status.error().to_string();
  EXPECT_EQ(config_yaml(read), config_yaml(config));
  EXPECT_EQ(read.card_model, config.card_model);
  EXPECT_EQ(read.limits.write, 1h);
}

TEST(Config, EverySettingTakesItsOwnDefaultAndHasATextOfItsOwn) {
  std::map<std::string, int> texts;
  for (const Setting& setting : settings()) {
    Config config;
    EXPECT_TRUE(setting.set(setting.get(Config{}), config)) << setting.key;
    EXPECT_EQ(setting.get(config), setting.get(Config{})) << setting.key;
    EXPECT_EQ(++texts[setting.about], 1) << setting.key;
    EXPECT_EQ(++texts[setting.key], 1) << setting.key;
  }
}

TEST(Config, TheFileInTheRepositoryIsTheDefault) {
  const auto text = read_file("config.yaml");  // tests run in the repository
  ASSERT_TRUE(text) << text.error().to_string();
  EXPECT_EQ(*text, config_yaml(starting_config())) << "vigie config default > config.yaml";
}

TEST(Config, TheExampleOfVariablesInTheRepositoryIsWhatIsPrinted) {
  const auto text = read_file(".env.example");
  ASSERT_TRUE(text) << text.error().to_string();
  EXPECT_EQ(*text, env_example()) << "vigie config env > .env.example";
}

TEST(Config, TheExampleOfVariablesGivesTheDefaultsOnceItsSignsAreTakenAway) {
  std::map<std::string, std::string> variables;
  std::istringstream lines(env_example());
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find('=');
    if (!line.starts_with("#VIGIE_") || equals == std::string::npos) continue;
    variables[line.substr(1, equals - 1)] = line.substr(equals + 1);
  }
  EXPECT_EQ(variables["VIGIE_SERVER_PORT"], "8080");
  EXPECT_EQ(variables["VIGIE_OIDC_CLIENT_SECRET_FILE"], "/run/secrets/oidc_client_secret");
  EXPECT_EQ(variables.size(), 16 + provider_settings(0).size() + 1) << "none of its keys is misspelt";
  variables.erase("VIGIE_OIDC_CLIENT_SECRET_FILE");
  Config config;
  const Status status = read_config_environment(
      [&](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      },
      config);
  ASSERT_TRUE(status) << status.error().to_string();
  EXPECT_EQ(config.origins.size(), variables.size()) << "each is a setting";
  EXPECT_EQ(config_yaml(config), config_yaml({}));
}

TEST(Config, RulesStandInTheFileAndArePrintedAsTheyStand) {
  const std::string yaml =
      "server:\n  port: 1\nfraud:\n    bands: {moyen: 0.1}\n    # mine\n    rules:\n    - name: a\n\n"
      "      text: {fr: A, en: B}\n      when: >-\n        montant\n        > 1.0\n      weight: 0.5\n"
      "    remembered: 1MiB\n";
  Config config;
  ASSERT_TRUE(read_config_text(yaml, "config.yaml", config));
  EXPECT_EQ(config.fraud.rules.block,
            "rules:\n- name: a\n\n  text: {fr: A, en: B}\n  when: >-\n    montant\n    > 1.0\n  weight: 0.5\n");
  const auto set = rules::Ruleset::parse(config.fraud.rules.yaml, config.fraud.rules.file, decision::fraud_variables(),
                                         config.fraud.rules.group);
  ASSERT_TRUE(set) << set.error().front().to_string();
  Config read;
  ASSERT_TRUE(read_config_text(config_yaml(config), "printed", read));
  EXPECT_EQ(config_yaml(read), config_yaml(config));
  EXPECT_EQ(read.fraud.rules.block, config.fraud.rules.block);
  const auto again = rules::Ruleset::parse(read.fraud.rules.yaml, "printed", decision::fraud_variables(), "fraud");
  ASSERT_TRUE(again) << again.error().front().to_string();
  EXPECT_EQ(again->version(), set->version());
}

TEST(Config, RefusalsNameSettingPlaceAndRemedy) {
  EXPECT_EQ(refusal("server:\n  prot: 80\n"),
            "config.yaml:2:3: server.prot: there is no such setting; did you mean server.port?");
  EXPECT_EQ(
      refusal("server:\n  port: 65536\n"),
      "config.yaml:2:9: server.port: the value is not a whole number, at least 0 and at most 65535; correct it, or "
      "leave the line out for the default");
  EXPECT_EQ(refusal("server:\n  port: 1\n  port: 2\n"),
            "config.yaml:3:3: server.port: is set twice; leave one of them out");
  EXPECT_THAT(refusal("fraud:\n  rules: none\n"),
              HasSubstr("config.yaml:2:10: fraud.rules: a list of rules is expected"));
  EXPECT_THAT(refusal("server: 80\n"), HasSubstr("config.yaml:1:9: server: a group of settings is expected here"));
  EXPECT_THAT(refusal("- server\n"), HasSubstr("a group of settings is expected here"));
  EXPECT_THAT(refusal("server: [\n"), HasSubstr("this is no YAML"));
  EXPECT_THAT(refusal("colour: red\n"),
              HasSubstr("there is no such setting; vigie config default prints all settings"));
  for (const char* const value : {"10", "10 s", "-1s", "0ms", "25h", "1e3s", "s", "\"\"", "[10s]", "{a: 1}", "~",
                                  "99999999999999999999h", "9223372036854775807h"}) {
    EXPECT_THAT(refusal("server:\n  limits:\n    idle_timeout: " + std::string(value) + "\n"),
                HasSubstr("config.yaml:3:19: server.limits.idle_timeout: the value is not a duration"))
        << value;
  }
  for (const char* const value : {"1kb", "1.5MiB", "9999999999GiB", "255B", "1024"}) {
    EXPECT_THAT(refusal("server: {limits: {header_bytes: " + std::string(value) + "}}"), HasSubstr("is not a size"))
        << value;
  }
}

TEST(Config, ListsAreReadFromFilesAndVariables) {
  Config config;
  ASSERT_TRUE(read_config_text("server: {cors: {origins: [\"https://a.example\", http://b.example:81], max_age: 1h}}",
                               "config.yaml", config));
  EXPECT_THAT(config.cors.origins, testing::ElementsAre("https://a.example", "http://b.example:81"));
  EXPECT_EQ(config.cors.max_age, 1h);
  Config read;
  ASSERT_TRUE(read_config_text(config_yaml(config), "config.yaml", read));
  EXPECT_EQ(read.cors.origins, config.cors.origins);
  const auto only = [](std::string name, std::string value) {
    return [=](const std::string& asked) { return asked == name ? std::optional(value) : std::nullopt; };
  };
  ASSERT_TRUE(read_config_environment(only("VIGIE_SERVER_CORS_ORIGINS", "*,http://c.example"), config));
  EXPECT_THAT(config.cors.origins, testing::ElementsAre("*", "http://c.example"));
  ASSERT_TRUE(read_config_environment(only("VIGIE_SERVER_CORS_ORIGINS", ""), config));
  EXPECT_TRUE(config.cors.origins.empty());
  EXPECT_THAT(refusal("server: {cors: {origins: [\"https://a.example/\"]}}"),
              HasSubstr("server.cors.origins: the value is not a list of origins as browsers write them"));
}

TEST(Config, TrustedProxiesAreAddressesAndNetworks) {
  Config config;
  ASSERT_TRUE(read_config_text("server: {trusted_proxies: [192.0.2.1, \"fd00::/8\"]}", "config.yaml", config));
  EXPECT_THAT(config.trusted_proxies, testing::ElementsAre("192.0.2.1", "fd00::/8"));
  EXPECT_THAT(refusal("server: {trusted_proxies: [proxy.example]}"),
              HasSubstr("server.trusted_proxies: the value is not a list of addresses and networks"));
}

TEST(Config, WordsAndSharesAreReadAndPrinted) {
  Config config;
  ASSERT_TRUE(read_config_text("access_log: {to: stderr, sample: 0.25, redact: [], client_address: dropped}",
                               "config.yaml", config));
  EXPECT_EQ(config.access_log.to, "stderr");
  EXPECT_EQ(config.access_log.sample, 0.25);
  EXPECT_TRUE(config.access_log.redact.empty());
  EXPECT_EQ(config.access_log.client_address, http::AddressForm::kDropped);
  Config read;
  ASSERT_TRUE(read_config_text(config_yaml(config), "config.yaml", read));
  EXPECT_EQ(config_yaml(read), config_yaml(config));
  for (const char* const value : {"-0.1", "1.1", "nan", "half", "\"\"", "[1]"}) {
    EXPECT_THAT(refusal("access_log: {sample: " + std::string(value) + "}"), HasSubstr("is not a number from 0 to 1"))
        << value;
  }
  EXPECT_THAT(refusal("access_log: {client_address: hidden}"), HasSubstr("is not full or truncated or dropped"));
}

TEST(Config, OnlyLiveSettingsChangeWhileItRuns) {
  Config running;
  Config read;
  read.card_model = "models/new";
  read.cors.origins = {"https://a.example"};
  read.port = 9000;
  read.limits.idle = 1s;
  EXPECT_THAT(take_live_settings(read, running), testing::ElementsAre("server.port", "server.limits.idle_timeout"));
  EXPECT_EQ(running.card_model, "models/new");
  EXPECT_EQ(running.cors.origins, read.cors.origins);
  EXPECT_EQ(running.port, 8080);
  EXPECT_THAT(config_yaml({}), HasSubstr("# a path, or empty (live)\n  card:"));
  EXPECT_THAT(config_yaml({}), HasSubstr("at most 65535\n  port:"));
}

TEST(Config, HostileFilesAreRefused) {
  std::string laughs = "a: &a [x, x]\n";
  for (char name = 'b'; name < 'z'; ++name) {
    const char before = static_cast<char>(name - 1);
    laughs += std::string(1, name) + ": &" + name + " [*" + before + ", *" + before + "]\n";
  }
  EXPECT_THAT(refusal(laughs), HasSubstr("there is no such setting"));
  EXPECT_THAT(refusal(std::string(100'000, '[')), HasSubstr("this is no YAML"));
  EXPECT_THAT(refusal(std::string(2 << 20, '#')), HasSubstr("larger than 1 MiB"));
  EXPECT_NE(refusal("? {a: b}\n: c\n"), "accepted");
  EXPECT_NE(refusal("server: *nowhere\n"), "accepted");
  EXPECT_NE(refusal(std::string_view("server:\0\n", 9)), "accepted");
}

TEST(Config, VariablesOverrideAndAreNamedWhenWrong) {
  EXPECT_EQ(environment_name("server.limits.header_bytes"), "VIGIE_SERVER_LIMITS_HEADER_BYTES");
  std::map<std::string, std::string> variables = {{"VIGIE_SERVER_PORT", "9001"}, {"VIGIE_UNRELATED", "x"}};
  const auto lookup = [&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  Config config;
  ASSERT_TRUE(read_config_environment(lookup, config));
  EXPECT_EQ(config.port, 9001);
  variables["VIGIE_SERVER_LIMITS_IDLE_TIMEOUT"] = "soon";
  const Status status = read_config_environment(lookup, config);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().to_string(),
              HasSubstr("VIGIE_SERVER_LIMITS_IDLE_TIMEOUT: the variable's value is not a duration"));
}

TEST(Config, WellKnownVariablesAreOtherNamesOfSettings) {
  std::map<std::string, std::string> variables = {{"KEYCLOAK_ISSUER", "https://id.example/realms/bank"},
                                                  {"KEYCLOAK_CLIENT_ID", "vigie"},
                                                  {"KEYCLOAK_CLIENT_SECRET", "s3cret"},
                                                  {"MODEL_PATH", "models/card"}};
  const auto lookup = [&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  Config config;
  ASSERT_TRUE(read_config_environment(lookup, config));
  EXPECT_EQ(config.oidc[0].issuer, "https://id.example/realms/bank");
  EXPECT_EQ(config.oidc[0].client_id, "vigie");
  EXPECT_EQ(config.oidc[0].client_secret, "s3cret");
  EXPECT_EQ(config.card_model, "models/card");
  variables["VIGIE_MODELS_CARD"] = "models/card";
  EXPECT_TRUE(read_config_environment(lookup, config)) << "both say the same";
  variables["VIGIE_MODELS_CARD"] = "models/other";
  EXPECT_EQ(read_config_environment(lookup, config).error().to_string(),
            "VIGIE_MODELS_CARD: is set, and so is MODEL_PATH; unset one of them: both are models.card");
  variables["MODEL_PATH"] = "";
  ASSERT_TRUE(read_config_environment(lookup, config)) << "an empty one says nothing";
  EXPECT_EQ(config.card_model, "models/other");
  variables["KEYCLOAK_CLIENT_SECRET_FILE"] = "/run/secrets/oidc";
  EXPECT_THAT(read_config_environment(lookup, config).error().to_string(),
              testing::AllOf(HasSubstr("KEYCLOAK_CLIENT_SECRET: is set, and so is KEYCLOAK_CLIENT_SECRET_FILE"),
                             testing::Not(HasSubstr("s3cret"))));
  variables = {{"KEYCLOAK_CLIENT_SECRET_FILE", "/no/such/file"}};
  ASSERT_TRUE(read_config_environment(lookup, config));
  EXPECT_THAT(fetch_values({}, config).error().to_string(),
              HasSubstr("KEYCLOAK_CLIENT_SECRET_FILE: /no/such/file: cannot open"));
}

TEST(Config, NoVariableMeansTwoThings) {
  std::map<std::string, std::string> meanings;
  Config most;
  most.oidc.resize(kMostProviders);
  for (const Setting& setting : settings_of(most)) {
    std::vector<std::string> variables = setting.aliases;
    variables.push_back(environment_name(setting.key));
    for (const std::string& name : variables) {
      for (const char* const form : {"", "_FILE", "_COMMAND"}) {
        const auto [meaning, is_new] = meanings.emplace(name + form, setting.key);
        EXPECT_TRUE(is_new) << name + form << " is " << meaning->second << " and " << setting.key;
      }
    }
  }
}

}  // namespace
}  // namespace vigie::cli
