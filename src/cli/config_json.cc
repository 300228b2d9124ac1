// Printing a configuration as JSON, with who gave each value.
#include <algorithm>

#include "base/json_writer.h"
#include "cli/setting.h"

namespace vigie::cli {
namespace {

void write_value(JsonWriter& json, const Setting& setting, const Config& config) {
  const Texts texts = shown(setting, config);
  if (setting.list) {
    json.values(std::span<const std::string>(texts));
  } else if (setting.literal && (setting.unset.empty() || texts[0] != setting.unset)) {
    json.raw(texts[0]);
  } else if (setting.secret && texts[0].empty()) {
    json.null();
  } else {
    json.value(texts[0]);
  }
}

std::string_view name_of(Origin::From from) {
  switch (from) {
    case Origin::From::kFile: return "file";
    case Origin::From::kEnvironment: return "environment";
    case Origin::From::kFlag: return "flag";
  }
  return "file";
}

void write_setting(JsonWriter& json, const Setting& setting, const Config& config, const Config& defaults) {
  json.begin_object().key("value");
  write_value(json, setting, config);
  json.key("default");
  write_value(json, setting, defaults);
  json.member("live", setting.live);
  const auto origin = config.origins.find(setting.key);
  if (origin == config.origins.end()) {
    json.member("source", "default").key("place").null();
  } else {
    json.member("source", name_of(origin->second.from)).member("place", origin->second.to_string());
  }
  json.end_object();
}

// The objects and the array that settings stand in, opened and closed as their paths ask.
class Groups {
 public:
  explicit Groups(JsonWriter& json) : json_(json) { json_.begin_object(); }

  void enter(const std::vector<std::string>& path, bool in_list) {
    std::size_t shared = 0;
    while (shared < std::min(open_.size(), path.size()) && open_[shared] == path[shared]) ++shared;
    leave(shared);
    while (open_.size() < path.size()) {
      const bool item = in_list && open_.size() == 1;
      const bool list = in_list && open_.empty();
      if (!item) json_.key(path[open_.size()]);
      if (list) {
        json_.begin_array();
      } else {
        json_.begin_object();
      }
      open_.push_back(path[open_.size()]);
      lists_.push_back(list);
    }
  }

  void end() {
    leave(0);
    json_.end_object();
  }

 private:
  void leave(std::size_t depth) {
    for (; open_.size() > depth; open_.pop_back(), lists_.pop_back()) {
      if (lists_.back()) {
        json_.end_array();
      } else {
        json_.end_object();
      }
    }
  }

  JsonWriter& json_;
  std::vector<std::string> open_;
  std::vector<bool> lists_;
};

}  // namespace

std::string config_json(const Config& config) {
  Config defaults;
  defaults.oidc.resize(config.oidc.size());
  JsonWriter json;
  Groups groups(json);
  for (const Setting& setting : settings_of(config)) {
    const SettingPath path = path_of(setting);
    groups.enter(path.groups, setting.provider > 0);
    json.key(path.name);
    write_setting(json, setting, config, defaults);
  }
  groups.end();
  return std::move(json).text();
}

}  // namespace vigie::cli
