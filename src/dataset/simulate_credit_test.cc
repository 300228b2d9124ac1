#include "dataset/simulate_credit.h"

#include <gtest/gtest.h>

#include <cmath>

#include "schema/applicant.h"

namespace vigie::dataset {
namespace {

TEST(SimulateCreditTest, RowsAreWhatTheServiceWouldAccept) {
  const auto table = simulate_credit({.seed = 3, .rows = 5'000});
  ASSERT_TRUE(table) << table.error().to_string();
  EXPECT_EQ(table->rows(), 5'000u);
  for (const schema::Field& field : schema::applicant_fields()) {
    if (field.type == schema::FieldType::kText) continue;
    const auto values = *table->find(field.name)->to_numbers();
    for (const double value : values) {
      if (std::isnan(value)) {
        EXPECT_TRUE(field.optional) << field.name;
      } else {
        EXPECT_TRUE(schema::accepts(field, value)) << field.name << " " << value;
      }
    }
  }
}

TEST(SimulateCreditTest, TheSameSeedGivesTheSamePeopleAndMoreRowsBeginWithFewer) {
  const auto few = simulate_credit({.seed = 5, .rows = 100});
  const auto many = simulate_credit({.seed = 5, .rows = 200});
  const auto others = simulate_credit({.seed = 6, .rows = 100});
  ASSERT_TRUE(few && many && others);
  bool differ = false;
  for (std::size_t row = 0; row < 100; ++row) {
    std::string a, b, c;
    few->find("revenu")->append_text(row, a);
    many->find("revenu")->append_text(row, b);
    others->find("revenu")->append_text(row, c);
    EXPECT_EQ(a, b);
    differ = differ || a != c;
  }
  EXPECT_TRUE(differ);
}

// Rows with a margin of the rule default as often as the rule says.
TEST(SimulateCreditTest, DefaultsFollowTheRule) {
  const auto table = simulate_credit({.seed = 1, .rows = 200'000});
  ASSERT_TRUE(table);
  std::vector<std::vector<double>> columns;
  for (const char* name : {"age", "revenu", "historique_impaye", "montant_credit", "taux_endettement",
                           "credits_ouverts", "personnes_a_charge", "defaut"}) {
    columns.push_back(*table->find(name)->to_numbers());
  }
  double expected = 0;
  double seen = 0;
  double rows = 0;
  double all = 0;
  for (std::size_t row = 0; row < table->rows(); ++row) {
    all += columns[7][row];
    double sum = 0;
    for (std::size_t c = 0; c < 7; ++c) sum += columns[c][row];
    if (std::isnan(sum)) continue;
    const double margin = simulated_default_margin(columns[0][row], columns[1][row], columns[2][row], columns[3][row],
                                                   columns[4][row], columns[5][row], columns[6][row]);
    expected += 1 / (1 + std::exp(-margin));
    seen += columns[7][row];
    rows += 1;
  }
  EXPECT_NEAR(seen / rows, expected / rows, 0.002);
  EXPECT_GT(all / 200'000, 0.03);
  EXPECT_LT(all / 200'000, 0.12);
}

TEST(SimulateCreditTest, RefusesNoRows) {
  EXPECT_FALSE(simulate_credit({.rows = 0}));
  EXPECT_FALSE(simulate_credit({.rows = 100'000'001}));
}

}  // namespace
}  // namespace vigie::dataset
