#include <algorithm>

#include "rules/expression.h"
#include "rules/pattern.h"

namespace vigie::rules {
namespace {

constexpr std::uint64_t kBytesAUnit = 16;

std::uint64_t plus(std::uint64_t a, std::uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }
std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

// How large a value is at most.
struct Extent {
  std::uint64_t items = 0;  // of a list
  std::uint64_t size = 1;   // bytes of text, or items and the bytes and items in them
  std::uint64_t item = 0;   // the size of the largest item
};

struct Measure {
  std::uint64_t cost = 1;
  Extent extent{};
};

Extent joined(Extent a, Extent b) { return {plus(a.items, b.items), plus(a.size, b.size), std::max(a.item, b.item)}; }
Extent larger(Extent a, Extent b) {
  return {std::max(a.items, b.items), std::max(a.size, b.size), std::max(a.item, b.item)};
}

// An item of a list. What is in lists inside lists is at most all that is in it.
Extent item_of(Extent list) { return {list.item, list.item, list.item}; }

class Meter {
 public:
  Meter(const Expression& expression, const VariableTable& variables)
      : expression_(expression), variables_(variables) {}

  Measure measure(NodeId id) {
    const Node& node = expression_[id];
    switch (node.kind) {
      case NodeKind::kLiteral: return {1, {0, node.name.size() + 1}};
      case NodeKind::kName:
      case NodeKind::kSelect: return reference(node);
      case NodeKind::kHas: return {};
      case NodeKind::kMacro: return macro(node);
      default: break;
    }
    std::vector<Extent> extents;
    std::uint64_t cost = 1;
    for (const NodeId child : node.children) {
      const Measure part = measure(child);
      cost = plus(cost, plus(part.cost, 1));
      extents.push_back(part.extent);
    }
    switch (node.kind) {
      case NodeKind::kList: {
        Extent list{extents.size(), 1};
        for (const Extent& item : extents) {
          list.size = plus(list.size, item.size);
          list.item = std::max(list.item, item.size);
        }
        return {cost, list};
      }
      case NodeKind::kConditional: return {cost, larger(extents[1], extents[2])};
      case NodeKind::kIndex: return {cost, item_of(extents[0])};
      case NodeKind::kBinary: return binary(node.op, cost, extents[0], extents[1]);
      case NodeKind::kCall:
      case NodeKind::kMethod: return call(node, cost, extents);
      default: return {cost, {}};
    }
  }

 private:
  Measure reference(const Node& node) const {
    if (node.reference == Reference::kItem) return {1, items_[node.index]};
    if (node.reference == Reference::kTypeName) return {};
    const Variable& variable = variables_[node.index];
    const bool list = is_list(variable.type) || variable.type == kDyn;
    if (!list) return {1, {0, variable.most, 0}};
    const std::uint64_t item = plus(variable.most_item, 1);
    return {1, {variable.most, times(variable.most, item), item}};
  }

  static Measure binary(Operator op, std::uint64_t cost, Extent a, Extent b) {
    switch (op) {
      case Operator::kAdd:
        return {plus(cost, plus(a.size, b.size) / kBytesAUnit + plus(a.items, b.items)), joined(a, b)};
      case Operator::kIn: return {plus(cost, times(b.items, 1 + std::min(a.size, b.item) / kBytesAUnit)), {}};
      case Operator::kSubtract:
      case Operator::kMultiply:
      case Operator::kDivide:
      case Operator::kModulo: return {cost, {}};
      default: return {plus(cost, std::min(a.size, b.size) / kBytesAUnit + std::min(a.items, b.items)), {}};
    }
  }

  // Of a pattern, which stands in the text.
  std::uint64_t steps_of(const Node& call) const { return expression_[call.children[1]].value.as_pattern().steps(); }

  Measure call(const Node& node, std::uint64_t cost, const std::vector<Extent>& extents) const {
    const std::uint64_t size = extents[0].size;
    switch (node.function->effort) {
      case Effort::kConstant: return {cost, extents[0]};
      case Effort::kText:
        return {plus(cost, size), {0, plus(size, 32)}};  // numbers and times have 32 characters at most
      case Effort::kSearch: return {plus(cost, times(size, 1 + extents[1].size / kBytesAUnit)), {}};
      case Effort::kMatch: return {plus(cost, times(size, 1 + steps_of(node))), {}};
    }
    return {};
  }

  Measure macro(const Node& node) {
    const Measure list = measure(node.children[0]);
    items_.push_back(item_of(list.extent));
    std::uint64_t cost = 4;
    Extent made;
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      const Measure part = measure(node.children[i]);
      cost = plus(cost, part.cost);
      made = part.extent;
    }
    items_.pop_back();
    const std::uint64_t count = list.extent.items;
    Extent extent;
    if (node.macro == Macro::kMap) extent = {count, times(count, plus(made.size, 1)), made.size};
    if (node.macro == Macro::kFilter) extent = list.extent;
    return {plus(list.cost, plus(4, times(count, cost))), extent};
  }

  const Expression& expression_;
  const VariableTable& variables_;
  std::vector<Extent> items_;
};

}  // namespace

std::uint64_t worst_cost(const Expression& expression, const VariableTable& variables) {
  return Meter(expression, variables).measure(expression.root).cost;
}

}  // namespace vigie::rules
