// The Common Expression Language's own conformance cases (cel-spec, tests/simple/testdata), all files that are there.
// They come with the shared data (VIGIE_SHARED_DATA), and are skipped where that is not there. Each case is run, or
// stands outside our part of the language for one of the reasons below, which are counted and printed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>

#include "base/file.h"
#include "base/number.h"
#include "rules/program.h"
#include "rules/reference.h"
#include "rules/textproto.h"

namespace vigie::rules {
namespace {

constexpr const char* kMaps = "maps and messages are not part of the rules' language";
constexpr const char* kUnchecked = "asks for an unchecked evaluation, and rules are always checked";
constexpr const char* kFunctions = "a function that is left out";
constexpr const char* kNames = "names from containers, messages and enumerations";
constexpr const char* kTypes = "asks for the types found, not for a value";

// A value of the test file, or nothing where it is of a kind that is left out.
std::optional<Value> value_of(const TextField& field, Scratch& memory) {
  if (field.fields.empty()) return std::nullopt;
  const TextField& given = field.fields[0];
  const auto kept = [&](const std::string& text) {
    char* const made = memory.make_text(text.size());
    std::copy(text.begin(), text.end(), made);
    return std::string_view(made, text.size());
  };
  if (given.name == "bool_value") return Value::boolean(given.scalar == "true");
  if (given.name == "int64_value") return Value::integer(std::stoll(given.scalar));
  if (given.name == "uint64_value") return Value::unsigned_integer(std::stoull(given.scalar));
  if (given.name == "double_value") return Value::number(std::strtod(given.scalar.c_str(), nullptr));
  if (given.name == "string_value") return Value::string(kept(given.scalar));
  if (given.name == "bytes_value") return Value::bytes(kept(given.scalar));
  if (given.name == "null_value") return Value::null();
  if (given.name == "type_value") {
    for (int kind = 0; kind <= static_cast<int>(Kind::kType); ++kind) {
      if (given.scalar == name_of(static_cast<Kind>(kind))) return Value::type(static_cast<Kind>(kind));
    }
    return std::nullopt;
  }
  if (given.name == "list_value") {
    std::vector<Value> items;
    for (const TextField* item : given.all("values")) {
      const auto value = value_of(*item, memory);
      if (!value) return std::nullopt;
      items.push_back(*value);
    }
    const std::span<Value> made = memory.make_values(items.size());
    std::copy(items.begin(), items.end(), made.begin());
    return Value::list(made);
  }
  if (given.name == "object_value" && given.fields.size() == 1) {
    const TextField& object = given.fields[0];
    const std::string seconds = object.text("seconds");
    const std::string nanos = object.text("nanos");
    const std::int64_t whole = seconds.empty() ? 0 : std::stoll(seconds);
    const std::int64_t rest = nanos.empty() ? 0 : std::stoll(nanos);
    if (object.name.ends_with("protobuf.Duration")) return Value::duration(whole * kNanosPerSecond + rest);
    if (object.name.ends_with("protobuf.Timestamp")) return Value::timestamp(whole, static_cast<std::uint32_t>(rest));
  }
  return std::nullopt;
}

std::optional<Type> type_of(const TextField& type) {
  if (type.fields.empty()) return std::nullopt;
  const TextField& given = type.fields[0];
  const std::map<std::string, Kind> primitives = {{"BOOL", Kind::kBool},     {"INT64", Kind::kInt},
                                                  {"UINT64", Kind::kUint},   {"DOUBLE", Kind::kDouble},
                                                  {"STRING", Kind::kString}, {"BYTES", Kind::kBytes}};
  if (given.name == "primitive" && primitives.contains(given.scalar)) return Type{primitives.at(given.scalar), 0};
  if (given.name == "dyn") return kDyn;
  if (given.name == "null") return Type{Kind::kNull, 0};
  if (given.name == "well_known" && given.scalar == "TIMESTAMP") return Type{Kind::kTimestamp, 0};
  if (given.name == "well_known" && given.scalar == "DURATION") return Type{Kind::kDuration, 0};
  if (given.name == "message_type" && given.scalar == "google.protobuf.Timestamp") return Type{Kind::kTimestamp, 0};
  if (given.name == "message_type" && given.scalar == "google.protobuf.Duration") return Type{Kind::kDuration, 0};
  if (given.name == "list_type" && given.find("elem_type") != nullptr) {
    const auto item = type_of(*given.find("elem_type"));
    if (item) return list_of(*item);
  }
  return std::nullopt;
}

// As == does not: NaN is NaN, and 1 is not 1.0.
bool same(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (a.kind() == Kind::kDouble && std::isnan(a.as_double())) return std::isnan(b.as_double());
  if (a.kind() == Kind::kDouble)
    return a.as_double() == b.as_double() && std::signbit(a.as_double()) == std::signbit(b.as_double());
  if (a.kind() != Kind::kList) return equal(a, b);
  if (a.as_list().size() != b.as_list().size()) return false;
  for (std::size_t i = 0; i < a.as_list().size(); ++i) {
    if (!same(a.as_list()[i], b.as_list()[i])) return false;
  }
  return true;
}

struct Outcome {
  enum { kPassed, kFailed, kOutside } how;
  std::string why{};
};

// Refused at load. That is right for what was to be an error; of the others, whether it is outside our part.
Outcome judge_refusal(const TextField& test, const Error& error) {
  if (error.code == Code::kUnsupported) return {Outcome::kOutside, error.message};
  const bool unchecked = test.text("disable_check") == "true";
  if (error.message.starts_with("there is no function") && !unchecked) return {Outcome::kOutside, kFunctions};
  if (test.find("eval_error") != nullptr || test.find("any_eval_errors") != nullptr) return {Outcome::kPassed};
  if (unchecked) return {Outcome::kOutside, kUnchecked};
  if (error.code == Code::kNotFound && !test.text("container").empty()) return {Outcome::kOutside, kNames};
  return {Outcome::kFailed, "refused: " + error.to_string()};
}

Outcome run(const TextField& test) {
  if (test.find("typed_result") != nullptr || test.text("check_only") == "true") return {Outcome::kOutside, kTypes};
  if (test.text("disable_macros") == "true") return {Outcome::kOutside, kUnchecked};
  Scratch memory;
  std::vector<Variable> declared;
  std::vector<Value> slots;
  std::map<std::string, Value> bound;
  for (const TextField* binding : test.all("bindings")) {
    const TextField* const given = binding->find("value");
    const TextField* const value = given != nullptr ? given->find("value") : nullptr;
    const auto read = value != nullptr ? value_of(*value, memory) : std::nullopt;
    if (!read) return {Outcome::kOutside, kMaps};
    bound[binding->text("key")] = *read;
  }
  for (const TextField* environment : test.all("type_env")) {
    const TextField* const identifier = environment->find("ident");
    const TextField* const type = identifier != nullptr ? identifier->find("type") : nullptr;
    const auto read = type != nullptr ? type_of(*type) : std::nullopt;
    if (!read) return {Outcome::kOutside, identifier != nullptr ? kMaps : kFunctions};
    const std::string name = environment->text("name");
    if (name == "true" || name == "false" || name == "null") continue;  // stays the constant
    declared.push_back({name, *read});
  }
  for (const auto& [name, value] : bound) {
    const bool known = std::ranges::any_of(declared, [&](const Variable& variable) { return variable.name == name; });
    if (!known && name != "true" && name != "false" && name != "null") declared.push_back({name, kDyn});
  }
  for (const Variable& variable : declared)
    slots.push_back(bound.contains(variable.name) ? bound[variable.name] : Value());
  const auto variables = VariableTable::make(declared);
  if (!variables) return {Outcome::kOutside, kNames};

  const std::string text = test.text("expr");
  Compiler compiler(*variables);
  const auto program = compiler.compile(text);
  if (!program) return judge_refusal(test, program.error());
  Scratch scratch;
  const Value result = program->evaluate(slots, scratch);
  const ReferenceEvaluator reference(*variables);
  const std::string slow = reference.evaluate(text, slots);
  if (slow != to_string(result)) return {Outcome::kFailed, "compiled " + to_string(result) + ", walked " + slow};
  if (test.find("eval_error") != nullptr || test.find("any_eval_errors") != nullptr) {
    if (result.is_error()) return {Outcome::kPassed};
    return {Outcome::kFailed, "an error was due, and it is " + to_string(result)};
  }
  if (test.find("unknown") != nullptr || test.find("any_unknowns") != nullptr) return {Outcome::kOutside, kTypes};
  const TextField* const expected = test.find("value");
  const auto value = expected != nullptr ? value_of(*expected, memory) : Value::boolean(true);
  if (!value) return {Outcome::kOutside, kMaps};
  if (same(result, *value)) return {Outcome::kPassed};
  return {Outcome::kFailed, "it is " + to_string(result) + ", due was " + to_string(*value)};
}

std::filesystem::path folder() {
  const char* const given = std::getenv("VIGIE_SHARED_DATA");
  return std::filesystem::path(given != nullptr ? given : "../shared/data") / "cel";
}

TEST(Conformance, EveryCaseIsPassedOrOutsideOurPartForAStatedReason) {
  if (!std::filesystem::is_directory(folder())) {
    GTEST_SKIP() << "CEL's conformance cases are not in " << folder();
  }
  std::map<std::string, int> outside;
  int total = 0;
  int passed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    if (entry.path().extension() != ".textproto") continue;
    const auto text = read_file(entry.path());
    ASSERT_TRUE(text) << text.error().to_string();
    const auto file = parse_textproto(*text);
    ASSERT_TRUE(file) << entry.path() << ": " << file.error().to_string();
    int run_here = 0;
    int cases_here = 0;
    for (const TextField* section : file->all("section")) {
      for (const TextField* test : section->all("test")) {
        const Outcome outcome = run(*test);
        ++cases_here;
        if (outcome.how == Outcome::kOutside) {
          ++outside[outcome.why];
          continue;
        }
        ++run_here;
        if (outcome.how == Outcome::kPassed) ++passed;
        EXPECT_EQ(outcome.how, Outcome::kPassed)
            << entry.path().stem() << "/" << section->text("name") << "/" << test->text("name") << ": "
            << test->text("expr") << ": " << outcome.why;
      }
    }
    total += cases_here;
    std::printf("%s: %d of %d cases run\n", entry.path().stem().c_str(), run_here, cases_here);
  }
  int left_out = 0;
  for (const auto& [why, count] : outside) {
    std::printf("outside: %d: %s\n", count, why.c_str());
    left_out += count;
  }
  EXPECT_EQ(passed, total - left_out);
  EXPECT_GE(passed, 758);
}

}  // namespace
}  // namespace vigie::rules
