// A transaction model: what POST /fraude scores a transaction and its client's past with. Its package is a card model's
// (package.h) but for its kind, "transaction", and its inputs: the package names them, and who scores finds them among
// features::transaction_inputs().
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/package.h"

namespace vigie::model {

inline constexpr std::size_t kMaxTransactionInputs = 1'000;

struct TransactionModel : EnsembleModel {
  TransactionModel() { name = "transaction"; }
  std::vector<std::string> inputs;  // both members', in their order; as they are, NaN where there is no value
};

struct LoadedTransactionModel {
  PackageInfo info;
  TransactionModel model;
};

// As write_package() and read_package() of a card model.
Result<PackageInfo> write_package(const std::filesystem::path& path, const TransactionModel& model);
Result<LoadedTransactionModel> read_transaction_package(const std::filesystem::path& path);

}  // namespace vigie::model
