// vigie config, as people and compose files call it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "program.h"

namespace vigie::tests {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(SettingsProgram, PrintsAFileAndVariablesToStartFrom) {
  const TempFolder folder;
  const Outcome yaml = run_vigie({"config", "default"});
  EXPECT_EQ(yaml.exit_code, 0) << yaml.err;
  write_text(folder / "config.yaml", yaml.out);
  const Outcome checked = run_vigie({"config", "check", "config.yaml"}, {.cwd = folder.path()});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_EQ(checked.out, "config.yaml is right\n");
  const Outcome variables = run_vigie({"config", "env"});
  EXPECT_EQ(variables.exit_code, 0) << variables.err;
  EXPECT_THAT(variables.out, HasSubstr("\n#VIGIE_SERVER_PORT=8080\n"));
}

TEST(SettingsProgram, ShowsWhatServeWouldUseAndSecretsAsAMask) {
  const TempFolder folder;
  write_text(folder / "secret", "s3cret\n");
  write_text(folder / "config.yaml", "server: {port: 9000}\noidc: {client_secret: {command: [cat, secret]}}\n");
  const auto show = [&](std::vector<std::pair<std::string, std::string>> variables) {
    return run_vigie({"config", "show", "--config", "config.yaml"},
                     {.cwd = folder.path(), .env = std::move(variables)});
  };
  for (const Outcome& shown :
       {show({}), show({{"KEYCLOAK_CLIENT_SECRET", "s3cret"}}), show({{"VIGIE_OIDC_CLIENT_SECRET_FILE", "secret"}})}) {
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    EXPECT_THAT(shown.out, HasSubstr("\n  port: 9000\n"));
    EXPECT_THAT(shown.out, HasSubstr("\n  client_secret: \"********\"\n"));
    EXPECT_THAT(shown.out + shown.err, Not(HasSubstr("s3cret")));
  }
  const Outcome missing = show({{"VIGIE_OIDC_CLIENT_SECRET_FILE", "nowhere"}});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, StartsWith("vigie: VIGIE_OIDC_CLIENT_SECRET_FILE: nowhere: cannot open"));
  const Outcome both = show({{"VIGIE_OIDC_CLIENT_SECRET_FILE", "secret"}, {"KEYCLOAK_CLIENT_SECRET", "s3cret"}});
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_THAT(both.err, HasSubstr("VIGIE_OIDC_CLIENT_SECRET_FILE: is set, and so is KEYCLOAK_CLIENT_SECRET"));
  EXPECT_THAT(both.out + both.err, Not(HasSubstr("s3cret")));
}

TEST(SettingsProgram, RefusesASecretThatEverybodyMayRead) {
  const TempFolder folder;
  write_text(folder / "config.yaml", "oidc: {client_secret: s3cret}\n");
  std::filesystem::permissions(folder / "config.yaml", std::filesystem::perms(0644));
  const Outcome open = run_vigie({"config", "check", "config.yaml"}, {.cwd = folder.path()});
  EXPECT_EQ(open.exit_code, 1);
  EXPECT_THAT(open.err, StartsWith("vigie: config.yaml:1:23: oidc.client_secret: a secret stands here"));
  EXPECT_THAT(open.out + open.err, Not(HasSubstr("s3cret")));
  std::filesystem::permissions(folder / "config.yaml", std::filesystem::perms(0600));
  EXPECT_EQ(run_vigie({"config", "check", "config.yaml"}, {.cwd = folder.path()}).exit_code, 0);
}

// What serve would refuse, and all of it at once.
TEST(SettingsProgram, ACheckSaysEveryProblemThatServeWouldRefuse) {
  const TempFolder folder;
  const auto check = [&](const std::string& yaml) {
    write_text(folder / "config.yaml", yaml);
    return run_vigie({"config", "check", "config.yaml"}, {.cwd = folder.path()});
  };
  for (const auto& [yaml, problem] : {
           std::pair{"fraud: {bands: {moyen: 0.9}}", "config.yaml: fraud.bands: the bands of risks do not rise"},
           std::pair{"scoring: {thresholds: {refuse: 600, accepte: 500}}",
                     "scoring.thresholds.accepte: 500 is not above"},
           std::pair{"fraud: {rules_file: nowhere.yaml}", "nowhere.yaml: cannot open"},
           std::pair{"fraud:\n  rules:\n    - {name: a, text: {fr: A, en: B}, when: montant >, weight: 1}\n",
                     "config.yaml:3:"},
       }) {
    const Outcome checked = check(yaml);
    EXPECT_EQ(checked.exit_code, 1) << yaml;
    EXPECT_EQ(checked.out, "") << yaml;
    EXPECT_THAT(checked.err, HasSubstr(problem));
  }
  EXPECT_EQ(check("fraud: {on: false, bands: {moyen: 0.9}}").exit_code, 0) << "there is no /fraude then";
  const Outcome many = check(
      "server:\n  prot: 80\n  port: high\nfraud: {bands: {moyen: 0.9}}\nscoring: {thresholds: {accepte: 820}}\n"
      "oidc: [{audiences: [a]}, {issuer: \"https://b.example\"}]\n");
  EXPECT_EQ(many.exit_code, 1);
  for (const char* const problem :
       {"config.yaml:2:3: server.prot: there is no such setting",
        "config.yaml:3:9: server.port: the value is not a whole number", "fraud.bands: ", "oidc.issuer"}) {
    EXPECT_THAT(many.err, HasSubstr(problem));
  }
  EXPECT_EQ(std::ranges::count(many.err, '\n'), 4);
}

}  // namespace
}  // namespace vigie::tests
