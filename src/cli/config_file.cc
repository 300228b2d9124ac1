#include "cli/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <numeric>

#include "base/file.h"

namespace vigie::cli {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;
constexpr std::size_t kMostNested = 4096;  // nodes: aliases can make a small file into an endless one

// Levenshtein 1966: letters to insert, delete or replace.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t corner = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = corner + (a[i] == b[j] ? 0 : 1);
      corner = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, corner + 1});
    }
  }
  return row[b.size()];
}

std::string nearest_key(std::string_view key) {
  const auto nearest =
      std::ranges::min_element(settings(), {}, [&](const Setting& setting) { return edit_distance(setting.key, key); });
  if (edit_distance(nearest->key, key) <= key.size() / 3 + 1) return "did you mean " + nearest->key + "?";
  return "vigie config default prints all settings";
}

bool is_group(std::string_view key) {
  return std::ranges::any_of(settings(), [&](const Setting& setting) {
    return setting.key.size() > key.size() && setting.key.starts_with(key) && setting.key[key.size()] == '.';
  });
}

const Setting* find_setting(std::string_view key) {
  const auto found = std::ranges::find(settings(), key, &Setting::key);
  return found == settings().end() ? nullptr : &*found;
}

// Walks a file's mappings and sets what it finds.
class Reader {
 public:
  Reader(const std::string& name, Config& config) : name_(name), config_(config) {}

  Status group(const YAML::Node& node, const std::string& prefix) {
    if (node.IsNull()) return {};  // a group whose settings are all commented out
    if (!node.IsMap())
      return wrong(node, prefix, "a group of settings is expected here", "write its settings below it, indented");
    std::vector<std::string> seen;
    for (const auto& member : node) {
      if (++nodes_ > kMostNested) return wrong(node, prefix, "there are too many settings", "write each setting once");
      if (!member.first.IsScalar())
        return wrong(member.first, prefix, "a setting's name is expected here", "write name: value");
      const std::string key = (prefix.empty() ? "" : prefix + ".") + member.first.Scalar();
      if (std::ranges::find(seen, key) != seen.end()) {
        return wrong(member.first, key, "is set twice", "leave one of them out");
      }
      seen.push_back(key);
      if (const Setting* const setting = find_setting(key)) {
        VIGIE_TRY(value(member.second, *setting));
      } else if (is_group(key)) {
        VIGIE_TRY(group(member.second, key));
      } else {
        return wrong(member.first, key, "there is no such setting", nearest_key(key));
      }
    }
    return {};
  }

 private:
  Status value(const YAML::Node& node, const Setting& setting) {
    Texts texts;
    if (node.IsScalar()) {
      texts.push_back(node.Scalar());
    } else if (setting.list && node.IsSequence()) {
      for (const auto& item : node) {
        if (!item.IsScalar()) return unfit(item, setting);
        texts.push_back(item.Scalar());
      }
    } else {
      return unfit(node, setting);
    }
    if (!setting.set(texts, config_)) return unfit(node, setting);
    return {};
  }

  std::unexpected<Error> unfit(const YAML::Node& node, const Setting& setting) const {
    return wrong(node, setting.key, "the value is not " + setting.form,
                 "correct it, or leave the line out for the default");
  }

  std::unexpected<Error> wrong(const YAML::Node& node, const std::string& key, std::string message,
                               std::string remedy) const {
    const YAML::Mark mark = node.Mark();
    Place place{.file = name_, .field = key};
    if (!mark.is_null()) {
      place.line = static_cast<std::uint64_t>(mark.line) + 1;
      place.column = static_cast<std::uint64_t>(mark.column) + 1;
    }
    return fail(Code::kInvalidArgument, std::move(message), std::move(place), std::move(remedy));
  }

  const std::string& name_;
  Config& config_;
  std::size_t nodes_ = 0;
};

// As a plain YAML scalar where that reads back, in quotes otherwise.
std::string scalar(const std::string& text) {
  const bool plain = !text.empty() &&
                     text.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789_./+-") == std::string::npos &&
                     text[0] != '-' && text != "null" && text != "true" && text != "false";
  const bool flag = text == "true" || text == "false";
  if (plain || flag) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

}  // namespace

Status read_config_text(std::string_view yaml, const std::string& name, Config& config) {
  if (yaml.size() > kMostBytes) {
    return fail(Code::kInvalidArgument, "the file is larger than 1 MiB", {.file = name}, "give a configuration");
  }
  Config read = config;
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    VIGIE_TRY(Reader(name, read).group(root, ""));
  } catch (const YAML::Exception& error) {
    Place place{.file = name};
    if (!error.mark.is_null()) {
      place.line = static_cast<std::uint64_t>(error.mark.line) + 1;
      place.column = static_cast<std::uint64_t>(error.mark.column) + 1;
    }
    return fail(Code::kInvalidArgument, "this is no YAML: " + error.msg, std::move(place),
                "vigie config default prints a file to start from");
  }
  config = std::move(read);
  return {};
}

Status read_config_file(const std::filesystem::path& path, Config& config) {
  const std::string text = VIGIE_TRY(read_file(path, kMostBytes + 1));
  return read_config_text(text, path.native(), config);
}

std::string environment_name(std::string_view key) {
  std::string name = "VIGIE_";
  for (const char c : key) name.push_back(c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
  return name;
}

Status read_config_environment(const std::function<std::optional<std::string>(const std::string&)>& variable,
                               Config& config) {
  Config read = config;
  for (const Setting& setting : settings()) {
    const std::string name = environment_name(setting.key);
    const auto value = variable(name);
    if (!value) continue;
    Texts texts;
    if (!setting.list) {
      texts.push_back(*value);
    } else if (!value->empty()) {
      for (std::size_t at = 0; at <= value->size();) {
        const std::size_t end = std::min(value->find(',', at), value->size());
        texts.push_back(value->substr(at, end - at));
        at = end + 1;
      }
    }
    if (!setting.set(texts, read)) {
      return fail(Code::kInvalidArgument, "the variable's value is not " + setting.form, {.field = name},
                  "correct it, or unset it");
    }
  }
  config = std::move(read);
  return {};
}

std::string config_yaml(const Config& config) {
  std::string out =
      "# Vigie's configuration: vigie serve --config FILE. Every setting stands here with its default; leave out what "
      "you\n"
      "# do not change. A variable overrides its setting (server.port: VIGIE_SERVER_PORT), and a flag overrides both.\n"
      "# Settings marked with (live) are read again on SIGHUP; others need a restart.\n"
      "# `vigie config default` prints this file, `vigie config check FILE` reads one.\n";
  std::vector<std::string> open;
  for (const Setting& setting : settings()) {
    std::vector<std::string> path;
    for (std::size_t at = 0; at <= setting.key.size();) {
      const std::size_t end = std::min(setting.key.find('.', at), setting.key.size());
      path.push_back(setting.key.substr(at, end - at));
      at = end + 1;
    }
    const std::string name = path.back();
    path.pop_back();
    std::size_t shared = 0;
    while (shared < std::min(open.size(), path.size()) && open[shared] == path[shared]) ++shared;
    for (std::size_t depth = shared; depth < path.size(); ++depth) {
      out += (depth == 0 ? "\n" : "") + std::string(2 * depth, ' ') + path[depth] + ":\n";
    }
    open = path;
    const std::string indent(2 * path.size(), ' ');
    out += indent + "# " + setting.about + "\n" + indent + "# " + setting.form + (setting.live ? " (live)\n" : "\n") +
           indent + name + ": ";
    const Texts texts = setting.get(config);
    if (!setting.list) {
      out += scalar(texts[0]) + "\n";
      continue;
    }
    out += "[";
    for (std::size_t i = 0; i < texts.size(); ++i) out += (i > 0 ? ", " : "") + scalar(texts[i]);
    out += "]\n";
  }
  return out;
}

}  // namespace vigie::cli
