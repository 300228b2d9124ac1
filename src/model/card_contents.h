// A card model as the files of its package.
#pragma once

#include "base/result.h"
#include "model/package_contents.h"

namespace vigie::model {

// Fails where the model would not read back: a figure that is not finite, a forest that is not valid, a member whose
// stored source says something else.
Result<PackageContents> make_contents(const CardModel& model);

// verify_contents() and the model.
Result<LoadedCardModel> read_card_contents(const PackageContents& contents);

}  // namespace vigie::model
