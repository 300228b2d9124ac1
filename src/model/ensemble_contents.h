// The files that packages of every kind of ensemble have: members, reference and evaluation.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/json_reader.h"
#include "model/package_contents.h"

namespace vigie::model {

inline constexpr std::string_view kModelFile = "model.json";

// What the kind says about the names in those files.
struct EnsembleNames {
  std::vector<std::string> inputs;  // of both members
  std::vector<std::string> fields;  // of the reference's features
};

void add_ensemble_files(const EnsembleModel& model, PackageContents& contents);

// Fills members, reference and evaluation, checked. The contents have all files of the kind.
Status read_ensemble_files(const PackageContents& contents, const EnsembleNames& names, EnsembleModel& model);

// What cannot be read back must not be published: better the training fails than the server that loads it.
Status check_same_members(const EnsembleModel& model, const EnsembleModel& back);

Result<JsonDocument> open_document(const PackageContents& contents, std::string_view file);

}  // namespace vigie::model
