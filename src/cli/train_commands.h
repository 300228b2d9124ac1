// The subcommands of `vigie train`, a file each.
#pragma once

namespace CLI {
class App;
}

namespace vigie::cli {

class Session;

void add_train_transaction(CLI::App& parent, Session& session);

}  // namespace vigie::cli
