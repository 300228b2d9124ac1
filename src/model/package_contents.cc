#include "model/package_contents.h"

#include <algorithm>
#include <span>

#include "base/json_writer.h"
#include "base/sha256.h"
#include "model/json_reader.h"

namespace vigie::model {
namespace {

constexpr std::string_view kFormatName = "vigie.model_package";
constexpr std::string_view kRestore = "copy the package again from where it was made";

struct Kind {
  std::string_view name;
  std::span<const std::string_view> files;  // by name
};

constexpr std::string_view kEnsembleFiles[] = {"card.html",  "evaluation.json", "isolation_forest.json",
                                               "model.json", "reference.json",  "xgboost.json"};

constexpr std::string_view kCreditFiles[] = {"card.html",      "evaluation.json", "fairness.json", "model.json",
                                             "reference.json", "scorecard.json",  "xgboost.json"};

constexpr Kind kKinds[] = {
    {kCardKind, kEnsembleFiles}, {kTransactionKind, kEnsembleFiles}, {kCreditKind, kCreditFiles}};

const Kind* find_kind(std::string_view name) {
  const auto found =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& kind) { return kind.name == name; });
  return found == std::end(kKinds) ? nullptr : found;
}

std::string version_of(const std::vector<PackageInfo::File>& files) {
  Sha256 hash;
  for (const auto& file : files) hash.update(file.name + " " + file.sha256 + "\n");
  return hash.finish_hex().substr(0, 12);
}

std::string marker_json(const PackageInfo& info) {
  JsonWriter json(2);
  json.begin_object().member("format_name", kFormatName).member("format", info.format);
  json.member("version", info.version).member("kind", info.kind).key("files").begin_array();
  for (const auto& file : info.files) {
    json.begin_object().member("name", file.name).member("bytes", file.bytes).member("sha256", file.sha256);
    json.end_object();
  }
  json.end_array().end_object();
  return std::move(json).text() + "\n";
}

}  // namespace

std::unexpected<Error> damaged_file(std::string_view file, std::string message) {
  return fail(Code::kInvalidData, std::move(message), {.file = std::string(file)}, std::string(kRestore));
}

PackageInfo seal(const PackageContents& contents, std::string_view kind) {
  PackageInfo info{.format = kPackageFormat, .version = {}, .kind = std::string(kind), .files = {}};
  for (const auto& [name, bytes] : contents) {
    if (name != kMarker) info.files.push_back({.name = name, .bytes = bytes.size(), .sha256 = sha256_hex(bytes)});
  }
  info.version = version_of(info.files);
  return info;
}

void add_marker(PackageContents& contents, std::string_view kind) {
  contents.emplace(kMarker, marker_json(seal(contents, kind)));
}

Result<PackageInfo> parse_marker(std::string_view json) {
  const auto document = VIGIE_TRY(JsonDocument::parse(json, std::string(kMarker)));
  const JsonReader root = document.root();
  const std::string format_name = VIGIE_TRY(root["format_name"].text());
  if (format_name != kFormatName) return root["format_name"].refuse("\"" + format_name + "\" is no model package");
  const std::uint64_t format = VIGIE_TRY(root["format"].unsigned_integer());
  // Before anything else is read: a newer format may have changed the rest.
  if (format > static_cast<std::uint64_t>(kPackageFormat)) {
    return fail(
        Code::kUnsupported,
        "this package has format " + std::to_string(format) + ", this vigie reads " + std::to_string(kPackageFormat),
        {.file = std::string(kMarker)}, "upgrade vigie");
  }
  if (format == 0) return root["format"].refuse("there is no format 0");
  PackageInfo info;
  info.format = static_cast<int>(format);
  VIGIE_TRY(root.read("version", info.version));
  VIGIE_TRY(root.read("kind", info.kind));
  const Kind* const kind = find_kind(info.kind);
  if (kind == nullptr) {
    return root["kind"].refuse("\"" + info.kind + "\" is no kind of model that this vigie knows");
  }
  for (const JsonReader& item : VIGIE_TRY(root["files"].items(kMaxPackageFiles))) {
    PackageInfo::File file;
    VIGIE_TRY(item.read("name", file.name));
    VIGIE_TRY(item.read("bytes", file.bytes));
    VIGIE_TRY(item.read("sha256", file.sha256));
    info.files.push_back(std::move(file));
  }
  const bool complete = std::equal(info.files.begin(), info.files.end(), kind->files.begin(), kind->files.end(),
                                   [](const auto& file, std::string_view name) { return file.name == name; });
  if (!complete) {
    return root["files"].refuse("not the " + std::to_string(kind->files.size()) + " files of a " + info.kind +
                                " model in order of name");
  }
  if (info.version != version_of(info.files)) {
    return root["version"].refuse("\"" + info.version + "\" does not follow from the files' hashes");
  }
  return info;
}

Result<PackageInfo> verify_contents(const PackageContents& contents) {
  const auto marker = contents.find(kMarker);
  if (marker == contents.end()) {
    return fail(Code::kInvalidData, "it has no PACKAGE file: not a model package, or one that was never finished", {},
                "give a folder or .tar.zst that `vigie train` wrote");
  }
  PackageInfo info = VIGIE_TRY(parse_marker(marker->second));
  for (const auto& file : info.files) {
    const auto found = contents.find(file.name);
    if (found == contents.end()) return damaged_file(file.name, "the file is missing");
    if (found->second.size() != file.bytes) {
      return damaged_file(file.name, "it has " + std::to_string(found->second.size()) + " bytes where PACKAGE says " +
                                         std::to_string(file.bytes));
    }
    const std::string actual = sha256_hex(found->second);
    if (actual != file.sha256) {
      return damaged_file(file.name, "its SHA-256 is " + actual.substr(0, 12) + "... where PACKAGE says " +
                                         file.sha256.substr(0, 12) + "...: the file was changed");
    }
  }
  for (const auto& [name, bytes] : contents) {
    const bool known = name == kMarker || std::any_of(info.files.begin(), info.files.end(),
                                                      [&](const auto& file) { return file.name == name; });
    if (!known) return fail(Code::kInvalidData, "not a part of the package", {.file = name}, "move it elsewhere");
  }
  return info;
}

Result<PackageInfo> verify_contents(const PackageContents& contents, std::string_view kind) {
  PackageInfo info = VIGIE_TRY(verify_contents(contents));
  if (info.kind != kind) {
    return fail(
        Code::kInvalidArgument, "this is a " + info.kind + " model, and a " + std::string(kind) + " model is needed",
        {.file = std::string(kMarker), .field = "kind"}, "give the folder of a " + std::string(kind) + " model");
  }
  return info;
}

}  // namespace vigie::model
