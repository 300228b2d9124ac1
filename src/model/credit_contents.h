// A credit model as the files of its package.
#pragma once

#include "base/result.h"
#include "model/credit_model.h"
#include "model/package_contents.h"

namespace vigie::model {

// Fails where the model would not read back: see validate(), and a forest that is not the one in its source.
Result<PackageContents> make_contents(const CreditModel& model);

// verify_contents() and the model.
Result<LoadedCreditModel> read_credit_contents(const PackageContents& contents);

}  // namespace vigie::model
