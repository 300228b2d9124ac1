// Bodies that a reader of the document can send as they are: two public transactions of the ULB data set, rounded, in
// every form that is taken.
#pragma once

#include <string>
#include <vector>

#include "api/openapi.h"

namespace vigie::api {

std::vector<Example> single_examples();
std::vector<Example> json_batch_examples();
std::vector<Example> csv_examples();
std::vector<Example> ndjson_examples();

}  // namespace vigie::api
