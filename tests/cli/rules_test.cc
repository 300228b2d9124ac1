// vigie rules, as an analyst calls it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "program.h"

namespace vigie::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

TEST(RulesProgram, ChecksWhatShipsAndWhatItPrintsToStartFrom) {
  const TempFolder folder;
  const Outcome shipped = run_vigie({"rules", "check"});
  EXPECT_EQ(shipped.exit_code, 0) << shipped.err;
  EXPECT_THAT(shipped.out, AllOf(StartsWith("shipped: 8 rules, version "),
                                 HasSubstr("  montant_eleve          weight 0.4          montant > seuils.")));
  const Outcome printed = run_vigie({"rules", "default"});
  write_text(folder / "rules.yaml", printed.out);
  const Outcome checked = run_vigie({"rules", "check", "rules.yaml"}, {.cwd = folder.path()});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_EQ(checked.out.substr(checked.out.find(',')), shipped.out.substr(shipped.out.find(',')))
      << "the same rules have the same version";
}

TEST(RulesProgram, FindsRulesInAConfiguration) {
  const TempFolder folder;
  write_text(folder / "config.yaml",
             "server: {port: 9000}\nfraud:\n  rules:\n    - {name: a, text: {fr: a, en: a}, when: montant > 1, "
             "outcome: verifier, state: shadow}\n");
  const Outcome checked = run_vigie({"rules", "check", "config.yaml"}, {.cwd = folder.path()});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("  a  verifier     shadow montant > 1\n"));
}

TEST(RulesProgram, SaysAllThatIsWrongAndWhere) {
  const TempFolder folder;
  write_text(folder / "rules.yaml",
             "rules:\n  - name: a\n    text: {fr: a, en: a}\n    when: montnat > 1\n    weight: 2\n");
  const Outcome checked = run_vigie({"rules", "check", "rules.yaml"}, {.cwd = folder.path()});
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_EQ(checked.out, "");
  EXPECT_THAT(checked.err,
              AllOf(StartsWith("vigie: rules.yaml:4:11: a.when: there is no field 'montnat'; did you mean 'montant'?"),
                    HasSubstr("\nvigie: rules.yaml:5:13: a.weight: ")));

  const Outcome json = run_vigie({"rules", "check", "rules.yaml", "--json"}, {.cwd = folder.path()});
  EXPECT_EQ(json.exit_code, 1);
  const boost::json::value report = boost::json::parse(json.out);
  const auto& file = report.at("files").at(0);
  EXPECT_FALSE(file.at("ok").as_bool());
  EXPECT_EQ(file.at("problems").as_array().size(), 2);
  EXPECT_EQ(file.at("problems").at(0).at("line"), 4);

  EXPECT_EQ(run_vigie({"rules", "check", "nowhere.yaml"}).exit_code, 1);
  EXPECT_EQ(run_vigie({"rules"}).exit_code, 2);
}

TEST(RulesProgram, PrintsWhatRulesMayName) {
  const Outcome table = run_vigie({"rules", "variables"});
  EXPECT_THAT(table.out, HasSubstr("| `montant` | double | yes | amount of the transaction |"));
  const Outcome json = run_vigie({"rules", "variables", "--json"});
  EXPECT_GT(boost::json::parse(json.out).at("variables").as_array().size(), 40);
}

}  // namespace
}  // namespace vigie::tests
