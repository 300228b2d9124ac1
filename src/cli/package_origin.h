// What every package says of where it comes from, whatever kind of model is in it.
#pragma once

#include "base/version.h"

namespace vigie::cli {

// `flags` have the name and when it was made; `rows` the data's hash and how many of them were left out.
template <typename Flags, typename Rows, typename Model>
void set_origin(const Flags& flags, const Rows& rows, Model& model) {
  model.name = flags.name;
  model.software_version = kVersion;
  model.created_at = flags.created_at;
  model.data.sha256 = rows.sha256;
  model.data.rejected = rows.rejected;
}

}  // namespace vigie::cli
