// A small credit model that anybody can check by hand, for tests: age, income, and where one lives.
#pragma once

#include "model/credit_model.h"

namespace vigie::model {

CreditModel sample_credit_model();

}  // namespace vigie::model
