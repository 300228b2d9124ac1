// The compiled program against the tree walker, on expressions and values at random: the same result, and the same
// error at the same place.
#include "rules/random_expressions.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "rules/program.h"
#include "rules/reference.h"
#include "rules/sample_rules.h"

namespace vigie::rules {
namespace {

std::vector<Value> random_slots(Random& random) {
  std::vector<Value> slots = sample_slots();
  static const Value kItems[] = {Value::string("FR"), Value::string("NG"), Value::string("é"), Value::string("")};
  const Value anything[] = {Value::null(),       Value::integer(1), Value::number(0.0 / 0.0), Value::string("NG"),
                            Value::list(kItems), Value(),           Value::type(Kind::kInt)};
  if (random.below(2) == 0) slots[0] = Value::number(random.uniform(-1e5, 1e5));
  if (random.below(2) == 0) slots[3] = Value();
  if (random.below(2) == 0) slots[4] = Value::list(std::span(kItems).first(random.below(5)));
  if (random.below(2) == 0) slots[6] = Value::integer(static_cast<std::int64_t>(random.next()));
  if (random.below(2) == 0) slots[7] = Value();
  if (random.below(2) == 0) slots[10] = Value::duration(static_cast<std::int64_t>(random.next()));
  slots[11] = anything[random.below(7)];
  return slots;
}

TEST(RandomExpressions, TheProgramDoesWhatTheTreeWalkerDoes) {
  const VariableTable variables = sample_variables();
  Compiler compiler(variables);
  const ReferenceEvaluator reference(variables);
  Random random(20260101);
  RandomExpressions expressions([&](std::uint64_t bound) { return random.below(bound); });
  Scratch scratch;
  int accepted = 0;
  int errors = 0;
  int trues = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = expressions.condition(1 + static_cast<int>(random.below(4)));
    const auto program = compiler.compile(text);
    if (!program) continue;
    ++accepted;
    for (int j = 0; j < 3; ++j) {
      const std::vector<Value> slots = random_slots(random);
      auto tree = parse_expression(text);
      ZoneCache zones;
      ASSERT_TRUE(tree && check_expression(*tree, variables, zones));
      Scratch walked;
      const Value slow = reference.evaluate(*tree, slots, walked);
      const Value fast = program->evaluate(slots, scratch);
      ASSERT_EQ(to_string(fast), to_string(slow)) << text;
      if (fast.is_error()) {
        ASSERT_EQ(fast.place(), slow.place()) << text;
      }
      errors += fast.is_error() ? 1 : 0;
      trues += fast.is_true() ? 1 : 0;
    }
  }
  // What is compared is worth it.
  EXPECT_GT(accepted, 10'000);
  EXPECT_GT(errors, 3'000);
  EXPECT_GT(trues, 3'000);
}

}  // namespace
}  // namespace vigie::rules
