// Files of test cases from strangers: reading them never crashes, each problem has a place and a remedy, and what is
// read can be run and gives the same twice.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "decision/rule_cases.h"
#include "decision/shipped_rules.h"

namespace {

using namespace vigie;

void require(bool condition) {
  if (!condition) std::abort();
}

const std::shared_ptr<const rules::Ruleset>& shipped() {
  static const auto set = std::make_shared<const rules::Ruleset>(
      *rules::Ruleset::parse(decision::shipped_rules(), "shipped", decision::fraud_variables()));
  return set;
}

// What running takes long for is left to the tests.
bool is_small(const decision::RuleCases& cases) {
  std::size_t events = 0;
  for (const decision::RuleCase& now : cases.cases) {
    for (const decision::CaseEvent& event : now.past) events += event.times;
  }
  return cases.cases.size() <= 16 && events <= 2'000;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  // A copy of its own size, so that a read beyond the end is seen.
  const std::string yaml(reinterpret_cast<const char*>(data), size);
  const auto cases = decision::parse_rule_cases(yaml, "t.yaml", *shipped());
  if (!cases) {
    require(!cases.error().empty());
    for (const Error& error : cases.error()) require(!error.message.empty() && !error.remedy.empty());
    return 0;
  }
  if (!is_small(*cases)) return 0;
  const auto results = decision::run_rule_cases(*cases, shipped(), {});
  const auto again = decision::run_rule_cases(*cases, shipped(), {});
  require(results.has_value() && again.has_value() && results->size() == cases->cases.size());
  for (std::size_t i = 0; i < results->size(); ++i) {
    const decision::CaseResult& result = (*results)[i];
    require(result.risk >= 0 && result.risk <= 1);
    require(result.fired == (*again)[i].fired && result.differences.size() == (*again)[i].differences.size());
    for (const decision::CaseDifference& difference : result.differences) {
      require(!difference.what.empty() && (!difference.rule.empty() || !difference.detail.empty()));
    }
  }
  return 0;
}
