#include "schema/fitted.h"

#include <string>

namespace vigie::schema {

std::string_view to_string(ScalerKind kind) {
  switch (kind) {
    case ScalerKind::kNone: return "none";
    case ScalerKind::kStandard: return "standard";
    case ScalerKind::kRobust: return "robust";
  }
  return "none";
}

Result<ScalerKind> parse_scaler_kind(std::string_view text) {
  for (const ScalerKind kind : {ScalerKind::kNone, ScalerKind::kStandard, ScalerKind::kRobust}) {
    if (text == to_string(kind)) return kind;
  }
  return fail(Code::kInvalidArgument, "no such scaler: \"" + std::string(text) + "\"", {.field = "scaler"},
              "use standard, robust or none");
}

}  // namespace vigie::schema
