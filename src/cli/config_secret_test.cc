#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <map>

#include "base/file.h"
#include "cli/config.h"

namespace vigie::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr const char* kVariable = "VIGIE_OIDC_CLIENT_SECRET";
constexpr FetchLimits kLimits{.bytes = 64 << 10, .command_time = 60s};

class SecretTest : public testing::Test {
 protected:
  SecretTest() {
    std::string pattern = fs::temp_directory_path() / "vigie-secret-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~SecretTest() override { fs::remove_all(folder_); }

  std::string put(const char* name, std::string_view bytes, mode_t mode = 0600) const {
    const std::string path = folder_ / name;
    EXPECT_TRUE(write_file(path, bytes));
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  std::string at(const char* name) const { return folder_ / name; }

 private:
  fs::path folder_;
};

using Variables = std::map<std::string, std::string>;

Status read(const Variables& variables, Config& config, const FetchLimits& limits = kLimits) {
  VIGIE_TRY(read_config_environment(
      [&](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      },
      config));
  return fetch_values(limits, config);
}

std::string secret(const Variables& variables) {
  Config config;
  const Status status = read(variables, config);
  return status ? config.oidc[0].client_secret : "refused: " + status.error().to_string();
}

std::string refusal(const Variables& variables, const FetchLimits& limits = kLimits) {
  Config config;
  const Status status = read(variables, config, limits);
  EXPECT_EQ(config.oidc[0].client_secret, "");
  return status ? "accepted" : status.error().to_string();
}

std::string file_refusal(const std::string& path) {
  Config config;
  const Status status = read_config_file(path, config);
  EXPECT_EQ(config.oidc[0].client_secret, "");
  return status ? "accepted" : status.error().to_string();
}

TEST_F(SecretTest, ComesFromAVariableAFileOrACommand) {
  const std::string file = put("secret", "s3cret, with = signs\n", 0444);
  EXPECT_EQ(secret({{kVariable, "s3cret"}}), "s3cret");
  EXPECT_EQ(secret({{"VIGIE_OIDC_CLIENT_SECRET_FILE", file}}), "s3cret, with = signs");
  EXPECT_EQ(secret({{"VIGIE_OIDC_CLIENT_SECRET_COMMAND", R"(["cat", ")" + file + R"("])"}}), "s3cret, with = signs");
  EXPECT_EQ(secret({{"VIGIE_OIDC_CLIENT_SECRET_FILE", put("dos", "s3cret\r\n")}}), "s3cret");
  EXPECT_EQ(secret({{"VIGIE_OIDC_CLIENT_SECRET_FILE", put("bare", "s3cret")}}), "s3cret");

  Config config;
  ASSERT_TRUE(read_config_text("oidc: {client_secret: {file: " + file + "}}", "config.yaml", config));
  EXPECT_EQ(config.oidc[0].client_secret, "") << "reading the file alone fetches nothing";
  ASSERT_TRUE(fetch_values(kLimits, config));
  EXPECT_EQ(config.oidc[0].client_secret, "s3cret, with = signs");
  ASSERT_TRUE(read_config_text("oidc:\n  client_secret:\n    command: [printf, \"%s\", \"of $HOME\"]\n", "config.yaml",
                               config));
  ASSERT_TRUE(fetch_values(kLimits, config));
  EXPECT_EQ(config.oidc[0].client_secret, "of $HOME");
}

TEST_F(SecretTest, AVariableSparesTheCommandOfTheFile) {
  Config config;
  ASSERT_TRUE(read_config_text("oidc: {client_secret: {command: [no-such-program]}}", "config.yaml", config));
  ASSERT_TRUE(read({{kVariable, "s3cret"}}, config));
  EXPECT_EQ(config.oidc[0].client_secret, "s3cret");
}

TEST_F(SecretTest, AnySettingMayStandInAFile) {
  Config config;
  ASSERT_TRUE(read({{"VIGIE_SERVER_PORT_FILE", put("port", "9000\n")},
                    {"VIGIE_SERVER_CORS_ORIGINS_FILE", put("origins", "https://a.example,https://b.example\n")}},
                   config));
  EXPECT_EQ(config.port, 9000);
  EXPECT_THAT(config.cors.origins, testing::ElementsAre("https://a.example", "https://b.example"));
  const std::string wrong = put("wrong", "eighty\n");
  EXPECT_EQ(refusal({{"VIGIE_SERVER_PORT_FILE", wrong}}),
            "VIGIE_SERVER_PORT_FILE: " + wrong +
                ": what it gives is not a whole number, at least 0 and at most 65535; write the value there alone, in "
                "one line");
}

TEST_F(SecretTest, TwoVariablesForOneSettingAreRefusedByName) {
  EXPECT_EQ(refusal({{kVariable, "s3cret"}, {"VIGIE_OIDC_CLIENT_SECRET_FILE", put("secret", "s3cret")}}),
            "VIGIE_OIDC_CLIENT_SECRET: is set, and so is VIGIE_OIDC_CLIENT_SECRET_FILE; unset one of them: both are "
            "oidc.client_secret");
  EXPECT_THAT(refusal({{"VIGIE_OIDC_CLIENT_SECRET_FILE", "x"}, {"VIGIE_OIDC_CLIENT_SECRET_COMMAND", "[\"x\"]"}}),
              HasSubstr("VIGIE_OIDC_CLIENT_SECRET_FILE: is set, and so is VIGIE_OIDC_CLIENT_SECRET_COMMAND"));
  // As `environment:` of a compose file leaves variables that have no value.
  EXPECT_EQ(secret({{kVariable, ""}, {"VIGIE_OIDC_CLIENT_SECRET_FILE", put("secret", "s3cret")}}), "s3cret");
  EXPECT_EQ(secret({{kVariable, "s3cret"}, {"VIGIE_OIDC_CLIENT_SECRET_FILE", ""}}), "s3cret");
}

TEST_F(SecretTest, HostileFilesAreRefusedByNameAndPathWithoutTheirContents) {
  const auto of = [](const std::string& path) { return refusal({{"VIGIE_OIDC_CLIENT_SECRET_FILE", path}}); };
  EXPECT_EQ(of(at("none")), "VIGIE_OIDC_CLIENT_SECRET_FILE: " + at("none") +
                                ": cannot open: No such file or directory; check the path");
  EXPECT_THAT(of(at("")), HasSubstr(": cannot read: Is a directory"));
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  EXPECT_THAT(of(at("pipe")), HasSubstr("not a regular file"));
  EXPECT_THAT(of("/dev/zero"), HasSubstr("/dev/zero: not a regular file"));
  EXPECT_THAT(of(put("large", std::string((64 << 10) + 1, 'x'))), HasSubstr("more than the limit of 65536"));
  EXPECT_THAT(of(put("empty", "")), HasSubstr("gives no value"));
  EXPECT_THAT(of(put("line", "\n")), HasSubstr("gives no value"));
  for (const std::string_view bytes : {std::string_view("s3cret\0more", 11), std::string_view("s3cret\nmore\n"),
                                       std::string_view("s3cret\n\n"), std::string_view("s3cret\x7f")}) {
    const std::string path = put("odd", bytes);
    EXPECT_THAT(of(path), AllOf(HasSubstr("VIGIE_OIDC_CLIENT_SECRET_FILE: " + path +
                                          ": what it gives is not a secret: one line of text"),
                                Not(HasSubstr("s3cret"))));
  }
  EXPECT_THAT(refusal({{"VIGIE_SERVER_STATE_FILE", put("path", std::string_view("a\0b", 3))}}),
              HasSubstr("what it gives is not a path"));
}

TEST_F(SecretTest, HostileCommandsAreRefusedWithoutWhatTheyPrint) {
  const auto of = [](const std::string& words, const FetchLimits& limits = kLimits) {
    return refusal({{"VIGIE_OIDC_CLIENT_SECRET_COMMAND", words}}, limits);
  };
  EXPECT_THAT(of(R"(["no-such-program"])"),
              HasSubstr("VIGIE_OIDC_CLIENT_SECRET_COMMAND: no-such-program: cannot be started"));
  EXPECT_THAT(of(R"(["sh", "-c", "echo s3cret; exit 3"])"),
              AllOf(HasSubstr("sh: ended with status 3"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(of(R"(["sleep", "1000"])", {.command_time = 100ms}),
              HasSubstr("sleep: had not ended after 100 ms, and was killed"));
  EXPECT_THAT(of(R"(["yes"])"), HasSubstr("yes: printed more than 65536 bytes"));
  EXPECT_THAT(of(R"(["true"])"), HasSubstr("true: gives no value"));
  EXPECT_THAT(of(R"(["printf", "s3cret\\0more"])"),
              AllOf(HasSubstr("what it gives is not a secret"), Not(HasSubstr("s3cret"))));
  for (const char* const words : {"vault kv get s3cret", "[]", "[\"\"]", "[\"vault\", 1]", "\"vault\"", "{}", "[",
                                  "[\"a\\u0000b\"]", "[[\"vault\"]]"}) {
    EXPECT_THAT(of(words), AllOf(HasSubstr("VIGIE_OIDC_CLIENT_SECRET_COMMAND: the variable's value is not a JSON array "
                                           "of words; give the program and its arguments, as [\"vault\""),
                                 Not(HasSubstr("s3cret"))));
  }
  EXPECT_EQ(refusal({{"VIGIE_SERVER_HOST_COMMAND", R"(["echo", "x"])"}}), "accepted") << "only secrets have commands";
}

TEST_F(SecretTest, ReferencesInTheFileAreJudgedWhereTheyStand) {
  const auto of = [](const std::string& value) {
    Config config;
    const Status status = read_config_text("oidc:\n  client_secret: " + value + "\n", "config.yaml", config);
    return status ? "accepted" : status.error().to_string();
  };
  EXPECT_EQ(of("{path: x}"),
            "config.yaml:2:18: oidc.client_secret: this does not say where the secret stands; write {file: PATH} or "
            "{command: [PROGRAM, ARGUMENT, ...]}; there is no shell");
  for (const char* const value : {"{file: [x]}", "{file: \"\"}", "{file: ~}", "{file: \"a\\0b\"}", "{command: vault}",
                                  "{command: []}", "{command: {a: b}}"}) {
    EXPECT_THAT(of(value), HasSubstr("this does not say where the secret stands")) << value;
  }
  for (const char* const value : {"{}", "{file: x, command: [y]}", "{[a]: b}"}) {
    EXPECT_THAT(of(value), HasSubstr("one of file and command is expected here")) << value;
  }
  for (const char* const value : {"{command: [\"\"]}", "{command: [a, [b]]}", "{command: [a, \"b\\0c\"]}"}) {
    EXPECT_THAT(of(value), HasSubstr("a command's words are texts")) << value;
  }
  EXPECT_THAT(of("[s3cret]"), AllOf(HasSubstr("is not a secret"), Not(HasSubstr("s3cret"))));
  Config config;
  EXPECT_FALSE(read_config_text("server: {host: {file: x}}", "config.yaml", config)) << "only secrets stand elsewhere";

  ASSERT_TRUE(read_config_text("oidc:\n  client_secret: {file: none}\n", "config.yaml", config));
  EXPECT_EQ(fetch_values(kLimits, config).error().to_string(),
            "config.yaml:2:18: oidc.client_secret: none: cannot open: No such file or directory; check the path");
}

TEST_F(SecretTest, AFileThatEverybodyMayReadHoldsNoSecret) {
  constexpr const char* kYaml = "oidc: {client_secret: s3cret}\n";
  for (const mode_t mode : {0600, 0640, 0660}) {
    Config config;
    const Status status = read_config_file(put("config.yaml", kYaml, mode), config);
    ASSERT_TRUE(status) << status.error().to_string();
    EXPECT_EQ(config.oidc[0].client_secret, "s3cret");
  }
  for (const mode_t mode : {0644, 0604, 0602, 0666}) {
    EXPECT_EQ(file_refusal(put("config.yaml", kYaml, mode)),
              at("config.yaml") +
                  ":1:23: oidc.client_secret: a secret stands here, and everybody on this machine may read this file; "
                  "chmod o-rwx the file, or let the secret stand elsewhere: {file: PATH}, {command: [PROGRAM, ...]} or "
                  "VIGIE_OIDC_CLIENT_SECRET_FILE");
  }
  EXPECT_EQ(file_refusal(put("none.yaml", "oidc: {client_secret: \"\"}\n", 0644)), "accepted");
  EXPECT_EQ(file_refusal(put("elsewhere.yaml", "oidc: {client_secret: {file: x}}\n", 0644)), "accepted");
}

TEST_F(SecretTest, IsPrintedAsAMaskAndTheMaskIsNoSecret) {
  Config config;
  EXPECT_THAT(config_yaml(config), HasSubstr("  client_secret: \"\"\n"));
  config.oidc[0].client_secret = "s3cret";
  const std::string yaml = config_yaml(config);
  EXPECT_THAT(yaml, HasSubstr("  client_secret: \"********\"\n"));
  EXPECT_THAT(yaml, Not(HasSubstr("s3cret")));
  Config read;
  const Status status = read_config_text(yaml, "config.yaml", read);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().to_string(), HasSubstr("oidc.client_secret: the value is not a secret"));
  EXPECT_THAT(refusal({{kVariable, "********"}}), HasSubstr("the variable's value is not a secret"));
}

}  // namespace
}  // namespace vigie::cli
