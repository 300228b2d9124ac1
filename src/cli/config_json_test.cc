#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "cli/setting.h"

namespace vigie::cli {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;

json::value parsed(const Config& config) { return json::parse(config_json(config)); }

TEST(ConfigJson, SaysOfEachSettingWhatItIsAndWhoSetIt) {
  Config config;
  ASSERT_TRUE(
      read_config_text("server:\n  host: 127.0.0.1\n  cors: {origins: [\"https://a.example\"]}\n"
                       "access_log: {sample: 0.25}\n",
                       "config.yaml", config));
  ASSERT_TRUE(read_config_environment(
      [](const std::string& name) {
        if (name == "VIGIE_SERVER_TLS_STRICT_TRANSPORT") return std::optional<std::string>("false");
        return name == "MODEL_PATH" ? std::optional<std::string>("models/card") : std::nullopt;
      },
      config));
  config.port = 9000;
  config.origins["server.port"] = {.from = Origin::From::kFlag, .place = {.field = "--port"}};

  const json::value all = parsed(config);
  EXPECT_EQ(all.at_pointer("/server/host"), json::parse(R"({"value": "127.0.0.1", "default": "localhost", "live": false,
                            "source": "file", "place": "config.yaml:2:9"})"));
  EXPECT_EQ(all.at_pointer("/server/cors/origins"),
            json::parse(R"({"value": ["https://a.example"], "default": [], "live": true,
                            "source": "file", "place": "config.yaml:3:19"})"));
  EXPECT_EQ(all.at_pointer("/access_log/sample/value"), json::value(0.25));
  EXPECT_EQ(all.at_pointer("/server/tls/strict_transport"),
            json::parse(R"({"value": false, "default": true, "live": false,
                            "source": "environment", "place": "VIGIE_SERVER_TLS_STRICT_TRANSPORT"})"));
  EXPECT_EQ(all.at_pointer("/models/card"), json::parse(R"({"value": "models/card", "default": "", "live": true,
                            "source": "environment", "place": "MODEL_PATH"})"));
  EXPECT_EQ(all.at_pointer("/server/port"),
            json::parse(R"({"value": 9000, "default": 8080, "live": false, "source": "flag", "place": "--port"})"));
  EXPECT_EQ(all.at_pointer("/server/limits/idle_timeout"),
            json::parse(R"({"value": "75s", "default": "75s", "live": false, "source": "default", "place": null})"));
}

TEST(ConfigJson, ANumberThatIsNotGivenIsAWord) {
  EXPECT_EQ(parsed({}).at_pointer("/scoring/thresholds/accepte/value"), json::value("package"));
  EXPECT_EQ(parsed(starting_config()).at_pointer("/scoring/thresholds/accepte"),
            json::parse(R"({"value": 600, "default": "package", "live": true, "source": "default", "place": null})"));
}

TEST(ConfigJson, HasEverySettingWhereTheFileHasIt) {
  Config config;
  config.oidc.resize(2);
  const json::value all = parsed(config);
  for (const Setting& setting : settings_of(config)) {
    const SettingPath path = path_of(setting);
    std::string pointer;
    for (const std::string& group : path.groups) {
      const bool number = group.find_first_not_of("0123456789") == std::string::npos;
      pointer += "/" + (number ? std::to_string(std::stoi(group) - 1) : group);
    }
    boost::system::error_code error;
    const json::value* const found = all.find_pointer(pointer + "/" + path.name + "/value", error);
    ASSERT_NE(found, nullptr) << setting.key;
    EXPECT_EQ(found->is_array(), setting.list) << setting.key;
  }
  EXPECT_EQ(all.at("oidc").as_array().size(), 2u);
  EXPECT_EQ(parsed({}).at("oidc").as_array().size(), 1u) << "an array, for one provider too";
}

TEST(ConfigJson, SecretsAreMasked) {
  Config config;
  ASSERT_TRUE(read_config_text("oidc: [{issuer: a}, {issuer: b, client_secret: s3cret}]", "config.yaml", config));
  const std::string text = config_json(config);
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));
  const json::value all = json::parse(text);
  EXPECT_TRUE(all.at_pointer("/oidc/0/client_secret/value").is_null());
  EXPECT_EQ(all.at_pointer("/oidc/1/client_secret"),
            json::parse(R"({"value": "********", "default": null, "live": false,
                            "source": "file", "place": "config.yaml:1:48"})"));
}

TEST(ConfigJson, LiveSettingsBringTheirOriginAlong) {
  Config running;
  Config read;
  ASSERT_TRUE(read_config_text("models: {card: models/new}", "config.yaml", read));
  EXPECT_TRUE(take_live_settings(read, running).empty());
  EXPECT_EQ(parsed(running).at_pointer("/models/card/source"), json::value("file"));
  EXPECT_TRUE(take_live_settings({}, running).empty());
  EXPECT_EQ(parsed(running).at_pointer("/models/card/source"), json::value("default"));
}

}  // namespace
}  // namespace vigie::cli
