// Protocol buffers' text format, as far as CEL's conformance cases use it: a tree of named fields. For tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vigie::rules {

struct TextField {
  std::string name{};
  std::string scalar{};  // of strings: what their escapes mean
  bool message = false;
  std::vector<TextField> fields{};

  const TextField* find(std::string_view wanted) const;              // the first of that name, or nothing
  std::vector<const TextField*> all(std::string_view wanted) const;  // in order
  std::string text(std::string_view wanted) const;                   // the scalar of the first, or ""
};

// The whole file as one message without a name.
Result<TextField> parse_textproto(std::string_view text);

}  // namespace vigie::rules
