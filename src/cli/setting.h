// Every setting, declared once, with its default, range and text: config_table.cc, config_oidc.cc and config_fraud.cc.
// Reading, printing and documenting go by this table.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config.h"

namespace vigie::cli {

// A value as a file or a variable holds it: one text, or several for a list.
using Texts = std::vector<std::string>;

struct Setting {
  std::string key;    // "server.limits.header_bytes"
  std::string about;  // one line for people
  std::string form;   // what a value must be: "a duration (500ms, 10s, 5m), at least 1ms"
  bool list = false;
  bool live = false;                   // SIGHUP changes it while the server runs; others need a restart
  bool literal = false;                // in JSON its text stands as it is: a number, true, false
  std::string unset{};                 // but for this word, which a number may have instead: nothing is set
  bool secret = false;                 // shown as kMask only
  std::size_t provider = 0;            // of a provider: which, from 1 on
  std::vector<std::string> aliases{};  // variables that other products have for it: KEYCLOAK_ISSUER
  // False where the texts do not fit; the config is then as before.
  std::function<bool(const Texts&, Config&)> set{};
  std::function<Texts(const Config&)> get{};
};

// What stands for a secret wherever one is shown. It is refused as a value: who copies it has not copied the secret.
inline constexpr std::string_view kMask = "********";

inline constexpr std::size_t kMostProviders = 9;

// In the order of config.yaml, groups together; with one provider, or with those that `config` has.
std::span<const Setting> settings();
std::vector<Setting> settings_of(const Config& config);

// Of config.oidc[index], which must be there: "oidc.issuer" for the first, "oidc.2.issuer" for the second.
std::vector<Setting> provider_settings(std::size_t index);

std::vector<Setting> fraud_settings();
// Not in the table, because it is no text: the rules.
inline constexpr std::string_view kFraudRules = "fraud.rules";

// Where it stands: server.limits.streams in the groups server and limits, a provider's in oidc and its number.
struct SettingPath {
  std::vector<std::string> groups;
  std::string name;
};
SettingPath path_of(const Setting& setting);

// What people may see: `get`, but kMask for a secret that is there.
Texts shown(const Setting& setting, const Config& config);

// The one text of a variable or a file: a list's items are separated by commas, and an empty text is an empty list.
Texts split_items(const Setting& setting, const std::string& text);

}  // namespace vigie::cli
