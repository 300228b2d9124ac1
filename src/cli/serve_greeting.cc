#include "cli/serve_greeting.h"

#include <algorithm>
#include <filesystem>

#include "base/json_writer.h"
#include "base/number.h"
#include "base/version.h"
#include "cli/rules_source.h"

namespace vigie::cli {
namespace {

// The program as whoever started it can start it again.
std::string own_name() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return "vigie";
  const auto near = std::filesystem::relative(self, error);
  return error || near.empty() || near.native().starts_with("..") ? self.native() : near.native();
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char letter : text) out += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return out + "'";
}

std::string example_token(const Config& config) {
  if (config.auth == Auth::kNone) return "";
  return " -H \"Authorization: Bearer $(" + own_name() + " token --role analyst --state " + quoted(config.state) +
         ")\"";
}

std::string curl_flags(const Config& config) {
  return example_token(config) +
         (config.tls.certificate_file.empty() ? "" : " --cacert " + quoted(config.tls.certificate_file)) +
         " -H 'Content-Type: application/json'";
}

std::string example_curl(const Config& config, const std::string& url, const decision::CardService& service) {
  const auto row = example_row(service);
  const auto fields = schema::card_raw_fields();
  std::string text = "curl -s " + url + "/predict" + curl_flags(config) + " -d '{\n";
  for (std::size_t i = 0; i < row.size(); ++i) {
    text += i % 5 == 0 ? "  " : " ";
    append_json_string(text, fields[i].name);
    text += ": ";
    append_double(text, row[i]);
    text += i + 1 == row.size() ? "\n" : i % 5 == 4 ? ",\n" : ",";
  }
  return text + "}'\n";
}

}  // namespace

std::array<double, schema::kCardRaw> example_row(const decision::CardService& service) {
  constexpr std::size_t kMedian = 4;  // of FeatureReference::quantiles
  std::array<double, schema::kCardRaw> row{};
  const auto fields = schema::card_raw_fields();
  for (const model::FeatureReference& feature : service.model().reference.features) {
    const auto index = schema::find(fields, feature.name);
    if (!index || feature.quantiles.size() <= kMedian) continue;
    const double median = feature.quantiles[kMedian];
    if (schema::accepts(fields[*index], median)) row[*index] = median;
  }
  return row;
}

std::string greeting(const Config& config, const std::string& url, const Site& site, const std::string& login_link) {
  const http::Router& router = *site.router;
  std::string text = "vigie " + std::string(kVersion) + " serves " + url +
                     (config.auth == Auth::kNone ? " (this machine only, no authentication)\n"
                                                 : " (to holders of tokens: vigie token)\n");
  if (site.card) {
    text += "model card: " + site.card->name() + ", version " + site.card->version() + ", threshold " +
            format_double(site.card->threshold()) + "\n";
  }
  if (site.fraud) {
    const auto& scorer = site.fraud->model().scorer;
    text += scorer ? "model transaction: " + scorer->name() + ", version " + scorer->version() + ", "
                   : std::string("no transaction model, ");
    text += rules_in(site.fraud->ruleset()) + ", version " + site.fraud->ruleset().version() + "\n";
  }
  if (site.credit) text += "model credit: " + site.credit->name() + ", version " + site.credit->version() + "\n";
  text += "\n";
  std::size_t widest = 0;
  for (const http::Route* route : router.routes()) widest = std::max(widest, route->path.size());
  for (const http::Route* route : router.routes()) {
    if (route->path.starts_with("/docs/") || route->path.starts_with("/login/")) continue;  // what pages are made of
    std::string line = "  " + std::string(http::to_string(route->method));
    line.resize(9, ' ');
    line += route->path;
    line.resize(9 + widest + 2, ' ');
    text += line + route->summary + "\n";
  }
  if (!login_link.empty()) {
    text += "\nLog in with a browser, once and within 15 minutes:\n\n" + login_link + "\n";
  } else if (config.auth == Auth::kLocal) {
    const std::string& browsers = config.public_url.empty() ? url : config.public_url;
    text += "\nLog in with a browser: " + own_name() + " token link --state " + quoted(config.state) + " --url " +
            browsers + "\n";
  }
  text += "\nTry it:\n\n";
  if (site.card) text += example_curl(config, url, *site.card) + "\n";
  const auto small_curl = [&](const std::string& path, const std::string& body) {
    return "curl -s " + url + path + curl_flags(config) + " -d '" + body + "'\n\n";
  };
  if (site.fraud) {
    text +=
        small_curl("/fraude", R"({"transaction_id":"TX12345","montant":2000,"type":"virement","client_id":"C1001"})");
  }
  if (site.credit) text += small_curl("/score", R"({"age":35,"revenu":50000,"historique_impaye":1})");
  return text;
}

std::string greeting_json(const std::string& url, std::uint16_t port, const Site& site, const std::string& login_link) {
  JsonWriter json;
  json.begin_object().member("url", url).member("port", port);
  if (!login_link.empty()) json.member("login_link", login_link);
  if (site.card) {
    json.key("model").begin_object();
    json.member("name", site.card->name()).member("version", site.card->version());
    json.member("threshold", site.card->threshold()).end_object();
  }
  json.key("models").begin_object();
  const auto model = [&](const char* kind, const std::string& name, const std::string& version) {
    json.key(kind).begin_object().member("name", name).member("version", version).end_object();
  };
  if (site.card) model("card", site.card->name(), site.card->version());
  if (site.fraud && site.fraud->model().scorer) {
    model("transaction", site.fraud->model().scorer->name(), site.fraud->model().scorer->version());
  }
  if (site.credit) model("credit", site.credit->name(), site.credit->version());
  json.end_object().end_object();
  return std::move(json).text() + "\n";
}

}  // namespace vigie::cli
