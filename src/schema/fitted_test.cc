#include "schema/fitted.h"

#include <gtest/gtest.h>

namespace vigie::schema {
namespace {

TEST(ScalerKind, IsReadBackFromItsName) {
  for (const auto kind : {ScalerKind::kNone, ScalerKind::kStandard, ScalerKind::kRobust}) {
    EXPECT_EQ(parse_scaler_kind(to_string(kind)).value(), kind);
  }
}

TEST(ScalerKind, RefusalNamesTheChoices) {
  for (const char* text : {"", "Standard", "standard ", "minmax"}) {
    const auto refused = parse_scaler_kind(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().to_string(),
              "scaler: no such scaler: \"" + std::string(text) + "\"; use standard, robust or none");
  }
}

}  // namespace
}  // namespace vigie::schema
