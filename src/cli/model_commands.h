// The subcommands of `vigie model`, a file each.
#pragma once

#include "cli/session.h"

namespace vigie::cli {

void add_model_verify(CLI::App& parent, Session& session);
void add_model_show(CLI::App& parent, Session& session);
void add_model_card(CLI::App& parent, Session& session);

}  // namespace vigie::cli
