#include "base/folded_text.h"

#include <gtest/gtest.h>

#include <string>

namespace vigie {
namespace {

std::string folded(std::string_view text) {
  std::string out(text.size(), '\0');
  const auto length = fold_text(text, out.data());
  if (!length) return "(not UTF-8)";
  out.resize(*length);
  return out;
}

TEST(FoldedText, TakesAccentsAndCapitalsOff) {
  EXPECT_EQ(folded("Dépôt"), "depot");
  EXPECT_EQ(folded("ACHAT_EN_LIGNE"), "achat_en_ligne");
  EXPECT_EQ(folded("ŒUVRE Straße"), "oeuvre strasse");
  EXPECT_EQ(folded("de\u0301po\u0302t"), "depot") << "accents that stand apart";
  EXPECT_EQ(folded("Ελλάδα"), "Ελλάδα");
  EXPECT_EQ(folded(""), "");
}

TEST(FoldedText, SaysWhereThereIsNothingToDo) {
  EXPECT_TRUE(is_folded("depot_2"));
  EXPECT_FALSE(is_folded("Depot"));
  EXPECT_FALSE(is_folded("dépot"));
}

TEST(FoldedText, RefusesWhatIsNotUtf8) {
  EXPECT_EQ(folded("d\xE9pot"), "(not UTF-8)");
  EXPECT_EQ(folded("depot\xC3"), "(not UTF-8)");
}

}  // namespace
}  // namespace vigie
