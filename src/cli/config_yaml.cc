// Printing a configuration as the file that gives it.
#include <algorithm>

#include "cli/setting.h"

namespace vigie::cli {
namespace {

// As a plain YAML scalar where that reads back, in quotes otherwise.
std::string yaml_scalar(const std::string& text) {
  const bool plain = !text.empty() &&
                     text.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789_./+-") == std::string::npos &&
                     text[0] != '-' && text != "null" && text != "true" && text != "false";
  const bool flag = text == "true" || text == "false";
  if (plain || flag) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (const auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte == 0x7f) {
      constexpr std::string_view kDigits = "0123456789ABCDEF";
      quoted += {'\\', 'x', kDigits[byte / 16], kDigits[byte % 16]};
      continue;
    }
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

// The end of the group fraud.
std::string rules_text(const RulesText& rules) {
  std::string out = "  # what speaks for a fraud, and how much: docs/rules.md, vigie rules check (live)\n";
  for (std::size_t at = 0; at < rules.block.size();) {
    const std::size_t end = std::min(rules.block.find('\n', at), rules.block.size());
    if (end > at) out += "  " + rules.block.substr(at, end - at);
    out += '\n';
    at = end + 1;
  }
  return out;
}

}  // namespace

std::string config_yaml(const Config& config) {
  std::string out =
      "# Vigie's configuration: vigie serve --config FILE. Every setting stands here with its default; leave\n"
      "# out what you do not change. A variable overrides its setting (server.port: VIGIE_SERVER_PORT, or\n"
      "# VIGIE_SERVER_PORT_FILE with a file that holds the value), and a flag overrides both. oidc may be a\n"
      "# list of such groups. A secret may stand elsewhere: {file: PATH} or {command: [PROGRAM, ARGUMENT,\n"
      "# ...]}; written here, it is refused where everybody may read this file.\n"
      "# scoring.thresholds are the exception: left out, they are as the credit model's package has them.\n"
      "# Settings marked with (live) are read again on SIGHUP; others need a restart.\n"
      "# `vigie config default` prints this file, `vigie config check FILE` reads one.\n";
  const bool several = config.oidc.size() > 1;
  std::vector<std::string> open;
  for (const Setting& setting : settings_of(config)) {
    auto [path, name] = path_of(setting);
    if (!several && setting.provider > 0) path.pop_back();  // the one provider is a group, not a list
    std::size_t shared = 0;
    while (shared < std::min(open.size(), path.size()) && open[shared] == path[shared]) ++shared;
    for (std::size_t depth = shared; depth < path.size(); ++depth) {
      const bool item = several && depth == 1 && setting.provider > 0;
      out += (depth == 0 ? "\n" : "") + std::string(2 * depth, ' ') + (item ? "-" : path[depth] + ":") + "\n";
    }
    open = path;
    const std::string indent(2 * path.size(), ' ');
    if (setting.provider <= 1) {  // said once
      out += indent + "# " + setting.about + "\n" + indent + "# " + setting.form + (setting.live ? " (live)\n" : "\n");
    }
    out += indent + name + ": ";
    const Texts texts = shown(setting, config);
    if (!setting.list) {
      out += yaml_scalar(texts[0]) + "\n";
      continue;
    }
    out += "[";
    for (std::size_t i = 0; i < texts.size(); ++i) out += (i > 0 ? ", " : "") + yaml_scalar(texts[i]);
    out += "]\n";
  }
  return out + rules_text(config.fraud.rules);
}

}  // namespace vigie::cli
