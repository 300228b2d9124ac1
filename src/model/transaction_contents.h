// A transaction model as the files of its package.
#pragma once

#include "base/result.h"
#include "model/package_contents.h"
#include "model/transaction_model.h"

namespace vigie::model {

// Fails where the model would not read back.
Result<PackageContents> make_contents(const TransactionModel& model);

// verify_contents() and the model.
Result<LoadedTransactionModel> read_transaction_contents(const PackageContents& contents);

}  // namespace vigie::model
