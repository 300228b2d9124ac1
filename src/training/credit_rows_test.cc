#include "training/credit_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "base/file.h"

namespace vigie::training {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CreditRowsTest : public testing::Test {
 protected:
  ~CreditRowsTest() override { std::filesystem::remove(path_); }

  Result<CreditRows> read(std::string_view text, const CreditReading& options) {
    EXPECT_TRUE(write_file(path_, text));
    return read_credit_rows(path_, options);
  }
  std::string error_of(std::string_view text, const CreditReading& options) {
    const auto rows = read(text, options);
    return rows ? "accepted" : rows.error().to_string();
  }

  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("vigie-credit-rows-" + std::to_string(::getpid()) + ".csv");
};

constexpr std::string_view kFile =
    "years,month,home,late,bad\n30,1000,own,0,yes\n0,0,rent,98,no\n41,NA,,1,no\n52,3000,rent,2,\n";

TEST_F(CreditRowsTest, MapsScalesAndForgetsWhatARequestMayNotHave) {
  const auto rows = read(kFile, {.map = {{"age", "years"}, {"revenu", "month", 12}, {"historique_impaye", "late"}},
                                 .extra = {"home"},
                                 .fairness = {"home"},
                                 .target = "bad",
                                 .bad = "yes",
                                 .special = {{"historique_impaye", {98}}}});
  ASSERT_TRUE(rows) << rows.error().to_string();
  EXPECT_THAT(rows->labels, ElementsAre(1, 0, 0));
  EXPECT_EQ(rows->rejected, 1u) << "the last row does not say what became of it";
  ASSERT_EQ(rows->columns.size(), 4u);
  EXPECT_THAT(rows->columns[0].values, ElementsAre(30, testing::IsNan(), 41));
  EXPECT_THAT(rows->columns[1].values, ElementsAre(12000, testing::IsNan(), testing::IsNan()));
  EXPECT_THAT(rows->columns[2].values, ElementsAre(0, 98, 1));
  EXPECT_THAT(rows->columns[2].special, ElementsAre(98));
  EXPECT_FALSE(rows->columns[0].trend) << "the data say how the risk goes along age";
  EXPECT_EQ(rows->columns[1].trend, model::Trend::kFalling);
  EXPECT_EQ(rows->columns[2].trend, model::Trend::kRising);
  EXPECT_THAT(rows->columns[3].values, ElementsAre(0, 1, testing::IsNan()));
  EXPECT_THAT(rows->columns[3].names, ElementsAre("own", "rent"));
  ASSERT_EQ(rows->groups.size(), 2u);
  EXPECT_THAT(rows->groups[0].of, ElementsAre(1, -1, 2));
  EXPECT_THAT(rows->groups[1].of, ElementsAre(0, 1, -1));
  EXPECT_THAT(rows->notes, ElementsAre(HasSubstr("1 values of age (years)"), HasSubstr("1 values of revenu (month)")));
  EXPECT_EQ(rows->sha256.size(), 64u);
}

TEST_F(CreditRowsTest, TakesFieldsByTheirOwnNamesWhereNothingIsMapped) {
  const auto rows = read("age,defaut,revenu,other\n30,0,20000,x\n40,1,10000,y\n", {});
  ASSERT_TRUE(rows) << rows.error().to_string();
  ASSERT_EQ(rows->columns.size(), 2u);
  EXPECT_EQ(rows->columns[1].field.name, "revenu");
  EXPECT_THAT(error_of("a,defaut\n1,0\n2,1\n", {}), HasSubstr("none of its columns has the name of a field"));
}

TEST_F(CreditRowsTest, AThirdValueOfTheTargetIsNobodysToGuess) {
  constexpr std::string_view kLoans =
      "age,defaut\n30,Fully Paid\n31,Current\n32,Charged Off\n33,Fully Paid\n34,Current\n35,Fully Paid\n36,\n37,Late\n";
  CreditReading reading{.bad = "Charged Off"};
  EXPECT_THAT(error_of(kLoans, reading),
              HasSubstr("target: defaut has more than two values: Fully Paid (3 rows), Current (2), Charged Off (1), "
                        "Late (1); say which ones mean repaid, as in --good Fully Paid"));
  reading.good = {"Fully Paid"};
  const auto rows = read(kLoans, reading);
  ASSERT_TRUE(rows) << rows.error().to_string();
  EXPECT_THAT(rows->labels, ElementsAre(0, 1, 0, 0));
  EXPECT_THAT(rows->columns[0].values, ElementsAre(30, 32, 33, 35));
  EXPECT_EQ(rows->rejected, 1u);
  EXPECT_EQ(rows->indeterminate, 3u);
  EXPECT_THAT(rows->notes, ElementsAre(HasSubstr("3 rows are left out as indeterminate, neither repaid nor in default: "
                                                 "defaut = Current (2 rows), Late (1)")));
  reading.good = {"Fully Paid", "Current", "Late"};
  EXPECT_EQ(read(kLoans, reading)->labels.size(), 7u);
  reading.good = {"Paid"};
  EXPECT_THAT(error_of(kLoans, reading), HasSubstr("no row has defaut = Paid"));
  reading.good = {"Charged Off"};
  EXPECT_THAT(error_of(kLoans, reading), HasSubstr("good: Charged Off is who defaulted"));
  EXPECT_THAT(error_of("age,defaut\n30,0\n31,1\n32,2\n", {}), HasSubstr("0 (1 row), 1 (1), 2 (1)"));
  EXPECT_THAT(read("age,defaut\n30,0\n31,1.0\n32,2\n", {.bad = "1", .good = {"0.0"}})->labels, ElementsAre(0, 1));
}

TEST_F(CreditRowsTest, ReadsAFileWithoutHeader) {
  const auto rows =
      read("A11 30 1\nA12 40 2\n",
           {.map = {{"age", "2"}}, .extra = {"1"}, .target = "3", .bad = "2", .delimiter = ' ', .header = false});
  ASSERT_TRUE(rows) << rows.error().to_string();
  EXPECT_THAT(rows->labels, ElementsAre(0, 1));
  EXPECT_THAT(rows->columns[0].values, ElementsAre(30, 40));
  EXPECT_THAT(rows->columns[1].names, ElementsAre("A11", "A12"));
}

TEST_F(CreditRowsTest, SaysWhatMakesNoSense) {
  const CreditReading good{.map = {{"age", "years"}}, .target = "bad", .bad = "yes"};
  EXPECT_EQ(error_of(kFile, good), "accepted");
  const auto with = [&](auto change) {
    CreditReading options = good;
    change(options);
    return error_of(kFile, options);
  };
  EXPECT_THAT(with([](auto& o) { o.map[0].field = "height"; }), HasSubstr("\"height\" is no field of an applicant"));
  EXPECT_THAT(with([](auto& o) { o.map[0].field = "client_id"; }), HasSubstr("the fields are age, revenu"));
  EXPECT_THAT(with([](auto& o) { o.map[0].column = "yeras"; }), HasSubstr("the header lacks yeras"));
  EXPECT_THAT(with([](auto& o) { o.map[0].column = "home"; }), HasSubstr("the column home is not numbers"));
  EXPECT_THAT(with([](auto& o) { o.map.push_back({"age", "late"}); }), HasSubstr("age is mapped twice"));
  EXPECT_THAT(with([](auto& o) { o.map[0].factor = 0; }), HasSubstr("factor of age"));
  EXPECT_THAT(with([](auto& o) { o.extra = {"bad"}; }), HasSubstr("bad is what is to be learnt"));
  EXPECT_THAT(with([](auto& o) { o.map[0].column = "bad"; }), HasSubstr("bad is what is to be learnt"));
  std::string many = "age,name,defaut\n";
  for (int i = 0; i < 1001; ++i) many += "30,n" + std::to_string(i) + (i % 2 == 0 ? ",0\n" : ",1\n");
  EXPECT_THAT(error_of(many, {.map = {{"age", "age"}}, .extra = {"name"}}), HasSubstr("1,001 different texts"));
  EXPECT_THAT(with([](auto& o) { o.bad = "maybe"; }), HasSubstr("no row has bad = maybe"));
  EXPECT_THAT(with([](auto& o) { o.target = "month"; }), HasSubstr("no row has month = yes"));
  EXPECT_THAT(with([](auto& o) { o.special = {{"revenu", {1}}}; }), HasSubstr("\"revenu\" is no field here"));
  EXPECT_THAT(with([](auto& o) { o.fairness = {"nope"}; }), HasSubstr("nope"));
}

}  // namespace
}  // namespace vigie::training
