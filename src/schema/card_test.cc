#include "schema/card.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace vigie::schema {
namespace {

std::vector<std::string> names(std::span<const Field> fields) {
  std::vector<std::string> names;
  for (const Field& field : fields) names.emplace_back(field.name);
  return names;
}

// The names and the order that GET /features promises.
std::vector<std::string> promised() {
  std::vector<std::string> names = {"Time", "Amount"};
  for (int i = 1; i <= 28; ++i) names.push_back("V" + std::to_string(i));
  for (const char* name :
       {"amount_zscore", "amount_log", "v1_v2_ratio", "high_value", "variance_all", "max_abs_v", "mean_abs_v"}) {
    names.emplace_back(name);
  }
  return names;
}

TEST(CardFields, AreThePromisedOnesInTheirOrder) {
  const auto all = promised();
  EXPECT_EQ(names(card_fields()), all);
  EXPECT_EQ(names(card_raw_fields()), std::vector<std::string>(all.begin(), all.begin() + 30));
  EXPECT_EQ(names(card_input_fields()), std::vector<std::string>(all.begin() + 2, all.end()));
  EXPECT_EQ(card_label().name, "Class");
}

TEST(CardFields, RolesSayWhatReachesTheModel) {
  for (const Field& field : card_raw_fields()) {
    const Role expected = field.name == "Time" ? Role::kOffset : field.name == "Amount" ? Role::kRaw : Role::kInput;
    EXPECT_EQ(field.role, expected) << field.name;
  }
  for (const Field& field : card_fields().last<kCardEngineered>())
    EXPECT_EQ(field.role, Role::kEngineered) << field.name;
  EXPECT_EQ(card_label().role, Role::kLabel);
}

TEST(CardFields, RangesRefuseWhatCannotBe) {
  const auto field = [](std::string_view name) { return card_fields()[find(card_fields(), name).value()]; };
  for (const char* name : {"Time", "Amount", "amount_log", "variance_all"}) {
    EXPECT_TRUE(accepts(field(name), 0)) << name;
    EXPECT_FALSE(accepts(field(name), -0.01)) << name;
  }
  EXPECT_TRUE(accepts(field("V14"), -1e300));
  EXPECT_TRUE(accepts(field("high_value"), 1));
  EXPECT_FALSE(accepts(field("high_value"), 0.5));
  EXPECT_FALSE(accepts(card_label(), 2));
}

TEST(CardFields, AreDocumentedInBothLanguages) {
  std::set<std::string_view> seen;
  for (const Field& field : card_fields()) {
    EXPECT_FALSE(field.text_en.empty()) << field.name;
    EXPECT_FALSE(field.text_fr.empty()) << field.name;
    EXPECT_TRUE(seen.insert(field.name).second) << field.name << " twice";
  }
}

}  // namespace
}  // namespace vigie::schema
