#include "model/package_contents.h"

#include <algorithm>
#include <array>

#include "base/json_writer.h"
#include "base/sha256.h"
#include "model/card.h"
#include "model/evaluation_json.h"
#include "model/formats/xgboost.h"
#include "model/isolation_json.h"
#include "model/json_reader.h"
#include "model/model_json.h"
#include "model/reference_json.h"
#include "schema/card.h"

namespace vigie::model {
namespace {

constexpr std::string_view kFormatName = "vigie.model_package";
constexpr std::string_view kModelFile = "model.json";
constexpr std::string_view kXgboostFile = "xgboost.json";
constexpr std::string_view kIsolationFile = "isolation_forest.json";
constexpr std::string_view kReferenceFile = "reference.json";
constexpr std::string_view kEvaluationFile = "evaluation.json";
constexpr std::string_view kRestore = "copy the package again from where it was made";

constexpr std::array kCardFiles = {kCardFile,  kEvaluationFile, kIsolationFile,
                                   kModelFile, kReferenceFile,  kXgboostFile};

std::unexpected<Error> damaged(std::string_view file, std::string message) {
  return fail(Code::kInvalidData, std::move(message), {.file = std::string(file)}, std::string(kRestore));
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

// 35 inputs under the names that this program computes, or under none (libxgboost writes them only when told).
Status check_inputs(const Forest& forest, std::vector<std::string>& names, std::string_view file) {
  const auto fields = schema::card_input_fields();
  if (forest.feature_count != fields.size()) {
    return damaged(file, "it takes " + std::to_string(forest.feature_count) + " features, a card model has " +
                             std::to_string(fields.size()));
  }
  if (names.empty()) {
    for (const auto& field : fields) names.emplace_back(field.name);
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i >= names.size() || names[i] != fields[i].name) {
      return damaged(file, "feature " + std::to_string(i) + " is not " + std::string(fields[i].name));
    }
  }
  return {};
}

Status check_reference(const Reference& reference) {
  const auto fields = schema::card_fields();
  const bool equal = std::equal(reference.features.begin(), reference.features.end(), fields.begin(), fields.end(),
                                [](const auto& feature, const auto& field) { return feature.name == field.name; });
  if (!equal) {
    return damaged(kReferenceFile, "features: not the " + std::to_string(fields.size()) + " fields of a card in order");
  }
  return {};
}

Status check_evaluation(const Evaluation& evaluation) {
  constexpr std::array kScorers = {kIsolationForest, kXgboost, kEnsemble};
  const bool equal = std::equal(evaluation.scorers.begin(), evaluation.scorers.end(), kScorers.begin(), kScorers.end(),
                                [](const auto& scorer, std::string_view name) { return scorer.scorer == name; });
  if (!equal) return damaged(kEvaluationFile, "scorers: not isolation_forest, xgboost and ensemble");
  return {};
}

Result<CardModel> parse_card_model(const PackageContents& contents) {
  const auto open = [&](std::string_view name) {
    return JsonDocument::parse(contents.find(name)->second, std::string(name));
  };
  const auto model_document = VIGIE_TRY(open(kModelFile));
  CardModel model = VIGIE_TRY(parse_model_json(model_document.root()));

  model.boosted_source = contents.find(kXgboostFile)->second;
  auto boosted = parse_xgboost_json(model.boosted_source);
  if (!boosted) {
    boosted.error().place.file = kXgboostFile;
    return std::unexpected(std::move(boosted).error());
  }
  model.boosted = *std::move(boosted);
  VIGIE_TRY(check_inputs(model.boosted.forest, model.boosted.feature_names, kXgboostFile));

  const auto isolation_document = VIGIE_TRY(open(kIsolationFile));
  model.isolation = VIGIE_TRY(parse_isolation_json(isolation_document.root()));
  VIGIE_TRY(check_inputs(model.isolation.forest, model.isolation.feature_names, kIsolationFile));

  const auto reference_document = VIGIE_TRY(open(kReferenceFile));
  model.reference = VIGIE_TRY(parse_reference_json(reference_document.root()));
  VIGIE_TRY(check_reference(model.reference));

  const auto evaluation_document = VIGIE_TRY(open(kEvaluationFile));
  model.evaluation = VIGIE_TRY(parse_evaluation_json(evaluation_document.root()));
  VIGIE_TRY(check_evaluation(model.evaluation));
  return model;
}

}  // namespace

PackageInfo seal(const PackageContents& contents) {
  PackageInfo info{.format = kPackageFormat, .version = {}, .kind = "card", .files = {}};
  for (const auto& [name, bytes] : contents) {
    if (name != kMarker) info.files.push_back({.name = name, .bytes = bytes.size(), .sha256 = sha256_hex(bytes)});
  }
  info.version = version_of(info.files);
  return info;
}

Result<PackageContents> make_contents(const CardModel& model) {
  PackageContents contents;
  contents.emplace(kModelFile, model_json(model));
  contents.emplace(kXgboostFile, model.boosted_source);
  contents.emplace(kIsolationFile, isolation_json(model.isolation));
  contents.emplace(kReferenceFile, reference_json(model.reference));
  contents.emplace(kEvaluationFile, evaluation_json(model.evaluation));
  // What cannot be read back must not be published: better the training fails than the server that loads it.
  const auto back = VIGIE_TRY(parse_card_model(contents));
  if (back.boosted.forest != model.boosted.forest || back.boosted.base_margin != model.boosted.base_margin) {
    return fail(Code::kInvalidArgument, "the boosted forest is not the one in its source", {.field = "boosted_source"},
                "parse the source again");
  }
  if (back.isolation.forest != model.isolation.forest) {
    return fail(Code::kInvalidArgument, "nodes hold a value or gain, which isolation trees do not have",
                {.field = "isolation"}, "leave both at 0");
  }
  contents.emplace(kCardFile, card_html(model, seal(contents).files));
  contents.emplace(kMarker, marker_json(seal(contents)));
  return contents;
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
  if (info.kind != "card") return root["kind"].refuse("\"" + info.kind + "\" is not \"card\"");
  for (const JsonReader& item : VIGIE_TRY(root["files"].items(kMaxPackageFiles))) {
    PackageInfo::File file;
    VIGIE_TRY(item.read("name", file.name));
    VIGIE_TRY(item.read("bytes", file.bytes));
    VIGIE_TRY(item.read("sha256", file.sha256));
    info.files.push_back(std::move(file));
  }
  const bool complete = std::equal(info.files.begin(), info.files.end(), kCardFiles.begin(), kCardFiles.end(),
                                   [](const auto& file, std::string_view name) { return file.name == name; });
  if (!complete) return root["files"].refuse("not the six files of a card model in order of name");
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
    if (found == contents.end()) return damaged(file.name, "the file is missing");
    if (found->second.size() != file.bytes) {
      return damaged(file.name, "it has " + std::to_string(found->second.size()) + " bytes where PACKAGE says " +
                                    std::to_string(file.bytes));
    }
    const std::string actual = sha256_hex(found->second);
    if (actual != file.sha256) {
      return damaged(file.name, "its SHA-256 is " + actual.substr(0, 12) + "... where PACKAGE says " +
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

Result<LoadedCardModel> read_contents(const PackageContents& contents) {
  LoadedCardModel loaded;
  loaded.info = VIGIE_TRY(verify_contents(contents));
  loaded.model = VIGIE_TRY(parse_card_model(contents));
  return loaded;
}

}  // namespace vigie::model
