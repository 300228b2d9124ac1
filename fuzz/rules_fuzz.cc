// Rule texts from strangers: parsing, checking, compiling and evaluating never crash and stay within their bounds, and
// the compiled program does what the tree walker does. The first byte chooses between a text as it comes, a file of
// rules as it comes, and a text that the rest of the input chooses out of the grammar.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rules/program.h"
#include "rules/random_expressions.h"
#include "rules/reference.h"
#include "rules/ruleset.h"
#include "rules/sample_rules.h"

namespace {

using namespace vigie::rules;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_expression_text(std::string_view text) {
  static const VariableTable variables = sample_variables();
  // A copy of its own size, so that a read beyond the end is seen.
  const std::string given(text);
  Compiler compiler(variables);
  const auto program = compiler.compile(given);
  if (!program) {
    require(program.error().place.line > 0 && program.error().place.column > 0);
    require(!program.error().message.empty() && !program.error().remedy.empty());
    return;
  }
  require(program->cost() <= kMostCost && program->held() <= kMostCompiledBytes);
  for (const auto& read : program->unguarded_reads(variables)) require(read.at < given.size());
  auto tree = parse_expression(given);
  ZoneCache zones;
  require(tree.has_value() && vigie::rules::check_expression(*tree, variables, zones).has_value());
  std::vector<Value> slots = sample_slots();
  Scratch scratch;
  Scratch walked;
  for (int i = 0; i < 2; ++i) {
    const Value fast = program->evaluate(slots, scratch);
    const Value slow = ReferenceEvaluator(variables).evaluate(*tree, slots, walked);
    require(to_string(fast) == to_string(slow));
    require(!fast.is_error() || fast.place() == slow.place());
    // And where what may be absent is.
    slots[3] = slots[7] = Value();
    slots[10] = Value::duration(INT64_MIN);
    slots[11] = Value::number(0.5);
  }
}

void check_file(std::string_view text) {
  static const VariableTable variables = sample_variables();
  const auto set = Ruleset::parse(text, "rules.yaml", variables);
  if (!set) {
    require(!set.error().empty());
    return;
  }
  for (const vigie::Error& warning : set->warnings()) {
    require(warning.place.line > 0 && warning.place.column > 0 && !warning.remedy.empty());
  }
  Scratch scratch;
  Verdict verdict;
  set->evaluate(sample_slots(), {}, scratch, verdict);
  require(verdict.weight >= 0 && verdict.weight <= 1);
  require(Ruleset::make(set->rules(), variables)->version() == set->version());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 4096) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'f') {
    check_file(rest);
  } else if (data[0] == 'g') {
    std::size_t at = 0;
    RandomExpressions expressions(
        [&](std::uint64_t bound) { return at < rest.size() ? static_cast<std::uint8_t>(rest[at++]) % bound : 0; });
    check_expression_text(expressions.condition(4));
  } else {
    check_expression_text(rest);
  }
  return 0;
}
