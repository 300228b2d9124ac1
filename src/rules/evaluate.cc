#include <cassert>

#include "rules/operations.h"
#include "rules/program.h"

namespace vigie::rules {
namespace {

// Where a loop keeps what, from its list on.
constexpr std::size_t kIndex = 1;
constexpr std::size_t kFound = 2;
constexpr std::size_t kMade = 3;
constexpr std::size_t kLoopSize = 4;

Value read_variable(const Value& slot, std::uint32_t most, std::uint32_t at) {
  switch (slot.kind()) {
    case Kind::kAbsent: return Value::error(Fault::kAbsent, at);
    case Kind::kString:
    case Kind::kBytes: return slot.as_text().size() > most ? Value::error(Fault::kTooLong, at) : slot;
    case Kind::kList: return slot.as_list().size() > most ? Value::error(Fault::kTooLong, at) : slot;
    default: return slot;
  }
}

Value compare_with(const Value& slot, Operator op, const Value& constant, const Instruction& instruction,
                   Scratch& scratch) {
  if (slot.kind() == Kind::kAbsent) return Value::error(Fault::kAbsent, instruction.other_at);
  if (slot.is_error()) return placed(slot, instruction.other_at);
  if (slot.kind() == Kind::kDouble && constant.kind() == Kind::kDouble) {
    const double a = slot.as_double();
    const double b = constant.as_double();
    switch (op) {
      case Operator::kLess: return Value::boolean(a < b);
      case Operator::kLessEqual: return Value::boolean(a <= b);
      case Operator::kGreater: return Value::boolean(a > b);
      case Operator::kGreaterEqual: return Value::boolean(a >= b);
      default: break;
    }
  }
  return placed(apply(op, slot, constant, scratch), instruction.at);
}

// The first error of both, or nothing.
const Value* error_of(const Value& a, const Value& b) { return a.is_error() ? &a : b.is_error() ? &b : nullptr; }

// What a macro gives where its list has come to an end.
Value result_of(Macro macro, const Value* loop) {
  switch (macro) {
    case Macro::kAll:
    case Macro::kExists: return loop[kFound];
    case Macro::kExistsOne: return Value::boolean(loop[kFound].as_int() == 1);
    case Macro::kMap:
    case Macro::kFilter:
      return Value::list(loop[kMade].as_list().first(static_cast<std::size_t>(loop[kFound].as_int())));
  }
  return Value::error(Fault::kOverload);
}

void begin_loop(Macro macro, Value* loop, Scratch& scratch) {
  loop[kIndex] = Value::integer(0);
  loop[kFound] = Value::integer(0);
  if (macro == Macro::kAll || macro == Macro::kExists) loop[kFound] = Value::boolean(macro == Macro::kAll);
  loop[kMade] = Value();
  if (macro == Macro::kMap || macro == Macro::kFilter)
    loop[kMade] = Value::list(scratch.make_values(loop[0].as_list().size()));
}

// Takes what the body gave for an item. Whether that decides the result, which then stands in loop[0].
bool take_result(Macro macro, Value* loop, const Value& given, std::uint32_t at) {
  const Value result = macro == Macro::kMap ? given : placed(as_condition(given), at);
  if (macro == Macro::kAll || macro == Macro::kExists) {
    const bool decisive = macro == Macro::kExists;
    if (result.kind() == Kind::kBool && result.as_bool() == decisive) {
      loop[0] = result;
      return true;
    }
    if (result.is_error() && !loop[kFound].is_error()) loop[kFound] = result;
    return false;
  }
  if (result.is_error()) {
    loop[0] = result;
    return true;
  }
  if (macro == Macro::kMap || result.is_true()) {
    const auto count = loop[kFound].as_int();
    if (macro != Macro::kExistsOne) {
      // The list was made for this loop, which alone writes to it before anybody sees it.
      auto* const made = const_cast<Value*>(loop[kMade].as_list().data());
      made[count] = macro == Macro::kMap ? result : loop[0].as_list()[static_cast<std::size_t>(loop[kIndex].as_int())];
    }
    loop[kFound] = Value::integer(count + 1);
  }
  return false;
}

}  // namespace

Value Program::evaluate(std::span<const Value> slots, Scratch& scratch) const {
  scratch.reset();
  Value* const stack = scratch.stack(stack_).data();
  Value* top = stack;  // behind the last
  const Instruction* const code = code_.data();
  const std::size_t end = code_.size();
  for (std::size_t pc = 0; pc < end; ++pc) {
    const Instruction& now = code[pc];
    switch (now.op) {
      case Op::kConstant: *top++ = constants_[now.argument]; break;
      case Op::kVariable:
        assert(now.slot < slots.size());
        *top++ = read_variable(slots[now.slot], now.argument, now.at);
        break;
      case Op::kHas: *top++ = Value::boolean(slots[now.slot].kind() != Kind::kAbsent); break;
      case Op::kItem: {
        const Value* const loop = stack + now.argument;
        *top++ = loop[0].as_list()[static_cast<std::size_t>(loop[kIndex].as_int())];
        break;
      }
      case Op::kCompareVariable:
        *top++ =
            compare_with(slots[now.slot], static_cast<Operator>(now.detail), constants_[now.argument], now, scratch);
        break;
      case Op::kBinary: {
        --top;
        const Value* const error = error_of(top[-1], *top);
        top[-1] = error != nullptr ? *error
                                   : placed(apply(static_cast<Operator>(now.detail), top[-1], *top, scratch), now.at);
        break;
      }
      case Op::kNot:
        if (!top[-1].is_error()) top[-1] = placed(logical_not(top[-1]), now.at);
        break;
      case Op::kNegate:
        if (!top[-1].is_error()) top[-1] = placed(negate(top[-1]), now.at);
        break;
      case Op::kIndex: {
        --top;
        const Value* const error = error_of(top[-1], *top);
        top[-1] = error != nullptr ? *error : placed(item_at(top[-1], *top), now.at);
        break;
      }
      case Op::kList:
      case Op::kCall: {
        const std::size_t count = now.op == Op::kList ? now.argument : now.slot;
        top -= count;
        const std::span<const Value> values(top, count);
        const Value* error = nullptr;
        for (std::size_t i = 0; i < count && error == nullptr; ++i) error = values[i].is_error() ? &values[i] : nullptr;
        if (error != nullptr) {
          *top = *error;
        } else {
          *top = now.op == Op::kList ? make_list(values, scratch)
                                     : placed(functions_[now.argument]->call(values, scratch), now.at);
        }
        ++top;
        break;
      }
      case Op::kAndFirst:
      case Op::kOrFirst:
        top[-1] = placed(as_condition(top[-1]), now.at);
        if (top[-1].kind() == Kind::kBool && top[-1].as_bool() == (now.op == Op::kOrFirst)) pc = now.argument - 1;
        break;
      case Op::kAndNext:
      case Op::kOrNext: {
        const Value next = placed(as_condition(*--top), now.at);
        if (next.kind() == Kind::kBool && next.as_bool() == (now.op == Op::kOrNext)) {
          top[-1] = next;
          pc = now.argument - 1;
        } else if (next.is_error() && !top[-1].is_error()) {
          top[-1] = next;
        }
        break;
      }
      case Op::kChoose:
        top[-1] = placed(as_condition(top[-1]), now.at);
        if (top[-1].is_error()) pc = now.argument - 1;
        break;
      case Op::kJumpIfFalse:
        if ((--top)->is_false()) pc = now.argument - 1;
        break;
      case Op::kJump: pc = now.argument - 1; break;
      case Op::kLoopBegin: {
        Value* const loop = top - 1;
        if (loop->kind() != Kind::kList) {
          if (!loop->is_error()) *loop = Value::error(Fault::kOverload, now.at);
          pc = now.argument - 1;
          break;
        }
        begin_loop(static_cast<Macro>(now.detail), loop, scratch);
        if (loop->as_list().empty()) {
          *loop = result_of(static_cast<Macro>(now.detail), loop);
          pc = now.argument - 1;
          break;
        }
        top = loop + kLoopSize;
        break;
      }
      case Op::kLoopTest: {
        const Value condition = placed(as_condition(*--top), now.at);
        if (condition.is_true()) break;
        pc = now.argument - 1;
        if (condition.is_error()) {
          top -= kLoopSize - 1;
          top[-1] = condition;
          ++pc;  // behind kLoopAdvance
        }
        break;
      }
      case Op::kLoopTake: {
        --top;
        if (take_result(static_cast<Macro>(now.detail), top - kLoopSize, *top, now.at)) {
          top -= kLoopSize - 1;
          ++pc;  // behind kLoopAdvance
        }
        break;
      }
      case Op::kLoopAdvance: {
        Value* const loop = top - kLoopSize;
        const std::int64_t next = loop[kIndex].as_int() + 1;
        if (static_cast<std::size_t>(next) < loop[0].as_list().size()) {
          loop[kIndex] = Value::integer(next);
          pc = now.argument - 1;
        } else {
          loop[0] = result_of(static_cast<Macro>(now.detail), loop);
          top = loop + 1;
        }
        break;
      }
    }
  }
  return stack[0];
}

}  // namespace vigie::rules
