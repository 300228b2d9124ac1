#include "domain/event.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>

namespace vigie::domain {
namespace {

TEST(CentsTest, AreTheNearestOnes) {
  EXPECT_EQ(cents_of(57.16), 5716U);  // 57.16 * 100 is a little more than 5716
  EXPECT_EQ(cents_of(0.29), 29U);     // and this a little less
  EXPECT_EQ(cents_of(0.125), 13U);
  EXPECT_EQ(cents_of(0), 0U);
  EXPECT_EQ(cents_of(2'814'749'767'106.55), kMostCents);
}

TEST(CentsTest, AreNoneOutOfRange) {
  EXPECT_FALSE(cents_of(-0.01));
  EXPECT_FALSE(cents_of(2'814'749'767'106.56));
  EXPECT_FALSE(cents_of(std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(cents_of(std::numeric_limits<double>::quiet_NaN()));
}

TEST(CountryNumberTest, TellsAllPairsOfLettersApart) {
  std::set<int> numbers;
  for (char first = 'A'; first <= 'Z'; ++first) {
    for (char second = 'A'; second <= 'Z'; ++second) numbers.insert(country_number(std::string{first, second}));
  }
  EXPECT_EQ(numbers.size(), 676U);
  EXPECT_EQ(*numbers.begin(), 1);
  EXPECT_EQ(*numbers.rbegin(), 676);
}

TEST(CountryNumberTest, IsNoneForOtherTexts) {
  for (const char* text : {"", "F", "fr", "FRA", "F1", "É"}) EXPECT_EQ(country_number(text), 0) << text;
}

}  // namespace
}  // namespace vigie::domain
