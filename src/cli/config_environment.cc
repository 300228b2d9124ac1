// Reading settings from variables: VIGIE_SERVER_PORT, and VIGIE_SERVER_PORT_FILE for a file that holds the value.
#include <boost/json.hpp>

#include "cli/setting.h"

namespace vigie::cli {
namespace {

using Variable = std::function<std::optional<std::string>(const std::string&)>;

enum class Way : std::uint8_t { kText, kFile, kCommand };

// A variable that says something about a setting.
struct Said {
  std::string name;
  Way way;
  std::string text;
};

// One that is empty says nothing (as compose files leave them), except that a setting's own is then its empty value.
std::vector<Said> said_of(const Setting& setting, const Variable& variable) {
  std::vector<Said> all;
  const auto look = [&](const std::string& name, Way way) {
    auto text = variable(name);
    if (text && !text->empty()) all.push_back({name, way, std::move(*text)});
  };
  const auto look_at_all = [&](const std::string& name) {
    look(name, Way::kText);
    look(name + "_FILE", Way::kFile);
    if (setting.secret) look(name + "_COMMAND", Way::kCommand);
  };
  const std::string own = environment_name(setting.key);
  look_at_all(own);
  for (const std::string& alias : setting.aliases) look_at_all(alias);
  if (all.empty() && variable(own)) all.push_back({own, Way::kText, ""});
  return all;
}

// Who sets two names of a setting to the same has said it once.
bool agree(const Said& a, const Said& b) { return a.way == b.way && a.text == b.text; }

Result<std::vector<std::string>> words_of(const Said& said) {
  boost::system::error_code error;
  const boost::json::value read = boost::json::parse(said.text, error);
  const boost::json::array* const items = error ? nullptr : read.if_array();
  std::vector<std::string> words;
  bool good = items != nullptr && !items->empty();
  for (std::size_t i = 0; good && i < items->size(); ++i) {
    const boost::json::string* const word = (*items)[i].if_string();
    good = word != nullptr && word->find('\0') == boost::json::string::npos;
    if (good) words.emplace_back(*word);
  }
  if (good && !words[0].empty()) return words;
  return fail(Code::kInvalidArgument, "the variable's value is not a JSON array of words", {.field = said.name},
              R"(give the program and its arguments, as ["vault", "kv", "get", "-field=secret", "kv/vigie"])");
}

Status hear(const Said& said, const Setting& setting, Config& config) {
  Origin origin{.from = Origin::From::kEnvironment, .place = {.field = said.name}};
  switch (said.way) {
    case Way::kText:
      if (!setting.set(split_items(setting, said.text), config)) {
        return fail(Code::kInvalidArgument, "the variable's value is not " + setting.form, origin.place,
                    "correct it, or unset it");
      }
      break;
    case Way::kFile: origin.reference = Reference{.file = said.text, .command = {}}; break;
    case Way::kCommand: {
      origin.reference.emplace();
      origin.reference->command = VIGIE_TRY(words_of(said));
      break;
    }
  }
  config.origins[setting.key] = std::move(origin);
  return {};
}

// As many as variables speak of.
Status add_providers(const Variable& variable, Config& config) {
  for (std::size_t index = config.oidc.size(); index < kMostProviders; ++index) {
    for (const Setting& setting : provider_settings(index)) {
      const std::vector<Said> said = said_of(setting, variable);
      if (said.empty() || said[0].text.empty()) continue;
      if (index > config.oidc.size()) {
        return fail(Code::kInvalidArgument, "there is no provider " + std::to_string(index) + " before this one",
                    {.field = said[0].name}, "number them without a gap: VIGIE_OIDC_ISSUER, VIGIE_OIDC_2_ISSUER, ...");
      }
      config.oidc.emplace_back();
      break;
    }
  }
  return {};
}

}  // namespace

std::string environment_name(std::string_view key) {
  std::string name = "VIGIE_";
  for (const char c : key) name.push_back(c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
  return name;
}

Status read_config_environment(const Variable& variable, Config& config) {
  Config read = config;
  VIGIE_TRY(add_providers(variable, read));
  for (const Setting& setting : settings_of(read)) {
    const std::vector<Said> said = said_of(setting, variable);
    if (said.empty()) continue;
    for (const Said& other : said) {
      if (agree(said[0], other)) continue;
      return fail(Code::kInvalidArgument, "is set, and so is " + other.name, {.field = said[0].name},
                  "unset one of them: both are " + setting.key);
    }
    VIGIE_TRY(hear(said[0], setting, read));
  }
  config = std::move(read);
  return {};
}

}  // namespace vigie::cli
