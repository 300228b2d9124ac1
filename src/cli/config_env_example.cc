// Printing the variables as a file for docker run --env-file, compose and systemd.
#include <algorithm>
#include <array>

#include "cli/setting.h"

namespace vigie::cli {
namespace {

// What differs from one deployment to the next; of a provider everything does. The rest belongs into config.yaml.
bool is_worth_a_variable(std::string_view key) {
  constexpr std::array<std::string_view, 16> kKeys = {"server.host",
                                                      "server.port",
                                                      "server.threads",
                                                      "server.state",
                                                      "server.auth",
                                                      "server.public_url",
                                                      "server.trusted_proxies",
                                                      "server.proxy_protocol",
                                                      "server.tls.certificate_file",
                                                      "server.tls.key_file",
                                                      "server.tls.client_ca_file",
                                                      "server.cors.origins",
                                                      "server.spool.folder",
                                                      "server.limits.grace_time",
                                                      "access_log.to",
                                                      "models.card"};
  return key.starts_with("oidc.") || std::ranges::find(kKeys, key) != kKeys.end();
}

std::string joined(const Texts& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ",") + text;
  return out;
}

std::string group_of(const std::string& key) { return key.substr(0, key.find('.')); }

// Where Docker and Kubernetes put it, by the variable's own name.
std::string secret_path(const std::string& key) {
  std::string path = "/run/secrets/" + key;
  std::ranges::replace(path, '.', '_');
  return path;
}

std::string entry(const Setting& setting) {
  const std::string name = environment_name(setting.key);
  std::string out = "# " + setting.about + " [" + setting.form + "]";
  for (const std::string& alias : setting.aliases) {
    out += "; also " + alias + (setting.secret ? " and " + alias + "_FILE" : "");
  }
  out += "\n";
  if (setting.secret) out += "#" + name + "_FILE=" + secret_path(setting.key) + "\n";
  return out + "#" + name + "=" + joined(setting.get({})) + "\n";
}

}  // namespace

std::string env_example() {
  std::string out =
      "# Variables of vigie serve, for docker run --env-file, compose or systemd: copy this file to .env, and\n"
      "# take the # away before what you set. Each stands here with its default. Items of a list are\n"
      "# separated by commas; quotes are taken as they are. With _FILE behind its name, any of them is the\n"
      "# path of a file that holds the value.\n"
      "# Every other setting has a variable too: config.yaml's server.limits.streams is\n"
      "# VIGIE_SERVER_LIMITS_STREAMS. A second provider is VIGIE_OIDC_2_ISSUER and so on, up to\n"
      "# VIGIE_OIDC_9_ISSUER.\n"
      "# `vigie config env` prints this file.\n";
  std::string group;
  for (const Setting& setting : settings()) {
    if (!is_worth_a_variable(setting.key)) continue;
    if (const std::string own = group_of(setting.key); own != group) {
      out += "\n";
      group = own;
    }
    out += entry(setting);
  }
  return out;
}

}  // namespace vigie::cli
