#include <algorithm>
#include <cstring>
#include <optional>

#include "rules/lexer.h"
#include "rules/operations.h"
#include "rules/program.h"

namespace vigie::rules {
namespace {

constexpr std::size_t kMostFoldingBytes = 1024 * 1024;

}  // namespace

// What a tree becomes: code in the order of evaluation, with the stack's height known at each instruction.
class Assembler {
 public:
  // `memory`: where the constants that are left over stay.
  Assembler(const Expression& expression, const VariableTable& variables, Scratch& memory)
      : expression_(expression), variables_(variables), memory_(memory), folded_(expression.nodes.size()) {}

  Result<Program> assemble() {
    // Children stand before their parents: one pass finds all that is constant.
    for (NodeId id = 0; id < expression_.nodes.size(); ++id) {
      folded_[id] = fold(expression_[id]);
      if (folding_.held() > kMostFoldingBytes) {
        return fail(Code::kResourceExhausted, "what is constant here takes more than 1 MiB to compute",
                    place_at(expression_.text, expression_[id].at),
                    "write the list or the text as it is to be, or split the rule");
      }
    }
    emit(expression_.root);
    made_.code_.shrink_to_fit();
    made_.constants_.shrink_to_fit();
    made_.held_ = kept_ + made_.code_.size() * sizeof(Instruction) + made_.constants_.size() * sizeof(Value) +
                  made_.functions_.size() * sizeof(const Function*);
    made_.stack_ = most_;
    made_.type_ = expression_[expression_.root].type;
    return std::move(made_);
  }

 private:
  std::optional<Value> fold(const Node& node) {
    switch (node.kind) {
      case NodeKind::kLiteral: return literal(node);
      case NodeKind::kName:
      case NodeKind::kSelect:
        if (node.reference == Reference::kTypeName) return node.value;
        return std::nullopt;
      case NodeKind::kList:
      case NodeKind::kNot:
      case NodeKind::kNegate:
      case NodeKind::kBinary:
      case NodeKind::kIndex:
      case NodeKind::kCall:
      case NodeKind::kMethod: break;
      default: return std::nullopt;
    }
    std::vector<Value> values;
    for (const NodeId child : node.children) {
      if (!folded_[child]) return std::nullopt;
      values.push_back(*folded_[child]);
    }
    const Value value = computed(node, values);
    // An error stays where it is: && and || may absorb it.
    if (value.is_error()) return std::nullopt;
    return value;
  }

  Value computed(const Node& node, std::span<const Value> values) {
    switch (node.kind) {
      case NodeKind::kList: return make_list(values, folding_);
      case NodeKind::kNot: return logical_not(values[0]);
      case NodeKind::kNegate: return negate(values[0]);
      case NodeKind::kBinary: return apply(node.op, values[0], values[1], folding_);
      case NodeKind::kIndex: return item_at(values[0], values[1]);
      default: return node.function->call(values, folding_);
    }
  }

  // The value with its text and its items where the program keeps them.
  Value kept(const Value& value) {
    if (value.kind() == Kind::kList) {
      kept_ += value.as_list().size() * sizeof(Value);
      const std::span<Value> items = memory_.make_values(value.as_list().size());
      std::ranges::transform(value.as_list(), items.begin(), [&](const Value& item) { return kept(item); });
      return Value::list(items);
    }
    if (value.kind() != Kind::kString && value.kind() != Kind::kBytes) return value;
    const std::string_view text = value.as_text();
    kept_ += text.size();
    char* const made = memory_.make_text(text.size());
    if (!text.empty()) std::memcpy(made, text.data(), text.size());
    return value.kind() == Kind::kString ? Value::string({made, text.size()}) : Value::bytes({made, text.size()});
  }

  std::uint32_t constant(const Value& value) {
    made_.constants_.push_back(kept(value));
    return static_cast<std::uint32_t>(made_.constants_.size() - 1);
  }

  // `height` is what the stack has after the instruction.
  std::uint32_t put(Instruction instruction, std::size_t height) {
    made_.code_.push_back(instruction);
    height_ = height;
    most_ = std::max(most_, height);
    return static_cast<std::uint32_t>(made_.code_.size() - 1);
  }
  std::uint32_t here() const { return static_cast<std::uint32_t>(made_.code_.size()); }
  void land(std::uint32_t jump) { made_.code_[jump].argument = here(); }

  void emit(NodeId id) {
    const Node& node = expression_[id];
    const std::size_t base = height_;
    if (folded_[id]) {
      put({.op = Op::kConstant, .argument = constant(*folded_[id]), .at = node.at}, base + 1);
      return;
    }
    switch (node.kind) {
      case NodeKind::kName:
      case NodeKind::kSelect: return reference(node);
      case NodeKind::kHas:
        put({.op = Op::kHas, .slot = static_cast<std::uint16_t>(node.index), .at = node.at}, base + 1);
        return;
      case NodeKind::kAnd:
      case NodeKind::kOr: return logic(node);
      case NodeKind::kConditional: return conditional(node);
      case NodeKind::kMacro: return macro(node);
      case NodeKind::kBinary:
        if (compare_variable(node)) return;
        break;
      default: break;
    }
    for (const NodeId child : node.children) emit(child);
    const auto count = static_cast<std::uint16_t>(node.children.size());
    Instruction made{.op = Op::kCall, .at = node.at};
    switch (node.kind) {
      case NodeKind::kList:
        made.op = Op::kList, made.argument = static_cast<std::uint32_t>(node.children.size());
        break;
      case NodeKind::kNot: made.op = Op::kNot; break;
      case NodeKind::kNegate: made.op = Op::kNegate; break;
      case NodeKind::kBinary: made.op = Op::kBinary, made.detail = static_cast<std::uint8_t>(node.op); break;
      case NodeKind::kIndex: made.op = Op::kIndex; break;
      default:
        made.slot = count;
        made.argument = static_cast<std::uint32_t>(made_.functions_.size());
        made_.functions_.push_back(node.function);
    }
    put(made, base + 1);
  }

  void reference(const Node& node) {
    if (node.reference == Reference::kItem) {
      put({.op = Op::kItem, .argument = loops_[node.index], .at = node.at}, height_ + 1);
      return;
    }
    put({.op = Op::kVariable,
         .slot = static_cast<std::uint16_t>(node.index),
         .argument = variables_[node.index].most,
         .at = node.at},
        height_ + 1);
  }

  // montant > 1000.0: most conditions of most rules, in one instruction.
  bool compare_variable(const Node& node) {
    const Node& left = expression_[node.children[0]];
    const bool comparison = node.op >= Operator::kEqual && node.op <= Operator::kIn;
    if (!comparison || left.reference != Reference::kVariable || left.kind == NodeKind::kHas ||
        !folded_[node.children[1]])
      return false;
    put({.op = Op::kCompareVariable,
         .detail = static_cast<std::uint8_t>(node.op),
         .slot = static_cast<std::uint16_t>(left.index),
         .argument = constant(*folded_[node.children[1]]),
         .at = node.at,
         .other_at = left.at},
        height_ + 1);
    return true;
  }

  void logic(const Node& node) {
    const bool conjunction = node.kind == NodeKind::kAnd;
    const std::size_t base = height_;
    std::vector<std::uint32_t> jumps;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      emit(node.children[i]);
      const Op first = conjunction ? Op::kAndFirst : Op::kOrFirst;
      const Op next = conjunction ? Op::kAndNext : Op::kOrNext;
      jumps.push_back(put({.op = i == 0 ? first : next, .at = expression_[node.children[i]].at}, base + 1));
    }
    for (const std::uint32_t jump : jumps) land(jump);
  }

  void conditional(const Node& node) {
    const std::size_t base = height_;
    emit(node.children[0]);
    const std::uint32_t choose = put({.op = Op::kChoose, .at = expression_[node.children[0]].at}, base + 1);
    const std::uint32_t otherwise = put({.op = Op::kJumpIfFalse, .at = node.at}, base);
    emit(node.children[1]);
    const std::uint32_t done = put({.op = Op::kJump, .at = node.at}, base);
    land(otherwise);
    emit(node.children[2]);
    land(choose);
    land(done);
  }

  // On the stack: the list, the index, what was found so far, and the list that is made.
  void macro(const Node& node) {
    const std::size_t base = height_;
    const auto detail = static_cast<std::uint8_t>(node.macro);
    emit(node.children[0]);
    loops_.push_back(static_cast<std::uint32_t>(base));
    const std::uint32_t begin = put({.op = Op::kLoopBegin, .detail = detail, .at = node.at}, base + 4);
    const std::uint32_t body = here();
    emit(node.children[1]);
    std::optional<std::uint32_t> test;
    if (node.children.size() == 3) {
      test = put({.op = Op::kLoopTest, .detail = detail, .at = expression_[node.children[1]].at}, base + 4);
      emit(node.children[2]);
    }
    put({.op = Op::kLoopTake, .detail = detail, .at = expression_[node.children.back()].at}, base + 4);
    if (test) land(*test);
    put({.op = Op::kLoopAdvance, .detail = detail, .argument = body, .at = node.at}, base + 1);
    land(begin);
    loops_.pop_back();
  }

  const Expression& expression_;
  const VariableTable& variables_;
  Scratch& memory_;
  std::size_t kept_ = 0;  // bytes of the constants there
  Scratch folding_;       // of what is computed on the way to a constant
  std::vector<std::optional<Value>> folded_;
  std::vector<std::uint32_t> loops_;  // where on the stack those around begin
  std::size_t height_ = 0;
  std::size_t most_ = 0;
  Program made_;
};

std::vector<std::uint32_t> Program::reads() const {
  std::vector<std::uint32_t> slots;
  for (const Instruction& instruction : code_) {
    if (instruction.op == Op::kVariable || instruction.op == Op::kHas || instruction.op == Op::kCompareVariable) {
      slots.push_back(instruction.slot);
    }
  }
  std::ranges::sort(slots);
  slots.erase(std::ranges::unique(slots).begin(), slots.end());
  return slots;
}

std::vector<Program::Read> Program::unguarded_reads(const VariableTable& variables) const {
  const bool chooses = std::ranges::any_of(
      code_, [](const Instruction& now) { return now.op == Op::kAndFirst || now.op == Op::kChoose; });
  std::vector<Read> found;
  for (const Instruction& now : code_) {
    if (now.op != Op::kVariable && now.op != Op::kCompareVariable) continue;
    const Variable& variable = variables[now.slot];
    if (!variable.optional || (chooses && !variable.left_out)) continue;
    const bool asked = std::ranges::any_of(
        code_, [&](const Instruction& other) { return other.op == Op::kHas && other.slot == now.slot; });
    if (asked || std::ranges::find(found, now.slot, &Read::slot) != found.end()) continue;
    found.push_back({now.slot, now.op == Op::kVariable ? now.at : now.other_at});
  }
  return found;
}

Compiler::Compiler(const VariableTable& variables) : variables_(variables), memory_(std::make_shared<Scratch>()) {}

Result<Program> Compiler::compile(std::string_view text) {
  Expression expression = VIGIE_TRY(parse_expression(text));
  VIGIE_TRY(check_expression(expression, variables_, zones_));
  return compile(expression);
}

Result<Program> Compiler::compile(const Expression& checked) {
  const std::uint64_t cost = worst_cost(checked, variables_);
  if (cost > kMostCost) {
    return fail(Code::kResourceExhausted, "evaluating this could take too long",
                place_at(checked.text, checked[checked.root].at),
                "go through fewer lists inside each other, or shorter ones");
  }
  Program program = VIGIE_TRY(Assembler(checked, variables_, *memory_).assemble());
  for (const auto& pattern : checked.patterns) program.held_ += pattern->held();
  held_ += program.held_;
  if (full()) {
    return fail(Code::kResourceExhausted, "with this rule all of them take more than 128 MiB",
                place_at(checked.text, checked[checked.root].at),
                "name long lists as settings, write fewer patterns, or leave rules out");
  }
  program.cost_ = cost;
  program.memory_ = memory_;
  program.zones_ = checked.zones;
  program.patterns_ = checked.patterns;
  return program;
}

}  // namespace vigie::rules
