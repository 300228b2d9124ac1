// Expressions, compiled: the door to the rules' language, which is a part of the Common Expression Language
// (docs/rules.md).
//
//   const auto variables = VariableTable::make({{"montant", {Kind::kDouble}}, {"pays", {Kind::kString}, true}});
//   Compiler compiler(*variables);
//   const auto program = compiler.compile("montant > 1000.0 && has(pays) && pays in ['NG', 'RU']");
//   const Value slots[] = {Value::number(1200), Value::string("NG")};   // Value() for what is absent
//   Scratch scratch;
//   program->evaluate(slots, scratch).is_true();
//
// Names became indices, types are known and what is constant was computed at load. An evaluation has no side effects,
// opens nothing, and takes at most kMostCost units of work. It asks for no memory unless it makes text or lists, and
// then for no more than `scratch` does not have yet. A Program may be used by many threads at once, each with its own
// Scratch.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/expression.h"
#include "rules/scratch.h"
#include "rules/type.h"
#include "rules/value.h"

namespace vigie::rules {

inline constexpr std::uint64_t kMostCost = 1'000'000;
// Of all programs of a compiler: an alias in a YAML file makes many rules of one text.
inline constexpr std::size_t kMostCompiledBytes = 128 * 1024 * 1024;

enum class Op : std::uint8_t {
  kConstant,         // push constants[argument]
  kVariable,         // push slots[slot], whose text or list has at most `argument` bytes or items
  kHas,              // push whether slots[slot] is there
  kItem,             // push the item that the loop at stack[argument] is at
  kCompareVariable,  // push slots[slot] `detail` constants[argument]; `other_at` is the variable's place
  kBinary,           // replace two by a `detail` b
  kNot,
  kNegate,
  kIndex,
  kList,      // replace `argument` values by their list
  kCall,      // replace `slot` arguments by functions[argument] of them
  kAndFirst,  // make the top a condition, and jump to `argument` where that decides
  kAndNext,   // the top into the condition below, and jump where that decides
  kOrFirst,
  kOrNext,
  kChoose,       // jump to `argument`, leaving an error, unless the top is a condition
  kJumpIfFalse,  // take the condition away, and jump to `argument` where it is false
  kJump,
  kLoopBegin,    // the list on top begins a loop of the macro `detail`; jump to `argument` where there is nothing to do
  kLoopTest,     // take a condition away; jump to `argument` (kLoopAdvance) where it is false
  kLoopTake,     // take a result away; kLoopAdvance follows
  kLoopAdvance,  // to the next item: jump to `argument`; behind the last leave the result
};

struct Instruction {
  Op op;
  std::uint8_t detail = 0;
  std::uint16_t slot = 0;
  std::uint32_t argument = 0;
  std::uint32_t at = 0;  // in the text, for errors
  std::uint32_t other_at = 0;
};

class Program {
 public:
  // `slots` has one value for each variable of the table, in its order. Absent ones (Value()) are errors where they are
  // read. The result, or an error with the byte of the text at which it happened; it may see slots, scratch and
  // program. Resets `scratch` first.
  Value evaluate(std::span<const Value> slots, Scratch& scratch) const;

  // The variables that it reads or asks about with has(), by their slots, rising.
  std::vector<std::uint32_t> reads() const;

  // Where it reads an optional variable of `variables` for the first time that nothing in it guards: one that may be
  // left out, without a has() of it; another one, without a has() of it, && or ?: anywhere.
  struct Read {
    std::uint32_t slot;
    std::uint32_t at;  // in the text
  };
  std::vector<Read> unguarded_reads(const VariableTable& variables) const;

  Type type() const { return type_; }
  std::uint64_t cost() const { return cost_; }  // at worst, in units of about an instruction
  std::size_t held() const { return held_; }    // bytes, about

 private:
  friend class Assembler;
  friend class Compiler;

  std::vector<Instruction> code_;
  std::vector<Value> constants_;
  std::vector<const Function*> functions_;
  std::size_t stack_ = 0;
  std::uint64_t cost_ = 0;
  std::size_t held_ = 0;
  Type type_;
  std::shared_ptr<const Scratch> memory_;  // of constants; shared by all programs of a compiler
  std::vector<std::shared_ptr<const Zone>> zones_;
  std::vector<std::shared_ptr<const Pattern>> patterns_;
};

// Compiles expressions over one table, which must outlive it. Its programs share the memory of their constants.
class Compiler {
 public:
  explicit Compiler(const VariableTable& variables);

  // Errors: as parse_expression and check_expression; kResourceExhausted where the worst cost is above kMostCost,
  // where constants take more than 1 MiB on the way, and where all programs together take more than kMostCompiledBytes.
  Result<Program> compile(std::string_view text);
  // The same for a tree that was checked already, with the same table.
  Result<Program> compile(const Expression& checked);

  // Whether its programs have reached their bound: nothing else will compile.
  bool full() const { return held_ > kMostCompiledBytes; }

 private:
  const VariableTable& variables_;
  ZoneCache zones_;
  std::shared_ptr<Scratch> memory_;
  std::size_t held_ = 0;  // bytes of all programs
};

}  // namespace vigie::rules
