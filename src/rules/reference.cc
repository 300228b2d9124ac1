#include "rules/reference.h"

#include <vector>

#include "rules/operations.h"

namespace vigie::rules {
namespace {

class Walker {
 public:
  Walker(const Expression& expression, const VariableTable& variables, std::span<const Value> slots, Scratch& scratch)
      : expression_(expression), variables_(variables), slots_(slots), scratch_(scratch) {}

  Value walk(NodeId id) {
    const Node& node = expression_[id];
    switch (node.kind) {
      case NodeKind::kLiteral: return literal(node);
      case NodeKind::kName:
      case NodeKind::kSelect: return reference(node);
      case NodeKind::kHas: return Value::boolean(slots_[node.index].kind() != Kind::kAbsent);
      case NodeKind::kAnd: return logic(node, false);
      case NodeKind::kOr: return logic(node, true);
      case NodeKind::kConditional: {
        const Value condition = condition_of(node.children[0]);
        return condition.is_error() ? condition : walk(node.children[condition.as_bool() ? 1 : 2]);
      }
      case NodeKind::kMacro: return macro(node);
      default: break;
    }
    std::vector<Value> values;
    for (const NodeId child : node.children) values.push_back(walk(child));
    for (const Value& value : values) {
      if (value.is_error()) return value;
    }
    return placed(strict(node, values), node.at);
  }

 private:
  Value strict(const Node& node, const std::vector<Value>& values) {
    switch (node.kind) {
      case NodeKind::kList: return make_list(values, scratch_);
      case NodeKind::kNot: return logical_not(values[0]);
      case NodeKind::kNegate: return negate(values[0]);
      case NodeKind::kBinary: return apply(node.op, values[0], values[1], scratch_);
      case NodeKind::kIndex: return item_at(values[0], values[1]);
      default: return node.function->call(values, scratch_);
    }
  }

  Value reference(const Node& node) {
    if (node.reference == Reference::kItem) return items_[node.index];
    if (node.reference == Reference::kTypeName) return node.value;
    const Value& slot = slots_[node.index];
    if (slot.kind() == Kind::kAbsent) return Value::error(Fault::kAbsent, node.at);
    const bool text = slot.kind() == Kind::kString || slot.kind() == Kind::kBytes;
    const std::size_t size = text ? slot.as_text().size() : slot.kind() == Kind::kList ? slot.as_list().size() : 0;
    return size > variables_[node.index].most ? Value::error(Fault::kTooLong, node.at) : slot;
  }

  Value condition_of(NodeId id) { return placed(as_condition(walk(id)), expression_[id].at); }

  // All parts are walked, whatever the first ones are: what decides, decides.
  Value logic(const Node& node, bool decisive) {
    Value error = Value::boolean(!decisive);
    bool decided = false;
    for (const NodeId child : node.children) {
      const Value part = condition_of(child);
      if (part.is_error() && !error.is_error()) error = part;
      if (!part.is_error() && part.as_bool() == decisive) decided = true;
    }
    return decided ? Value::boolean(decisive) : error;
  }

  Value macro(const Node& node) {
    const Value list = walk(node.children[0]);
    if (list.is_error()) return list;
    if (list.kind() != Kind::kList) return Value::error(Fault::kOverload, node.at);
    std::vector<Value> kept;
    Value error;
    bool some = false;
    bool all = true;
    for (const Value& item : list.as_list()) {
      items_.push_back(item);
      const bool tests = node.macro != Macro::kMap || node.children.size() == 3;
      Value result = tests ? condition_of(node.children[1]) : Value::boolean(true);
      if (result.is_true()) {
        some = true;
        if (node.macro == Macro::kMap) result = walk(node.children.back());
        kept.push_back(node.macro == Macro::kMap ? result : item);
      } else if (result.is_false()) {
        all = false;
      }
      if (result.is_error() && error.kind() == Kind::kAbsent) error = result;
      items_.pop_back();
    }
    if (node.macro == Macro::kExists && some) return Value::boolean(true);
    if (node.macro == Macro::kAll && !all) return Value::boolean(false);
    if (error.is_error()) return error;
    switch (node.macro) {
      case Macro::kAll: return Value::boolean(true);
      case Macro::kExists: return Value::boolean(false);
      case Macro::kExistsOne: return Value::boolean(kept.size() == 1);
      default: return make_list(kept, scratch_);
    }
  }

  const Expression& expression_;
  const VariableTable& variables_;
  std::span<const Value> slots_;
  Scratch& scratch_;
  std::vector<Value> items_;
};

}  // namespace

std::string ReferenceEvaluator::evaluate(std::string_view text, std::span<const Value> slots) const {
  auto expression = parse_expression(text);
  if (!expression) return expression.error().to_string();
  ZoneCache zones;
  if (const auto status = check_expression(*expression, variables_, zones); !status) return status.error().to_string();
  Scratch scratch;
  return to_string(evaluate(*expression, slots, scratch));
}

Value ReferenceEvaluator::evaluate(const Expression& checked, std::span<const Value> slots, Scratch& scratch) const {
  return Walker(checked, variables_, slots, scratch).walk(checked.root);
}

}  // namespace vigie::rules
