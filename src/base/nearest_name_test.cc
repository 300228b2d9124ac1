#include "base/nearest_name.h"

#include <gtest/gtest.h>

#include <array>

namespace vigie {
namespace {

constexpr std::array<std::string_view, 4> kKnown = {"montant", "pays", "type", "server.port"};

TEST(NearestName, IsTheOneWithTheFewestMistakes) {
  EXPECT_EQ(nearest_name("montent", kKnown), "montant");
  EXPECT_EQ(nearest_name("mnotant", kKnown), "montant") << "two neighbours swapped";
  EXPECT_EQ(nearest_name("MONTANT", kKnown), "montant") << "case is no mistake";
  EXPECT_EQ(nearest_name("server.prot", kKnown), "server.port");
  EXPECT_EQ(nearest_name("typ", kKnown), "type");
}

TEST(NearestName, IsNoneWhereNothingIsNear) {
  EXPECT_EQ(nearest_name("devise", kKnown), "");
  EXPECT_EQ(nearest_name("", kKnown), "");
  EXPECT_EQ(nearest_name("pays", {}), "");
  EXPECT_EQ(nearest_name(std::string(65, 'm'), std::array{std::string_view("m")}), "");
}

}  // namespace
}  // namespace vigie
