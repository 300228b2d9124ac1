// Values that stand elsewhere: in a file of their own, as Docker, Kubernetes and Vault's agent write them, or with a
// program that asks a vault.
#include "base/file.h"
#include "cli/command_output.h"
#include "cli/setting.h"

namespace vigie::cli {
namespace {

// The inner error in the words of the setting: where it was referred to, then the path.
std::unexpected<Error> unfetched(const Origin& origin, const std::string& source, Error error) {
  const std::string message = (source.empty() ? "" : source + ": ") + error.message;
  return fail(error.code, message, origin.place, std::move(error.remedy));
}

std::string without_line_end(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

Result<std::string> fetched(const FetchLimits& limits, const Origin& origin) {
  const Reference& reference = *origin.reference;
  if (!reference.file.empty()) {
    auto read = read_file(reference.file, limits.bytes);
    if (!read) return unfetched(origin, reference.file, std::move(read.error()));
    return without_line_end(std::move(*read));
  }
  auto printed = command_output(reference.command, limits.command_time, limits.bytes);
  if (!printed) return unfetched(origin, "", std::move(printed.error()));
  return without_line_end(std::move(*printed));
}

Status fetch_value(const FetchLimits& limits, const Setting& setting, Config& config) {
  const auto origin = config.origins.find(setting.key);
  if (origin == config.origins.end() || !origin->second.reference) return {};
  const std::string text = VIGIE_TRY(fetched(limits, origin->second));
  const Reference& reference = *origin->second.reference;
  const std::string& source = reference.file.empty() ? reference.command.front() : reference.file;
  if (text.empty()) {
    return unfetched(origin->second, source,
                     {.code = Code::kInvalidArgument,
                      .message = "gives no value",
                      .remedy = "write one there, or refer to something else"});
  }
  if (text.find('\0') != std::string::npos || !setting.set(split_items(setting, text), config)) {
    return unfetched(origin->second, source,
                     {.code = Code::kInvalidArgument,
                      .message = "what it gives is not " + setting.form,
                      .remedy = "write the value there alone, in one line"});
  }
  return {};
}

}  // namespace

Status fetch_values(const FetchLimits& limits, Config& config) {
  Config fetched_into = config;
  for (const Setting& setting : settings_of(config)) VIGIE_TRY(fetch_value(limits, setting, fetched_into));
  config = std::move(fetched_into);
  return {};
}

Status check_providers(const Config& config) {
  if (config.oidc.size() == 1) return {};
  for (std::size_t i = 0; i < config.oidc.size(); ++i) {
    if (!config.oidc[i].issuer.empty()) continue;
    const std::string key = provider_settings(i).front().key;
    return fail(Code::kInvalidArgument, "of several providers this one has no URL", {.field = key},
                "give it in a --config file or as " + environment_name(key));
  }
  return {};
}

std::string Origin::to_string() const {
  if (from != From::kFile) return place.field;
  return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

}  // namespace vigie::cli
