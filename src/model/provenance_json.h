// Where a model came from, as every kind's model.json says it: the data, the parameters of training, and figures over
// several seeds or folds (docs/model-package.md).
#pragma once

#include <vector>

#include "base/json_writer.h"
#include "base/result.h"
#include "model/package.h"

namespace vigie::model {

class JsonReader;

// Each writes a member of the object that is open: "data", "parameters", and what `key` says.
void write_data(JsonWriter& json, const DataOrigin& data);
void write_parameters(JsonWriter& json, const std::vector<Parameter>& parameters);
void write_summaries(JsonWriter& json, const char* key, const std::vector<SeedSummary>& summaries);

// `json` is the member's value.
Status read_data(const JsonReader& json, DataOrigin& data);
Status read_parameters(const JsonReader& json, std::vector<Parameter>& out);
Status read_summaries(const JsonReader& json, std::vector<SeedSummary>& out);

}  // namespace vigie::model
