#include "model/package.h"

#include "model/card_contents.h"
#include "model/package_contents.h"
#include "model/package_store.h"
#include "model/transaction_contents.h"

namespace vigie::model {

namespace fs = std::filesystem;

Result<PackageInfo> write_package(const fs::path& path, const CardModel& model) {
  return write_contents(path, VIGIE_TRY(make_contents(model)));
}

Result<PackageInfo> write_package(const fs::path& path, const TransactionModel& model) {
  return write_contents(path, VIGIE_TRY(make_contents(model)));
}

Result<LoadedTransactionModel> read_transaction_package(const fs::path& path) {
  const auto contents = VIGIE_TRY(read_contents(path));
  return under(path, read_transaction_contents(contents));
}

Result<LoadedCardModel> read_package(const fs::path& path) {
  return under(path, read_card_contents(VIGIE_TRY(read_contents(path))));
}

Result<PackageInfo> verify_package(const fs::path& path) {
  return under(path, verify_contents(VIGIE_TRY(read_contents(path))));
}

}  // namespace vigie::model
