// Reading settings from YAML.
#include <sys/stat.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "base/file.h"
#include "base/nearest_name.h"
#include "cli/setting.h"

namespace vigie::cli {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;
constexpr const char* kProviders = "oidc";
constexpr std::size_t kMostWords = 100;     // of a command
constexpr std::size_t kMostProblems = 100;  // more are not said
constexpr std::size_t kMostNested = 4096;   // nodes: aliases can make a small file into an endless one

using Table = std::span<const Setting>;

std::string nearest_key(Table table, std::string_view key) {
  std::vector<std::string_view> known;
  for (const Setting& setting : table) known.push_back(setting.key);
  const std::string_view nearest = nearest_name(key, known);
  if (!nearest.empty()) return "did you mean " + std::string(nearest) + "?";
  return "vigie config default prints all settings";
}

bool is_group(Table table, std::string_view key) {
  return std::ranges::any_of(table, [&](const Setting& setting) {
    return setting.key.size() > key.size() && setting.key.starts_with(key) && setting.key[key.size()] == '.';
  });
}

const Setting* find_setting(Table table, std::string_view key) {
  const auto found = std::ranges::find(table, key, &Setting::key);
  return found == table.end() ? nullptr : &*found;
}

bool is_path(const std::string& text) { return !text.empty() && text.find('\0') == std::string::npos; }

// The line with a key and those that belong to it, which stand further to the right, without what is before the key.
std::string block_at(std::string_view yaml, std::size_t line) {
  std::size_t at = 0;
  for (; line > 0; --line) at = yaml.find('\n', at) + 1;
  const std::size_t indent = std::min(yaml.find_first_not_of(' ', at), yaml.size()) - at;
  std::string block;
  for (bool first = true; at < yaml.size(); first = false) {
    const std::size_t end = std::min(yaml.find('\n', at), yaml.size());
    const std::string_view text = yaml.substr(at, end - at);
    const std::size_t begin = text.find_first_not_of(" \r");
    const bool blank = begin == std::string_view::npos;
    const bool item = !blank && begin == indent && text[begin] == '-';  // a list may stand below its key
    if (!first && !blank && begin <= indent && !item) break;
    if (!blank) block += text.substr(indent);
    block += '\n';
    at = end + 1;
  }
  return block;
}

// Walks a file's mappings and sets what it finds.
class Reader {
 public:
  Reader(std::string_view yaml, const std::string& name, bool others_read, Config& config)
      : yaml_(yaml), name_(name), others_read_(others_read), config_(config) {}

  Status group(const YAML::Node& node, const std::string& prefix, Table table) {
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
      if (const Status taken = take(member.first, member.second, key, table); !taken) {
        problems_.push_back(taken.error());
        if (problems_.size() >= kMostProblems) return {};
      }
    }
    return {};
  }

  // All of what is wrong, in the order of the file.
  std::vector<Error> problems() && { return std::move(problems_); }

 private:
  Status take(const YAML::Node& name, const YAML::Node& node, const std::string& key, Table table) {
    if (const Setting* const setting = find_setting(table, key)) return value(node, *setting);
    if (key == kFraudRules) return rules(name, node);
    if (key == kProviders && node.IsSequence()) return providers(node);
    if (is_group(table, key)) return group(node, key, table);
    return wrong(name, key, "there is no such setting", nearest_key(table, key));
  }

  // oidc: [{issuer: ...}, {issuer: ...}]
  Status providers(const YAML::Node& list) {
    if (list.size() == 0 || list.size() > kMostProviders) {
      return wrong(list, kProviders, "a list of 1 to " + std::to_string(kMostProviders) + " providers is expected here",
                   "write one group of settings for each, or leave it out for none");
    }
    std::erase_if(config_.origins, [](const auto& origin) { return origin.first.starts_with("oidc."); });
    config_.oidc.assign(list.size(), {});
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::vector<Setting> table = provider_settings(i);
      const std::string& key = table.front().key;
      const std::string prefix = key.substr(0, key.rfind('.'));
      if (!list[i].IsMap()) {
        return wrong(list[i], prefix, "a group of settings is expected here",
                     "write - issuer: URL, and the rest below it");
      }
      VIGIE_TRY(group(list[i], prefix, table));
    }
    return {};
  }

  // Read again when they are compiled, with the places that they have here.
  Status rules(const YAML::Node& key, const YAML::Node& list) {
    if (!list.IsSequence()) {
      return wrong(list, std::string(kFraudRules), "a list of rules is expected here",
                   "write - name: ... for each rule, or leave it out for the rules that ship");
    }
    config_.fraud.rules = {.yaml = std::string(yaml_),
                           .file = name_,
                           .group = "fraud",
                           .block = block_at(yaml_, static_cast<std::size_t>(key.Mark().line))};
    config_.origins[std::string(kFraudRules)] = {.from = Origin::From::kFile,
                                                 .place = place_of(key, std::string(kFraudRules))};
    return {};
  }

  Status value(const YAML::Node& node, const Setting& setting) {
    Origin origin{.from = Origin::From::kFile, .place = place_of(node, setting.key)};
    Texts texts;
    if (node.IsScalar()) {
      texts.push_back(node.Scalar());
    } else if (setting.list && node.IsSequence()) {
      for (const auto& item : node) {
        if (!item.IsScalar()) return unfit(item, setting);
        texts.push_back(item.Scalar());
      }
    } else if (setting.secret && node.IsMap()) {
      origin.reference = VIGIE_TRY(reference(node, setting));
    } else {
      return unfit(node, setting);
    }
    if (!origin.reference) {
      if (!setting.set(texts, config_)) return unfit(node, setting);
      if (setting.secret && !texts[0].empty() && others_read_) {
        return wrong(node, setting.key, "a secret stands here, and everybody on this machine may read this file",
                     "chmod o-rwx the file, or let the secret stand elsewhere: {file: PATH}, {command: [PROGRAM, ...]} "
                     "or " +
                         environment_name(setting.key) + "_FILE");
      }
    }
    config_.origins[setting.key] = std::move(origin);
    return {};
  }

  // {file: PATH} or {command: [PROGRAM, ARGUMENT...]}.
  Result<Reference> reference(const YAML::Node& node, const Setting& setting) const {
    constexpr const char* kForms = "write {file: PATH} or {command: [PROGRAM, ARGUMENT, ...]}; there is no shell";
    if (node.size() != 1 || !node.begin()->first.IsScalar()) {
      return wrong(node, setting.key, "one of file and command is expected here", kForms);
    }
    const std::string way = node.begin()->first.Scalar();
    const YAML::Node what = node.begin()->second;
    Reference out;
    if (way == "file" && what.IsScalar() && is_path(what.Scalar())) {
      out.file = what.Scalar();
      return out;
    }
    if (way != "command" || !what.IsSequence() || what.size() == 0 || what.size() > kMostWords) {
      return wrong(node, setting.key, "this does not say where the secret stands", kForms);
    }
    for (const auto& word : what) {
      const bool good = word.IsScalar() && word.Scalar().find('\0') == std::string::npos;
      if (!good || (out.command.empty() && word.Scalar().empty())) {
        return wrong(word, setting.key, "a command's words are texts, and its program is not empty", kForms);
      }
      out.command.push_back(word.Scalar());
    }
    return out;
  }

  std::unexpected<Error> unfit(const YAML::Node& node, const Setting& setting) const {
    return wrong(node, setting.key, "the value is not " + setting.form,
                 "correct it, or leave the line out for the default");
  }

  std::unexpected<Error> wrong(const YAML::Node& node, const std::string& key, std::string message,
                               std::string remedy) const {
    return fail(Code::kInvalidArgument, std::move(message), place_of(node, key), std::move(remedy));
  }

  Place place_of(const YAML::Node& node, const std::string& key) const {
    const YAML::Mark mark = node.Mark();
    Place place{.file = name_, .field = key};
    if (!mark.is_null()) {
      place.line = static_cast<std::uint64_t>(mark.line) + 1;
      place.column = static_cast<std::uint64_t>(mark.column) + 1;
    }
    return place;
  }

  std::string_view yaml_;
  const std::string& name_;
  bool others_read_;  // they may read the file
  Config& config_;
  std::size_t nodes_ = 0;
  std::vector<Error> problems_{};
};

// All problems; what could be read is in `config`.
std::vector<Error> read_text(std::string_view yaml, const std::string& name, bool others_read, Config& config) {
  if (yaml.size() > kMostBytes) {
    return {{Code::kInvalidArgument, "the file is larger than 1 MiB", {.file = name}, "give a configuration"}};
  }
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    Reader reader(yaml, name, others_read, config);
    const Status read = reader.group(root, "", settings());
    std::vector<Error> problems = std::move(reader).problems();
    if (!read) problems.push_back(read.error());
    return problems;
  } catch (const YAML::Exception& error) {
    Place place{.file = name};
    if (!error.mark.is_null()) {
      place.line = static_cast<std::uint64_t>(error.mark.line) + 1;
      place.column = static_cast<std::uint64_t>(error.mark.column) + 1;
    }
    return {{Code::kInvalidArgument, "this is no YAML: " + error.msg, std::move(place),
             "vigie config default prints a file to start from"}};
  }
}

// All of it, or nothing.
Status read_whole(std::string_view yaml, const std::string& name, bool others_read, Config& config) {
  Config read = config;
  std::vector<Error> problems = read_text(yaml, name, others_read, read);
  if (!problems.empty()) return std::unexpected(std::move(problems.front()));
  config = std::move(read);
  return {};
}

struct FileText {
  std::string yaml{};
  bool others_read = false;  // they may read the file
};

Result<FileText> open_file(const std::filesystem::path& path) {
  FileText text;
  text.yaml = VIGIE_TRY(read_file(path, kMostBytes + 1));
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return fail_errno("cannot read", path.native(), errno);
  text.others_read = (found.st_mode & S_IRWXO) != 0;
  return text;
}

}  // namespace

Status read_config_text(std::string_view yaml, const std::string& name, Config& config) {
  return read_whole(yaml, name, false, config);
}

Status read_config_file(const std::filesystem::path& path, Config& config) {
  const FileText text = VIGIE_TRY(open_file(path));
  return read_whole(text.yaml, path.native(), text.others_read, config);
}

std::vector<Error> read_all_of_config_file(const std::filesystem::path& path, Config& config) {
  const auto text = open_file(path);
  if (!text) return {text.error()};
  return read_text(text->yaml, path.native(), text->others_read, config);
}

}  // namespace vigie::cli
