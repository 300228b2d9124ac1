// The subcommands of `vigie train`, a file each.
#pragma once

#include "cli/session.h"

namespace vigie::cli {

void add_train_credit(CLI::App& parent, Session& session);
void add_train_transaction(CLI::App& parent, Session& session);

}  // namespace vigie::cli
