// OpenSSL's objects, freed by the function that is for them: std::unique_ptr<BIGNUM, Freed<BN_free>>.
#pragma once

namespace vigie::identity {

template <auto Function>
struct Freed {
  template <typename T>
  void operator()(T* pointer) const {
    Function(pointer);
  }
};

}  // namespace vigie::identity
