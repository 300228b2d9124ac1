#include "cli/server_log.h"

#include <unistd.h>

#include <cstdio>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/version.h"

namespace vigie::cli {

void log_line(std::string_view level, std::string_view message, const Serving& serving, std::string_view reason) {
  JsonWriter json;
  json.begin_object().member("@timestamp", format_time(system_clock().now())).member("log.level", level);
  json.member("message", message).member("service.name", "vigie").member("service.version", kVersion);
  json.member("process.pid", ::getpid());
  if (!serving.url.empty()) {
    json.member("url.full", serving.url);
    json.key("vigie.versions").begin_object();
    for (const auto& [name, version] : serving.versions) json.member(name, version);
    json.end_object();
  }
  if (!reason.empty()) json.member("event.reason", reason);
  json.end_object();
  const std::string line = std::move(json).text() + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace vigie::cli
