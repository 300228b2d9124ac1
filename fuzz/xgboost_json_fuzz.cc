// Any bytes as an XGBoost model: parsing ends, and what it accepts can be walked.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "model/formats/xgboost.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto model = vigie::model::parse_xgboost_json({reinterpret_cast<const char*>(data), size});
  if (!model) {
    if (model.error().code == vigie::Code::kInternal) std::abort();
    return 0;
  }
  if (!vigie::model::validate(model->forest)) std::abort();
  for (const auto& tree : model->forest.trees) {
    if (vigie::model::depth(tree) > vigie::model::kMaxDepth) std::abort();
  }
  return 0;
}
