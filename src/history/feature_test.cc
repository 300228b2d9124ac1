#include "history/feature.h"

#include <gtest/gtest.h>

#include <set>

#include "base/file.h"

namespace vigie::history {
namespace {

TEST(FeatureTable, HasEachNameOnce) {
  std::set<std::string_view> names;
  for (const Feature& feature : features()) {
    EXPECT_TRUE(names.insert(feature.name).second) << feature.name;
    EXPECT_FALSE(feature.text_en.empty() || feature.text_fr.empty()) << feature.name;
    EXPECT_EQ(feature.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string_view::npos);
  }
}

TEST(FeatureTable, IsInTheOrderOfARow) {
  EXPECT_EQ(find_feature("nb_transactions_1h"), kCount);
  EXPECT_EQ(find_feature("montant_total_30j"), kSum + 3);
  EXPECT_EQ(find_feature("montant_moyen_24h"), kMean + 1);
  EXPECT_EQ(find_feature("montant_max_7j"), kMaximum + 2);
  EXPECT_EQ(find_feature("terminaux_distincts_1h"), kTerminals);
  EXPECT_EQ(find_feature("montant_type_24h"), kTypeSumDay);
  EXPECT_EQ(find_feature("nb_type_30j"), kTypeCountMonth);
  EXPECT_EQ(find_feature("secondes_depuis_derniere"), kSinceLast);
  EXPECT_EQ(find_feature("montant_ratio_30j"), kRatio + 2);
  EXPECT_EQ(find_feature("montant_zscore_30j"), kDeviations);
  EXPECT_EQ(find_feature("nuit"), kNight);
  EXPECT_EQ(find_feature("nouveau_pays"), kNewCountry);
  EXPECT_EQ(find_feature("terminal_nb_30j"), kTerminalCount + 2);
  EXPECT_EQ(find_feature("terminal_risque_1j"), kTerminalRisk);
  EXPECT_EQ(find_feature("historique_incomplet"), kIncomplete);
  EXPECT_FALSE(find_feature("nb_transactions"));
}

TEST(FeatureTable, IsTheOneInTheDocuments) {
  const auto page = read_file("docs/history.md");
  ASSERT_TRUE(page) << page.error().to_string();
  EXPECT_NE(page->find(feature_table()), std::string::npos) << "docs/history.md should have this table:\n"
                                                            << feature_table();
}

}  // namespace
}  // namespace vigie::history
